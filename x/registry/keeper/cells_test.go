package keeper_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/registry/cells"
	"github.com/assaychain/assay/x/registry/coordinates"
	"github.com/assaychain/assay/x/registry/types"
)

// Cells of towns.
const (
	london    = 522
	berlin    = 524
	newYork   = 479
	singapore = 353
)

// in puts a device of the tests into a cell.
func in(cell uint32, msg *types.MsgRegisterDevice) *types.MsgRegisterDevice {
	msg.Cell = cell
	return msg
}

// near lists consumer GPUs as a search from a home meets them.
func (f *fixture) near(home, limit uint32) [][]byte {
	var ids [][]byte
	require.NoError(f.t, f.keeper.WalkNear(f.ctx, types.DEVICE_CLASS_CONSUMER, home, limit, func(d types.Device) (bool, error) {
		ids = append(ids, d.Id)
		return false, nil
	}))
	return ids
}

// place is where a cell is in the network.
func (f *fixture) place(cell uint32) coordinates.Node {
	home, err := f.keeper.Place(f.ctx, cell)
	require.NoError(f.t, err)
	return home
}

// scatteredGPUs has one GPU in Berlin, two in New York, one in Singapore and one that told no cell, the nearer the dearer.
func scatteredGPUs(t *testing.T) *fixture {
	f := newFixture(t)
	f.operator(alice, 3_000)
	require.NoError(t, f.register(in(berlin, gpu(alice, 1, 900))))
	require.NoError(t, f.register(in(newYork, gpu(alice, 2, 800))))
	require.NoError(t, f.register(in(newYork, gpu(alice, 3, 700))))
	require.NoError(t, f.register(in(singapore, gpu(alice, 4, 600))))
	require.NoError(t, f.register(gpu(alice, 5, 500)))
	return f
}

func TestSearchGoesOutwardsFromHome(t *testing.T) {
	f := scatteredGPUs(t)
	require.Equal(t, [][]byte{deviceID(1), deviceID(3), deviceID(2), deviceID(4), deviceID(5)}, f.near(london, 10))
	require.Equal(t, [][]byte{deviceID(4), deviceID(1), deviceID(3), deviceID(2), deviceID(5)}, f.near(singapore, 10))
	require.Equal(t, [][]byte{deviceID(1), deviceID(3)}, f.near(london, 2), "the limit is of all cells together")
	require.Empty(t, f.near(london, 0))
	require.Equal(t, f.offered(types.DEVICE_CLASS_CONSUMER, 10), f.near(0, 10), "home 0 is anywhere")
	require.Equal(t, deviceID(5), f.near(0, 1)[0], "the cheapest")

	require.NoError(t, f.keeper.Reserve(f.ctx, deviceID(3)))
	require.Equal(t, [][]byte{deviceID(1), deviceID(2), deviceID(3), deviceID(4), deviceID(5)}, f.near(london, 10), "within a cell the least loaded first")
	require.NoError(t, f.keeper.Reserve(f.ctx, deviceID(1)))
	require.NoError(t, f.keeper.Reserve(f.ctx, deviceID(1)))
	require.Equal(t, [][]byte{deviceID(2), deviceID(3), deviceID(4), deviceID(5)}, f.near(berlin, 10), "a cell without a free device is passed by")
	require.NoError(t, f.keeper.Invariants(f.ctx))
	require.ErrorIs(t, f.keeper.WalkNear(f.ctx, types.DEVICE_CLASS_CONSUMER, 649, 1, nil), types.ErrLocation)
}

// A search for devices apart takes so many of each cell first, then further ones of the same cells; whatever the share of a cell is, it shows
// as many devices as the limit lets it, each once.
func TestSearchApartTakesFromEachCellFirst(t *testing.T) {
	f := scatteredGPUs(t)
	require.NoError(t, f.register(in(newYork, gpu(alice, 6, 650))))
	require.NoError(t, f.register(in(berlin, gpu(alice, 7, 950))))
	apart := func(home, limit, perCell uint32) (ids []byte) {
		require.NoError(t, f.keeper.WalkApart(f.ctx, types.Around{Class: types.DEVICE_CLASS_CONSUMER, Home: home, Limit: limit, PerCell: perCell}, func(d types.Device) (bool, error) {
			ids = append(ids, d.Id[len(d.Id)-1])
			return false, nil
		}))
		return ids
	}
	last := func(numbers ...int) (ids []byte) {
		for _, n := range numbers {
			id := deviceID(n)
			ids = append(ids, id[len(id)-1])
		}
		return ids
	}
	require.Equal(t, last(1, 6, 4, 5, 7, 3, 2), apart(london, 10, 1), "the rest comes cell by cell")
	require.Equal(t, last(1, 7, 6, 3, 4, 5, 2), apart(london, 10, 2))
	require.Equal(t, last(1, 6, 4), apart(london, 3, 1))
	require.Equal(t, last(1, 6, 4, 5, 7), apart(london, 5, 0), "a cell has one at least")
	require.Equal(t, last(1, 7, 6, 3, 2, 4, 5), apart(london, 10, 10), "as a search without shares")
	require.Equal(t, last(5, 4, 6), apart(0, 3, 1), "home 0 is anywhere")
	stopped := 0
	require.NoError(t, f.keeper.WalkApart(f.ctx, types.Around{Class: types.DEVICE_CLASS_CONSUMER, Home: london, Limit: 10, PerCell: 1}, func(types.Device) (bool, error) {
		stopped++
		return stopped == 6, nil
	}))
	require.Equal(t, 6, stopped)
}

