package keeper

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/registry/types"
)

// InitGenesis writes a whole state into an empty store. What the bonds must cover, and the scores as rewards count them, are
// the bond module's state.
func (k *Keeper) InitGenesis(ctx context.Context, state *types.GenesisState) error {
	if err := state.Validate(); err != nil {
		return err
	}
	if err := k.params.Set(ctx, state.Params); err != nil {
		return err
	}
	if err := k.clock.Set(ctx, state.Clock); err != nil {
		return err
	}
	for _, operator := range state.Operators {
		address, err := parseAddress("operator", operator.Address)
		if err != nil {
			return err
		}
		if err := k.operators.Set(ctx, address, operator); err != nil {
			return err
		}
	}
	for _, device := range state.Devices {
		address, err := parseAddress("operator", device.Operator)
		if err != nil {
			return err
		}
		if err := k.insert(ctx, address, device); err != nil {
			return err
		}
	}
	return nil
}

// ExportGenesis returns the whole state; lists are in the order of their keys.
func (k *Keeper) ExportGenesis(ctx context.Context) (*types.GenesisState, error) {
	params, err := k.params.Get(ctx)
	if err != nil {
		return nil, err
	}
	clock, err := k.clock.Get(ctx)
	if err != nil {
		return nil, err
	}
	state := &types.GenesisState{Params: params, Clock: clock}
	err = k.operators.Walk(ctx, nil, func(_ sdk.AccAddress, operator types.Operator) (bool, error) {
		state.Operators = append(state.Operators, operator)
		return false, nil
	})
	if err != nil {
		return nil, err
	}
	err = k.devices.Walk(ctx, nil, func(_ []byte, device types.Device) (bool, error) {
		state.Devices = append(state.Devices, device)
		return false, nil
	})
	return state, err
}
