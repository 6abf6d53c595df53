package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/assaychain/assay/x/bond/types"
	"github.com/assaychain/assay/x/internal/banktest"
)

const unbonding = 21 * 24 * time.Hour

func TestBondUnbondAndPayout(t *testing.T) {
	f := newFixture(t)
	op := f.Fund("op", 10_000_000)
	supply := f.Supply()

	res, err := f.msg.Bond(f.Ctx, &types.MsgBond{Operator: op.String(), Amount: math.NewInt(6_000_000)})
	require.NoError(t, err)
	require.Equal(t, "6000000", res.Bonded.String())
	out, err := f.msg.Unbond(f.Ctx, &types.MsgUnbond{Operator: op.String(), Amount: math.NewInt(2_000_000)})
	require.NoError(t, err)
	require.Equal(t, f.Ctx.BlockTime().Add(unbonding), out.CompletesAt)
	require.EqualValues(t, 1, out.EntryId)
	require.Equal(t, "4000000", f.Balance(op).String(), "unbonding stake is not paid at once")
	f.sound()

	f.Advance(unbonding - time.Nanosecond)
	require.NoError(t, f.k.EndBlock(f.Ctx))
	require.Equal(t, "4000000", f.Balance(op).String(), "not a nanosecond early")
	f.Advance(time.Nanosecond)
	require.NoError(t, f.k.EndBlock(f.Ctx))
	require.Equal(t, "6000000", f.Balance(op).String())
	require.Equal(t, "4000000", f.stake(op).Bonded.String())
	require.NoError(t, f.k.EndBlock(f.Ctx))
	require.Equal(t, "6000000", f.Balance(op).String(), "paid once")
	require.Equal(t, supply, f.Supply())
	f.sound()
}

func TestLeavingFreesAllState(t *testing.T) {
	f := newFixture(t)
	op := f.bonded("op", 3_000_000)
	_, err := f.k.Unbond(f.Ctx, op, math.NewInt(3_000_000))
	require.NoError(t, err)
	f.Advance(unbonding)
	require.NoError(t, f.k.EndBlock(f.Ctx))
	state, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	require.Empty(t, state.Pools)
	require.Empty(t, state.Backings)
	require.Empty(t, state.Entries)
	f.sound()
}

func TestCancelUnbonding(t *testing.T) {
	f := newFixture(t)
	op, other := f.bonded("op", 5_000_000), f.bonded("other", 5_000_000)
	entry, err := f.k.Unbond(f.Ctx, op, math.NewInt(2_000_000))
	require.NoError(t, err)
	before := f.state()
	_, err = f.msg.CancelUnbonding(f.Ctx, &types.MsgCancelUnbonding{Operator: other.String(), EntryId: entry.Id})
	require.ErrorIs(t, err, types.ErrNoEntry, "another operator can't cancel it")
	require.Equal(t, before, f.state())
	res, err := f.msg.CancelUnbonding(f.Ctx, &types.MsgCancelUnbonding{Operator: op.String(), EntryId: entry.Id})
	require.NoError(t, err)
	require.Equal(t, "5000000", res.Bonded.String())
	f.Advance(unbonding)
	require.NoError(t, f.k.EndBlock(f.Ctx))
	require.True(t, f.Balance(op).IsZero())
	f.sound()
}

func TestRefusals(t *testing.T) {
	f := newFixture(t)
	op := f.bonded("op", 5_000_000)
	f.Fund("op", 5_000_000)
	module := f.Auth.GetModuleAddress(types.ModuleName)
	bond := func(amount int64) error {
		_, err := f.msg.Bond(f.Ctx, &types.MsgBond{Operator: op.String(), Amount: math.NewInt(amount)})
		return err
	}
	unbond := func(amount int64) error {
		_, err := f.msg.Unbond(f.Ctx, &types.MsgUnbond{Operator: op.String(), Amount: math.NewInt(amount)})
		return err
	}
	_, missing := f.msg.Bond(f.Ctx, &types.MsgBond{Operator: op.String()})
	_, missingOut := f.msg.Unbond(f.Ctx, &types.MsgUnbond{Operator: op.String()})
	_, blocked := f.k.Bond(f.Ctx, module, math.NewInt(1_000_000))
	_, malformed := f.msg.Bond(f.Ctx, &types.MsgBond{Operator: "cosmos1qqqq", Amount: math.NewInt(1_000_000)})
	before := f.state()
	cases := map[string]struct {
		err  error
		text string
	}{
		"below minimum":          {bond(999_999), "min_amount"},
		"zero":                   {bond(0), "positive"},
		"negative":               {bond(-1), "positive"},
		"more than the balance":  {bond(5_000_001), "insufficient funds"},
		"amount missing":         {missing, "positive"},
		"unbond below minimum":   {unbond(999_999), "min_amount"},
		"unbond zero":            {unbond(0), "positive"},
		"unbond amount missing":  {missingOut, "positive"},
		"unbond more than stake": {unbond(5_000_001), "locked"},
		"blocked address":        {blocked, "could not be paid back"},
		"malformed address":      {malformed, "operator"},
	}
	for name, c := range cases {
		require.ErrorContains(t, c.err, c.text, name)
	}
	require.Equal(t, before, f.state())
	require.Equal(t, "5000000", f.Balance(op).String())
	f.sound()
}

