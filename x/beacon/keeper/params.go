package keeper

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/beacon/types"
)

// SetParams replaces the parameters. Another beacon begins a new generation: what was requested of the old one cannot be
// answered any more, so those who wait must fix again.
func (k *Keeper) SetParams(ctx context.Context, params types.Params) error {
	if err := params.Validate(); err != nil {
		return err
	}
	old, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	if err := k.params.Set(ctx, params); err != nil {
		return err
	}
	if !old.Chain.Same(params.Chain) {
		if err := k.nextGeneration(ctx); err != nil {
			return err
		}
	}
	return sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(&types.EventParamsUpdated{})
}

func (k *Keeper) nextGeneration(ctx context.Context) error {
	generation, err := k.generation.Get(ctx)
	if err != nil {
		return err
	}
	generation++
	if err := k.generation.Set(ctx, generation); err != nil {
		return err
	}
	if err := k.latest.Set(ctx, 0); err != nil {
		return err
	}
	return sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(&types.EventChainReplaced{Generation: generation})
}
