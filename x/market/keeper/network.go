package keeper

import (
	"context"
	"math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/accounts"
	"github.com/assaychain/assay/x/market/scheduler"
	"github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/registry/cells"
	"github.com/assaychain/assay/x/registry/coordinates"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// network shows the scheduler the registry, the bonds and the jail, for one job.
type network struct {
	*scan
	ctx context.Context
	// over is the Unix second at which the job must be over.
	over int64
	// work and workload are the job's.
	work     uint64
	workload uint32
	// now is the market's clock.
	now uint64
	// operators is how many operators the job wants beside each other; 0 for one.
	operators uint32
	// shown is the device that the job looks at.
	shown *offered
}

var _ scheduler.State = (*network)(nil)

// Walk visits the available devices of a class.
func (n *network) Walk(class scheduler.Class, home uint16, limit uint32, visit func(scheduler.Device) (bool, error)) error {
	if n.operators > 1 {
		return n.walkApart(class, home, limit, visit)
	}
	list, err := n.list(n.ctx, registrytypes.DeviceClass(class), home, limit)
	if err != nil {
		return err
	}
	return n.show(home, list.first(limit), visit)
}

// walkApart visits devices of so many cells that operators can sit in distinct ones: from a home outwards each cell has an equal part of the
// limit, and further ones of the same cells follow when that is not used up.
func (n *network) walkApart(class scheduler.Class, home uint16, limit uint32, visit func(scheduler.Device) (bool, error)) error {
	around := registrytypes.Around{
		Class: registrytypes.DeviceClass(class), Home: uint32(home), Limit: limit, PerCell: (limit + n.operators - 1) / n.operators,
	}
	var list []*offered
	err := n.keeper.ports.Registry.WalkApart(n.ctx, around, func(d registrytypes.Device) (bool, error) {
		o, err := n.device(n.ctx, d)
		list = append(list, o)
		return false, err
	})
	if err != nil {
		return err
	}
	return n.show(home, list, visit)
}

// WalkOwned visits devices of an operator.
func (n *network) WalkOwned(operator string, home uint16, from uint64, limit uint32, visit func(scheduler.Device) (bool, error)) error {
	list, err := n.owned(n.ctx, ownedKey{operator, from, limit})
	if err != nil {
		return err
	}
	return n.show(home, list, visit)
}

// show shows devices until the visit says to stop.
func (n *network) show(home uint16, list []*offered, visit func(scheduler.Device) (bool, error)) error {
	for _, o := range list {
		device, err := n.see(home, o)
		if err != nil {
			return err
		}
		n.shown = o
		if stop, err := visit(device); stop || err != nil {
			return err
		}
	}
	return nil
}

// see shows one device, with what depends on the job.
func (n *network) see(home uint16, o *offered) (d scheduler.Device, err error) {
	d = o.face
	d.InUse, d.Booked = o.InUse, o.BookedBefore(n.over)
	if d.RunMillis, d.Trials, err = n.predict(o); err != nil {
		return d, err
	}
	d.RoundTripMicros, err = n.roundTrip(n.ctx, home, o)
	return d, err
}

// face is what a device shows to any job of the block.
func (s *scan) face(ctx context.Context, d *registrytypes.Device) (scheduler.Device, error) {
	after, err := s.attestsAfter(ctx)
	if err != nil {
		return scheduler.Device{}, err
	}
	moment, err := s.present(ctx)
	if err != nil {
		return scheduler.Device{}, err
	}
	return scheduler.Device{
		ID: d.Id, Operator: d.Operator, Class: scheduler.Class(d.Class), Backend: scheduler.Backend(d.Backend),
		MemoryMiB: d.MemoryMib, Lanes: d.OpenLanes(), Price: d.Price, Available: d.Open() && d.InHours(sdk.UnwrapSDKContext(ctx).BlockTime()), Levels: levelsOf(d),
		Cell: uint16(d.Cell), TrustBps: trustOf(d), Watts: d.RatedDraw(), Heat: heatOf(d), Attested: d.Attested(after),
		CapabilityBps: moment.params.JobCapability(d.Class, d.Gops),
	}, nil
}

// roundTrip is that between a home and a device, as predicted; the last one asked for is known.
func (s *scan) roundTrip(ctx context.Context, home uint16, o *offered) (uint32, error) {
	if o.trip.known && o.trip.home == home {
		return o.trip.micros, nil
	}
	place, err := s.whence(ctx, home)
	if err == nil {
		o.trip = trip{true, home, o.RoundTripFrom(place)}
	}
	return o.trip.micros, err
}

// walk visits what the registry offers, from a home outwards.
func (k *Keeper) walk(
	ctx context.Context, class registrytypes.DeviceClass, home uint16, limit uint32, visit func(registrytypes.Device) (bool, error),
) error {
	return k.ports.Registry.WalkNear(ctx, class, uint32(home), limit, visit)
}

// rankOf is the place of a device's cell in the order in which walk visits cells from a home: the nearest first by the prior, ties by
// number, and last those that told no cell. Without a home all are alike.
func rankOf(home uint16, d *registrytypes.Device) uint64 {
	switch {
	case home == 0:
		return 0
	case d.Cell == 0:
		return math.MaxUint64
	default:
		return uint64(cells.RoundTrip(cells.Cell(home), cells.Cell(d.Cell)))<<16 | uint64(d.Cell)
	}
}

// whence reads where a home is in the network, once.
func (s *scan) whence(ctx context.Context, home uint16) (coordinates.Node, error) {
	if known, ok := s.homes[home]; ok || home == 0 {
		return known, nil
	}
	node, err := s.keeper.ports.Registry.Place(ctx, uint32(home))
	if err == nil {
		s.homes[home] = node
	}
	return node, err
}

// trustOf is how likely it is that all goes well with a device: as its worse half says.
func trustOf(d *registrytypes.Device) uint32 { return min(d.UptimeBps, d.DeliveryBps) }

// heats are those of the scheduler by those of the registry.
var heats = [...]scheduler.Heat{
	registrytypes.HEAT_NORMAL: scheduler.Normal, registrytypes.HEAT_WARM: scheduler.Warm,
	registrytypes.HEAT_HOT: scheduler.Hot, registrytypes.HEAT_WITHDRAWN: scheduler.Withdrawn,
}

// heatOf is how hot a device runs.
func heatOf(d *registrytypes.Device) scheduler.Heat {
	if d.Heat < 0 || int(d.Heat) >= len(heats) {
		return scheduler.Withdrawn
	}
	return heats[d.Heat]
}

// levelsOf are the levels of assurance that a device can prove.
func levelsOf(d *registrytypes.Device) []scheduler.Level {
	levels := make([]scheduler.Level, 0, len(registrytypes.DefaultLevels()))
	for _, level := range d.CanProve() {
		levels = append(levels, scheduler.Level(level))
	}
	return levels
}

// operatorNamed is the address of an operator.
func operatorNamed(operator string) (sdk.AccAddress, error) {
	address, err := accounts.Decode(operator)
	if err != nil {
		return nil, types.ErrAddress.Wrapf("operator: %s", err)
	}
	return address, nil
}
