package keeper

import (
	"context"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/registry/index"
	"github.com/assaychain/assay/x/registry/types"
)

// Reserve gives a device a job. It must be available and have a free lane.
func (k *Keeper) Reserve(ctx context.Context, id []byte) error {
	device, err := k.Device(ctx, id)
	if err != nil {
		return err
	}
	if !device.Free() {
		return types.ErrNoLane.Wrapf("device %x: %d of %d lanes in use, available is %t, unproven is %t, in a spot check is %t, %s, without power is %t",
			id, device.InUse, device.OpenLanes(), device.Available, device.Unproven, device.Checking, device.Heat, device.Unpowered)
	}
	if !device.InHours(sdk.UnwrapSDKContext(ctx).BlockTime()) {
		return types.ErrNoLane.Wrapf("device %x: it takes no work in this hour of the day", id)
	}
	changed := device
	changed.InUse++
	return k.replace(ctx, device, changed)
}

// Unreserve takes a job from a device, available or not.
func (k *Keeper) Unreserve(ctx context.Context, id []byte) error {
	device, err := k.Device(ctx, id)
	if err != nil {
		return err
	}
	if device.InUse == 0 {
		return types.ErrNoLane.Wrapf("device %x has no job to take away", id)
	}
	changed := device
	changed.InUse--
	return k.replace(ctx, device, changed)
}

// WalkAvailable shows the devices of a class that can take a job, at most limit: the least loaded first, then the
// cheapest, then by id. It stops when visit says so. The keys are read before the first visit, so visit may write. Devices whose hours are over,
// and which the chain has not come to yet, are shown too: Reserve and Rent refuse them.
func (k *Keeper) WalkAvailable(
	ctx context.Context, class types.DeviceClass, limit uint32, visit func(types.Device) (stop bool, err error),
) error {
	visit, err := k.seen(ctx, visit)
	if err != nil {
		return err
	}
	_, _, err = k.walkCell(ctx, class, part{cell: index.Anywhere, limit: limit}, visit)
	return err
}

// freeIDs lists the first devices of a class in a cell, or anywhere.
func (k *Keeper) freeIDs(ctx context.Context, class types.DeviceClass, cell uint16, limit uint32) ([][]byte, error) {
	var ids [][]byte
	if limit == 0 {
		return ids, nil
	}
	there := new(collections.Range[[]byte]).Prefix(index.Prefix(uint32(class), cell))
	err := k.free.Walk(ctx, there, func(key []byte) (bool, error) {
		entry, err := index.Decode(key)
		if err != nil {
			return true, err
		}
		ids = append(ids, entry.ID)
		return uint64(len(ids)) >= uint64(limit), nil
	})
	return ids, err
}

// insert writes a new device and its index entries.
func (k *Keeper) insert(ctx context.Context, address sdk.AccAddress, device types.Device) error {
	if err := k.devices.Set(ctx, device.Id, device); err != nil {
		return err
	}
	if err := k.owned.Set(ctx, collections.Join(address, device.Id)); err != nil {
		return err
	}
	if err := k.countRent(ctx, types.Device{}, device); err != nil {
		return err
	}
	if err := k.cells.relane(ctx, types.Device{}, device); err != nil {
		return err
	}
	if err := k.countMemory(ctx, device, 1); err != nil {
		return err
	}
	if err := k.expect(ctx, device); err != nil {
		return err
	}
	if err := k.gauges.plan(ctx, types.Device{}, device); err != nil {
		return err
	}
	return k.offer(ctx, device)
}

// replace writes a changed device, moves its index entries, and keeps its operator's power budget.
func (k *Keeper) replace(ctx context.Context, old, changed types.Device) error {
	if err := k.rewrite(ctx, old, changed); err != nil {
		return err
	}
	return k.meter(ctx, old, changed)
}

