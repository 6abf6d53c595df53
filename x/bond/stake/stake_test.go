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

// ceil is the definition in big integers: ceil(amount·bps/10000).
func ceil(amount math.Int, bps uint32) math.Int {
	n := new(big.Int).Mul(amount.BigInt(), big.NewInt(int64(bps)))
	n.Add(n, big.NewInt(stake.BasisPoints-1))
	return math.NewIntFromBigInt(n.Quo(n, big.NewInt(stake.BasisPoints)))
}

func checkCut(t require.TestingT, bonded math.Int, entries []math.Int, bps uint32) {
	cut, err := stake.Slash(bonded, entries, bps)
	require.NoError(t, err)
	held := bonded
	require.False(t, cut.Bonded.IsNegative() || cut.Bonded.GT(bonded))
	for i, entry := range entries {
		held = held.Add(entry)
		require.False(t, cut.Entries[i].IsNegative() || cut.Entries[i].GT(entry), "entry %d: cut %s of %s", i, cut.Entries[i], entry)
		exact := ceil(entry, bps)
		require.False(t, cut.Entries[i].Sub(exact).Abs().GT(math.OneInt()), "entry %d is off its proportion", i)
	}
	require.Equal(t, ceil(held, bps).String(), cut.Total().String(), "parts must add up to the whole")
}

func TestSlashIsExact(t *testing.T) {
	seed := rand.Int63()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewSource(seed))
	amount := func() math.Int { return math.NewInt(random.Int63() >> random.Intn(63)) }
	for range *splits {
		entries := make([]math.Int, random.Intn(8))
		for i := range entries {
			entries[i] = amount()
		}
		checkCut(t, amount(), entries, uint32(random.Intn(stake.BasisPoints+1)))
	}
}

func TestSlashProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		entries := rapid.SliceOfN(amounts(), 0, 100).Draw(t, "entries")
		checkCut(t, amounts().Draw(t, "bonded"), entries, rapid.Uint32Range(0, stake.BasisPoints).Draw(t, "bps"))
	})
}

// TestSplittingStakeSavesNothing: the same stake in many entries loses as much as in one piece.
func TestSplittingStakeSavesNothing(t *testing.T) {
	entries := make([]math.Int, 100)
	for i := range entries {
		entries[i] = math.OneInt()
	}
	split, err := stake.Slash(math.ZeroInt(), entries, 1)
	require.NoError(t, err)
	whole, err := stake.Slash(math.NewInt(100), nil, 1)
	require.NoError(t, err)
	require.Equal(t, whole.Total(), split.Total())
	require.Equal(t, "1", split.Total().String())
}

func TestSlashOfLargestAmount(t *testing.T) {
	largest := math.NewIntFromBigInt(new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 256), big.NewInt(1)))
	for _, bps := range []uint32{0, 1, 9_999, 10_000} {
		checkCut(t, largest, nil, bps)
	}
}

func TestSlashRefusesBadInput(t *testing.T) {
	_, err := stake.Slash(math.OneInt(), nil, stake.BasisPoints+1)
	require.ErrorIs(t, err, stake.ErrFraction)
	_, err = stake.Slash(math.Int{}, nil, 1)
	require.ErrorIs(t, err, stake.ErrAmount)
	_, err = stake.Slash(math.NewInt(-1), nil, 1)
	require.ErrorIs(t, err, stake.ErrAmount)
	_, err = stake.Slash(math.OneInt(), []math.Int{math.NewInt(-1)}, 1)
	require.ErrorIs(t, err, stake.ErrAmount)
}

func amounts() *rapid.Generator[math.Int] {
	return rapid.Custom(func(t *rapid.T) math.Int {
		return math.NewIntFromBigInt(new(big.Int).SetBytes(rapid.SliceOfN(rapid.Byte(), 0, 24).Draw(t, "bytes")))
	})
}

