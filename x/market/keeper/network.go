package keeper

import (
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/market/scheduler"
	"github.com/assaychain/assay/x/market/types"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// network shows the scheduler the registry, the bonds and the jail, for one job.
type network struct {
	*scan
	ctx sdk.Context
	// over is the Unix second at which the job must be over.
	over int64
	// work and workload are the job's.
	work     uint64
	workload uint32
	// now is the market's clock.
	now uint64
}

var _ scheduler.State = (*network)(nil)

// Walk visits the available devices of a class.
func (n *network) Walk(class scheduler.Class, home uint16, limit uint32, visit func(scheduler.Device) (bool, error)) error {
	list, err := n.list(n.ctx, registrytypes.DeviceClass(class), home, limit)
	if err != nil {
		return err
	}
	for _, o := range list.first(limit) {
		device, err := n.see(home, o)
		if err != nil {
			return err
		}
		if stop, err := visit(device); stop || err != nil {
			return err
		}
	}
	return nil
}

// see shows one device.
func (n *network) see(home uint16, o *offered) (scheduler.Device, error) {
	d := &o.Device
	millis, trials, err := n.predict(d)
	return scheduler.Device{
		ID: d.Id, Operator: d.Operator, Class: scheduler.Class(d.Class), Backend: scheduler.Backend(d.Backend),
		MemoryMiB: d.MemoryMib, Lanes: d.Lanes, InUse: d.InUse, Price: d.Price, Available: d.Available,
		Booked: o.booked < n.over, Levels: o.levels, RunMillis: millis, Trials: trials,
		Cell: cellOf(d), RoundTripMicros: roundTripOf(home, d), TrustBps: trustOf(d), Watts: wattsOf(d), Heat: heatOf(d),
	}, err
}

// walk visits what the registry offers. It knows of no places: what a job's home is makes no difference to the order.
func (k *Keeper) walk(
	ctx sdk.Context, class registrytypes.DeviceClass, _ uint16, limit uint32, visit func(registrytypes.Device) (bool, error),
) error {
	return k.ports.Registry.WalkAvailable(ctx, class, limit, visit)
}

// rankOf is the place of a device's cell in the order in which walk visits cells from a home: all alike.
func rankOf(uint16, *registrytypes.Device) int { return 0 }

// cellOf is where a device is: the registry does not know it.
func cellOf(*registrytypes.Device) uint16 { return 0 }

// roundTripOf is the round trip between a home and a device in microseconds: not known, as long as no device tells its place.
func roundTripOf(uint16, *registrytypes.Device) uint32 { return 0 }

// trustOf is how likely it is that all goes well with a device: as its worse half says.
func trustOf(d *registrytypes.Device) uint32 { return min(d.UptimeBps, d.DeliveryBps) }

// wattsOf is what a device draws under load: no device tells it.
func wattsOf(*registrytypes.Device) uint32 { return 0 }

// heatOf is how hot a device runs: no device tells it.
func heatOf(*registrytypes.Device) scheduler.Heat { return scheduler.Normal }

// levelsOf are the levels of assurance that a device can prove.
func levelsOf(d *registrytypes.Device) []scheduler.Level {
	levels := make([]scheduler.Level, 0, len(registrytypes.DefaultLevels()))
	for _, level := range d.CanProve() {
		levels = append(levels, scheduler.Level(level))
	}
	return levels
}

// Standing tells how an operator stands.
func (n *network) Standing(operator string) (scheduler.Standing, error) {
	return n.standing(n.ctx, operator)
}

// standing reads how an operator stands, once until something is placed on it.
func (s *scan) standing(ctx sdk.Context, operator string) (scheduler.Standing, error) {
	if known, ok := s.standings[operator]; ok {
		return known, nil
	}
	addr, err := sdk.AccAddressFromBech32(operator)
	if err != nil {
		return scheduler.Standing{}, types.ErrAddress.Wrapf("operator: %s", err)
	}
	jailed, err := s.keeper.ports.Penalty.IsJailed(ctx, addr)
	if err != nil {
		return scheduler.Standing{}, err
	}
	headroom, err := s.keeper.ports.Bond.Headroom(ctx, addr)
	if err != nil {
		return scheduler.Standing{}, err
	}
	standing := scheduler.Standing{Jailed: jailed, Headroom: headroom}
	s.standings[operator] = standing
	return standing, nil
}
