package keeper

import (
	"context"
	"errors"
	"time"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/accounts"
	"github.com/assaychain/assay/x/bond/stake"
	"github.com/assaychain/assay/x/bond/types"
)

// exit is stake that is to leave a pool.
type exit struct {
	owner, op, destination sdk.AccAddress
	amount                 math.Int
}

// Unbond starts to take amount out of op's own stake and returns the entry that will be paid. What stays bonded behind op
// must cover its exposure and requirement. amount is at least min_amount, or all of op's own stake.
func (k *Keeper) Unbond(ctx context.Context, op sdk.AccAddress, amount math.Int) (types.UnbondingEntry, error) {
	return k.leave(ctx, exit{owner: op, op: op, amount: amount})
}

// Unback starts to take amount out from behind op and returns the entry that will be paid. A backer may always begin to
// leave; it is paid when the unbonding time is over and op's exposure doesn't need it. amount is at least min_amount, or
// all of the backing.
func (k *Keeper) Unback(ctx context.Context, backer, op sdk.AccAddress, amount math.Int) (types.UnbondingEntry, error) {
	if backer.Equals(op) {
		return types.UnbondingEntry{}, types.ErrBacking.Wrapf("operator %s: an operator's own stake is unbonded, not unbacked", op)
	}
	return k.leave(ctx, exit{owner: backer, op: op, amount: amount})
}

// MoveBacking starts to move amount from behind source to behind destination and returns the entry. Until it matures it
// counts at the source alone: it can be slashed there and backs nothing. When it can't be bonded at the destination by
// then, it is paid out.
func (k *Keeper) MoveBacking(ctx context.Context, backer, source, destination sdk.AccAddress, amount math.Int) (types.UnbondingEntry, error) {
	if backer.Equals(source) || source.Equals(destination) {
		return types.UnbondingEntry{}, types.ErrBacking.Wrapf("%s can't move stake from operator %s to %s", backer, source, destination)
	}
	_, known, err := k.backing(ctx, destination, destination)
	if err != nil {
		return types.UnbondingEntry{}, err
	}
	if !known {
		return types.UnbondingEntry{}, types.ErrNoPool.Wrapf("destination %s", destination)
	}
	return k.leave(ctx, exit{owner: backer, op: source, destination: destination, amount: amount})
}

// leave moves stake from the bonded to the unbonding pool and records the entry. What the backing earned so far is paid.
func (k *Keeper) leave(ctx context.Context, e exit) (types.UnbondingEntry, error) {
	b, err := k.load(ctx, e.op)
	if err != nil {
		return types.UnbondingEntry{}, err
	}
	backing, _, err := k.backing(ctx, e.owner, e.op)
	if err != nil {
		return types.UnbondingEntry{}, err
	}
	params, err := k.params.Get(ctx)
	if err != nil {
		return types.UnbondingEntry{}, err
	}
	if e.amount.IsNil() || !e.amount.Equal(b.Worth(backing)) {
		if err := checkMinimum(params, e.amount); err != nil {
			return types.UnbondingEntry{}, err
		}
	}
	if err := k.checkEntries(ctx, e.owner, params.MaxEntries); err != nil {
		return types.UnbondingEntry{}, err
	}
	moved, err := k.unbond(ctx, b, backing, e)
	if err != nil {
		return types.UnbondingEntry{}, err
	}
	if err := k.shrink(ctx, b, e.owner, backing, moved.Burned); err != nil {
		return types.UnbondingEntry{}, err
	}
	entry, err := k.addEntry(ctx, b, e, moved.Minted)
	if err != nil {
		return types.UnbondingEntry{}, err
	}
	if err := k.save(ctx, b); err != nil {
		return types.UnbondingEntry{}, err
	}
	return entry, emit(ctx, &types.EventUnbonding{Operator: b.Operator, EntryId: entry.Id, Amount: entry.Amount, CompletesAt: entry.CompletesAt, Backer: entry.Backer, Destination: entry.Destination})
}

// unbond moves the stake of an exit between the pools of b. An operator's own stake must leave the floor bonded. An
// unbonding pool that a slash emptied is replaced: its entries are worth nothing.
func (k *Keeper) unbond(ctx context.Context, b *book, backing types.Backing, e exit) (stake.Moved, error) {
	position := b.Position()
	fresh := b.UnbondingGeneration == 0 || position.Unbonding.Void()
	if fresh {
		position.Unbonding = stake.EmptyPool()
	}
	held, keep := backing.Shares, math.ZeroInt()
	if backing.Generation != b.Generation {
		held = math.ZeroInt()
	}
	if e.owner.Equals(e.op) {
		keep = position.Floor()
	}
	next, moved, err := position.Unbond(e.amount, held, keep)
	if err != nil {
		return stake.Moved{}, coded(err).Wrapf("unbond %s of %s: operator %s has bonded %s, exposure %s and requirement %s: %v", e.amount, b.Worth(backing), b.op, b.Tokens, b.Exposure, b.Requirement, err)
	}
	b.SetPosition(next)
	if fresh {
		b.UnbondingGeneration, err = k.nextGeneration.Next(ctx)
	}
	return moved, err
}

// shrink pays what a backing earned and takes shares from it.
func (k *Keeper) shrink(ctx context.Context, b *book, owner sdk.AccAddress, backing types.Backing, shares math.Int) error {
	if _, err := k.settle(ctx, b, owner, backing); err != nil {
		return err
	}
	backing.Shares = backing.Shares.Sub(shares)
	backing.RewardsPerShare = b.RewardsPerShare
	return k.setBacking(ctx, owner, b.op, backing)
}