func TestSearchVisitsABoundedNumberOfCells(t *testing.T) {
	f := scatteredGPUs(t)
	params := unchecked()
	params.Location.MaxCells = 2
	require.NoError(t, f.keeper.SetParams(f.ctx, params))
	require.Equal(t, [][]byte{deviceID(1), deviceID(3), deviceID(2), deviceID(5)}, f.near(london, 10), "two cells, and who told none")
}

func TestSearchStopsAndMayWrite(t *testing.T) {
	f := scatteredGPUs(t)
	visited := 0
	require.NoError(t, f.keeper.WalkNear(f.ctx, types.DEVICE_CLASS_CONSUMER, london, 10, func(d types.Device) (bool, error) {
		visited++
		return visited == 4, f.keeper.Reserve(f.ctx, d.Id)
	}))
	require.Equal(t, 4, visited)
	broken := errors.New("broken")
	require.ErrorIs(t, f.keeper.WalkNear(f.ctx, types.DEVICE_CLASS_CONSUMER, london, 10, func(types.Device) (bool, error) { return false, broken }), broken)
	require.NoError(t, f.keeper.Invariants(f.ctx))
}

func TestDeviceMovesToAnotherCell(t *testing.T) {
	f := scatteredGPUs(t)
	f.operator(bob, 300)
	msg := in(london, gpu(bob, 9, 100))
	require.NoError(t, f.register(msg))
	require.NoError(t, f.report(bob, 9, types.RoundTrip{Device: deviceID(1), Micros: 20_000}))
	require.ErrorIs(t, f.update(update(msg, func(m *types.MsgUpdateDevice) { m.Cell = 649 })), types.ErrLocation)
	require.ErrorContains(t, f.update(update(msg, func(m *types.MsgUpdateDevice) { m.Cell = 649 })), "cells are from 1 to 648")
	require.NoError(t, f.update(update(msg, func(m *types.MsgUpdateDevice) { m.Cell, m.Lanes = london, 1 })))
	device, err := f.keeper.Device(f.ctx, msg.Id)
	require.NoError(t, err)
	require.NotNil(t, device.Coordinates, "who stays keeps what it measured")
	reported := device.MeasuredAt

	require.NoError(t, f.update(update(msg, func(m *types.MsgUpdateDevice) { m.Cell = singapore })))
	device, err = f.keeper.Device(f.ctx, msg.Id)
	require.NoError(t, err)
	require.Nil(t, device.Coordinates, "who moves begins anew")
	require.Equal(t, reported, device.MeasuredAt, "but may not report the sooner")
	require.Equal(t, cells.RoundTrip(london, singapore), device.RoundTripFrom(f.place(london)))
	require.Equal(t, msg.Id, f.near(singapore, 1)[0])
	require.NoError(t, f.update(update(msg, func(*types.MsgUpdateDevice) {})))
	require.Equal(t, msg.Id, f.near(singapore, 10)[5-1], "cheapest of those that told none")
	require.NoError(t, f.keeper.Invariants(f.ctx))
	require.ErrorIs(t, f.register(in(649, gpu(alice, 8, 1))), types.ErrLocation)
}

func TestLargestMemory(t *testing.T) {
	f := newFixture(t)
	f.operator(alice, 3_000)
	largest := func() uint32 {
		mib, err := f.keeper.LargestMemory(f.ctx, types.DEVICE_CLASS_CONSUMER)
		require.NoError(t, err)
		require.NoError(t, f.keeper.Invariants(f.ctx))
		return mib
	}
	require.Zero(t, largest())
	for n, mib := range []uint32{8_192, 24_576, 24_576, 12_288} {
		msg := gpu(alice, n, 100)
		msg.MemoryMib, msg.Available = mib, n == 0
		require.NoError(t, f.register(msg))
	}
	other := gpu(alice, 9, 1)
	other.Model, other.Class, other.MemoryMib = "NVIDIA H100 80GB HBM3", types.DEVICE_CLASS_DATACENTRE, 81_559
	require.NoError(t, f.register(other))
	require.EqualValues(t, 24_576, largest(), "of the class, available or not")
	require.NoError(t, f.retire(alice, 1))
	require.EqualValues(t, 24_576, largest())
	require.NoError(t, f.retire(alice, 2))
	require.EqualValues(t, 12_288, largest())
}

