package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/registry/types"
)

func (f *fixture) budget(operator sdk.AccAddress, watts uint32) error {
	return f.do(func(ctx sdk.Context) error {
		_, err := f.msgs.SetPowerBudget(ctx, &types.MsgSetPowerBudget{Operator: operator.String(), Budget: watts})
		return err
	})
}

func (f *fixture) setPower(operator sdk.AccAddress, n int, watts, hours uint32) error {
	return f.do(func(ctx sdk.Context) error {
		_, err := f.msgs.SetDevicePower(ctx, &types.MsgSetDevicePower{Operator: operator.String(), Device: deviceID(n), Watts: watts, Hours: hours})
		return err
	})
}

// hours lets time go by and ends the block at its end.
func (f *fixture) hours(d time.Duration) {
	f.block(d)
	f.block(0)
}

func (f *fixture) used(operator sdk.AccAddress) uint32 {
	found, err := f.keeper.Operator(f.ctx, operator)
	require.NoError(f.t, err)
	return found.PowerUsed
}

// TestPowerBudget: what is in use never draws more than the budget, what has no room is not offered, and comes back with room.
func TestPowerBudget(t *testing.T) {
	f := newFixture(t)
	f.operator(alice, 3_000)
	for n := range 3 {
		require.NoError(t, f.register(gpu(alice, n, int64(100+n))))
	}
	require.EqualValues(t, 575, f.device(0).Watts, "as the model is rated")
	require.NoError(t, f.budget(alice, 1_200))
	require.NoError(t, f.keeper.Reserve(f.ctx, deviceID(0)))
	require.NoError(t, f.keeper.Reserve(f.ctx, deviceID(0)), "another job on it draws no more")
	require.EqualValues(t, 575, f.used(alice))
	require.NoError(t, f.keeper.Rent(f.ctx, deviceID(1)), "a rented device draws as well")
	require.EqualValues(t, 1_150, f.used(alice))
	require.Empty(t, f.offered(types.DEVICE_CLASS_CONSUMER, 10), "no room for the third")
	require.ErrorIs(t, f.keeper.Reserve(f.ctx, deviceID(2)), types.ErrNoLane)
	require.ErrorIs(t, f.keeper.Rent(f.ctx, deviceID(2)), types.ErrInUse)
	require.NoError(t, f.keeper.Invariants(f.ctx))

	require.NoError(t, f.register(gpu(alice, 3, 99)))
	require.True(t, f.device(3).Unpowered, "nor for a new one")
	require.NoError(t, f.keeper.Vacate(f.ctx, deviceID(1)))
	require.Len(t, f.offered(types.DEVICE_CLASS_CONSUMER, 10), 3)
	require.NoError(t, f.setPower(alice, 0, 300, 0), "a limited one draws less, at once")
	require.EqualValues(t, 300, f.used(alice))

	require.NoError(t, f.budget(alice, 200), "jobs in flight go on")
	require.EqualValues(t, 300, f.used(alice))
	require.NoError(t, f.keeper.Invariants(f.ctx))
	require.NoError(t, f.keeper.Unreserve(f.ctx, deviceID(0)))
	require.NoError(t, f.keeper.Unreserve(f.ctx, deviceID(0)))
	require.Zero(t, f.used(alice))
	require.Empty(t, f.offered(types.DEVICE_CLASS_CONSUMER, 10), "none of them fits alone")
	require.NoError(t, f.keeper.Invariants(f.ctx))
	require.NoError(t, f.budget(alice, 0))
	require.Len(t, f.offered(types.DEVICE_CLASS_CONSUMER, 10), 4)
	require.NoError(t, f.keeper.Invariants(f.ctx))
}

func TestPowerSettingsAreChecked(t *testing.T) {
	f := newFixture(t)
	f.operator(alice, 30_000)
	require.NoError(t, f.register(gpu(alice, 0, 100)))
	before := f.export()
	for text, call := range map[string]func() error{
		"budget is 1000001 W: it must be at most 1000000":                       func() error { return f.budget(alice, 1_000_001) },
		"watts is 287: a device of its model draws from 288 to 575":             func() error { return f.setPower(alice, 0, 287, 0) },
		"watts is 576: a device of its model draws from 288 to 575":             func() error { return f.setPower(alice, 0, 576, 0) },
		"hours is 16777216: it must be at most 16777215, one bit for each hour": func() error { return f.setPower(alice, 0, 0, 1<<24) },
	} {
		err := call()
		require.ErrorIs(t, err, types.ErrPower)
		require.ErrorContains(t, err, text)
	}
	require.ErrorIs(t, f.budget(bob, 5), types.ErrOperatorNotFound)
	require.Equal(t, before, f.export())
	for n := 1; n <= types.MeteredLimit; n++ {
		require.NoError(t, f.register(gpu(alice, n, 100)))
	}
	require.ErrorContains(t, f.budget(alice, 5_000), "budget for 33 devices: an operator with one has at most 32")
	require.NoError(t, f.retire(alice, 0))
	require.NoError(t, f.budget(alice, 5_000))
	require.ErrorIs(t, f.register(gpu(alice, 0, 100)), types.ErrPower)
	require.NoError(t, f.keeper.Invariants(f.ctx))
}