// rewrite writes a changed device and moves its index entries.
func (k *Keeper) rewrite(ctx context.Context, old, changed types.Device) error {
	if err := k.reoffer(ctx, old, changed); err != nil {
		return err
	}
	if old.ProvenUntil != changed.ProvenUntil {
		if err := k.unexpect(ctx, old); err != nil {
			return err
		}
		if err := k.expect(ctx, changed); err != nil {
			return err
		}
	}
	if err := k.gauges.plan(ctx, old, changed); err != nil {
		return err
	}
	if err := k.devices.Set(ctx, changed.Id, changed); err != nil {
		return err
	}
	if err := k.countRent(ctx, old, changed); err != nil {
		return err
	}
	if err := k.cells.relane(ctx, old, changed); err != nil {
		return err
	}
	return k.seat(ctx, old, changed)
}

// remove deletes a device, its index entries and its place in the operator's count.
func (k *Keeper) remove(ctx context.Context, address sdk.AccAddress, device types.Device) error {
	if err := k.withdraw(ctx, device); err != nil {
		return err
	}
	if err := k.unexpect(ctx, device); err != nil {
		return err
	}
	if err := k.gauges.drop(ctx, device.Id); err != nil {
		return err
	}
	if err := k.gauges.plan(ctx, device, types.Device{}); err != nil {
		return err
	}
	if err := k.owned.Remove(ctx, collections.Join(address, device.Id)); err != nil {
		return err
	}
	if err := k.devices.Remove(ctx, device.Id); err != nil {
		return err
	}
	if err := k.countRent(ctx, device, types.Device{}); err != nil {
		return err
	}
	if err := k.cells.relane(ctx, device, types.Device{}); err != nil {
		return err
	}
	if err := k.countMemory(ctx, device, -1); err != nil {
		return err
	}
	if err := k.seat(ctx, device, types.Device{}); err != nil {
		return err
	}
	operator, err := k.Operator(ctx, address)
	if err != nil {
		return err
	}
	if operator.Devices == 0 {
		return types.ErrInvariant.Wrapf("operator %s counts no device but had %x", address, device.Id)
	}
	operator.Devices--
	if err := k.enlist(ctx, address, operator); err != nil {
		return err
	}
	return k.operators.Set(ctx, address, operator)
}

// offer puts a device that can take a job into the index.
func (k *Keeper) offer(ctx context.Context, device types.Device) error {
	if !device.Free() {
		return nil
	}
	if err := k.cells.add(ctx, device); err != nil {
		return err
	}
	return k.enter(ctx, device)
}

// withdraw takes a device that could take a job out of the index.
func (k *Keeper) withdraw(ctx context.Context, device types.Device) error {
	if !device.Free() {
		return nil
	}
	if err := k.cells.take(ctx, device); err != nil {
		return err
	}
	return k.leaveIndex(ctx, device)
}

// reoffer moves a changed device in the index; where it keeps its place nothing is written.
func (k *Keeper) reoffer(ctx context.Context, old, changed types.Device) error {
	if !old.Free() || !changed.Free() || old.Cell != changed.Cell {
		if err := k.withdraw(ctx, old); err != nil {
			return err
		}
		return k.offer(ctx, changed)
	}
	if old.Load() == changed.Load() && old.Price.Equal(changed.Price) {
		return nil
	}
	if err := k.leaveIndex(ctx, old); err != nil {
		return err
	}
	return k.enter(ctx, changed)
}

// enter writes a device's keys in the index.
func (k *Keeper) enter(ctx context.Context, device types.Device) error {
	keys, err := freeKeys(device)
	for i := 0; err == nil && i < len(keys); i++ {
		err = k.free.Set(ctx, keys[i])
	}
	return err
}

// leaveIndex removes a device's keys from the index.
func (k *Keeper) leaveIndex(ctx context.Context, device types.Device) error {
	keys, err := freeKeys(device)
	for i := 0; err == nil && i < len(keys); i++ {
		err = k.free.Remove(ctx, keys[i])
	}
	return err
}
