package keeper

import (
	"context"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/accounts"
	"github.com/assaychain/assay/x/escrow/types"
)

// Close pays every stream what it earned, refunds what is left to the depositors, forgets the account and returns the refund. It
// works for an account that ran dry as well, before the block hook gets to it.
func (k *Keeper) Close(ctx context.Context, scope string, id uint64, reason types.CloseReason) (math.Int, error) {
	if reason != types.CLOSE_REASON_SETTLED && reason != types.CLOSE_REASON_REFUNDED {
		return math.Int{}, types.ErrReason.Wrapf("close %s/%d: reason must be settled or refunded, got %s", scope, id, reason)
	}
	account, err := k.current(ctx, scope, id)
	if err != nil {
		return math.Int{}, err
	}
	streams, err := k.streamsOf(ctx, account, types.MaxMaxStreams)
	if err != nil {
		return math.Int{}, err
	}
	for _, stream := range streams {
		if account, err = k.end(ctx, account, stream); err != nil {
			return math.Int{}, err
		}
	}
	return account.Balance, k.remove(ctx, account, &types.EventClosed{Reason: reason})
}

// remove refunds an account without streams and forgets it. event says why; the rest of it is filled in.
func (k *Keeper) remove(ctx context.Context, account types.Account, event *types.EventClosed) error {
	if err := k.forget(ctx, account); err != nil {
		return err
	}
	event.Scope, event.Id = account.Scope, account.Id
	event.Paid, event.Refunded = sdk.NewCoin(account.Denom, account.Paid), sdk.NewCoin(account.Denom, account.Balance)
	for _, lot := range account.Deposits() {
		refund, err := k.refund(ctx, lot, account.Denom)
		if err != nil {
			return err
		}
		event.Refunds = append(event.Refunds, refund)
		event.Diverted = event.Diverted || refund.Diverted
	}
	return emit(ctx, event)
}

// forget removes an account's records.
func (k *Keeper) forget(ctx context.Context, account types.Account) error {
	if err := k.accounts.Remove(ctx, collections.Join(account.Scope, account.Id)); err != nil {
		return err
	}
	if account.Flow != nil && account.Flow.Due != 0 {
		if err := k.queue.Remove(ctx, queueKey(account)); err != nil {
			return err
		}
	}
	if err := k.unlist(ctx, account.Depositor, account); err != nil {
		return err
	}
	for _, lot := range account.Lots {
		if err := k.unlist(ctx, lot.Depositor, account); err != nil {
			return err
		}
	}
	return nil
}

// refund pays what is left of a deposit back.
func (k *Keeper) refund(ctx context.Context, lot types.Lot, denom string) (types.Refund, error) {
	refund := types.Refund{Depositor: lot.Depositor, Grantee: lot.Grantee, Amount: sdk.NewCoin(denom, lot.Amount)}
	depositor, err := accounts.Decode(lot.Depositor)
	if err != nil {
		return refund, err
	}
	delivered, err := k.deliver(ctx, depositor, refund.Amount)
	refund.Diverted = !delivered
	if err == nil && delivered {
		k.restore(ctx, lot, denom)
	}
	return refund, err
}
