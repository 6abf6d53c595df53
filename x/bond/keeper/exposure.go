package keeper

import (
	"context"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// Expose commits amount of the stake bonded behind op to a job. ErrExposure when exposure would exceed it.
func (k *Keeper) Expose(ctx context.Context, op sdk.AccAddress, amount math.Int) error {
	b, err := k.load(ctx, op)
	if err != nil {
		return err
	}
	next, err := b.Position().Expose(amount)
	if err != nil {
		return coded(err).Wrapf("operator %s: expose %s with exposure %s of bonded %s: %v", op, amount, b.Exposure, b.Tokens, err)
	}
	b.SetPosition(next)
	return k.save(ctx, b)
}

// Release gives back amount of exposure once a job is over, which may set entries free that waited for it. ErrRelease
// when op's exposure is less.
func (k *Keeper) Release(ctx context.Context, op sdk.AccAddress, amount math.Int) error {
	b, err := k.load(ctx, op)
	if err != nil {
		return err
	}
	next, err := b.Position().Release(amount)
	if err != nil {
		return coded(err).Wrapf("operator %s: release %s of exposure %s: %v", op, amount, b.Exposure, err)
	}
	b.SetPosition(next)
	return k.save(ctx, b)
}

// SetRequirement replaces the stake that op's registered devices demand. It may always be lowered; ErrRequirement when it
// is raised above the bonded stake.
func (k *Keeper) SetRequirement(ctx context.Context, op sdk.AccAddress, amount math.Int) error {
	b, err := k.load(ctx, op)
	if err != nil {
		return err
	}
	next, err := b.Position().Require(amount)
	if err != nil {
		return coded(err).Wrapf("operator %s: requirement %s with bonded %s: %v", op, amount, b.Tokens, err)
	}
	b.SetPosition(next)
	return k.save(ctx, b)
}
