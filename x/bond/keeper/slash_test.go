package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/assaychain/assay/x/bond/types"
)

func TestSlashReachesUnbondingStake(t *testing.T) {
	f := newFixture(t)
	op, other := f.bonded("op", 10_000_001), f.bonded("other", 1_000_000)
	for _, amount := range []int64{1_000_000, 2_000_003} {
		_, err := f.k.Unbond(f.Ctx, op, math.NewInt(amount))
		require.NoError(t, err)
	}
	supply := f.Supply()
	slashed, err := f.k.Slash(f.Ctx, op, 1_000, court)
	require.NoError(t, err)
	require.Equal(t, "1000001", slashed.String(), "a tenth of 10,000,001, rounded up")
	require.Equal(t, slashed, f.ModuleBalance(court))
	s := f.stake(op)
	require.Equal(t, "9000000", s.Bonded.Add(s.Unbonding).String())
	require.Equal(t, "1000000", f.stake(other).Bonded.String(), "nobody else pays")
	require.Equal(t, supply, f.Supply())
	f.sound()

	f.Advance(unbonding)
	require.NoError(t, f.k.EndBlock(f.Ctx))
	require.Equal(t, "2700002", f.Balance(op).String(), "entries are paid after the slash")
	f.sound()
}

func TestSlashOfEverything(t *testing.T) {
	f := newFixture(t)
	op := f.bonded("op", 5_000_000)
	_, err := f.k.Unbond(f.Ctx, op, math.NewInt(1_000_000))
	require.NoError(t, err)
	slashed, err := f.k.Slash(f.Ctx, op, 10_000, court)
	require.NoError(t, err)
	require.Equal(t, "5000000", slashed.String())
	f.block(unbonding)
	require.True(t, f.Balance(op).IsZero())
	state, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	require.Empty(t, state.Entries, "an entry that is worth nothing goes when its time comes")
}

func TestSlashBelowExposureLocksTheRest(t *testing.T) {
	f := newFixture(t)
	op := f.bonded("op", 10_000_000)
	require.NoError(t, f.k.Expose(f.Ctx, op, math.NewInt(9_000_000)))
	require.NoError(t, f.k.SetRequirement(f.Ctx, op, math.NewInt(8_000_000)))
	_, err := f.k.Slash(f.Ctx, op, 5_000, court)
	require.NoError(t, err)
	headroom, err := f.k.Headroom(f.Ctx, op)
	require.NoError(t, err)
	require.True(t, headroom.IsZero())
	_, err = f.k.Unbond(f.Ctx, op, math.NewInt(1_000_000))
	require.ErrorIs(t, err, types.ErrLocked)
	_, err = f.k.Unbond(f.Ctx, op, math.NewInt(5_000_000))
	require.ErrorIs(t, err, types.ErrLocked, "not even everything")
	require.ErrorIs(t, f.k.Expose(f.Ctx, op, math.OneInt()), types.ErrExposure)
	require.NoError(t, f.k.Expose(f.Ctx, op, math.ZeroInt()))
	require.NoError(t, f.k.SetRequirement(f.Ctx, op, math.NewInt(7_000_000)), "devices can be retired one by one")
	require.NoError(t, f.k.Release(f.Ctx, op, math.NewInt(9_000_000)), "jobs can end")
	f.sound()
}

func TestSlashRefusesMoreThanTheWhole(t *testing.T) {
	f := newFixture(t)
	op := f.bonded("op", 1_000_000)
	before := f.state()
	_, err := f.k.Slash(f.Ctx, op, 10_001, court)
	require.ErrorIs(t, err, types.ErrFraction)
	require.Equal(t, before, f.state())
}

// TestRunningFromASlash tries the ways out: whatever the operator does before the slash, it loses the same share.
func TestRunningFromASlash(t *testing.T) {
	ways := map[string]func(*fixture){
		"stays": func(*fixture) {},
		"unbonds all it can": func(f *fixture) {
			_, err := f.k.Unbond(f.Ctx, f.Fund("op", 1), math.NewInt(6_000_000))
			require.NoError(f.T, err)
		},
		"unbonds in many pieces": func(f *fixture) {
			for range 6 {
				_, err := f.k.Unbond(f.Ctx, f.Fund("op", 1), math.NewInt(1_000_000))
				require.NoError(f.T, err)
				f.Advance(time.Second)
			}
		},
		"unbonds and waits to the last second": func(f *fixture) {
			_, err := f.k.Unbond(f.Ctx, f.Fund("op", 1), math.NewInt(6_000_000))
			require.NoError(f.T, err)
			f.Advance(unbonding - time.Second)
			require.NoError(f.T, f.k.EndBlock(f.Ctx))
		},
		"unbonds and cancels": func(f *fixture) {
			op := f.Fund("op", 1)
			entry, err := f.k.Unbond(f.Ctx, op, math.NewInt(6_000_000))
			require.NoError(f.T, err)
			_, err = f.k.CancelUnbonding(f.Ctx, op, entry.Id)
			require.NoError(f.T, err)
		},
	}
	for name, run := range ways {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			op := f.bonded("op", 10_000_000)
			require.NoError(t, f.k.Expose(f.Ctx, op, math.NewInt(4_000_000)))
			run(f)
			slashed, err := f.k.Slash(f.Ctx, op, 2_000, court)
			require.NoError(t, err)
			require.Equal(t, "2000000", slashed.String())
			f.sound()
		})
	}
}