func TestSmallRestCanLeave(t *testing.T) {
	f := newFixture(t)
	op := f.bonded("op", 1_500_000)
	_, err := f.k.Slash(f.Ctx, op, 5_000, court)
	require.NoError(t, err)
	_, err = f.k.Unbond(f.Ctx, op, math.NewInt(750_000))
	require.NoError(t, err, "all that is left may go though it is below min_amount")
	f.sound()
}

func TestStakeStaysUnderExposureAndRequirement(t *testing.T) {
	f := newFixture(t)
	op := f.bonded("op", 10_000_000)
	require.NoError(t, f.k.Expose(f.Ctx, op, math.NewInt(4_000_000)))
	require.NoError(t, f.k.SetRequirement(f.Ctx, op, math.NewInt(6_000_000)))
	headroom, err := f.k.Headroom(f.Ctx, op)
	require.NoError(t, err)
	require.Equal(t, "6000000", headroom.String())

	_, err = f.k.Unbond(f.Ctx, op, math.NewInt(4_000_001))
	require.ErrorIs(t, err, types.ErrLocked, "the requirement holds it")
	require.ErrorIs(t, f.k.Expose(f.Ctx, op, math.NewInt(6_000_001)), types.ErrExposure)
	require.ErrorIs(t, f.k.SetRequirement(f.Ctx, op, math.NewInt(10_000_001)), types.ErrRequirement)
	require.ErrorIs(t, f.k.Release(f.Ctx, op, math.NewInt(4_000_001)), types.ErrRelease)
	require.ErrorIs(t, f.k.Release(f.Ctx, op, math.NewInt(-1)), types.ErrAmount)
	_, err = f.k.Unbond(f.Ctx, op, math.NewInt(4_000_000))
	require.NoError(t, err)

	require.NoError(t, f.k.SetRequirement(f.Ctx, op, math.ZeroInt()))
	_, err = f.k.Unbond(f.Ctx, op, math.NewInt(2_000_001))
	require.ErrorIs(t, err, types.ErrLocked, "the exposure holds it")
	require.NoError(t, f.k.Release(f.Ctx, op, math.NewInt(4_000_000)))
	_, err = f.k.Unbond(f.Ctx, op, math.NewInt(6_000_000))
	require.NoError(t, err)
	f.sound()
}

func TestEntriesAreLimited(t *testing.T) {
	f := newFixture(t)
	op := f.bonded("op", 20_000_000)
	for range 7 {
		_, err := f.k.Unbond(f.Ctx, op, math.NewInt(1_000_000))
		require.NoError(t, err)
	}
	before := f.state()
	_, err := f.k.Unbond(f.Ctx, op, math.NewInt(1_000_000))
	require.ErrorIs(t, err, types.ErrEntries)
	require.Equal(t, before, f.state())
	_, err = f.k.CancelUnbonding(f.Ctx, op, 3)
	require.NoError(t, err)
	_, err = f.k.Unbond(f.Ctx, op, math.NewInt(1_000_000))
	require.NoError(t, err)
	f.sound()
}

func TestUnknownOperatorHasZeroStake(t *testing.T) {
	f := newFixture(t)
	nobody := banktest.Address("nobody")
	bonded, err := f.k.Bonded(f.Ctx, nobody)
	require.NoError(t, err)
	require.True(t, bonded.IsZero())
	slashed, err := f.k.Slash(f.Ctx, nobody, 10_000, court)
	require.NoError(t, err)
	require.True(t, slashed.IsZero())
	require.ErrorIs(t, f.k.Expose(f.Ctx, nobody, math.OneInt()), types.ErrExposure)
	require.NoError(t, f.k.SetRequirement(f.Ctx, nobody, math.ZeroInt()))
	state, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	require.Empty(t, state.Pools, "asking leaves no record")
}
