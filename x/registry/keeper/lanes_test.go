package keeper_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/assaychain/assay/x/registry/types"
)

func TestDevicesAreOfferedByLoadPriceAndID(t *testing.T) {
	f := newFixture(t)
	f.operator(alice, 3_000)
	for n, price := range []int64{300, 1_000_000_000_000, 7, 7} {
		require.NoError(t, f.register(gpu(alice, n, price)))
	}
	other := gpu(alice, 9, 1)
	other.Model, other.Class, other.Lanes = "NVIDIA H100 80GB HBM3", types.DEVICE_CLASS_DATACENTRE, 1
	require.NoError(t, f.register(other))

	cheap, cheapToo := deviceID(2), deviceID(3)
	if string(cheap) > string(cheapToo) {
		cheap, cheapToo = cheapToo, cheap
	}
	require.Equal(t, [][]byte{cheap, cheapToo, deviceID(0), deviceID(1)}, f.offered(types.DEVICE_CLASS_CONSUMER, 10))
	require.Equal(t, [][]byte{cheap, cheapToo}, f.offered(types.DEVICE_CLASS_CONSUMER, 2))
	require.Empty(t, f.offered(types.DEVICE_CLASS_CONSUMER, 0))
	require.Empty(t, f.offered(types.DEVICE_CLASS_CPU, 10))
	require.Equal(t, [][]byte{deviceID(9)}, f.offered(types.DEVICE_CLASS_DATACENTRE, 10))

	require.NoError(t, f.keeper.Reserve(f.ctx, cheap))
	require.Equal(t, [][]byte{cheapToo, deviceID(0), deviceID(1), cheap}, f.offered(types.DEVICE_CLASS_CONSUMER, 10), "the least loaded first")
	require.NoError(t, f.keeper.Reserve(f.ctx, cheap))
	require.Equal(t, [][]byte{cheapToo, deviceID(0), deviceID(1)}, f.offered(types.DEVICE_CLASS_CONSUMER, 10))
	require.NoError(t, f.keeper.Invariants(f.ctx))
}

func TestLanesAreCounted(t *testing.T) {
	f := newFixture(t)
	f.operator(alice, 300)
	msg := gpu(alice, 1, 100)
	require.NoError(t, f.register(msg))
	require.ErrorIs(t, f.keeper.Unreserve(f.ctx, msg.Id), types.ErrNoLane)
	require.ErrorIs(t, f.keeper.Reserve(f.ctx, deviceID(2)), types.ErrDeviceNotFound)
	require.ErrorIs(t, f.keeper.Unreserve(f.ctx, deviceID(2)), types.ErrDeviceNotFound)
	require.NoError(t, f.keeper.Reserve(f.ctx, msg.Id))
	require.NoError(t, f.keeper.Reserve(f.ctx, msg.Id))
	require.ErrorIs(t, f.keeper.Reserve(f.ctx, msg.Id), types.ErrNoLane)
	require.ErrorIs(t, f.retire(alice, 1), types.ErrInUse)

	require.NoError(t, f.update(update(msg, func(m *types.MsgUpdateDevice) { m.Lanes = 1 })), "below what is in use")
	require.NoError(t, f.keeper.Unreserve(f.ctx, msg.Id))
	require.ErrorIs(t, f.keeper.Reserve(f.ctx, msg.Id), types.ErrNoLane)
	require.NoError(t, f.update(update(msg, func(m *types.MsgUpdateDevice) { m.Available = false })))
	require.NoError(t, f.keeper.Unreserve(f.ctx, msg.Id), "an unavailable device gives its jobs back too")
	require.ErrorIs(t, f.keeper.Reserve(f.ctx, msg.Id), types.ErrNoLane, "unavailable")
	require.NoError(t, f.retire(alice, 1))
	require.NoError(t, f.keeper.Invariants(f.ctx))
}

func TestWalkStopsAndMayWrite(t *testing.T) {
	f := newFixture(t)
	f.operator(alice, 3_000)
	for n := range 4 {
		require.NoError(t, f.register(gpu(alice, n, 100)))
	}
	visited := 0
	require.NoError(t, f.keeper.WalkAvailable(f.ctx, types.DEVICE_CLASS_CONSUMER, 10, func(d types.Device) (bool, error) {
		visited++
		return visited == 3, f.keeper.Reserve(f.ctx, d.Id)
	}))
	require.Equal(t, 3, visited)
	broken := errors.New("broken")
	require.ErrorIs(t, f.keeper.WalkAvailable(f.ctx, types.DEVICE_CLASS_CONSUMER, 10, func(types.Device) (bool, error) { return false, broken }), broken)
	require.NoError(t, f.keeper.Invariants(f.ctx))
}

func TestSuspendIsForAnOperatorAlone(t *testing.T) {
	f := newFixture(t)
	f.operator(alice, 300)
	f.operator(bob, 300)
	require.NoError(t, f.register(gpu(alice, 1, 100)))
	require.NoError(t, f.register(gpu(bob, 2, 100)))
	hidden := gpu(alice, 3, 100)
	hidden.Available = false
	require.NoError(t, f.register(hidden))
	require.NoError(t, f.keeper.Reserve(f.ctx, deviceID(1)))
	require.NoError(t, f.keeper.Suspend(f.ctx, alice))
	require.NoError(t, f.keeper.Suspend(f.ctx, alice), "twice is once")
	require.Equal(t, [][]byte{deviceID(2)}, f.offered(types.DEVICE_CLASS_CONSUMER, 10))
	device, err := f.keeper.Device(f.ctx, deviceID(1))
	require.NoError(t, err)
	require.EqualValues(t, 1, device.InUse, "jobs in flight stay")
	require.NoError(t, f.keeper.Suspend(f.ctx, authorityless), "who has no device is no error")
	require.NoError(t, f.keeper.Invariants(f.ctx))
}

var authorityless = []byte("nobody______________")

func TestPriceTimesAnyWorkFits(t *testing.T) {
	work := math.NewInt(1 << 62)
	require.NotPanics(t, func() { types.MaxPrice().Mul(work).Mul(work) })
}
