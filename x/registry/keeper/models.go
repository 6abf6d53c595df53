package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/registry/catalogue"
	"github.com/assaychain/assay/x/registry/types"
)

// GpuModel returns a model of the catalogue by its key or by any name that a driver reports it by, or ErrModelNotFound.
func (k *Keeper) GpuModel(ctx context.Context, name string) (types.GpuModel, error) {
	model, err := k.models.Get(ctx, name)
	if !errors.Is(err, collections.ErrNotFound) {
		return model, err
	}
	model, known, err := k.modelNamed(ctx, name)
	if err == nil && !known {
		err = types.ErrModelNotFound.Wrapf("%q", name)
	}
	return model, err
}

// modelNamed looks a model up by a name as drivers write it.
func (k *Keeper) modelNamed(ctx context.Context, name string) (types.GpuModel, bool, error) {
	key, err := k.modelNames.Get(ctx, catalogue.Normalise(name))
	if errors.Is(err, collections.ErrNotFound) {
		return types.GpuModel{}, false, nil
	}
	if err != nil {
		return types.GpuModel{}, false, err
	}
	model, err := k.models.Get(ctx, key)
	return model, err == nil, err
}

// identify finds a device's model and checks that the device claims no more than it is; of a model that the catalogue does not know
// a device may be no more than a gaming GPU.
func (k *Keeper) identify(ctx context.Context, device *types.Device) error {
	device.ModelKey, device.Gops = "", 0
	if !device.Accelerated() {
		return device.FitsUnknown()
	}
	model, known, err := k.modelNamed(ctx, device.Model)
	if err != nil {
		return err
	}
	if !known {
		return device.FitsUnknown()
	}
	device.ModelKey, device.Gops = model.Key, model.Throughput()
	return device.FitsModel(model)
}

// UpsertGpuModel adds a model to the catalogue or replaces the one with its key. None of its names may be another model's. Devices
// that are registered keep their class.
func (k *Keeper) UpsertGpuModel(ctx context.Context, model types.GpuModel) error {
	if err := model.Validate(); err != nil {
		return err
	}
	old, err := k.models.Get(ctx, model.Key)
	added := errors.Is(err, collections.ErrNotFound)
	if err != nil && !added {
		return err
	}
	if err := k.namesFree(ctx, model); err != nil {
		return err
	}
	if !added {
		for _, name := range old.Model().Names() {
			if err := k.modelNames.Remove(ctx, name); err != nil {
				return err
			}
		}
	}
	if err := k.setModel(ctx, model); err != nil {
		return err
	}
	return sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(&types.EventGpuModelUpserted{
		Key: model.Key, Name: model.Name, Class: model.Class, Added: added,
	})
}

// namesFree checks that no other model has one of the model's names.
func (k *Keeper) namesFree(ctx context.Context, model types.GpuModel) error {
	for _, name := range model.Model().Names() {
		key, err := k.modelNames.Get(ctx, name)
		if err != nil && !errors.Is(err, collections.ErrNotFound) {
			return err
		}
		if err == nil && key != model.Key {
			return types.ErrModel.Wrapf("the name %q is that of the model %s", name, key)
		}
	}
	return nil
}

// setModel writes a model and its names.
func (k *Keeper) setModel(ctx context.Context, model types.GpuModel) error {
	for _, name := range model.Model().Names() {
		if err := k.modelNames.Set(ctx, name, model.Key); err != nil {
			return err
		}
	}
	return k.models.Set(ctx, model.Key, model)
}

// exportModels adds the catalogue to a state, by key.
func (k *Keeper) exportModels(ctx context.Context, state *types.GenesisState) error {
	return k.models.Walk(ctx, nil, func(_ string, model types.GpuModel) (bool, error) {
		state.Models = append(state.Models, model)
		return false, nil
	})
}

// checkModels checks that every name of a model leads to it, and that there are no other names.
func (k *Keeper) checkModels(ctx context.Context, models []types.GpuModel) error {
	names := 0
	for _, model := range models {
		for _, name := range model.Model().Names() {
			names++
			key, err := k.modelNames.Get(ctx, name)
			if err != nil || key != model.Key {
				return types.ErrInvariant.Wrapf("the name %q of model %s leads to %q (%v)", name, model.Key, key, err)
			}
		}
	}
	indexed := 0
	if err := k.modelNames.Walk(ctx, nil, func(string, string) (bool, error) { indexed++; return false, nil }); err != nil {
		return err
	}
	if indexed != names {
		return types.ErrInvariant.Wrapf("models have %d names, %d are indexed", names, indexed)
	}
	return nil
}
