package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/penalty/sentence"
	"github.com/assaychain/assay/x/penalty/types"
)

// IsJailed tells whether op is in jail. It stays there until it leaves by Unjail, even when its time is over.
func (k *Keeper) IsJailed(ctx context.Context, op sdk.AccAddress) (bool, error) {
	return k.jails.Has(ctx, op)
}

// Unjail ends op's term once its time is over.
func (k *Keeper) Unjail(ctx context.Context, op sdk.AccAddress) error {
	term, err := k.jails.Get(ctx, op)
	if errors.Is(err, collections.ErrNotFound) {
		return types.ErrNotJailed.Wrapf("operator %s is not jailed", op)
	}
	if err != nil {
		return err
	}
	if now := sdk.UnwrapSDKContext(ctx).BlockTime(); now.Before(term.Until) {
		return types.ErrTerm.Wrapf("operator %s may leave jail from %s, block time is %s", op, term.Until, now)
	}
	if err := k.jails.Remove(ctx, op); err != nil {
		return err
	}
	return emit(ctx, &types.EventUnjailed{Operator: op.String()})
}

// jail puts op in jail, or lengthens its term; a rule without jail time changes nothing.
func (k *Keeper) jail(ctx context.Context, op sdk.AccAddress, rule types.OffenceRule) error {
	if rule.Jail == 0 {
		return nil
	}
	term, err := k.jails.Get(ctx, op)
	if err != nil && !errors.Is(err, collections.ErrNotFound) {
		return err
	}
	until := sentence.Until(term.Until, sdk.UnwrapSDKContext(ctx).BlockTime(), rule.Jail).UTC()
	if err := k.jails.Set(ctx, op, types.Jail{Operator: op.String(), Until: until}); err != nil {
		return err
	}
	return emit(ctx, &types.EventJailed{Operator: op.String(), Until: until})
}
