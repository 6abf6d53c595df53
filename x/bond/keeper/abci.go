package keeper

import (
	"fmt"
	"time"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/accounts"
	"github.com/assaychain/assay/x/bond/types"
	"github.com/assaychain/assay/x/hooks"
)

// payoutRetry is how long a payout that failed waits, so that it doesn't stay at the head of the queue.
const payoutRetry = time.Hour

// EndBlock pays unbonding entries: those that matured, and those that waited for exposure which is released now; of each
// at most max_payouts_per_block, oldest first. A payout that fails is tried again an hour later; the others go on. Only
// unreadable parameters are an error.
func (k *Keeper) EndBlock(ctx sdk.Context) error {
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	for _, key := range k.due(ctx, params.MaxPayoutsPerBlock) {
		k.attempt(ctx, key.K3(), key.K2(), k.mature)
	}
	k.payWaiting(ctx, params.MaxPayoutsPerBlock)
	return nil
}

// due lists the first matured places of the queue; none when the queue can't be read in this block.
func (k *Keeper) due(ctx sdk.Context, limit uint32) (due []queueKey) {
	hooks.Isolate(ctx, types.ModuleName, "read the queue", func(ctx sdk.Context) error {
		matured := collections.NewPrefixUntilTripleRange[time.Time, uint64, sdk.AccAddress](ctx.BlockTime())
		return k.queue.Walk(ctx, matured, func(key queueKey) (bool, error) {
			due = append(due, key)
			return uint64(len(due)) == uint64(limit), nil
		})
	})
	return due
}

// attempt does one thing with an entry on its own. When that fails the entry gets a new time.
func (k *Keeper) attempt(ctx sdk.Context, owner sdk.AccAddress, id uint64, do func(sdk.Context, *book, sdk.AccAddress, types.UnbondingEntry) error) {
	item := fmt.Sprintf("entry %d", id)
	run := func(do func(sdk.Context, *book, sdk.AccAddress, types.UnbondingEntry) error) func(sdk.Context) error {
		return func(ctx sdk.Context) error {
			b, entry, err := k.loadEntry(ctx, owner, id)
			if err != nil {
				return err
			}
			return do(ctx, b, owner, entry)
		}
	}
	if !hooks.Isolate(ctx, types.ModuleName, item, run(do)) {
		hooks.Isolate(ctx, types.ModuleName, item+" postponed", run(k.postpone))
	}
}

// loadEntry reads an entry and the pool it leaves.
func (k *Keeper) loadEntry(ctx sdk.Context, owner sdk.AccAddress, id uint64) (*book, types.UnbondingEntry, error) {
	entry, err := k.entries.Get(ctx, collections.Join(owner, id))
	if err != nil {
		return nil, types.UnbondingEntry{}, err
	}
	op, err := accounts.Decode(entry.Operator)
	if err != nil {
		return nil, types.UnbondingEntry{}, err
	}
	b, err := k.load(ctx, op)
	return b, entry, err
}

// mature pays an entry whose time has come, or lets it wait behind others of its operator or for exposure.
func (k *Keeper) mature(ctx sdk.Context, b *book, owner sdk.AccAddress, entry types.UnbondingEntry) error {
	worth := b.WorthLeaving(entry)
	if worth.IsZero() || b.Waiting == 0 && b.Position().MayLeave(worth) {
		return k.payOut(ctx, b, owner, entry)
	}
	if err := k.unlink(ctx, b, owner, entry); err != nil {
		return err
	}
	entry.Waiting = true
	if err := k.link(ctx, b, owner, entry); err != nil {
		return err
	}
	if err := k.save(ctx, b); err != nil {
		return err
	}
	return emit(ctx, &types.EventUnbondingWaits{Operator: b.Operator, EntryId: entry.Id})
}

// payOut pays an entry to its owner, or bonds it at its destination, and forgets it.
func (k *Keeper) payOut(ctx sdk.Context, b *book, owner sdk.AccAddress, entry types.UnbondingEntry) error {
	amount := takeEntry(b, entry)
	if err := k.unlink(ctx, b, owner, entry); err != nil {
		return err
	}
	if err := k.save(ctx, b); err != nil {
		return err
	}
	if entry.Destination != "" && amount.IsPositive() && k.arrive(ctx, owner, entry, amount) {
		return nil
	}
	if err := k.pay(ctx, owner, amount); err != nil {
		return err
	}
	return emit(ctx, &types.EventUnbonded{Operator: b.Operator, EntryId: entry.Id, Amount: amount, Backer: entry.Backer})
}

