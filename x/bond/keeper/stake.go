package keeper

import (
	"context"
	"errors"
	"time"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/gogoproto/proto"

	"github.com/assaychain/assay/x/bond/types"
)

// Bond moves amount from op's account to its stake and returns the bonded stake after it. amount is at least min_amount.
// An address that can't be paid back, such as a module account, can't bond.
func (k *Keeper) Bond(ctx context.Context, op sdk.AccAddress, amount math.Int) (math.Int, error) {
	params, err := k.params.Get(ctx)
	if err != nil {
		return math.Int{}, err
	}
	if err := checkMinimum(params, amount); err != nil {
		return math.Int{}, err
	}
	if k.ports.Bank.BlockedAddr(op) {
		return math.Int{}, types.ErrBlocked.Wrapf("operator %s could not be paid back", op)
	}
	// The transfer comes first: it proves that the amount exists, which bounds every sum below.
	coins := sdk.NewCoins(sdk.NewCoin(params.Denom, amount))
	if err := k.ports.Bank.SendCoinsFromAccountToModule(ctx, op, types.ModuleName, coins); err != nil {
		return math.Int{}, err
	}
	position, err := k.position(ctx, op)
	if err != nil {
		return math.Int{}, err
	}
	position, err = position.Bond(amount)
	if err != nil {
		return math.Int{}, coded(err).Wrapf("bond %s: %v", amount, err)
	}
	if err := k.store(ctx, op, position); err != nil {
		return math.Int{}, err
	}
	return position.Bonded, emit(ctx, &types.EventBonded{Operator: op.String(), Amount: amount, Bonded: position.Bonded})
}

// Unbond starts to take amount out of op's bonded stake and returns the entry that will be paid. What stays bonded must
// cover op's exposure and requirement. amount is at least min_amount, or all of the bonded stake.
func (k *Keeper) Unbond(ctx context.Context, op sdk.AccAddress, amount math.Int) (types.UnbondingEntry, error) {
	position, err := k.position(ctx, op)
	if err != nil {
		return types.UnbondingEntry{}, err
	}
	params, err := k.params.Get(ctx)
	if err != nil {
		return types.UnbondingEntry{}, err
	}
	if amount.IsNil() || !amount.Equal(position.Bonded) {
		if err := checkMinimum(params, amount); err != nil {
			return types.UnbondingEntry{}, err
		}
	}
	next, err := position.Unbond(amount)
	if err != nil {
		return types.UnbondingEntry{}, coded(err).Wrapf("unbond %s: bonded %s must keep exposure %s and requirement %s", amount, position.Bonded, position.Exposure, position.Requirement)
	}
	entry, err := k.addEntry(ctx, op, amount, params)
	if err != nil {
		return types.UnbondingEntry{}, err
	}
	if err := k.store(ctx, op, next); err != nil {
		return types.UnbondingEntry{}, err
	}
	return entry, emit(ctx, &types.EventUnbonding{Operator: op.String(), EntryId: entry.Id, Amount: amount, CompletesAt: entry.CompletesAt})
}

// CancelUnbonding bonds op's entry again and returns the bonded stake after it.
func (k *Keeper) CancelUnbonding(ctx context.Context, op sdk.AccAddress, id uint64) (math.Int, error) {
	entry, err := k.entries.Get(ctx, collections.Join(op, id))
	if errors.Is(err, collections.ErrNotFound) {
		return math.Int{}, types.ErrNoEntry.Wrapf("operator %s has no unbonding entry %d", op, id)
	}
	if err != nil {
		return math.Int{}, err
	}
	position, err := k.position(ctx, op)
	if err != nil {
		return math.Int{}, err
	}
	position, err = position.Rebond(entry.Amount)
	if err != nil {
		return math.Int{}, types.ErrBroken.Wrapf("entry %d: %v", id, err)
	}
	if err := k.removeEntry(ctx, op, entry); err != nil {
		return math.Int{}, err
	}
	if err := k.store(ctx, op, position); err != nil {
		return math.Int{}, err
	}
	return position.Bonded, emit(ctx, &types.EventUnbondingCancelled{Operator: op.String(), EntryId: id, Amount: entry.Amount})
}

func checkMinimum(params types.Params, amount math.Int) error {
	if amount.IsNil() || amount.LT(params.MinAmount) {
		return types.ErrAmount.Wrapf("amount %s is below min_amount %s%s", amount, params.MinAmount, params.Denom)
	}
	return nil
}

// addEntry records an unbonding entry of op and queues its payout.
func (k *Keeper) addEntry(ctx context.Context, op sdk.AccAddress, amount math.Int, params types.Params) (types.UnbondingEntry, error) {
	open, err := k.entriesOf(ctx, op)
	if err != nil {
		return types.UnbondingEntry{}, err
	}
	if uint64(len(open)) >= uint64(params.MaxEntries) {
		return types.UnbondingEntry{}, types.ErrEntries.Wrapf("operator %s has %d of at most %d unbonding entries; wait for one or cancel one", op, len(open), params.MaxEntries)
	}
	id, err := k.nextEntryID.Next(ctx)
	if err != nil {
		return types.UnbondingEntry{}, err
	}
	now := sdk.UnwrapSDKContext(ctx).BlockTime()
	entry := types.UnbondingEntry{
		Id:          id,
		Operator:    op.String(),
		Amount:      amount,
		CompletesAt: now.Add(time.Duration(params.UnbondingSeconds) * time.Second).UTC(),
	}
	if err := k.queue.Set(ctx, collections.Join3(entry.CompletesAt, id, op)); err != nil {
		return types.UnbondingEntry{}, err
	}
	return entry, k.entries.Set(ctx, collections.Join(op, id), entry)
}

// removeEntry forgets an entry and its place in the queue.
func (k *Keeper) removeEntry(ctx context.Context, op sdk.AccAddress, entry types.UnbondingEntry) error {
	if err := k.queue.Remove(ctx, collections.Join3(entry.CompletesAt, entry.Id, op)); err != nil {
		return err
	}
	return k.entries.Remove(ctx, collections.Join(op, entry.Id))
}

// entriesOf returns op's unbonding entries, oldest first: at most MaxEntriesLimit.
func (k *Keeper) entriesOf(ctx context.Context, op sdk.AccAddress) ([]types.UnbondingEntry, error) {
	var found []types.UnbondingEntry
	err := k.entries.Walk(ctx, collections.NewPrefixedPairRange[sdk.AccAddress, uint64](op), func(_ entryKey, entry types.UnbondingEntry) (bool, error) {
		found = append(found, entry)
		return false, nil
	})
	return found, err
}

// emit adds a typed event to the transaction or block.
func emit(ctx context.Context, event proto.Message) error {
	return sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(event)
}
