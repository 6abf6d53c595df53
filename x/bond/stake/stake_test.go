package stake_test

import (
	"flag"
	"math/big"
	"math/rand"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"cosmossdk.io/math"

	"github.com/assaychain/assay/x/bond/stake"
)

var splits = flag.Int("splits", 100_000, "random slashes to check")

// sharesPerToken is the number of shares that the first unit of a pool buys.
const sharesPerToken = 1_000_000_000

// ceil is the definition in big integers: ceil(amount·bps/10000).
func ceil(amount math.Int, bps uint32) math.Int {
	n := new(big.Int).Mul(amount.BigInt(), big.NewInt(int64(bps)))
	n.Add(n, big.NewInt(stake.BasisPoints-1))
	return math.NewIntFromBigInt(n.Quo(n, big.NewInt(stake.BasisPoints)))
}

// holding is a position with amounts in both pools, each unit bought for the first price.
func holding(bonded, unbonding math.Int) stake.Position {
	p := stake.Empty()
	p.Bonded = stake.Pool{Tokens: bonded, Shares: bonded.MulRaw(sharesPerToken)}
	p.Unbonding = stake.Pool{Tokens: unbonding, Shares: unbonding.MulRaw(sharesPerToken)}
	return p
}

func checkCut(t require.TestingT, bonded, unbonding math.Int, bps uint32) {
	before := holding(bonded, unbonding)
	after, cut, err := before.Slash(bps)
	require.NoError(t, err)
	whole := ceil(bonded.Add(unbonding), bps)
	if !cut.Total().Equal(whole) || !cut.Bonded.Equal(ceil(bonded, bps)) {
		require.Equal(t, whole.String(), cut.Total().String(), "parts must add up to the whole")
		require.Equal(t, ceil(bonded, bps).String(), cut.Bonded.String())
	}
	if cut.Unbonding.IsNegative() || cut.Unbonding.GT(unbonding) || cut.Unbonding.Sub(ceil(unbonding, bps)).Abs().GT(math.OneInt()) {
		require.Fail(t, "unbonding is off its proportion", "%s of %s", cut.Unbonding, unbonding)
	}
	if !after.Slashable().Add(whole).Equal(before.Slashable()) || !after.Bonded.Shares.Equal(before.Bonded.Shares) {
		require.Fail(t, "a slash takes tokens and leaves shares")
	}
}

func TestSlashIsExact(t *testing.T) {
	seed := rand.Int63()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewSource(seed))
	// Below 2^49 units no pool of the first price is so small that a slash takes the rest of it.
	amount := func() math.Int { return math.NewInt(random.Int63n(1<<49) >> random.Intn(49)) }
	for range *splits {
		checkCut(t, amount(), amount(), uint32(random.Intn(stake.BasisPoints+1)))
	}
}

// TestMovingStakeSavesNothing: the same stake loses as much wherever it lies.
func TestMovingStakeSavesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.Int64Range(0, 1<<40).Draw(t, "all")
		part := rapid.Int64Range(0, all).Draw(t, "part")
		bps := rapid.Uint32Range(0, stake.BasisPoints).Draw(t, "bps")
		_, whole, err := holding(math.NewInt(all), math.ZeroInt()).Slash(bps)
		require.NoError(t, err)
		_, split, err := holding(math.NewInt(all-part), math.NewInt(part)).Slash(bps)
		require.NoError(t, err)
		require.Equal(t, whole.Total().String(), split.Total().String())
	})
}

func TestSlashOfLargestAmount(t *testing.T) {
	for _, bps := range []uint32{0, 1, 9_999, 10_000} {
		after, cut, err := holding(stake.MaxTokens, math.ZeroInt()).Slash(bps)
		require.NoError(t, err)
		require.Equal(t, ceil(stake.MaxTokens, bps).String(), cut.Total().String())
		require.Equal(t, bps == 10_000, after.Bonded.Void())
	}
}

func TestSlashRefusesBadFraction(t *testing.T) {
	before := holding(math.NewInt(100), math.NewInt(50))
	after, _, err := before.Slash(stake.BasisPoints + 1)
	require.ErrorIs(t, err, stake.ErrFraction)
	require.Equal(t, before, after)
}

