package keeper_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/internal/faults"
	"github.com/assaychain/assay/x/registry/types"
)

// tell sends a device's temperature.
func (f *fixture) tell(operator sdk.AccAddress, n int, change func(*types.MsgReportTelemetry)) (heat types.Heat, err error) {
	msg := &types.MsgReportTelemetry{
		Operator: operator.String(), Device: deviceID(n), Celsius: 40, Watts: 300, UtilisationPercent: 50, MemoryFreeMib: 1_000,
	}
	change(msg)
	err = f.do(func(ctx sdk.Context) error {
		response, err := f.msgs.ReportTelemetry(ctx, msg)
		if err == nil {
			heat = response.Heat
		}
		return err
	})
	return heat, err
}

// at has a device report a temperature, after the pause.
func (f *fixture) at(n int, celsius int32) types.Heat {
	f.block(time.Minute)
	heat, err := f.tell(alice, n, func(m *types.MsgReportTelemetry) { m.Celsius = celsius })
	require.NoError(f.t, err)
	require.Equal(f.t, heat, f.device(n).Heat)
	require.NoError(f.t, f.keeper.Invariants(f.ctx))
	return heat
}

func TestHotDevicesTakeLessWork(t *testing.T) {
	f := newFixture(t)
	f.operator(alice, 3_000)
	for n := range 2 {
		msg := gpu(alice, n, 100)
		msg.Lanes = 3
		require.NoError(t, f.register(msg))
	}
	require.Equal(t, types.HEAT_WARM, f.at(0, 75))
	require.Equal(t, [][]byte{deviceID(1), deviceID(0)}, f.offered(types.DEVICE_CLASS_CONSUMER, 10), "the cooler one first")
	require.NoError(t, f.keeper.Reserve(f.ctx, deviceID(0)))
	require.NoError(t, f.keeper.Reserve(f.ctx, deviceID(0)))

	require.Equal(t, types.HEAT_HOT, f.at(0, 85))
	require.ErrorIs(t, f.keeper.Reserve(f.ctx, deviceID(0)), types.ErrNoLane, "half of three lanes is one")
	require.NoError(t, f.keeper.Unreserve(f.ctx, deviceID(0)), "jobs in flight go on")
	require.NoError(t, f.keeper.Unreserve(f.ctx, deviceID(0)))
	require.NoError(t, f.keeper.Reserve(f.ctx, deviceID(0)), "at least one")
	require.NoError(t, f.keeper.Unreserve(f.ctx, deviceID(0)))

	require.Equal(t, types.HEAT_WITHDRAWN, f.at(0, 95))
	require.Equal(t, [][]byte{deviceID(1)}, f.offered(types.DEVICE_CLASS_CONSUMER, 10))
	require.ErrorIs(t, f.keeper.Rent(f.ctx, deviceID(0)), types.ErrInUse)
	require.Equal(t, types.HEAT_WITHDRAWN, f.at(0, 90), "it must cool by more")
	require.Equal(t, types.HEAT_HOT, f.at(0, 89))
	require.Equal(t, types.HEAT_NORMAL, f.at(0, 20))
	require.Len(t, f.offered(types.DEVICE_CLASS_CONSUMER, 10), 2)
}

func TestAbsurdTelemetryIsRefused(t *testing.T) {
	f := newFixture(t)
	f.operator(alice, 3_000)
	f.operator(bob, 3_000)
	require.NoError(t, f.register(gpu(alice, 0, 100)))
	unknown := gpu(alice, 1, 100)
	unknown.Model, unknown.MemoryMib = "Somebody's GPU", 8_192
	require.NoError(t, f.register(unknown))
	before := f.export()
	for text, change := range map[string]func(*types.MsgReportTelemetry){
		"celsius is -41: it must be from -40 to 150":              func(m *types.MsgReportTelemetry) { m.Celsius = -41 },
		"celsius is 151: it must be from -40 to 150":              func(m *types.MsgReportTelemetry) { m.Celsius = 151 },
		"watts is 1151: a device of its model draws at most 1150": func(m *types.MsgReportTelemetry) { m.Watts = 1_151 },
		"watts is 801: a device of its model draws at most 800": func(m *types.MsgReportTelemetry) {
			m.Device, m.Watts = deviceID(1), 801
		},
		"utilisation_percent is 101: it must be at most 100": func(m *types.MsgReportTelemetry) { m.UtilisationPercent = 101 },
		"memory_free_mib is 32608: the device has 32607":     func(m *types.MsgReportTelemetry) { m.MemoryFreeMib = 32_608 },
	} {
		_, err := f.tell(alice, 0, change)
		require.ErrorIs(t, err, types.ErrTelemetry)
		require.ErrorContains(t, err, text)
	}
	_, err := f.tell(bob, 0, func(*types.MsgReportTelemetry) {})
	require.ErrorIs(t, err, types.ErrNotOwner)
	_, err = f.tell(alice, 5, func(*types.MsgReportTelemetry) {})
	require.ErrorIs(t, err, types.ErrDeviceNotFound)
	require.Equal(t, before, f.export())

	_, err = f.tell(alice, 0, func(m *types.MsgReportTelemetry) { m.Watts, m.Celsius = 1_150, -40 })
	require.NoError(t, err)
	_, err = f.tell(alice, 0, func(*types.MsgReportTelemetry) {})
	require.ErrorIs(t, err, types.ErrTooSoon)
	f.block(19 * time.Second)
	_, err = f.tell(alice, 0, func(*types.MsgReportTelemetry) {})
	require.ErrorContains(t, err, "wait for another 1000 ms")
	f.block(time.Second)
	_, err = f.tell(alice, 0, func(*types.MsgReportTelemetry) {})
	require.NoError(t, err)
}

