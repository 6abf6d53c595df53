package stake_test

import (
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"cosmossdk.io/math"

	"github.com/assaychain/assay/x/bond/stake"
)

func TestMulDivRounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number := func(name string) math.Int {
			return math.NewIntFromBigInt(new(big.Int).SetBytes(rapid.SliceOfN(rapid.Byte(), 0, 15).Draw(t, name)))
		}
		a, b, c := number("a"), number("b"), number("c").AddRaw(1)
		down, up := stake.MulDiv(a, b, c, stake.Down), stake.MulDiv(a, b, c, stake.Up)
		product := a.Mul(b)
		require.False(t, down.Mul(c).GT(product))
		require.True(t, down.AddRaw(1).Mul(c).GT(product))
		require.False(t, up.Mul(c).LT(product))
		require.False(t, up.Sub(down).GT(math.OneInt()))
	})
	huge := math.NewIntFromBigInt(new(big.Int).Lsh(big.NewInt(1), 255))
	require.Equal(t, huge, stake.MulDiv(huge, huge, huge, stake.Up), "the product may outgrow 256 bits")
}

// TestPoolNeverPaysOutMoreThanCameIn walks random joins, takes, redemptions, slashes and gifts of many owners. No step of
// one lowers what another's shares are worth, worths never add up to more than the pool holds, and a newcomer loses a unit
// at most.
func TestPoolNeverPaysOutMoreThanCameIn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := stake.EmptyPool()
		held := make([]math.Int, 4)
		for i := range held {
			held[i] = math.ZeroInt()
		}
		who := func(t *rapid.T) int { return rapid.IntRange(0, len(held)-1).Draw(t, "who") }
		amount := func(t *rapid.T) math.Int {
			return math.NewInt(max(1, rapid.Int64Range(1, 1<<40).Draw(t, "amount")>>rapid.IntRange(0, 40).Draw(t, "shift")))
		}
		move := func(t *rapid.T, mover int, next stake.Pool, shares math.Int) {
			for i := range held {
				require.False(t, i != mover && next.Worth(held[i]).LT(p.Worth(held[i])), "owner %d pays for owner %d", i, mover)
			}
			p, held[mover] = next, shares
		}
		t.Repeat(map[string]func(*rapid.T){
			"join": func(t *rapid.T) {
				i, a := who(t), amount(t)
				next, minted, err := p.Join(a)
				if err != nil {
					require.True(t, p.Void() || p.Tokens.GT(p.Shares), "%v", err)
					return
				}
				require.False(t, next.Worth(minted).GT(a) && next.Shares.GT(minted), "nothing is won by joining")
				require.False(t, next.Worth(minted).LT(a.SubRaw(1)))
				move(t, i, next, held[i].Add(minted))
			},
			"take": func(t *rapid.T) {
				i, a := who(t), amount(t)
				next, burned, err := p.Take(a, held[i])
				if err != nil {
					require.True(t, a.GT(p.Worth(held[i])))
					return
				}
				require.Equal(t, p.Tokens.Sub(a).String(), next.Tokens.String())
				move(t, i, next, held[i].Sub(burned))
			},
			"redeem": func(t *rapid.T) {
				i := who(t)
				next, a := p.Redeem(held[i])
				require.Equal(t, p.Worth(held[i]).String(), a.String())
				move(t, i, next, math.ZeroInt())
			},
			"slash": func(t *rapid.T) {
				position := stake.Empty()
				position.Bonded = p
				next, cut, err := position.Slash(rapid.Uint32Range(0, stake.BasisPoints).Draw(t, "bps"))
				require.NoError(t, err)
				require.Equal(t, p.Tokens.Sub(cut.Total()).String(), next.Bonded.Tokens.String())
				p = next.Bonded
			},
			"gift": func(t *rapid.T) {
				position := stake.Empty()
				position.Bonded = p
				next, _, err := position.Restore(amount(t))
				require.NoError(t, err)
				p = next.Bonded
			},
			"": func(t *rapid.T) {
				shares, worth := math.ZeroInt(), math.ZeroInt()
				for _, h := range held {
					require.False(t, h.IsNegative())
					shares, worth = shares.Add(h), worth.Add(p.Worth(h))
				}
				require.Equal(t, p.Shares.String(), shares.String())
				require.False(t, worth.GT(p.Tokens))
				require.False(t, p.Tokens.IsPositive() && p.Shares.IsZero(), "tokens belong to somebody")
				require.False(t, p.Shares.GT(math.NewIntFromBigInt(new(big.Int).Lsh(big.NewInt(1), 180))), "shares stay small enough to multiply")
			},
		})
	})
}

// TestInflationAttack: the first owner can't make a share so dear that a later one is robbed by rounding, whatever falls
// into the pool from outside.
func TestInflationAttack(t *testing.T) {
	for _, gift := range []int64{0, 1, 1_000_000, 1 << 40, 1 << 62} {
		p, attacker, err := stake.EmptyPool().Join(math.OneInt())
		require.NoError(t, err)
		p.Tokens = p.Tokens.Add(math.NewInt(gift))
		p, victim, err := p.Join(math.NewInt(1_000_000))
		if err != nil {
			require.ErrorIs(t, err, stake.ErrPrice)
			require.Greater(t, gift, int64(sharesPerToken), "only then is a share dearer than a unit")
			continue
		}
		require.GreaterOrEqual(t, p.Worth(victim).Int64(), int64(999_999))
		require.LessOrEqual(t, p.Worth(attacker).Int64(), gift+2)
	}
}

// TestRestsBelongToWhoStays: whoever leaves last gets what rounding left.
func TestRestsBelongToWhoStays(t *testing.T) {
	p, a, err := stake.EmptyPool().Join(math.NewInt(10))
	require.NoError(t, err)
	p, b, err := p.Join(math.NewInt(20))
	require.NoError(t, err)
	p.Tokens = p.Tokens.SubRaw(1) // A slash of one unit: the shares are worth 9⅔ and 19⅓.
	p, got := p.Redeem(a)
	require.Equal(t, "9", got.String())
	p, got = p.Redeem(b)
	require.Equal(t, "20", got.String())
	require.True(t, p.IsZero())
}

func TestVoidPool(t *testing.T) {
	p, shares, err := stake.EmptyPool().Join(math.NewInt(1_000))
	require.NoError(t, err)
	require.False(t, stake.EmptyPool().Void())
	p.Tokens = math.ZeroInt()
	require.True(t, p.Void())
	require.True(t, p.Worth(shares).IsZero())
	_, _, err = p.Join(math.NewInt(1_000))
	require.ErrorIs(t, err, stake.ErrVoid)
	_, _, err = p.Take(math.OneInt(), shares)
	require.ErrorIs(t, err, stake.ErrLocked)
	_, _, err = stake.EmptyPool().Join(stake.MaxTokens.AddRaw(1))
	require.ErrorIs(t, err, stake.ErrTooMuch)
}

// TestSpentPool: slashed often enough, a pool is worth so little for its shares that a slash takes the rest; numbers stay
// bounded.
func TestSpentPool(t *testing.T) {
	p := stake.Empty()
	steps := 0
	for ; !p.Bonded.Void(); steps++ {
		next, _, err := p.Bond(math.NewInt(1_000_000_000))
		require.NoError(t, err)
		p, _, err = next.Slash(9_999)
		require.NoError(t, err)
		require.Less(t, p.Bonded.Shares.BigInt().BitLen(), 180)
	}
	require.Greater(t, steps, 3)
	t.Logf("void after %d slashes of 99.99%%", steps)
}