// TestRestoreUndoesASlash: a slash given back in full leaves every pool as it was, up to a unit that moves between them.
func TestRestoreUndoesASlash(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before := holding(amounts().Draw(t, "bonded"), amounts().Draw(t, "unbonding"))
		slashed, cut, err := before.Slash(rapid.Uint32Range(1, stake.BasisPoints).Draw(t, "bps"))
		require.NoError(t, err)
		if cut.Total().IsZero() {
			return
		}
		after, parts, err := slashed.Restore(cut.Total())
		require.NoError(t, err)
		require.Equal(t, cut.Total().String(), parts.Total().String())
		require.True(t, parts.Rest.IsZero())
		require.Equal(t, before.Slashable().String(), after.Slashable().String())
		if slashed.Slashable().IsZero() {
			require.Equal(t, before.Bonded.Tokens.String(), after.Bonded.Tokens.String(), "shares tell the proportion when nothing is left")
		}
		require.False(t, after.Bonded.Tokens.LT(slashed.Bonded.Tokens) || after.Unbonding.Tokens.LT(slashed.Unbonding.Tokens))
	})
}

func TestRestoreOfNobody(t *testing.T) {
	_, parts, err := stake.Empty().Restore(math.NewInt(7))
	require.NoError(t, err)
	require.Equal(t, "7", parts.Rest.String())
	_, parts, err = holding(math.ZeroInt(), math.NewInt(5)).Restore(math.NewInt(7))
	require.NoError(t, err)
	require.Equal(t, "7", parts.Unbonding.String(), "all of it goes where the shares are")
	_, _, err = stake.Empty().Restore(math.ZeroInt())
	require.ErrorIs(t, err, stake.ErrAmount)
	_, _, err = holding(stake.MaxTokens, math.ZeroInt()).Restore(math.OneInt())
	require.ErrorIs(t, err, stake.ErrTooMuch)
}

func amounts() *rapid.Generator[math.Int] {
	return rapid.Custom(func(t *rapid.T) math.Int {
		return math.NewIntFromUint64(rapid.Uint64Range(0, 1<<60).Draw(t, "units") >> rapid.UintRange(0, 60).Draw(t, "shift"))
	})
}

// TestPositionKeepsStakeUnderExposure walks random operations. Whatever the operator and its backers do, what a slash
// reaches covers the exposure as long as no slash cut into it; after one, nothing they do can widen the gap. The
// operator alone can't bring the bonded stake under the floor either.
func TestPositionKeepsStakeUnderExposure(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := stake.Empty()
		small := func(name string) math.Int { return math.NewInt(rapid.Int64Range(-1, 1_000).Draw(t, name)) }
		gap := func(have, need math.Int) math.Int { return math.MaxInt(math.ZeroInt(), need.Sub(have)) }
		step := func(own bool, apply func(math.Int) (stake.Position, error)) func(*rapid.T) {
			return func(t *rapid.T) {
				before := p
				after, err := apply(small("amount"))
				if err != nil {
					require.Equal(t, before, after, "a refused step changes nothing")
					return
				}
				require.False(t, gap(after.Slashable(), after.Exposure).GT(gap(before.Slashable(), before.Exposure)))
				if own {
					require.False(t, gap(after.Bonded.Tokens, after.Floor()).GT(gap(before.Bonded.Tokens, before.Floor())))
				}
				p = after
			}
		}
		out := func(a math.Int, keep math.Int) (stake.Position, error) {
			next, _, err := p.Unbond(a, p.Bonded.Shares, keep)
			return next, err
		}
		t.Repeat(map[string]func(*rapid.T){
			"bond": step(true, func(a math.Int) (stake.Position, error) {
				next, _, err := p.Bond(a)
				return next, err
			}),
			"unbond": step(true, func(a math.Int) (stake.Position, error) { return out(a, p.Floor()) }),
			"unback": step(false, func(a math.Int) (stake.Position, error) { return out(a, math.ZeroInt()) }),
			"leave": step(true, func(a math.Int) (stake.Position, error) {
				shares := math.MinInt(p.Unbonding.Shares, math.MaxInt(math.ZeroInt(), a).MulRaw(sharesPerToken))
				next, amount := p.Leave(shares)
				if !p.MayLeave(amount) {
					return p, stake.ErrLocked
				}
				return next, nil
			}),
			"expose":  step(true, func(a math.Int) (stake.Position, error) { return p.Expose(a) }),
			"release": step(true, func(a math.Int) (stake.Position, error) { return p.Release(a) }),
			"require": step(true, func(a math.Int) (stake.Position, error) { return p.Require(a) }),
			"slash": func(t *rapid.T) {
				var err error
				p, _, err = p.Slash(rapid.Uint32Range(0, stake.BasisPoints).Draw(t, "bps"))
				require.NoError(t, err)
			},
			"": func(t *rapid.T) {
				for _, amount := range []math.Int{p.Bonded.Tokens, p.Unbonding.Tokens, p.Exposure, p.Requirement, p.Headroom()} {
					require.False(t, amount.IsNegative())
				}
				for _, pool := range []stake.Pool{p.Bonded, p.Unbonding} {
					require.False(t, pool.Shares.IsZero() && pool.Tokens.IsPositive(), "tokens belong to somebody")
				}
			},
		})
	})
}