// TestTelemetryLapses: a device of which nothing is known is not warm; one that was withdrawn waits for a cooler report.
func TestTelemetryLapses(t *testing.T) {
	f := newFixture(t)
	f.operator(alice, 3_000)
	for n := range 3 {
		require.NoError(t, f.register(gpu(alice, n, 100)))
	}
	f.at(0, 80)
	f.at(1, 99)
	require.NotNil(t, f.quality(0).Telemetry)
	for range 31 {
		f.block(time.Minute)
	}
	require.Nil(t, f.quality(0).Telemetry)
	require.Equal(t, types.HEAT_NORMAL, f.device(0).Heat)
	require.Equal(t, types.HEAT_WITHDRAWN, f.device(1).Heat)
	require.NoError(t, f.keeper.Invariants(f.ctx))
	require.Equal(t, types.HEAT_NORMAL, f.at(1, 30))
	require.NoError(t, f.retire(alice, 1))
	_, found, err := f.keeper.Telemetry(f.ctx, deviceID(1))
	require.NoError(t, err)
	require.False(t, found)
	require.NoError(t, f.keeper.Invariants(f.ctx))
}

// Every store operation of the hook fails once while reports lapse and devices are switched on and off: the block commits, the others
// go on and the one that failed does so later.
func TestTelemetryAndHoursSurviveEveryFault(t *testing.T) {
	f := newFixture(t)
	f.operator(alice, 1_000)
	f.operator(bob, 1_000)
	params := unchecked()
	params.MaxBlockGapSeconds = types.BlockGapLimit
	require.NoError(t, f.keeper.SetParams(f.ctx, params))
	hour := uint(f.ctx.BlockTime().Hour())
	// The first is to wake for hours, the second to fall asleep for as long.
	next, other := uint32(0b1111)<<(hour+1), uint32(1)<<hour
	for n, operator := range []sdk.AccAddress{alice, bob} {
		require.NoError(t, f.register(gpu(operator, n, 100)))
		_, err := f.tell(operator, n, func(m *types.MsgReportTelemetry) { m.Celsius = 80 })
		require.NoError(t, err)
	}
	require.NoError(t, f.keeper.SetDevicePower(f.ctx, alice, deviceID(0), 0, next))
	require.NoError(t, f.keeper.SetDevicePower(f.ctx, bob, deviceID(1), 0, other))
	require.NoError(t, f.keeper.SetPowerBudget(f.ctx, alice, 700))
	f.ctx = f.ctx.WithBlockTime(f.ctx.BlockTime().Truncate(time.Hour).Add(time.Hour))
	faults.Walk(t, f.plan, faults.Scene{
		Ctx: f.ctx, Hook: f.keeper.EndBlock, Modules: []string{types.ModuleName},
		Heads: []faults.Head{
			{Store: types.StoreKey, Prefix: types.ParamsKey.Bytes(), Halts: true}, {Store: types.StoreKey, Prefix: types.ClockKey.Bytes()},
			{Store: types.StoreKey, Prefix: types.TelemetryDuePrefix.Bytes()}, {Store: types.StoreKey, Prefix: types.SwitchesPrefix.Bytes()},
		},
		Items: func(ctx sdk.Context) map[string]string {
			items := map[string]string{}
			for n := range 2 {
				device, err := f.keeper.Device(ctx, deviceID(n))
				require.NoError(t, err)
				_, known, err := f.keeper.Telemetry(ctx, deviceID(n))
				require.NoError(t, err)
				items[fmt.Sprintf("heat %d", n)] = fmt.Sprintf("%s, known: %t", device.Heat, known)
				items[fmt.Sprintf("hours %d", n)] = fmt.Sprintf("available: %t, asleep: %t", device.Available, device.Asleep)
			}
			return items
		},
		Check: func(ctx sdk.Context) error { return errors.Join(f.keeper.Invariants(ctx), f.bond.Invariants(ctx)) },
		Later: func(ctx sdk.Context) sdk.Context { return ctx.WithBlockTime(ctx.BlockTime().Add(time.Hour)) },
	})
}
