package keeper

import (
	"context"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/bond/types"
)

// Invariants checks that the module's account holds the sum of all stake, that every operator's entries add up to its
// unbonding sum, that entries and queue match one to one, and that no amount is negative. It reads everything and
// belongs in tests and simulations, not in a block.
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
	return k.checkQueue(ctx, state.Entries)
}

// checkQueue compares the queue with the entries.
func (k *Keeper) checkQueue(ctx context.Context, entries []types.UnbondingEntry) error {
	places := 0
	err := k.queue.Walk(ctx, nil, func(queueKey) (bool, error) {
		places++
		return false, nil
	})
	if err != nil {
		return err
	}
	if places != len(entries) {
		return types.ErrBroken.Wrapf("queue has %d places for %d entries", places, len(entries))
	}
	for _, entry := range entries {
		op, err := sdk.AccAddressFromBech32(entry.Operator)
		if err != nil {
			return err
		}
		queued, err := k.queue.Has(ctx, collections.Join3(entry.CompletesAt, entry.Id, op))
		if err != nil {
			return err
		}
		if !queued {
			return types.ErrBroken.Wrapf("entry %d is not queued", entry.Id)
		}
	}
	return nil
}

// Total returns the sum of all bonded and unbonding stake. It reads every stake: for tests, simulations and reports.
func (k *Keeper) Total(ctx context.Context) (math.Int, error) {
	sum := math.ZeroInt()
	err := k.stakes.Walk(ctx, nil, func(_ sdk.AccAddress, s types.Stake) (bool, error) {
		sum = sum.Add(s.Position().Slashable())
		return false, nil
	})
	return sum, err
}
