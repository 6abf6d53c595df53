package keeper

import (
	"context"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/accounts"
	"github.com/assaychain/assay/x/dao/types"
)

// Invariants compares books, counters and indexes with what they stand for. Tests and simulations call it after every block.
func (k *Keeper) Invariants(ctx context.Context) error {
	if err := k.checkGrants(ctx); err != nil {
		return err
	}
	if err := k.checkQueue(ctx); err != nil {
		return err
	}
	return k.checkTreasury(ctx)
}

// checkTreasury: the treasury has at least what it promised, per denomination.
func (k *Keeper) checkTreasury(ctx context.Context) error {
	return k.reserved.Walk(ctx, nil, func(denom string, reserved math.Int) (bool, error) {
		if held := k.ports.Bank.GetBalance(ctx, k.account, denom); held.Amount.LT(reserved) {
			return true, types.ErrBroken.Wrapf("treasury has %s, grants are owed %s: %s are missing", held, reserved, reserved.Sub(held.Amount))
		}
		return false, nil
	})
}

// checkGrants: what is reserved, the number of grants and their index are what the grants say.
func (k *Keeper) checkGrants(ctx context.Context) error {
	grants, err := values(ctx, k.grants)
	if err != nil {
		return err
	}
	owed := sdk.NewCoins()
	for _, g := range grants {
		owed = owed.Add(g.Coin(g.Reserved()))
	}
	reserved := sdk.NewCoins()
	if err := k.reserved.Walk(ctx, nil, func(denom string, amount math.Int) (bool, error) {
		reserved = reserved.Add(sdk.NewCoin(denom, amount))
		return false, nil
	}); err != nil {
		return err
	}
	if !owed.Equal(reserved) {
		return types.ErrBroken.Wrapf("grants are owed %s, reserved are %s", owed, reserved)
	}
	for _, g := range grants {
		recipient, err := accounts.Decode(g.Recipient)
		if err != nil {
			return err
		}
		listed, err := k.byRecipient.Has(ctx, collections.Join(recipient, g.Id))
		if err != nil {
			return err
		}
		if !listed {
			return types.ErrBroken.Wrapf("grant %d is not in its recipient's index", g.Id)
		}
	}
	places, err := size(ctx, k.byRecipient)
	if err != nil {
		return err
	}
	return k.checkCount(ctx, k.grantCount, len(grants), places, "grants")
}

// checkQueue: every scheduled proposal has its place in the queue, and nothing else has one.
func (k *Keeper) checkQueue(ctx context.Context) error {
	scheduled, err := values(ctx, k.scheduled)
	if err != nil {
		return err
	}
	for _, s := range scheduled {
		queued, err := k.queue.Has(ctx, collections.Join(s.ExecuteAt, s.ProposalId))
		if err != nil {
			return err
		}
		if !queued {
			return types.ErrBroken.Wrapf("proposal %d waits outside the queue", s.ProposalId)
		}
	}
	places, err := size(ctx, k.queue)
	if err != nil {
		return err
	}
	return k.checkCount(ctx, k.waiting, len(scheduled), places, "scheduled proposals")
}

func (k *Keeper) checkCount(ctx context.Context, counter collections.Item[uint64], records, places int, what string) error {
	counted, err := counter.Get(ctx)
	if err != nil {
		return err
	}
	if counted != uint64(records) || places != records {
		return types.ErrBroken.Wrapf("there are %d %s, the counter says %d and the index %d", records, what, counted, places)
	}
	return nil
}

func size[K any](ctx context.Context, set collections.KeySet[K]) (n int, err error) {
	err = set.Walk(ctx, nil, func(K) (bool, error) {
		n++
		return false, nil
	})
	return n, err
}
