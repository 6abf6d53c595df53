package keeper

import (
	"context"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/penalty/types"
)

// Invariants checks that the module's account is empty, that records are in order and divide what was slashed exactly, and
// that records and operators' index match one to one. It reads everything and belongs in tests and simulations, not in a block.
func (k *Keeper) Invariants(ctx context.Context) error {
	if err := k.checkBalance(ctx); err != nil {
		return err
	}
	state, err := k.ExportGenesis(ctx)
	if err != nil {
		return err
	}
	if err := state.Validate(); err != nil {
		return types.ErrBroken.Wrapf("books: %v", err)
	}
	return k.checkIndex(ctx, state.Records)
}

// checkBalance checks that nothing slashed was left undivided.
func (k *Keeper) checkBalance(ctx context.Context) error {
	denom, err := k.ports.Bond.Denom(ctx)
	if err != nil {
		return err
	}
	if held := k.ports.Bank.GetBalance(ctx, k.account, denom); !held.IsZero() {
		return types.ErrBroken.Wrapf("module account holds %s, the books say 0: difference %s", held, held.Amount)
	}
	return nil
}

// checkIndex compares the operators' index with the records.
func (k *Keeper) checkIndex(ctx context.Context, records []types.Record) error {
	places := 0
	err := k.byOperator.Walk(ctx, nil, func(operatorKey) (bool, error) {
		places++
		return false, nil
	})
	if err != nil {
		return err
	}
	if places != len(records) {
		return types.ErrBroken.Wrapf("index has %d places for %d records", places, len(records))
	}
	for _, record := range records {
		op, err := sdk.AccAddressFromBech32(record.Operator)
		if err != nil {
			return err
		}
		listed, err := k.byOperator.Has(ctx, collections.Join(op, record.Id))
		if err != nil {
			return err
		}
		if !listed {
			return types.ErrBroken.Wrapf("record %d is not in its operator's index", record.Id)
		}
	}
	return nil
}
