package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/statement"
	"github.com/assaychain/assay/x/proofs/types"
)

// Circuit returns a circuit, active or retired, or ErrCircuitNotFound.
func (k *Keeper) Circuit(ctx context.Context, id string) (types.Circuit, error) {
	circuit, err := k.circuits.Get(ctx, id)
	if errors.Is(err, collections.ErrNotFound) {
		return types.Circuit{}, types.ErrCircuitNotFound.Wrapf("%q", id)
	}
	return circuit, err
}

// CircuitFor returns the active circuit of the class of an inner dimension, or ErrNoCircuit. A circuit of another class won't
// do, not even of a wider one: how a row is committed depends on its class.
func (k *Keeper) CircuitFor(ctx context.Context, inner uint32) (types.Circuit, error) {
	class, err := statement.ClassFor(inner)
	if err != nil {
		return types.Circuit{}, types.ErrNoCircuit.Wrapf("inner dimension %d: %s", inner, err)
	}
	id, err := k.active.Get(ctx, class)
	if errors.Is(err, collections.ErrNotFound) {
		return types.Circuit{}, types.ErrNoCircuit.Wrapf("no active circuit for class %d, which inner dimension %d needs", class, inner)
	}
	if err != nil {
		return types.Circuit{}, err
	}
	return k.Circuit(ctx, id)
}

// CircuitOf returns the active circuit of a model, or ErrModel.
func (k *Keeper) CircuitOf(ctx context.Context, model program.Model) (types.Circuit, error) {
	hash, err := model.Hash()
	if err != nil {
		return types.Circuit{}, types.ErrModel.Wrap(err.Error())
	}
	id, err := k.models.Get(ctx, hash[:])
	if errors.Is(err, collections.ErrNotFound) {
		return types.Circuit{}, types.ErrModel.Wrapf("model %x is not registered, or retired", hash)
	}
	if err != nil {
		return types.Circuit{}, err
	}
	return k.Circuit(ctx, id)
}

// RegisterCircuit accepts a verifying key. Its class or model must have no active circuit: retire the old one first, so that
// every job of a size, or of a model, uses the same circuit.
func (k *Keeper) RegisterCircuit(ctx context.Context, circuit types.Circuit) error {
	if err := circuit.Validate(); err != nil {
		return err
	}
	if !circuit.Active() {
		return types.ErrCircuit.Wrapf("circuit %s has status %s: register it as active", circuit.Id, circuit.Status)
	}
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	if circuit.Development && !params.AllowDevelopmentKeys {
		return types.ErrDevelopmentKey.Wrapf("circuit %s: allow_development_keys is false", circuit.Id)
	}
	if err := k.admit(ctx, params, circuit); err != nil {
		return err
	}
	if err := k.insert(ctx, circuit); err != nil {
		return err
	}
	return sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(&types.EventCircuitRegistered{Id: circuit.Id, KeyHash: circuit.KeyHash})
}

// admit checks that id and class, or model, are free and that there is room.
func (k *Keeper) admit(ctx context.Context, params types.Params, circuit types.Circuit) error {
	known, err := k.circuits.Has(ctx, circuit.Id)
	if err != nil {
		return err
	}
	if known {
		return types.ErrCircuitExists.Wrapf("id %s: choose another", circuit.Id)
	}
	taken, err := k.taken(ctx, circuit)
	if err != nil {
		return err
	}
	if taken {
		return types.ErrCircuitExists.Wrapf("%s has an active circuit: retire it first", circuit.Subject())
	}
	var count uint32
	err = k.circuits.Walk(ctx, nil, func(string, types.Circuit) (bool, error) {
		count++
		return count >= params.MaxCircuits, nil
	})
	if err == nil && count >= params.MaxCircuits {
		err = types.ErrTooManyCircuits.Wrapf("max_circuits is %d", params.MaxCircuits)
	}
	return err
}

func (k *Keeper) insert(ctx context.Context, circuit types.Circuit) error {
	if err := k.circuits.Set(ctx, circuit.Id, circuit); err != nil {
		return err
	}
	if !circuit.Active() {
		return nil
	}
	if circuit.Model == nil {
		return k.active.Set(ctx, circuit.Class, circuit.Id)
	}
	hash, err := circuit.Model.Hash()
	if err != nil {
		return err
	}
	return k.models.Set(ctx, hash[:], circuit.Id)
}

// taken tells whether another circuit is active for the same class or model.
func (k *Keeper) taken(ctx context.Context, circuit types.Circuit) (bool, error) {
	if circuit.Model == nil {
		return k.active.Has(ctx, circuit.Class)
	}
	hash, err := circuit.Model.Hash()
	if err != nil {
		return false, err
	}
	return k.models.Has(ctx, hash[:])
}

// unlist takes a circuit out of the index of active ones.
func (k *Keeper) unlist(ctx context.Context, circuit types.Circuit) error {
	if circuit.Model == nil {
		return k.active.Remove(ctx, circuit.Class)
	}
	hash, err := circuit.Model.Hash()
	if err != nil {
		return err
	}
	return k.models.Remove(ctx, hash[:])
}

// RetireCircuit takes a circuit out of use for new jobs. Jobs begun under it are still verified, so it stays.
func (k *Keeper) RetireCircuit(ctx context.Context, id string) error {
	circuit, err := k.Circuit(ctx, id)
	if err != nil {
		return err
	}
	if !circuit.Active() {
		return types.ErrRetired.Wrapf("%q", id)
	}
	circuit.Status = types.CIRCUIT_STATUS_RETIRED
	if err := k.circuits.Set(ctx, id, circuit); err != nil {
		return err
	}
	if err := k.unlist(ctx, circuit); err != nil {
		return err
	}
	return sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(&types.EventCircuitRetired{Id: id})
}

// SetParams replaces the parameters. Development keys can be forbidden once no active circuit has one.
func (k *Keeper) SetParams(ctx context.Context, params types.Params) error {
	sdkCtx := sdk.UnwrapSDKContext(ctx)
	if err := params.ValidateFor(sdkCtx.ChainID()); err != nil {
		return err
	}
	if !params.AllowDevelopmentKeys {
		if err := k.refuseActiveDevelopment(ctx); err != nil {
			return err
		}
	}
	if err := k.params.Set(ctx, params); err != nil {
		return err
	}
	return sdkCtx.EventManager().EmitTypedEvent(&types.EventParamsUpdated{})
}

func (k *Keeper) refuseActiveDevelopment(ctx context.Context) error {
	return k.circuits.Walk(ctx, nil, func(id string, circuit types.Circuit) (bool, error) {
		if circuit.Active() && circuit.Development {
			return true, types.ErrDevelopmentKey.Wrapf("circuit %s is active: retire it before allow_development_keys becomes false", id)
		}
		return false, nil
	})
}
