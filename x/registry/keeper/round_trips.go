package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/registry/cells"
	"github.com/assaychain/assay/x/registry/coordinates"
	"github.com/assaychain/assay/x/registry/types"
)

// gasPerRoundTrip is what one step of the coordinates costs beside the reads of the store: BenchmarkStep says 0.3 µs, and 1,000 gas
// stand for 0.2 ms.
const gasPerRoundTrip = 2

// ReportRoundTrips moves a device's coordinates by the round trips that it measured to devices of other operators, which stay where
// they are. It returns where the device is then. Reports are report_seconds of the registry's clock apart.
func (k *Keeper) ReportRoundTrips(ctx sdk.Context, address sdk.AccAddress, id []byte, trips []types.RoundTrip) (types.Coordinates, error) {
	params, err := k.params.Get(ctx)
	if err != nil {
		return types.Coordinates{}, err
	}
	device, err := k.own(ctx, address, id)
	if err != nil {
		return types.Coordinates{}, err
	}
	if err := params.Location.ValidateRoundTrips(trips); err != nil {
		return types.Coordinates{}, err
	}
	if device.Cell == 0 {
		return types.Coordinates{}, types.ErrLocation.Wrapf("device %x told no cell: update it with one first", id)
	}
	changed, err := k.measured(ctx, params.Location, device)
	if err != nil {
		return types.Coordinates{}, err
	}
	ctx.GasMeter().ConsumeGas(uint64(len(trips))*gasPerRoundTrip, "learn round trips")
	node := device.Node()
	learnt := 0
	for i, trip := range trips {
		at, there, err := k.learnTrip(ctx, device, node, i, trip)
		if err != nil {
			return types.Coordinates{}, err
		}
		if there {
			node.At, learnt = at, learnt+1
		}
	}
	if learnt == 0 {
		return types.Coordinates{}, types.ErrRoundTrip.Wrap("round_trips: none is to a device that is registered and told its cell")
	}
	changed.Coordinates = types.NewCoordinates(node.At)
	if err := k.follow(ctx, device.Cell, node.At); err != nil {
		return types.Coordinates{}, err
	}
	if err := k.replace(ctx, device, changed); err != nil {
		return types.Coordinates{}, err
	}
	return *changed.Coordinates, ctx.EventManager().EmitTypedEvent(&types.EventRoundTripsReported{
		Operator: device.Operator, Device: id, RoundTrips: uint32(len(trips)), Coordinates: *changed.Coordinates,
	})
}

// Place is where a cell is in the network: it follows the devices in it that measure, and is the middle of the cell before. Read it once,
// then ask devices for their RoundTripFrom it. Cell 0 is nowhere, from which nothing is known.
func (k *Keeper) Place(ctx context.Context, cell uint32) (coordinates.Node, error) {
	if err := types.ValidateCell("cell", cell); err != nil {
		return coordinates.Node{}, err
	}
	home := coordinates.Home(cells.Cell(cell))
	point, err := k.cells.points.Get(ctx, cell)
	if errors.Is(err, collections.ErrNotFound) {
		return home, nil
	}
	home.At = point.At()
	return home, err
}

// follow moves a cell's point towards a device of it that has measured.
func (k *Keeper) follow(ctx context.Context, cell uint32, at coordinates.Coordinates) error {
	home, err := k.Place(ctx, cell)
	if err != nil {
		return err
	}
	return k.cells.points.Set(ctx, cell, *types.NewCoordinates(coordinates.Follow(home, at)))
}

// measured notes the moment of a report, unless the last one was too lately.
func (k *Keeper) measured(ctx sdk.Context, rules types.LocationRules, device types.Device) (types.Device, error) {
	now, err := k.Now(ctx)
	if err != nil {
		return device, err
	}
	if next := device.MeasuredAt + rules.ReportSeconds*1_000; device.MeasuredAt > 0 && now < next {
		return device, types.ErrTooSoon.Wrapf("device %x: the registry's clock is at %d ms, the next report is taken from %d ms on, %d s after the last",
			device.Id, now, next, rules.ReportSeconds)
	}
	// A clock at 0 has no moment that differs from none.
	device.MeasuredAt = max(now, 1)
	return device, nil
}

// learnTrip moves a device by one round trip of its report; false for one to a device that has gone since, or tells no cell any more, which is
// no fault of who measured it.
func (k *Keeper) learnTrip(
	ctx sdk.Context, device types.Device, node coordinates.Node, i int, trip types.RoundTrip,
) (at coordinates.Coordinates, there bool, err error) {
	peer, err := k.Device(ctx, trip.Device)
	if types.ErrDeviceNotFound.Is(err) || err == nil && peer.Cell == 0 {
		return node.At, false, nil
	}
	if err != nil {
		return node.At, false, err
	}
	if peer.Operator == device.Operator {
		return node.At, false, types.ErrRoundTrip.Wrapf("round_trips[%d] is to device %x, the operator's own: measure those of others", i, peer.Id)
	}
	if bound := cells.Bound(node.Cell, cells.Cell(peer.Cell)); trip.Micros < bound {
		return node.At, false, types.ErrRoundTrip.Wrapf("round_trips[%d] took %d µs from %s to %s: light in fibre takes %d µs at least",
			i, trip.Micros, node.Cell, cells.Cell(peer.Cell), bound)
	}
	return coordinates.Step(node, peer.Node(), trip.Micros, device.Id[0]), true, nil
}