// TestPositionKeepsStakeUnderExposure walks random operations. Whatever an operator does, bonded stake covers exposure
// and requirement as long as no slash cut into it; after a slash nothing it does can widen the gap.
func TestPositionKeepsStakeUnderExposure(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := stake.Empty()
		small := func(name string) math.Int { return math.NewInt(rapid.Int64Range(-1, 1_000).Draw(t, name)) }
		gap := func(p stake.Position) math.Int { return math.MaxInt(math.ZeroInt(), p.Floor().Sub(p.Bonded)) }
		step := func(apply func(math.Int) (stake.Position, error)) func(*rapid.T) {
			return func(t *rapid.T) {
				before := p
				after, err := apply(small("amount"))
				if err != nil {
					require.Equal(t, before, after, "a refused step changes nothing")
					return
				}
				require.False(t, gap(after).GT(gap(before)), "gap grew from %s to %s", gap(before), gap(after))
				p = after
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"bond":    step(func(a math.Int) (stake.Position, error) { return p.Bond(a) }),
			"unbond":  step(func(a math.Int) (stake.Position, error) { return p.Unbond(a) }),
			"rebond":  step(func(a math.Int) (stake.Position, error) { return p.Rebond(a) }),
			"leave":   step(func(a math.Int) (stake.Position, error) { return p.Leave(a) }),
			"expose":  step(func(a math.Int) (stake.Position, error) { return p.Expose(a) }),
			"release": step(func(a math.Int) (stake.Position, error) { return p.Release(a) }),
			"require": step(func(a math.Int) (stake.Position, error) { return p.Require(a) }),
			"slash": func(t *rapid.T) {
				cut, err := stake.Slash(p.Bonded, []math.Int{p.Unbonding}, rapid.Uint32Range(0, stake.BasisPoints).Draw(t, "bps"))
				require.NoError(t, err)
				p.Bonded, p.Unbonding = p.Bonded.Sub(cut.Bonded), p.Unbonding.Sub(cut.FromEntries())
			},
			"": func(t *rapid.T) {
				for _, amount := range []math.Int{p.Bonded, p.Unbonding, p.Exposure, p.Requirement, p.Headroom()} {
					require.False(t, amount.IsNegative())
				}
			},
		})
	})
}

func TestPositionRefusals(t *testing.T) {
	p := stake.Empty()
	p, err := p.Bond(math.NewInt(100))
	require.NoError(t, err)
	p, err = p.Expose(math.NewInt(60))
	require.NoError(t, err)
	_, err = p.Expose(math.NewInt(41))
	require.ErrorIs(t, err, stake.ErrExposure)
	_, err = p.Unbond(math.NewInt(41))
	require.ErrorIs(t, err, stake.ErrLocked)
	_, err = p.Release(math.NewInt(61))
	require.ErrorIs(t, err, stake.ErrRelease)
	_, err = p.Require(math.NewInt(101))
	require.ErrorIs(t, err, stake.ErrRequirement)
	p, err = p.Require(math.NewInt(80))
	require.NoError(t, err)
	_, err = p.Unbond(math.NewInt(21))
	require.ErrorIs(t, err, stake.ErrLocked)
	p, err = p.Unbond(math.NewInt(20))
	require.NoError(t, err)
	require.Equal(t, "100", p.Slashable().String())

	p.Bonded = math.NewInt(10)
	p, err = p.Require(math.NewInt(70))
	require.NoError(t, err, "lowering is allowed even below the bonded stake")
	require.True(t, p.Headroom().IsZero())
	_, err = p.Leave(math.NewInt(21))
	require.ErrorIs(t, err, stake.ErrAmount)
	for _, bad := range []math.Int{{}, math.NewInt(-1)} {
		_, err = p.Bond(bad)
		require.ErrorIs(t, err, stake.ErrAmount)
		_, err = p.Expose(bad)
		require.ErrorIs(t, err, stake.ErrAmount)
		_, err = p.Release(bad)
		require.ErrorIs(t, err, stake.ErrAmount)
		_, err = p.Require(bad)
		require.ErrorIs(t, err, stake.ErrAmount)
	}
}
