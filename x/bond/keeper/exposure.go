package keeper

import (
	"context"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// Expose commits amount of op's bonded stake to a job. ErrExposure when exposure would exceed the bonded stake.
func (k *Keeper) Expose(ctx context.Context, op sdk.AccAddress, amount math.Int) error {
	position, err := k.position(ctx, op)
	if err != nil {
		return err
	}
	next, err := position.Expose(amount)
	if err != nil {
		return coded(err).Wrapf("operator %s: expose %s with exposure %s of bonded %s: %v", op, amount, position.Exposure, position.Bonded, err)
	}
	return k.store(ctx, op, next)
}

// Release gives back amount of exposure once a job is over. ErrRelease when op's exposure is less.
func (k *Keeper) Release(ctx context.Context, op sdk.AccAddress, amount math.Int) error {
	position, err := k.position(ctx, op)
	if err != nil {
		return err
	}
	next, err := position.Release(amount)
	if err != nil {
		return coded(err).Wrapf("operator %s: release %s of exposure %s: %v", op, amount, position.Exposure, err)
	}
	return k.store(ctx, op, next)
}

// SetRequirement replaces the stake that op's registered devices demand. It may always be lowered; ErrRequirement when it
// is raised above the bonded stake.
func (k *Keeper) SetRequirement(ctx context.Context, op sdk.AccAddress, amount math.Int) error {
	position, err := k.position(ctx, op)
	if err != nil {
		return err
	}
	next, err := position.Require(amount)
	if err != nil {
		return coded(err).Wrapf("operator %s: requirement %s with bonded %s: %v", op, amount, position.Bonded, err)
	}
	return k.store(ctx, op, next)
}
