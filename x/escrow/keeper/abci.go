package keeper

import (
	"context"
	"fmt"
	"time"

	"cosmossdk.io/collections"

	"github.com/cosmos/cosmos-sdk/telemetry"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/escrow/types"
	"github.com/assaychain/assay/x/hooks"
)

// retryAfter is how long an account waits whose end failed, so that it doesn't stay at the head of the queue.
const retryAfter = int64(time.Hour / time.Millisecond)

// EndBlock looks at the accounts whose time has come, oldest first: it warns of those that will run dry, and pays out and closes
// those that did. A warning, a payout and a refund each count as one; max_payouts_per_block bounds their sum, and the rest
// waits for the next block. Waiting costs nobody anything: streams earn nothing after the moment at which the money ran out.
// Only unreadable parameters are an error: whatever else fails is tried again, while the others go on.
func (k *Keeper) EndBlock(ctx sdk.Context) error {
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	left := int(params.MaxPayoutsPerBlock)
	for _, key := range k.due(ctx, left) {
		if left <= 0 {
			break
		}
		used, ok := k.attend(ctx, key, left)
		left -= used
		if !ok {
			k.postpone(ctx, key)
		}
	}
	if left <= 0 {
		telemetry.IncrCounter(1, "assay", types.ModuleName, "payouts_deferred")
	}
	return nil
}

// due lists the first places of the queue whose time has come; none when the queue can't be read in this block.
func (k *Keeper) due(ctx sdk.Context, limit int) (due []momentKey) {
	hooks.Isolate(ctx, types.ModuleName, "read the queue", func(ctx sdk.Context) error {
		until := collections.NewPrefixUntilTripleRange[int64, string, uint64](now(ctx))
		return k.queue.Walk(ctx, until, func(key momentKey) (bool, error) {
			due = append(due, key)
			return len(due) >= limit, nil
		})
	})
	return due
}

// attend does what is due at one account, with at most so many payouts. It returns how many it used, and whether all went well.
func (k *Keeper) attend(ctx sdk.Context, key momentKey, limit int) (used int, ok bool) {
	var account types.Account
	var streams []types.Stream
	if !hooks.Isolate(ctx, types.ModuleName, fmt.Sprintf("read account %s/%d", key.K2(), key.K3()), func(ctx sdk.Context) (err error) {
		if account, err = k.current(ctx, key.K2(), key.K3()); err != nil || !account.IsDry() {
			return err
		}
		streams, err = k.streamsOf(ctx, account, limit)
		return err
	}) {
		return 1, false
	}
	if !account.IsDry() {
		return 1, hooks.Isolate(ctx, types.ModuleName, account.Name()+" warning", func(ctx sdk.Context) error { return k.warn(ctx, account) })
	}
	for _, stream := range streams {
		used++
		number := stream.Number
		if !hooks.Isolate(ctx, types.ModuleName, stream.Name()+" end", func(ctx sdk.Context) error {
			return k.EndStream(ctx, account.Scope, account.Id, number)
		}) {
			return used, false
		}
	}
	if used >= limit {
		// The account keeps its place; its next turn goes on with the streams that are left, or with the refunds.
		return used, true
	}
	used += len(account.Deposits())
	return used, hooks.Isolate(ctx, types.ModuleName, account.Name()+" close", func(ctx sdk.Context) error {
		return k.closeDry(ctx, account.Scope, account.Id)
	})
}

// warn tells that an account will run dry, as urgently as it deserves, and arms the next warning.
func (k *Keeper) warn(ctx context.Context, account types.Account) error {
	dry, _ := account.Books().DryAt()
	flow := *account.Flow
	flow.Warned = warningFor(dry - now(ctx))
	account.Flow = &flow
	if err := k.store(ctx, account); err != nil {
		return err
	}
	telemetry.IncrCounter(1, "assay", types.ModuleName, "warnings")
	return emit(ctx, &types.EventRunningDry{
		Scope: account.Scope, Id: account.Id, Depositor: account.Depositor, DryAt: moment(dry), Warning: flow.Warned,
	})
}

// closeDry refunds an account that ran dry and has no streams left, forgets it, and leaves a note for its module.
func (k *Keeper) closeDry(ctx context.Context, scope string, id uint64) error {
	account, err := k.Account(ctx, scope, id)
	if err != nil {
		return err
	}
	at := moment(account.Flow.Through)
	if err := k.note(ctx, types.DryAccount{Scope: scope, Id: id, At: at, Paid: account.Paid, Refunded: account.Balance}); err != nil {
		return err
	}
	telemetry.IncrCounter(1, "assay", types.ModuleName, "dried")
	return k.remove(ctx, account, &types.EventClosed{Reason: types.CLOSE_REASON_DRY, DryAt: &at})
}

// postpone moves an account whose turn failed to a later time. A place whose account can't be read is given up; an account
// that can be read and not moved keeps its place, and is tried again in the next block.
func (k *Keeper) postpone(ctx sdk.Context, key momentKey) {
	moved := hooks.Isolate(ctx, types.ModuleName, "postpone account", func(ctx sdk.Context) error {
		account, err := k.current(ctx, key.K2(), key.K3())
		if err != nil {
			return err
		}
		later := now(ctx) + retryAfter
		if dry, _ := account.Books().DryAt(); !account.IsDry() {
			later = min(later, dry)
		}
		account, err = k.place(ctx, account, later)
		if err != nil {
			return err
		}
		return k.accounts.Set(ctx, collections.Join(account.Scope, account.Id), account)
	})
	if moved {
		return
	}
	hooks.Isolate(ctx, types.ModuleName, "give a place up", func(ctx sdk.Context) error {
		if _, err := k.current(ctx, key.K2(), key.K3()); err == nil {
			return nil
		}
		return k.queue.Remove(ctx, key)
	})
}
