package keeper

import (
	"context"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/bond/stake"
	"github.com/assaychain/assay/x/bond/types"
)

// Slash takes fractionBps basis points, rounded up, of op's bonded stake and unbonding entries together, sends it to the
// account of recipientModule and returns it; zero when op has no stake. Each part loses its proportion. Exposure and
// requirement stay, so that nothing can be unbonded, and no job taken on, until the stake covers them again.
func (k *Keeper) Slash(ctx context.Context, op sdk.AccAddress, fractionBps uint32, recipientModule string) (math.Int, error) {
	position, err := k.position(ctx, op)
	if err != nil {
		return math.Int{}, err
	}
	entries, err := k.entriesOf(ctx, op)
	if err != nil {
		return math.Int{}, err
	}
	amounts := make([]math.Int, len(entries))
	for i, entry := range entries {
		amounts[i] = entry.Amount
	}
	cut, err := stake.Slash(position.Bonded, amounts, fractionBps)
	if err != nil {
		return math.Int{}, coded(err).Wrapf("slash %d basis points of operator %s: %v", fractionBps, op, err)
	}
	total := cut.Total()
	if total.IsZero() {
		return total, nil
	}
	if err := k.cutEntries(ctx, op, entries, cut.Entries); err != nil {
		return math.Int{}, err
	}
	position.Bonded = position.Bonded.Sub(cut.Bonded)
	position.Unbonding = position.Unbonding.Sub(cut.FromEntries())
	if err := k.store(ctx, op, position); err != nil {
		return math.Int{}, err
	}
	if err := k.pass(ctx, recipientModule, total); err != nil {
		return math.Int{}, err
	}
	return total, emit(ctx, &types.EventSlashed{Operator: op.String(), FromBonded: cut.Bonded, FromUnbonding: cut.FromEntries()})
}

// cutEntries lowers each entry by its part and drops those that are used up.
func (k *Keeper) cutEntries(ctx context.Context, op sdk.AccAddress, entries []types.UnbondingEntry, cuts []math.Int) error {
	for i, entry := range entries {
		entry.Amount = entry.Amount.Sub(cuts[i])
		if entry.Amount.IsZero() {
			if err := k.removeEntry(ctx, op, entry); err != nil {
				return err
			}
			continue
		}
		if err := k.entries.Set(ctx, collections.Join(op, entry.Id), entry); err != nil {
			return err
		}
	}
	return nil
}

// pass sends what was slashed to the account of the module that distributes it.
func (k *Keeper) pass(ctx context.Context, recipientModule string, amount math.Int) error {
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	coins := sdk.NewCoins(sdk.NewCoin(params.Denom, amount))
	return k.ports.Bank.SendCoinsFromModuleToModule(ctx, types.ModuleName, recipientModule, coins)
}