func TestCellQueries(t *testing.T) {
	f := scatteredGPUs(t)
	response, err := f.queries.Cells(f.ctx, &types.QueryCellsRequest{Class: types.DEVICE_CLASS_CONSUMER, Home: london})
	require.NoError(t, err)
	require.EqualValues(t, 32_607, response.LargestMemoryMib)
	require.Equal(t, []types.CellSupply{
		{Cell: berlin, Devices: 1, Micros: cells.RoundTrip(london, berlin)}, {Cell: newYork, Devices: 2, Micros: cells.RoundTrip(london, newYork)},
		{Cell: singapore, Devices: 1, Micros: cells.RoundTrip(london, singapore)}, {Devices: 1},
	}, response.Cells)
	response, err = f.queries.Cells(f.ctx, &types.QueryCellsRequest{Class: types.DEVICE_CLASS_CONSUMER})
	require.NoError(t, err)
	require.Equal(t, []types.CellSupply{{Cell: singapore, Devices: 1}, {Cell: newYork, Devices: 2}, {Cell: berlin, Devices: 1}, {Devices: 1}}, response.Cells)
	for _, bad := range []*types.QueryCellsRequest{nil, {}, {Class: 6}, {Class: 1, Home: 649}} {
		_, err = f.queries.Cells(f.ctx, bad)
		require.Equal(t, codes.InvalidArgument, status.Code(err))
	}

	trip, err := f.queries.RoundTrip(f.ctx, &types.QueryRoundTripRequest{Cell: london, Device: hexOf(deviceID(2))})
	require.NoError(t, err)
	require.Equal(t, cells.RoundTrip(london, newYork), trip.Micros)
	require.Equal(t, trip.Micros, trip.PriorMicros)
	require.Equal(t, cells.Bound(london, newYork), trip.BoundMicros)
	trip, err = f.queries.RoundTrip(f.ctx, &types.QueryRoundTripRequest{Cell: london, Device: hexOf(deviceID(5))})
	require.NoError(t, err)
	require.Equal(t, &types.QueryRoundTripResponse{}, trip, "who told no cell is not known")
	for _, bad := range []*types.QueryRoundTripRequest{nil, {Device: hexOf(deviceID(2))}, {Cell: 649, Device: hexOf(deviceID(2))}, {Cell: 1, Device: "x"}} {
		_, err = f.queries.RoundTrip(f.ctx, bad)
		require.Equal(t, codes.InvalidArgument, status.Code(err))
	}
	_, err = f.queries.RoundTrip(f.ctx, &types.QueryRoundTripRequest{Cell: 1, Device: hexOf(deviceID(77))})
	require.Equal(t, codes.NotFound, status.Code(err))
}

// An operator's devices are shown in any state, by id from any place on and round, at most as many as asked for.
func TestOwnedDevicesAreShownInTurn(t *testing.T) {
	f := scatteredGPUs(t)
	f.operator(bob, 300)
	require.NoError(t, f.register(gpu(bob, 6, 400)))
	require.NoError(t, f.keeper.Reserve(f.ctx, deviceID(3)))
	all := make([][]byte, 5)
	for i := range all {
		all[i] = deviceID(i + 1)
	}
	slices.SortFunc(all, bytes.Compare)
	owned := func(from uint64, limit uint32) (ids [][]byte) {
		require.NoError(t, f.keeper.WalkOwned(f.ctx, alice, from, limit, func(d types.Device) (bool, error) {
			ids = append(ids, d.Id)
			return false, nil
		}))
		return ids
	}
	require.Equal(t, all, owned(0, 10))
	require.Equal(t, all[:2], owned(0, 2))
	require.Equal(t, [][]byte{all[4], all[0], all[1]}, owned(4, 3))
	require.Equal(t, [][]byte{all[3], all[4], all[0], all[1], all[2]}, owned(5*1_000+3, 10), "each once")
	require.Empty(t, owned(1, 0))
	visited := 0
	require.NoError(t, f.keeper.WalkOwned(f.ctx, alice, 0, 5, func(d types.Device) (bool, error) {
		visited++
		return visited == 2, f.keeper.Suspend(f.ctx, alice)
	}))
	require.Equal(t, 2, visited)
	require.Equal(t, all, owned(0, 10), "those that are off the market too")
	broken := errors.New("broken")
	require.ErrorIs(t, f.keeper.WalkOwned(f.ctx, alice, 0, 5, func(types.Device) (bool, error) { return false, broken }), broken)
	require.NoError(t, f.keeper.WalkOwned(f.ctx, sdk.AccAddress("nobody______________"), 0, 5, func(types.Device) (bool, error) { return false, broken }))
}
