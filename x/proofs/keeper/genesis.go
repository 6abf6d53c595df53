package keeper

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/proofs/types"
)

// InitGenesis writes a whole state into an empty store. Development keys are refused unless the chain's id marks it as
// one for development.
func (k *Keeper) InitGenesis(ctx context.Context, state *types.GenesisState) error {
	if err := state.Validate(); err != nil {
		return err
	}
	if err := state.Params.ValidateFor(sdk.UnwrapSDKContext(ctx).ChainID()); err != nil {
		return err
	}
	if err := k.params.Set(ctx, state.Params); err != nil {
		return err
	}
	for _, circuit := range state.Circuits {
		if err := k.insert(ctx, circuit); err != nil {
			return err
		}
	}
	return nil
}

// ExportGenesis returns the whole state; circuits are in the order of their ids. What a block spent is not state worth
// keeping: the next block starts anew.
func (k *Keeper) ExportGenesis(ctx context.Context) (*types.GenesisState, error) {
	params, err := k.params.Get(ctx)
	if err != nil {
		return nil, err
	}
	state := &types.GenesisState{Params: params}
	err = k.circuits.Walk(ctx, nil, func(_ string, circuit types.Circuit) (bool, error) {
		state.Circuits = append(state.Circuits, circuit)
		return false, nil
	})
	return state, err
}