// CancelUnbonding bonds owner's entry again behind the operator it was leaving and returns what is bonded there after it.
func (k *Keeper) CancelUnbonding(ctx context.Context, owner sdk.AccAddress, id uint64) (math.Int, error) {
	entry, err := k.entries.Get(ctx, collections.Join(owner, id))
	if errors.Is(err, collections.ErrNotFound) {
		return math.Int{}, types.ErrNoEntry.Wrapf("%s has no unbonding entry %d", owner, id)
	}
	if err != nil {
		return math.Int{}, err
	}
	op, err := accounts.Decode(entry.Operator)
	if err != nil {
		return math.Int{}, err
	}
	b, err := k.load(ctx, op)
	if err != nil {
		return math.Int{}, err
	}
	amount := takeEntry(b, entry)
	j, err := k.plan(ctx, b, owner, amount)
	if err != nil {
		return math.Int{}, err
	}
	if err := k.unlink(ctx, b, owner, entry); err != nil {
		return math.Int{}, err
	}
	if _, err := k.join(ctx, b, j); err != nil {
		return math.Int{}, err
	}
	if err := k.save(ctx, b); err != nil {
		return math.Int{}, err
	}
	if b.Waiting > 0 {
		// The entry may have stood before others that are payable.
		if err := k.ready.Set(ctx, op); err != nil {
			return math.Int{}, err
		}
	}
	return b.Tokens, emit(ctx, &types.EventUnbondingCancelled{Operator: entry.Operator, EntryId: id, Amount: amount, Backer: entry.Backer})
}

// addEntry records an unbonding entry with its shares and queues its payout.
func (k *Keeper) addEntry(ctx context.Context, b *book, e exit, shares math.Int) (types.UnbondingEntry, error) {
	params, err := k.params.Get(ctx)
	if err != nil {
		return types.UnbondingEntry{}, err
	}
	id, err := k.nextEntryID.Next(ctx)
	if err != nil {
		return types.UnbondingEntry{}, err
	}
	entry := types.UnbondingEntry{
		Id: id, Operator: b.Operator, Backer: e.owner.String(), Amount: math.ZeroInt(), Shares: shares, Generation: b.UnbondingGeneration,
		CompletesAt: now(ctx).Add(time.Duration(params.UnbondingSeconds) * time.Second),
	}
	if e.destination != nil {
		entry.Destination = e.destination.String()
	}
	if err := k.link(ctx, b, e.owner, entry); err != nil {
		return types.UnbondingEntry{}, err
	}
	entry.Amount = b.WorthLeaving(entry)
	return entry, nil
}

// checkEntries refuses one more unbonding entry of an account that has limit of them.
func (k *Keeper) checkEntries(ctx context.Context, owner sdk.AccAddress, limit uint32) error {
	count := uint32(0)
	err := k.entries.Walk(ctx, collections.NewPrefixedPairRange[sdk.AccAddress, uint64](owner), func(entryKey, types.UnbondingEntry) (bool, error) {
		count++
		return count == limit, nil
	})
	if err != nil {
		return err
	}
	if count == limit {
		return types.ErrEntries.Wrapf("%s has %d unbonding entries, the most it may; wait for one or cancel one", owner, count)
	}
	return nil
}

// link writes an entry and its place: among those that wait, or in the queue.
func (k *Keeper) link(ctx context.Context, b *book, owner sdk.AccAddress, entry types.UnbondingEntry) error {
	if err := k.entries.Set(ctx, collections.Join(owner, entry.Id), entry); err != nil {
		return err
	}
	if entry.Waiting {
		b.Waiting++
		return k.waiting.Set(ctx, collections.Join3(b.op, entry.Id, owner))
	}
	return k.queue.Set(ctx, collections.Join3(entry.CompletesAt, entry.Id, owner))
}

// unlink forgets an entry and its place.
func (k *Keeper) unlink(ctx context.Context, b *book, owner sdk.AccAddress, entry types.UnbondingEntry) error {
	if err := k.entries.Remove(ctx, collections.Join(owner, entry.Id)); err != nil {
		return err
	}
	if entry.Waiting {
		b.Waiting--
		return k.waiting.Remove(ctx, collections.Join3(b.op, entry.Id, owner))
	}
	return k.queue.Remove(ctx, collections.Join3(entry.CompletesAt, entry.Id, owner))
}

// takeEntry takes an entry's shares out of b's unbonding pool and returns what they were worth.
func takeEntry(b *book, entry types.UnbondingEntry) math.Int {
	if entry.Generation != b.UnbondingGeneration {
		return math.ZeroInt()
	}
	position, amount := b.Position().Leave(entry.Shares)
	b.SetPosition(position)
	return amount
}

// valuedEntry fills in what an entry is worth.
func (k *Keeper) valuedEntry(ctx context.Context, entry types.UnbondingEntry) (types.UnbondingEntry, error) {
	op, err := accounts.Decode(entry.Operator)
	if err != nil {
		return types.UnbondingEntry{}, err
	}
	pool, err := k.Pool(ctx, op)
	if err != nil {
		return types.UnbondingEntry{}, err
	}
	entry.Amount = pool.WorthLeaving(entry)
	return entry, nil
}
