package keeper

import (
	"context"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/accounts"
	"github.com/assaychain/assay/x/bond/types"
)

// Invariants checks that the module's account holds the sum of all pools and of all rewards not paid, that backings and
// entries add up to every pool's shares, that rewards cover what is due, that weights add up to the ledger's, that
// indexes match their records one to one, that the counter of bonded stake is right, and that no amount is negative. It
// reads everything and belongs in tests and simulations, not in a block.
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
	if err := k.checkTotalBonded(ctx, state.Pools); err != nil {
		return err
	}
	if err := k.checkPlaces(ctx, state.Entries); err != nil {
		return err
	}
	return k.checkBackers(ctx, state.Backings)
}

// checkTotalBonded compares the counter with the pools.
func (k *Keeper) checkTotalBonded(ctx context.Context, pools []types.Pool) error {
	sum := math.ZeroInt()
	for _, pool := range pools {
		sum = sum.Add(pool.Tokens)
	}
	total, err := k.TotalBonded(ctx)
	if err != nil {
		return err
	}
	if !total.Equal(sum) {
		return types.ErrBroken.Wrapf("pools hold %s, the total says %s", sum, total)
	}
	return nil
}

// checkPlaces compares the queue, and the places of those that wait, with the entries.
func (k *Keeper) checkPlaces(ctx context.Context, entries []types.UnbondingEntry) error {
	queued, err := count(ctx, k.queue)
	if err != nil {
		return err
	}
	waiting, err := count(ctx, k.waiting)
	if err != nil {
		return err
	}
	if queued+waiting != len(entries) {
		return types.ErrBroken.Wrapf("queue has %d places and %d wait, for %d entries", queued, waiting, len(entries))
	}
	for _, entry := range entries {
		has, err := k.hasPlace(ctx, entry)
		if err != nil {
			return err
		}
		if !has {
			return types.ErrBroken.Wrapf("entry %d is not queued", entry.Id)
		}
	}
	return nil
}

func (k *Keeper) hasPlace(ctx context.Context, entry types.UnbondingEntry) (bool, error) {
	owner, err := accounts.Decode(entry.Backer)
	if err != nil {
		return false, err
	}
	op, err := accounts.Decode(entry.Operator)
	if err != nil {
		return false, err
	}
	if entry.Waiting {
		return k.waiting.Has(ctx, collections.Join3(op, entry.Id, owner))
	}
	return k.queue.Has(ctx, collections.Join3(entry.CompletesAt, entry.Id, owner))
}

// checkBackers compares the index by operator with the backings.
func (k *Keeper) checkBackers(ctx context.Context, backings []types.Backing) error {
	indexed, err := count(ctx, k.backers)
	if err != nil {
		return err
	}
	if indexed != len(backings) {
		return types.ErrBroken.Wrapf("%d backers are indexed for %d backings", indexed, len(backings))
	}
	for _, b := range backings {
		owner, err := accounts.Decode(b.Backer)
		if err != nil {
			return err
		}
		op, err := accounts.Decode(b.Operator)
		if err != nil {
			return err
		}
		has, err := k.backers.Has(ctx, collections.Join(op, owner))
		if err != nil {
			return err
		}
		if !has {
			return types.ErrBroken.Wrapf("backing of %s behind %s is not indexed", owner, op)
		}
	}
	return nil
}

func count[K any](ctx context.Context, set collections.KeySet[K]) (int, error) {
	n := 0
	err := set.Walk(ctx, nil, func(K) (bool, error) {
		n++
		return false, nil
	})
	return n, err
}

// Total returns the sum of everything the module's account holds: all pools, and all rewards not paid. It reads every
// pool: for tests, simulations and reports.
func (k *Keeper) Total(ctx context.Context) (math.Int, error) {
	sum := math.ZeroInt()
	err := k.pools.Walk(ctx, nil, func(_ sdk.AccAddress, p types.Pool) (bool, error) {
		sum = sum.Add(p.Position().Slashable()).Add(p.Unpaid())
		return false, nil
	})
	if err != nil {
		return sum, err
	}
	err = k.closed.Walk(ctx, nil, func(_ entryKey, c types.ClosedPool) (bool, error) {
		sum = sum.Add(c.RewardsHeld)
		return false, nil
	})
	return sum, err
}

// checkBalance compares the module's account with the sum of the books.
func (k *Keeper) checkBalance(ctx context.Context) error {
	sum, err := k.Total(ctx)
	if err != nil {
		return err
	}
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	held := k.ports.Bank.GetBalance(ctx, k.account, params.Denom).Amount
	if !held.Equal(sum) {
		return types.ErrBroken.Wrapf("module account holds %s%s, the books say %s: difference %s", held, params.Denom, sum, held.Sub(sum))
	}
	return nil
}
