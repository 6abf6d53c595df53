package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/registry/types"
)

// score is what an operator's devices count for, in all three places that say it.
func (f *fixture) score(operator sdk.AccAddress) uint64 {
	record, err := f.keeper.Operator(f.ctx, operator)
	require.NoError(f.t, err)
	pool, err := f.bond.Pool(f.ctx, operator)
	require.NoError(f.t, err)
	require.Equal(f.t, record.Score, pool.Score, "x/bond counts rewards by the same score")
	require.NoError(f.t, f.keeper.Invariants(f.ctx))
	return record.Score
}

func (f *fixture) observe(n int, outcome types.Outcome) {
	require.NoError(f.t, f.do(func(ctx sdk.Context) error {
		return f.keeper.Observe(ctx, deviceID(n), types.Observation{Outcome: outcome, Price: 100})
	}))
}

// block ends the block and moves on.
func (f *fixture) block(after time.Duration) {
	require.NoError(f.t, f.keeper.EndBlock(f.ctx))
	f.ctx = f.ctx.WithBlockHeight(f.ctx.BlockHeight() + 1).WithBlockTime(f.ctx.BlockTime().Add(after))
}

// pass lets active time go by, in blocks of a minute.
func (f *fixture) pass(d time.Duration) {
	for ; d > 0; d -= time.Minute {
		f.block(time.Minute)
	}
}

// proven makes an operator with one GPU that has proven a result: it scores 200 × 0.5625 × 0.5.
func proven(t require.TestingT) *fixture {
	f := newFixture(t)
	f.operator(alice, 1_000)
	require.NoError(f.t, f.register(gpu(alice, 1, 100)))
	require.Zero(f.t, f.score(alice), "nothing is proven yet")
	f.block(time.Minute)
	f.observe(1, types.OUTCOME_PROVEN)
	require.EqualValues(f.t, 562_500, f.score(alice))
	return f
}

func TestOutcomesChangeTheScore(t *testing.T) {
	for outcome, want := range map[types.Outcome]struct{ uptime, delivery uint32 }{
		types.OUTCOME_PROVEN:      {6_172, 5_000},
		types.OUTCOME_MISSED:      {4_921, 5_000},
		types.OUTCOME_FALSE:       {4_921, 4_375},
		types.OUTCOME_UNDELIVERED: {5_625, 4_375},
		types.OUTCOME_DELIVERED:   {5_625, 5_625},
	} {
		f := proven(t)
		f.observe(1, outcome)
		device, err := f.keeper.Device(f.ctx, deviceID(1))
		require.NoError(t, err)
		require.Equal(t, want.uptime, device.UptimeBps, outcome)
		require.Equal(t, want.delivery, device.DeliveryBps, outcome)
		require.Equal(t, 200*uint64(want.uptime)*uint64(want.delivery)/10_000*boolean(outcome != types.OUTCOME_FALSE), f.score(alice), outcome)
	}
	f := proven(t)
	before := f.export()
	for _, bad := range []types.Outcome{types.OUTCOME_UNSPECIFIED, types.OUTCOME_DELIVERED + 1, -1} {
		require.ErrorIs(t, f.keeper.Observe(f.ctx, deviceID(1), types.Observation{Outcome: bad}), types.ErrField)
	}
	require.ErrorIs(t, f.keeper.Observe(f.ctx, deviceID(2), types.Observation{Outcome: types.OUTCOME_PROVEN}), types.ErrDeviceNotFound)
	require.Equal(t, before, f.export())
}