// arrive bonds moved stake at its destination. It answers false, and changes nothing, when the destination can't take it.
func (k *Keeper) arrive(ctx sdk.Context, owner sdk.AccAddress, entry types.UnbondingEntry, amount math.Int) bool {
	cached, write := ctx.CacheContext()
	if err := k.bondMoved(cached, owner, entry, amount); err != nil {
		ctx.Logger().Info("moved stake is paid out", "entry", entry.Id, "destination", entry.Destination, "reason", err)
		return false
	}
	write()
	return true
}

func (k *Keeper) bondMoved(ctx sdk.Context, owner sdk.AccAddress, entry types.UnbondingEntry, amount math.Int) error {
	op, err := accounts.Decode(entry.Destination)
	if err != nil {
		return err
	}
	b, err := k.load(ctx, op)
	if err != nil {
		return err
	}
	j, err := k.plan(ctx, b, owner, amount)
	if err != nil {
		return err
	}
	if _, err := k.join(ctx, b, j); err != nil {
		return err
	}
	if err := k.save(ctx, b); err != nil {
		return err
	}
	return emit(ctx, &types.EventBackingMoved{Backer: entry.Backer, Source: entry.Operator, Destination: entry.Destination, EntryId: entry.Id, Amount: amount})
}

// postpone gives an entry that could not be paid a later time.
func (k *Keeper) postpone(ctx sdk.Context, b *book, owner sdk.AccAddress, entry types.UnbondingEntry) error {
	if err := k.unlink(ctx, b, owner, entry); err != nil {
		return err
	}
	entry.Waiting = false
	entry.CompletesAt = now(ctx).Add(payoutRetry)
	if err := k.link(ctx, b, owner, entry); err != nil {
		return err
	}
	return k.save(ctx, b)
}

// payWaiting pays entries that exposure held back, of operators whose exposure fell or whose stake grew. An operator whose
// line can't be read stays for the next block.
func (k *Keeper) payWaiting(ctx sdk.Context, limit uint32) {
	left := limit
	for _, op := range k.readyOperators(ctx, limit) {
		if left == 0 {
			return
		}
		tried, more := k.payWaitingOf(ctx, op, left)
		left -= max(1, tried)
		if !more {
			hooks.Isolate(ctx, types.ModuleName, "forget that "+op.String()+" is ready", func(ctx sdk.Context) error { return k.ready.Remove(ctx, op) })
		}
	}
}

// readyOperators lists operators whose waiting entries may be looked at.
func (k *Keeper) readyOperators(ctx sdk.Context, limit uint32) (ready []sdk.AccAddress) {
	hooks.Isolate(ctx, types.ModuleName, "read who is ready", func(ctx sdk.Context) error {
		return k.ready.Walk(ctx, new(collections.Range[sdk.AccAddress]), func(op sdk.AccAddress) (bool, error) {
			ready = append(ready, op)
			return uint64(len(ready)) == uint64(limit), nil
		})
	})
	return ready
}

// payWaitingOf pays op's waiting entries, oldest first, until one may not leave yet. It returns how many it tried, and
// whether some were left untried.
func (k *Keeper) payWaitingOf(ctx sdk.Context, op sdk.AccAddress, limit uint32) (tried uint32, more bool) {
	var keys []waitingKey
	if !hooks.Isolate(ctx, types.ModuleName, "read the line of "+op.String(), func(ctx sdk.Context) error {
		line := collections.NewPrefixedTripleRange[sdk.AccAddress, uint64, sdk.AccAddress](op)
		return k.waiting.Walk(ctx, line, func(key waitingKey) (bool, error) {
			keys = append(keys, key)
			return uint64(len(keys)) > uint64(limit), nil
		})
	}) {
		return 0, true
	}
	for _, key := range keys {
		if tried == limit {
			return tried, true
		}
		tried++
		held := false
		k.attempt(ctx, key.K3(), key.K2(), func(ctx sdk.Context, b *book, owner sdk.AccAddress, entry types.UnbondingEntry) error {
			held = !b.Position().MayLeave(b.WorthLeaving(entry))
			if held {
				return nil
			}
			return k.payOut(ctx, b, owner, entry)
		})
		if held {
			return tried, false
		}
	}
	return tried, false
}