func TestPositionRefusals(t *testing.T) {
	p := stake.Empty()
	p, shares, err := p.Bond(math.NewInt(100))
	require.NoError(t, err)
	p, err = p.Expose(math.NewInt(60))
	require.NoError(t, err)
	_, err = p.Expose(math.NewInt(41))
	require.ErrorIs(t, err, stake.ErrExposure)
	_, _, err = p.Unbond(math.NewInt(41), shares, p.Floor())
	require.ErrorIs(t, err, stake.ErrLocked)
	_, _, err = p.Unbond(math.NewInt(41), shares.QuoRaw(10), math.ZeroInt())
	require.ErrorIs(t, err, stake.ErrLocked, "more than the shares are worth")
	_, err = p.Release(math.NewInt(61))
	require.ErrorIs(t, err, stake.ErrRelease)
	_, err = p.Require(math.NewInt(101))
	require.ErrorIs(t, err, stake.ErrRequirement)
	p, err = p.Require(math.NewInt(80))
	require.NoError(t, err)
	_, _, err = p.Unbond(math.NewInt(21), shares, p.Floor())
	require.ErrorIs(t, err, stake.ErrLocked)
	p, _, err = p.Unbond(math.NewInt(20), shares, p.Floor())
	require.NoError(t, err)
	require.Equal(t, "100", p.Slashable().String())
	require.Equal(t, "40", p.Slack().String())
	require.True(t, p.MayLeave(math.NewInt(40)))
	require.False(t, p.MayLeave(math.NewInt(41)))

	require.NoError(t, p.Backed(math.NewInt(8), 9))
	require.ErrorIs(t, p.Backed(math.NewInt(7), 9), stake.ErrBacking)
	require.ErrorIs(t, p.Backed(math.ZeroInt(), 1_000), stake.ErrBacking, "without own stake there is no backing")

	p.Bonded.Tokens = math.NewInt(10)
	p, err = p.Require(math.NewInt(70))
	require.NoError(t, err, "lowering is allowed even below the bonded stake")
	require.True(t, p.Headroom().IsZero())
	for _, bad := range []math.Int{{}, math.NewInt(-1)} {
		_, _, err = p.Bond(bad)
		require.ErrorIs(t, err, stake.ErrAmount)
		_, _, err = p.Unbond(bad, shares, math.ZeroInt())
		require.ErrorIs(t, err, stake.ErrAmount)
		_, err = p.Expose(bad)
		require.ErrorIs(t, err, stake.ErrAmount)
		_, err = p.Release(bad)
		require.ErrorIs(t, err, stake.ErrAmount)
		_, err = p.Require(bad)
		require.ErrorIs(t, err, stake.ErrAmount)
	}
}
