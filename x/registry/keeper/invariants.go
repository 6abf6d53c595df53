package keeper

import (
	"context"

	"cosmossdk.io/collections"

	"github.com/assaychain/assay/x/registry/types"
)

// Invariants checks that records, counts and indexes agree. It walks the whole state: for tests and simulations.
func (k *Keeper) Invariants(ctx context.Context) error {
	state, err := k.ExportGenesis(ctx)
	if err != nil {
		return err
	}
	// Within a block, what is written has the moment that the block's end will store.
	if state.Clock, err = k.reading(ctx); err != nil {
		return err
	}
	if err := state.Validate(); err != nil {
		return types.ErrInvariant.Wrap(err.Error())
	}
	if err := k.checkModels(ctx, state.Models); err != nil {
		return err
	}
	free, proven := 0, 0
	for _, device := range state.Devices {
		if device.Free() {
			free++
		}
		if device.ProvenUntil > 0 {
			proven++
		}
		if err := k.indexed(ctx, device); err != nil {
			return err
		}
	}
	if err := k.checkRent(ctx, state.Devices); err != nil {
		return err
	}
	if err := k.checkCells(ctx, state.Devices); err != nil {
		return err
	}
	if err := k.checkMemories(ctx, state.Devices); err != nil {
		return err
	}
	if err := k.checkRelays(ctx, state.Relays); err != nil {
		return err
	}
	if err := k.checkQueues(ctx, state); err != nil {
		return err
	}
	if err := k.checkGauges(ctx, state); err != nil {
		return err
	}
	if err := k.checkPools(ctx, state.Pools); err != nil {
		return err
	}
	if err := k.nothingElse(ctx, len(state.Devices), free); err != nil {
		return err
	}
	expected := 0
	if err := k.lapses.Walk(ctx, nil, func(lapseKey) (bool, error) { expected++; return false, nil }); err != nil {
		return err
	}
	if expected != proven {
		return types.ErrInvariant.Wrapf("%d devices are proven, %d are expected to lapse", proven, expected)
	}
	return nil
}

// indexed checks that a device is owned, and offered exactly when it can take a job.
func (k *Keeper) indexed(ctx context.Context, device types.Device) error {
	address, err := parseAddress("operator", device.Operator)
	if err != nil {
		return err
	}
	owned, err := k.owned.Has(ctx, collections.Join(address, device.Id))
	if err != nil {
		return err
	}
	keys, err := freeKeys(device)
	if err != nil {
		return err
	}
	for _, key := range keys {
		offered, err := k.free.Has(ctx, key)
		if err != nil {
			return err
		}
		if !owned || offered != device.Free() {
			return types.ErrInvariant.Wrapf("device %x: owned is %t, offered is %t, free is %t", device.Id, owned, offered, device.Free())
		}
	}
	expected, err := k.lapses.Has(ctx, collections.Join(device.ProvenUntil, device.Id))
	if err != nil {
		return err
	}
	if expected != (device.ProvenUntil > 0) {
		return types.ErrInvariant.Wrapf("device %x: proven_until is %d, expected to lapse is %t", device.Id, device.ProvenUntil, expected)
	}
	return nil
}

// nothingElse checks that the indexes hold no more entries than the devices account for.
func (k *Keeper) nothingElse(ctx context.Context, devices, free int) error {
	owned, offered := 0, 0
	if err := k.owned.Walk(ctx, nil, func(ownedKey) (bool, error) { owned++; return false, nil }); err != nil {
		return err
	}
	if err := k.free.Walk(ctx, nil, func([]byte) (bool, error) { offered++; return false, nil }); err != nil {
		return err
	}
	// Each is offered in its cell and anywhere.
	if owned != devices || offered != 2*free {
		return types.ErrInvariant.Wrapf("%d devices with %d owned entries, %d free with %d offered entries", devices, owned, free, offered)
	}
	return nil
}
