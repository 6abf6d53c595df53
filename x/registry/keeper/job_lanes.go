package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"

	"github.com/assaychain/assay/x/registry/types"
)

// JobLanes is how many lanes the devices of a class offer to jobs, taken or not, in a cell, or anywhere for cell 0. It reads one key.
func (k *Keeper) JobLanes(ctx context.Context, class types.DeviceClass, cell uint32) (uint64, error) {
	return k.cells.lanesIn(ctx, collections.Join(uint32(class), cell))
}

func (b cellBook) lanesIn(ctx context.Context, key supplyKey) (uint64, error) {
	n, err := b.lanes.Get(ctx, key)
	if errors.Is(err, collections.ErrNotFound) {
		return 0, nil
	}
	return n, err
}

// relane keeps the numbers of lanes by a device's change; a device that is not offers none.
func (b cellBook) relane(ctx context.Context, old, changed types.Device) error {
	was, is := uint64(old.OfferedLanes()), uint64(changed.OfferedLanes())
	if was == is && (was == 0 || (old.Class == changed.Class && old.Cell == changed.Cell)) {
		return nil
	}
	if err := b.shift(ctx, old, was, 0); err != nil {
		return err
	}
	return b.shift(ctx, changed, 0, is)
}

// shift takes lanes off the numbers of a device's class, in its cell and anywhere, and adds others.
func (b cellBook) shift(ctx context.Context, device types.Device, less, more uint64) error {
	if less == 0 && more == 0 {
		return nil
	}
	for _, cell := range scopes(device.Cell) {
		key := collections.Join(uint32(device.Class), cell)
		n, err := b.lanesIn(ctx, key)
		if err != nil {
			return err
		}
		if n < less {
			return types.ErrInvariant.Wrapf("%d lanes of %s are counted in cell %d, %d go", n, device.Class, cell, less)
		}
		if n = n - less + more; n == 0 {
			err = b.lanes.Remove(ctx, key)
		} else {
			err = b.lanes.Set(ctx, key, n)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// scopes are the cells under which a device in a cell counts: anywhere, and its own if it tells one.
func scopes(cell uint32) []uint32 {
	if cell == 0 {
		return []uint32{0}
	}
	return []uint32{0, cell}
}
