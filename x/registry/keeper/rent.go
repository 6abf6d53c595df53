package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/registry/types"
)

// Rent takes a whole device into use. It must be available and idle; until Vacate it takes no jobs, whatever its operator
// does to its lanes.
func (k *Keeper) Rent(ctx context.Context, id []byte) error {
	device, err := k.Device(ctx, id)
	if err != nil {
		return err
	}
	if !device.Available || device.Busy() || device.Unproven || device.Checking || !device.Serves() {
		return types.ErrInUse.Wrapf("device %x: available is %t, rented is %t, %d jobs, unproven is %t, in a spot check is %t, %s, without power is %t: only an idle one is rented",
			id, device.Available, device.Rented, device.InUse, device.Unproven, device.Checking, device.Heat, device.Unpowered)
	}
	if !device.InHours(sdk.UnwrapSDKContext(ctx).BlockTime()) {
		return types.ErrInUse.Wrapf("device %x: it takes no work in this hour of the day", id)
	}
	changed := device
	changed.Rented = true
	return k.replace(ctx, device, changed)
}

// Vacate gives a rented device back, available or not.
func (k *Keeper) Vacate(ctx context.Context, id []byte) error {
	device, err := k.Device(ctx, id)
	if err != nil {
		return err
	}
	if !device.Rented {
		return types.ErrInUse.Wrapf("device %x is not rented", id)
	}
	changed := device
	changed.Rented = false
	return k.replace(ctx, device, changed)
}

// Book notes from which Unix second on a device's time is let, 0 when none is: no job may run into it, and the device stays registered.
// Nothing that is counted or offered depends on it.
func (k *Keeper) Book(ctx context.Context, id []byte, from int64) error {
	if from < 0 {
		return types.ErrField.Wrapf("booked_from is %d: it must be at least 0", from)
	}
	device, err := k.Device(ctx, id)
	if err != nil || device.BookedFrom == from {
		return err
	}
	device.BookedFrom = from
	return k.devices.Set(ctx, id, device)
}

// WalkLet shows, by id, the devices that are booked or rented. It reads all devices.
func (k *Keeper) WalkLet(ctx context.Context, visit func(types.Device) (stop bool, err error)) error {
	return k.devices.Walk(ctx, nil, func(_ []byte, device types.Device) (bool, error) {
		if device.BookedFrom == 0 && !device.Rented {
			return false, nil
		}
		return visit(device)
	})
}

// Rentals tells how many devices of a class are for rent, and how many of those are rented.
func (k *Keeper) Rentals(ctx context.Context, class types.DeviceClass) (forRent, rented uint64, err error) {
	if forRent, err = count(ctx, k.forRent, class); err != nil {
		return 0, 0, err
	}
	rented, err = count(ctx, k.rented, class)
	return forRent, rented, err
}

// countRent keeps the numbers of devices for rent by a device's change; a device that is not has no class.
func (k *Keeper) countRent(ctx context.Context, old, changed types.Device) error {
	if err := recount(ctx, k.forRent, tally{old.ForRent(), old.Class}, tally{changed.ForRent(), changed.Class}); err != nil {
		return err
	}
	return recount(ctx, k.rented, tally{old.Rented, old.Class}, tally{changed.Rented, changed.Class})
}

// tally says whether a device counts, and in which class.
type tally struct {
	counts bool
	class  types.DeviceClass
}

func recount(ctx context.Context, numbers collections.Map[uint32, uint64], was, is tally) error {
	if was.counts == is.counts {
		return nil
	}
	class := is.class
	if was.counts {
		class = was.class
	}
	n, err := count(ctx, numbers, class)
	switch {
	case err != nil:
		return err
	case was.counts && n == 0:
		return types.ErrInvariant.Wrapf("no device of %s is counted for rent, one goes", class)
	case was.counts && n == 1:
		return numbers.Remove(ctx, uint32(class))
	case was.counts:
		return numbers.Set(ctx, uint32(class), n-1)
	default:
		return numbers.Set(ctx, uint32(class), n+1)
	}
}

func count(ctx context.Context, numbers collections.Map[uint32, uint64], class types.DeviceClass) (uint64, error) {
	n, err := numbers.Get(ctx, uint32(class))
	if errors.Is(err, collections.ErrNotFound) {
		return 0, nil
	}
	return n, err
}

// checkRent compares the numbers of devices for rent with the devices.
func (k *Keeper) checkRent(ctx context.Context, devices []types.Device) error {
	for class := types.DEVICE_CLASS_UNSPECIFIED; class <= types.DEVICE_CLASS_DATACENTRE; class++ {
		var wantForRent, wantRented uint64
		for _, device := range devices {
			if device.Class == class && device.ForRent() {
				wantForRent++
			}
			if device.Class == class && device.Rented {
				wantRented++
			}
		}
		forRent, rented, err := k.Rentals(ctx, class)
		if err != nil {
			return err
		}
		if forRent != wantForRent || rented != wantRented {
			return types.ErrInvariant.Wrapf("%s: %d for rent and %d rented are counted, there are %d and %d", class, forRent, rented, wantForRent, wantRented)
		}
	}
	return nil
}
