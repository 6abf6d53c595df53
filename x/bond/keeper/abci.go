package keeper

import (
	"fmt"
	"time"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/bond/types"
	"github.com/assaychain/assay/x/hooks"
)

// payoutRetry is how long a payout that failed waits, so that it doesn't stay at the head of the queue.
const payoutRetry = time.Hour

// EndBlock pays matured unbonding entries, at most max_payouts_per_block, oldest first. A payout that fails is tried
// again an hour later; the others go on.
func (k *Keeper) EndBlock(ctx sdk.Context) error {
	due, err := k.due(ctx)
	if err != nil {
		return err
	}
	for _, key := range due {
		item := fmt.Sprintf("entry %d", key.K2())
		paid := hooks.Isolate(ctx, types.ModuleName, item, func(ctx sdk.Context) error { return k.payOut(ctx, key) })
		if !paid {
			hooks.Isolate(ctx, types.ModuleName, item+" postponed", func(ctx sdk.Context) error { return k.postpone(ctx, key) })
		}
	}
	return nil
}

// due lists the first matured places of the queue.
func (k *Keeper) due(ctx sdk.Context) ([]queueKey, error) {
	params, err := k.params.Get(ctx)
	if err != nil {
		return nil, err
	}
	var due []queueKey
	matured := collections.NewPrefixUntilTripleRange[time.Time, uint64, sdk.AccAddress](ctx.BlockTime())
	err = k.queue.Walk(ctx, matured, func(key queueKey) (bool, error) {
		due = append(due, key)
		return uint64(len(due)) == uint64(params.MaxPayoutsPerBlock), nil
	})
	return due, err
}

// payOut pays one entry to its operator and forgets it.
func (k *Keeper) payOut(ctx sdk.Context, key queueKey) error {
	op, id := key.K3(), key.K2()
	entry, err := k.entries.Get(ctx, collections.Join(op, id))
	if err != nil {
		return err
	}
	position, err := k.position(ctx, op)
	if err != nil {
		return err
	}
	position, err = position.Leave(entry.Amount)
	if err != nil {
		return types.ErrBroken.Wrapf("entry %d: %v", id, err)
	}
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	if err := k.removeEntry(ctx, op, entry); err != nil {
		return err
	}
	if err := k.store(ctx, op, position); err != nil {
		return err
	}
	coins := sdk.NewCoins(sdk.NewCoin(params.Denom, entry.Amount))
	if err := k.ports.Bank.SendCoinsFromModuleToAccount(ctx, types.ModuleName, op, coins); err != nil {
		return err
	}
	return emit(ctx, &types.EventUnbonded{Operator: op.String(), EntryId: id, Amount: entry.Amount})
}

// postpone moves an entry that could not be paid to a later time.
func (k *Keeper) postpone(ctx sdk.Context, key queueKey) error {
	op, id := key.K3(), key.K2()
	entry, err := k.entries.Get(ctx, collections.Join(op, id))
	if err != nil {
		return err
	}
	if err := k.queue.Remove(ctx, key); err != nil {
		return err
	}
	entry.CompletesAt = ctx.BlockTime().Add(payoutRetry).UTC()
	if err := k.entries.Set(ctx, collections.Join(op, id), entry); err != nil {
		return err
	}
	return k.queue.Set(ctx, collections.Join3(entry.CompletesAt, id, op))
}