// TestHours: a device sleeps outside its hours, jobs in flight go on, and it wakes by itself, unless its operator took it off meanwhile.
func TestHours(t *testing.T) {
	f := newFixture(t)
	f.operator(alice, 3_000)
	// The clock shows 03:33:20.
	require.Equal(t, 3, f.ctx.BlockTime().Hour())
	for n := range 3 {
		require.NoError(t, f.register(gpu(alice, n, 100)))
	}
	const night, noon = 0b1111, 1 << 12
	for n, hours := range []uint32{night, noon, types.AllHours} {
		require.NoError(t, f.setPower(alice, n, 0, hours))
	}
	require.True(t, f.device(1).Asleep)
	require.ErrorIs(t, f.keeper.Reserve(f.ctx, deviceID(1)), types.ErrNoLane)
	require.Zero(t, f.device(2).Switches, "all hours are no hours")
	require.NoError(t, f.keeper.Reserve(f.ctx, deviceID(0)))

	f.hours(30 * time.Minute)
	require.True(t, f.device(0).Asleep)
	require.EqualValues(t, 1, f.device(0).InUse)
	require.NoError(t, f.keeper.Unreserve(f.ctx, deviceID(0)))
	require.Equal(t, [][]byte{deviceID(2)}, f.offered(types.DEVICE_CLASS_CONSUMER, 10))
	require.NoError(t, f.update(update(gpu(alice, 1, 100), func(m *types.MsgUpdateDevice) {})), "it is offered in its hours")
	require.True(t, f.device(1).Asleep)
	require.NoError(t, f.keeper.Invariants(f.ctx))

	f.hours(8 * time.Hour)
	require.True(t, f.device(1).Available)
	require.True(t, f.device(0).Asleep)
	require.NoError(t, f.update(update(gpu(alice, 0, 100), func(m *types.MsgUpdateDevice) { m.Available = false })))
	f.hours(24 * time.Hour)
	require.True(t, f.device(1).Available, "a halt of a day ends where the hour says")
	f.hours(15 * time.Hour)
	require.False(t, f.device(0).Available, "its operator took it off")
	require.False(t, f.device(0).Asleep)
	require.True(t, f.device(1).Asleep)
	require.NoError(t, f.setPower(alice, 1, 0, 0))
	require.True(t, f.device(1).Available, "without hours it is there at once")
	require.NoError(t, f.keeper.Invariants(f.ctx))
}

// TestHoursHoldBeforeTheirSwitch: a device whose hours are over is neither reserved nor rented, although more devices switch in that block than
// may; it is still shown until then.
func TestHoursHoldBeforeTheirSwitch(t *testing.T) {
	f := newFixture(t)
	f.operator(alice, 3_000)
	for n := range 4 {
		require.NoError(t, f.register(gpu(alice, n, 100)))
		require.NoError(t, f.setPower(alice, n, 0, 1<<uint(f.ctx.BlockTime().UTC().Hour())))
	}
	params := unchecked()
	params.MaxSwitchesPerBlock = 1
	require.NoError(t, f.keeper.SetParams(f.ctx, params))
	require.Len(t, f.offered(types.DEVICE_CLASS_CONSUMER, 10), 4)
	f.block(time.Hour)
	require.NoError(t, f.keeper.EndBlock(f.ctx))
	waiting := 0
	for n := range 4 {
		if !f.device(n).Available {
			continue
		}
		waiting++
		require.ErrorIs(t, f.keeper.Reserve(f.ctx, deviceID(n)), types.ErrNoLane)
		require.ErrorIs(t, f.keeper.Rent(f.ctx, deviceID(n)), types.ErrInUse)
	}
	require.Positive(t, waiting, "not all have switched yet")
	require.Len(t, f.offered(types.DEVICE_CLASS_CONSUMER, 10), waiting)
}

func TestWhoIsInJailDoesNotWake(t *testing.T) {
	f := newFixture(t)
	f.operator(alice, 3_000)
	for n := range 2 {
		require.NoError(t, f.register(gpu(alice, n, 100)))
		require.NoError(t, f.setPower(alice, n, 0, 1<<5))
	}
	require.True(t, f.device(0).Asleep)
	f.jail(alice)
	require.False(t, f.device(0).Asleep, "suspended")
	f.hours(2 * time.Hour)
	require.False(t, f.device(0).Available)
	require.Empty(t, f.errors.lines)
	require.NoError(t, f.keeper.Invariants(f.ctx))
}

// TestSleepersWithoutBondStayOff: what a slash took below the requirement keeps a device from waking, as from being made available.
func TestSleepersWithoutBondStayOff(t *testing.T) {
	f := newFixture(t)
	f.operator(alice, 300)
	for n := range 3 {
		require.NoError(t, f.register(gpu(alice, n, 100)))
	}
	f.jail(alice)
	f.unjail(alice)
	f.ctx = f.ctx.WithBlockTime(f.ctx.BlockTime().Truncate(24 * time.Hour).Add(3 * time.Hour))
	require.ErrorIs(t, f.update(update(gpu(alice, 0, 100), func(m *types.MsgUpdateDevice) { m.Available = true })), types.ErrBond)
	// Asleep since before the slash, as a genesis or a change of the bond's rules can have it.
	require.NoError(t, f.setPower(alice, 0, 0, 1<<5))
	state, err := f.keeper.ExportGenesis(f.ctx)
	require.NoError(t, err)
	for i := range state.Devices {
		state.Devices[i].Asleep = state.Devices[i].Hours != 0
	}
	require.NoError(t, f.keeper.InitGenesis(f.ctx, state))
	f.hours(2 * time.Hour)
	require.False(t, f.device(0).Available)
	require.False(t, f.device(0).Asleep)
	require.Empty(t, f.errors.lines)
}
