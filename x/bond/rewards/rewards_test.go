package rewards_test

import (
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"cosmossdk.io/math"

	"github.com/assaychain/assay/x/bond/rewards"
	"github.com/assaychain/assay/x/bond/stake"
)

// owner is a holder of shares, and what it should have earned as an exact fraction.
type owner struct {
	shares, since math.Int
	paid          math.Int
	exact         *big.Rat
	times         int64
}

// TestEveryShareEarnsAlike walks random rewards, payments and changes of shares. Whoever is paid has its exact fraction
// less at most a unit for each time it was paid, and nothing is paid that did not come in.
func TestEveryShareEarnsAlike(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		book := rewards.Empty()
		total, paid := math.ZeroInt(), math.ZeroInt()
		owners := make([]*owner, 4)
		for i := range owners {
			owners[i] = &owner{shares: math.ZeroInt(), since: math.ZeroInt(), paid: math.ZeroInt(), exact: new(big.Rat)}
		}
		sum := func() math.Int {
			s := math.ZeroInt()
			for _, o := range owners {
				s = s.Add(o.shares)
			}
			return s
		}
		pay := func(o *owner) {
			next, due := book.Pay(o.shares, o.since)
			book, o.since, o.paid, paid = next, next.PerShare, o.paid.Add(due), paid.Add(due)
			o.times++
		}
		t.Repeat(map[string]func(*rapid.T){
			"add": func(t *rapid.T) {
				shares := sum()
				amount := math.NewInt(max(1, rapid.Int64Range(1, 1<<50).Draw(t, "amount")>>rapid.IntRange(0, 50).Draw(t, "shift")))
				if shares.IsZero() {
					return
				}
				require.NoError(t, rewards.Check(amount))
				book, total = book.Add(amount, shares), total.Add(amount)
				for _, o := range owners {
					part := new(big.Rat).SetFrac(new(big.Int).Mul(amount.BigInt(), o.shares.BigInt()), shares.BigInt())
					o.exact.Add(o.exact, part)
				}
			},
			"change": func(t *rapid.T) {
				o := owners[rapid.IntRange(0, 3).Draw(t, "who")]
				pay(o)
				o.shares = math.NewInt(rapid.Int64Range(0, 1<<60).Draw(t, "shares") >> rapid.IntRange(0, 60).Draw(t, "shift"))
			},
			"pay": func(t *rapid.T) { pay(owners[rapid.IntRange(0, 3).Draw(t, "who")]) },
			"": func(t *rapid.T) {
				due := math.ZeroInt()
				for _, o := range owners {
					due = due.Add(book.Due(o.shares, o.since))
					have := new(big.Rat).SetInt(o.paid.Add(book.Due(o.shares, o.since)).BigInt())
					short := new(big.Rat).Sub(o.exact, have)
					// A unit each time it was paid, one now, and less than a unit that is carried.
					require.LessOrEqual(t, short.Cmp(big.NewRat(o.times+2, 1)), 0, "short by %s", short.FloatString(6))
				}
				require.Equal(t, total.Sub(paid).String(), book.Held.String())
				require.False(t, due.GT(book.Held), "%s due of %s", due, book.Held)
				require.False(t, book.Carry.IsNegative())
			},
		})
	})
}

// TestOftenOrSeldom: rewards in a thousand pieces pay the same as in one.
func TestOftenOrSeldom(t *testing.T) {
	shares := math.NewInt(7_000_000_003)
	whole := rewards.Empty().Add(math.NewInt(1_000_000), shares)
	pieces := rewards.Empty()
	for range 1_000 {
		pieces = pieces.Add(math.NewInt(1_000), shares)
	}
	require.Equal(t, whole, pieces)
}

func TestBounds(t *testing.T) {
	for _, bad := range []math.Int{{}, math.ZeroInt(), math.NewInt(-1), stake.MaxTokens.AddRaw(1)} {
		require.ErrorIs(t, rewards.Check(bad), rewards.ErrAmount)
	}
	book := rewards.Empty()
	for range 100 {
		book = book.Add(stake.MaxTokens, math.OneInt())
	}
	next, due := book.Pay(math.OneInt(), math.ZeroInt())
	require.Equal(t, stake.MaxTokens.MulRaw(100).String(), due.String(), "the largest amounts on the smallest pool")
	require.True(t, next.Held.IsZero())
}

func TestCommission(t *testing.T) {
	require.Equal(t, "333", rewards.Commission(math.NewInt(3_333), 1_000).String(), "rounded down: the rest is the backers'")
	require.Equal(t, "0", rewards.Commission(math.NewInt(3_333), 0).String())
	require.Equal(t, "3333", rewards.Commission(math.NewInt(3_333), 10_000).String())
}

func TestCommissionChangesSlowly(t *testing.T) {
	limits := rewards.Limits{Ceiling: 2_000, Step: 100}
	cases := map[string]struct {
		before, after uint32
		since         time.Duration
		want          error
	}{
		"first change":            {1_000, 1_100, -1, nil},
		"a day later":             {1_000, 900, rewards.Day, nil},
		"a moment early":          {1_000, 900, rewards.Day - 1, rewards.ErrTooSoon},
		"at once":                 {1_000, 1_000, 0, rewards.ErrTooSoon},
		"too much up":             {1_000, 1_101, -1, rewards.ErrTooFast},
		"too much down":           {1_000, 899, rewards.Day, rewards.ErrTooFast},
		"to the ceiling":          {1_950, 2_000, -1, nil},
		"above the ceiling":       {1_950, 2_001, -1, rewards.ErrCeiling},
		"down to a lower ceiling": {9_000, 2_000, rewards.Day, nil},
		"from above it by a step": {9_000, 1_900, rewards.Day, nil},
		"and no further":          {9_000, 1_899, rewards.Day, rewards.ErrTooFast},
	}
	for name, c := range cases {
		require.ErrorIs(t, limits.Change(c.before, c.after, c.since), c.want, name)
	}
}
