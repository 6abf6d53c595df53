package keeper

import (
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/market/runtimes"
	"github.com/assaychain/assay/x/market/scheduler"
	"github.com/assaychain/assay/x/market/types"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// network shows the scheduler the registry, the bonds and the jail, for one job.
type network struct {
	keeper *Keeper
	ctx    sdk.Context
	// over is the Unix second at which the job must be over.
	over int64
	// home, work and workload are the job's.
	home     uint16
	work     uint64
	workload uint32
	// now is the market's clock.
	now uint64
	// known are the run times of the job's workload that were read, by hardware.
	known map[string]runtimes.Record
}

var _ scheduler.State = (*network)(nil)

// Walk visits the available devices of a class.
func (n *network) Walk(class scheduler.Class, home uint16, limit uint32, visit func(scheduler.Device) (bool, error)) error {
	return n.walk(registrytypes.DeviceClass(class), home, limit, func(d registrytypes.Device) (bool, error) {
		booked, err := n.keeper.bookedUntil(n.ctx, d.Id, n.over)
		if err != nil {
			return true, err
		}
		device := scheduler.Device{
			ID: d.Id, Operator: d.Operator, Class: scheduler.Class(d.Class), Backend: scheduler.Backend(d.Backend),
			MemoryMiB: d.MemoryMib, Lanes: d.Lanes, InUse: d.InUse, Price: d.Price, Available: d.Available,
			Booked: booked, Levels: levelsOf(d),
			Cell: cellOf(d), RoundTripMicros: roundTripOf(home, d), TrustBps: trustOf(d), Watts: wattsOf(d), Heat: heatOf(d),
		}
		if device.RunMillis, device.Trials, err = n.predict(d); err != nil {
			return true, err
		}
		return visit(device)
	})
}

// walk visits what the registry offers. It knows of no places: what a job's home is makes no difference to the order.
func (n *network) walk(
	class registrytypes.DeviceClass, _ uint16, limit uint32, visit func(registrytypes.Device) (bool, error),
) error {
	return n.keeper.ports.Registry.WalkAvailable(n.ctx, class, limit, visit)
}

// cellOf is where a device is: the registry does not know it.
func cellOf(registrytypes.Device) uint16 { return 0 }

// roundTripOf is the round trip between a home and a device in microseconds: not known, as long as no device tells its place.
func roundTripOf(uint16, registrytypes.Device) uint32 { return 0 }

// trustOf is how likely it is that all goes well with a device: as its worse half says.
func trustOf(d registrytypes.Device) uint32 { return min(d.UptimeBps, d.DeliveryBps) }

// wattsOf is what a device draws under load: no device tells it.
func wattsOf(registrytypes.Device) uint32 { return 0 }

// heatOf is how hot a device runs: no device tells it.
func heatOf(registrytypes.Device) scheduler.Heat { return scheduler.Normal }

// levelsOf are the levels of assurance that a device can prove.
func levelsOf(d registrytypes.Device) []scheduler.Level {
	levels := make([]scheduler.Level, 0, len(registrytypes.DefaultLevels()))
	for _, level := range d.CanProve() {
		levels = append(levels, scheduler.Level(level))
	}
	return levels
}

// Standing tells how an operator stands.
func (n *network) Standing(operator string) (scheduler.Standing, error) {
	addr, err := sdk.AccAddressFromBech32(operator)
	if err != nil {
		return scheduler.Standing{}, types.ErrAddress.Wrapf("operator: %s", err)
	}
	jailed, err := n.keeper.ports.Penalty.IsJailed(n.ctx, addr)
	if err != nil {
		return scheduler.Standing{}, err
	}
	headroom, err := n.keeper.ports.Bond.Headroom(n.ctx, addr)
	return scheduler.Standing{Jailed: jailed, Headroom: headroom}, err
}