func boolean(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

func TestOnlyAvailableDevicesScore(t *testing.T) {
	f := proven(t)
	msg := gpu(alice, 1, 100)
	require.NoError(t, f.update(update(msg, func(m *types.MsgUpdateDevice) { m.Available = false })))
	require.Zero(t, f.score(alice))
	f.observe(1, types.OUTCOME_DELIVERED)
	require.Zero(t, f.score(alice), "a record is kept, and doesn't score")
	require.NoError(t, f.update(update(msg, func(*types.MsgUpdateDevice) {})))
	require.EqualValues(t, 632_812, f.score(alice), "the proven time is not over")

	f.jail(alice)
	require.Zero(t, f.score(alice))
	f.unjail(alice)
	require.NoError(t, f.retire(alice, 1))
	require.Zero(t, f.score(alice))
	require.NoError(t, f.register(msg))
	require.Zero(t, f.score(alice), "who registers anew begins anew")
	device, err := f.keeper.Device(f.ctx, deviceID(1))
	require.NoError(t, err)
	require.EqualValues(t, 5_000, device.UptimeBps)
}

func TestScoresAddUpAndFollowTheRules(t *testing.T) {
	f := proven(t)
	require.NoError(t, f.register(gpu(alice, 2, 100)))
	f.observe(2, types.OUTCOME_PROVEN)
	require.EqualValues(t, 2*562_500, f.score(alice))
	params := unchecked()
	params.Classes[3].Score = 100
	require.NoError(t, f.keeper.SetParams(f.ctx, params))
	require.EqualValues(t, 2*562_500, f.score(alice), "nothing changes by itself")
	require.NoError(t, f.update(update(gpu(alice, 2, 100), func(*types.MsgUpdateDevice) {})))
	require.EqualValues(t, 562_500+281_250, f.score(alice))
	require.NoError(t, f.retire(alice, 1))
	require.EqualValues(t, 281_250, f.score(alice))
}

func TestScoresLapse(t *testing.T) {
	f := proven(t)
	params := unchecked()
	f.pass(time.Duration(params.ProvenSeconds)*time.Second - time.Minute)
	require.NoError(t, f.keeper.EndBlock(f.ctx))
	require.EqualValues(t, 562_500, f.score(alice))
	f.pass(time.Minute)
	require.NoError(t, f.keeper.EndBlock(f.ctx))
	require.Zero(t, f.score(alice))
	f.observe(1, types.OUTCOME_PROVEN)
	require.Positive(t, f.score(alice))
}

// TestAHaltCostsNobodyItsScore: a month without a block counts as a minute.
func TestAHaltCostsNobodyItsScore(t *testing.T) {
	f := proven(t)
	f.block(30 * 24 * time.Hour)
	f.block(time.Second)
	require.NoError(t, f.keeper.EndBlock(f.ctx))
	require.EqualValues(t, 562_500, f.score(alice))
	require.Empty(t, f.errors.lines)
}

// crowd makes one operator with n devices, which all lapse at the same moment, after a day.
func crowd(t require.TestingT, n int) *fixture {
	f := newFixture(t)
	params := unchecked()
	params.ProvenSeconds, params.MaxDevicesPerOperator, params.MaxBlockGapSeconds = 3_600, types.DevicesLimit, 3_600
	require.NoError(f.t, f.keeper.SetParams(f.ctx, params))
	f.operator(alice, int64(10*n))
	f.block(time.Minute)
	for i := range n {
		msg := gpu(alice, i, 100)
		msg.Class, msg.Backend = types.DEVICE_CLASS_CPU, types.BACKEND_CPU
		require.NoError(f.t, f.register(msg))
		f.observe(i, types.OUTCOME_PROVEN)
	}
	return f
}

func TestLapsesAreBounded(t *testing.T) {
	f := crowd(t, 230)
	one := f.score(alice) / 230
	f.block(time.Hour)
	for _, left := range []uint64{130, 30, 0, 0} {
		f.block(time.Second)
		require.Equal(t, left*one, f.score(alice))
	}
	require.Empty(t, f.errors.lines)
}

func TestAFailingLapseStopsNobody(t *testing.T) {
	for name, fault := range map[string]func(){"error": nil, "panic": func() { panic("score") }} {
		f := proven(t)
		f.operator(bob, 1_000)
		require.NoError(t, f.register(gpu(bob, 2, 100)))
		f.block(time.Second)
		f.observe(2, types.OUTCOME_PROVEN)
		f.faults.fails, f.faults.how = alice.String(), fault
		f.pass(time.Duration(types.DefaultProvenSeconds)*time.Second + time.Minute)
		require.Positive(t, f.score(alice), name)
		require.Zero(t, f.score(bob), name)
		require.NotEmpty(t, f.errors.lines, name)
		f.faults.fails = ""
		f.pass(2 * time.Hour)
		require.Zero(t, f.score(alice), "it is tried again")
	}
}

// TestPointsFollowTheScore: what x/emission divides its pot by is score × time.
func TestPointsFollowTheScore(t *testing.T) {
	f := proven(t)
	_, err := f.bond.ClosePeriod(f.ctx)
	require.NoError(t, err)
	f.ctx = f.ctx.WithBlockTime(f.ctx.BlockTime().Add(time.Hour))
	f.observe(1, types.OUTCOME_FALSE)
	f.ctx = f.ctx.WithBlockTime(f.ctx.BlockTime().Add(time.Hour))
	period, err := f.bond.ClosePeriod(f.ctx)
	require.NoError(t, err)
	pool, err := f.bond.Pool(f.ctx, alice)
	require.NoError(t, err)
	require.True(t, pool.Weight.IsZero())
	require.Zero(t, period.TotalPoints.Mod(math.NewInt(562_500*3_600_000)).Int64(), "an hour of the score, times the boost")
	require.True(t, period.TotalPoints.IsPositive())
}
