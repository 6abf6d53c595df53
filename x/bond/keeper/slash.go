package keeper

import (
	"context"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/bond/types"
)

// Slash takes fractionBps basis points, rounded up, of everything bonded behind op and everything on its way out, sends it
// to the account of recipientModule and returns it; zero when there is no stake. Every share loses its proportion. It
// costs the same for any number of backers and entries, because it changes what their shares are worth and visits none.
// Exposure and requirement stay, so that nothing leaves, and no job is taken on, until the stake covers them again.
func (k *Keeper) Slash(ctx context.Context, op sdk.AccAddress, fractionBps uint32, recipientModule string) (math.Int, error) {
	b, err := k.load(ctx, op)
	if err != nil {
		return math.Int{}, err
	}
	next, cut, err := b.Position().Slash(fractionBps)
	if err != nil {
		return math.Int{}, coded(err).Wrapf("slash %d basis points of operator %s: %v", fractionBps, op, err)
	}
	total := cut.Total()
	if total.IsZero() {
		return total, nil
	}
	b.SetPosition(next)
	if next.Bonded.Void() && b.VoidSince == nil {
		since := now(ctx)
		b.VoidSince = &since
	}
	if err := k.save(ctx, b); err != nil {
		return math.Int{}, err
	}
	coins, err := k.coins(ctx, total)
	if err != nil {
		return math.Int{}, err
	}
	if err := k.ports.Bank.SendCoinsFromModuleToModule(ctx, types.ModuleName, recipientModule, coins); err != nil {
		return math.Int{}, err
	}
	return total, emit(ctx, &types.EventSlashed{Operator: b.Operator, FromBonded: cut.Bonded, FromUnbonding: cut.Unbonding})
}

// Restore gives back a slash that was reversed on appeal: it takes amount from a module's account and raises every share
// of op's pool and of what is unbonding alike, whatever their number. When nobody has a share it is paid to op.
func (k *Keeper) Restore(ctx context.Context, op sdk.AccAddress, amount math.Int, fromModule string) error {
	if amount.IsNil() || !amount.IsPositive() {
		return types.ErrAmount.Wrapf("restore %s to operator %s: amount must be positive", amount, op)
	}
	coins, err := k.coins(ctx, amount)
	if err != nil {
		return err
	}
	if err := k.ports.Bank.SendCoinsFromModuleToModule(ctx, fromModule, types.ModuleName, coins); err != nil {
		return err
	}
	b, err := k.load(ctx, op)
	if err != nil {
		return err
	}
	position, parts, err := b.Position().Restore(amount)
	if err != nil {
		return coded(err).Wrapf("restore %s to operator %s: %v", amount, op, err)
	}
	b.SetPosition(position)
	if !position.Bonded.Void() {
		b.VoidSince = nil
	}
	if err := k.save(ctx, b); err != nil {
		return err
	}
	if err := k.pay(ctx, op, parts.Rest); err != nil {
		return err
	}
	return emit(ctx, &types.EventRestored{Operator: b.Operator, ToBonded: parts.Bonded, ToUnbonding: parts.Unbonding, ToOperator: parts.Rest})
}
