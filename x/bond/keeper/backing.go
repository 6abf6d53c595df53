package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/bond/types"
)

// Bond moves amount from op's account to its own stake and returns what is bonded behind op after it. amount is at least
// min_amount. An address that can't be paid back, such as a module account, can't bond.
func (k *Keeper) Bond(ctx context.Context, op sdk.AccAddress, amount math.Int) (math.Int, error) {
	b, _, err := k.add(ctx, op, op, amount)
	if err != nil {
		return math.Int{}, err
	}
	return b.Tokens, k.save(ctx, b)
}

// Back moves amount from backer's account behind op and returns what the backing is worth after it. op must have stake of
// its own, and its backing stays within a multiple of that.
func (k *Keeper) Back(ctx context.Context, backer, op sdk.AccAddress, amount math.Int) (math.Int, error) {
	if backer.Equals(op) {
		return math.Int{}, types.ErrBacking.Wrapf("operator %s: an operator's own stake is bonded, not backed", op)
	}
	b, backing, err := k.add(ctx, backer, op, amount)
	if err != nil {
		return math.Int{}, err
	}
	if err := k.checkBacked(ctx, b); err != nil {
		return math.Int{}, err
	}
	return b.Worth(backing), k.save(ctx, b)
}

// add takes amount from owner's account and bonds it behind op. The caller saves the pool.
func (k *Keeper) add(ctx context.Context, owner, op sdk.AccAddress, amount math.Int) (*book, types.Backing, error) {
	params, err := k.params.Get(ctx)
	if err != nil {
		return nil, types.Backing{}, err
	}
	if err := checkMinimum(params, amount); err != nil {
		return nil, types.Backing{}, err
	}
	if k.ports.Bank.BlockedAddr(owner) {
		return nil, types.Backing{}, types.ErrBlocked.Wrapf("%s could not be paid back", owner)
	}
	// The transfer comes first: it proves that the amount exists.
	if err := k.receive(ctx, owner, amount); err != nil {
		return nil, types.Backing{}, err
	}
	b, err := k.load(ctx, op)
	if err != nil {
		return nil, types.Backing{}, err
	}
	backing, err := k.join(ctx, b, owner, amount)
	if err != nil {
		return nil, types.Backing{}, err
	}
	return b, backing, emit(ctx, &types.EventBonded{Operator: op.String(), Amount: amount, Bonded: b.Tokens, Backer: owner.String()})
}

// join buys shares of b for owner with an amount that the module's account holds already. What the backing earned so far
// is paid. The caller saves the pool.
func (k *Keeper) join(ctx context.Context, b *book, owner sdk.AccAddress, amount math.Int) (types.Backing, error) {
	if err := k.reopen(ctx, b); err != nil {
		return types.Backing{}, err
	}
	backing, err := k.settled(ctx, b, owner)
	if err != nil {
		return types.Backing{}, err
	}
	position, minted, err := b.Position().Bond(amount)
	if err != nil {
		return types.Backing{}, coded(err).Wrapf("operator %s: bond %s: %v", b.op, amount, err)
	}
	b.SetPosition(position)
	backing.Shares = backing.Shares.Add(minted)
	return backing, k.backings.Set(ctx, collections.Join(owner, b.op), backing)
}

// settled returns owner's backing of b with everything it earned paid: an empty one when it has none, or one of an
// earlier pool. A new one counts against max_backings.
func (k *Keeper) settled(ctx context.Context, b *book, owner sdk.AccAddress) (types.Backing, error) {
	backing, found, err := k.backing(ctx, owner, b.op)
	if err != nil {
		return types.Backing{}, err
	}
	if !found {
		if err := k.checkBackings(ctx, owner); err != nil {
			return types.Backing{}, err
		}
		if err := k.backers.Set(ctx, collections.Join(b.op, owner)); err != nil {
			return types.Backing{}, err
		}
	} else if _, err := k.settle(ctx, b, owner, backing); err != nil {
		return types.Backing{}, err
	}
	if !found || backing.Generation != b.Generation {
		backing = types.Backing{Backer: owner.String(), Operator: b.Operator, Shares: math.ZeroInt(), Generation: b.Generation, Amount: math.ZeroInt()}
	}
	backing.RewardsPerShare = b.RewardsPerShare
	return backing, nil
}

// backing reads owner's backing of op.
func (k *Keeper) backing(ctx context.Context, owner, op sdk.AccAddress) (types.Backing, bool, error) {
	found, err := k.backings.Get(ctx, collections.Join(owner, op))
	if errors.Is(err, collections.ErrNotFound) {
		return types.Backing{Shares: math.ZeroInt()}, false, nil
	}
	return found, err == nil, err
}

// setBacking writes a backing, or forgets it when it has no shares.
func (k *Keeper) setBacking(ctx context.Context, owner, op sdk.AccAddress, backing types.Backing) error {
	if backing.Shares.IsPositive() {
		return k.backings.Set(ctx, collections.Join(owner, op), backing)
	}
	if err := k.backers.Remove(ctx, collections.Join(op, owner)); err != nil {
		return err
	}
	return k.backings.Remove(ctx, collections.Join(owner, op))
}

// checkBackings refuses one more backing of an account that has as many as it may.
func (k *Keeper) checkBackings(ctx context.Context, owner sdk.AccAddress) error {
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	count := uint32(0)
	err = k.backings.Walk(ctx, collections.NewPrefixedPairRange[sdk.AccAddress, sdk.AccAddress](owner), func(pairKey, types.Backing) (bool, error) {
		count++
		return count == params.MaxBackings, nil
	})
	if err != nil {
		return err
	}
	if count == params.MaxBackings {
		return types.ErrBackings.Wrapf("%s stands behind %d operators, the most it may", owner, count)
	}
	return nil
}

// checkBacked refuses more backing than the operator's own stake allows.
func (k *Keeper) checkBacked(ctx context.Context, b *book) error {
	own, _, err := k.backing(ctx, b.op, b.op)
	if err != nil {
		return err
	}
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	if err := b.Position().Backed(b.Worth(own), params.MaxBackingMultiple); err != nil {
		return coded(err).Wrapf("operator %s: %s of its own may have at most %d times as much behind it, not %s", b.op, b.Worth(own), params.MaxBackingMultiple, b.Tokens.Sub(b.Worth(own)))
	}
	return nil
}

// BackingsOf returns what backer has behind operators, by operator, its own stake among them. At most MaxBackingsLimit.
func (k *Keeper) BackingsOf(ctx context.Context, backer sdk.AccAddress) ([]types.Backing, error) {
	var found []types.Backing
	err := k.backings.Walk(ctx, collections.NewPrefixedPairRange[sdk.AccAddress, sdk.AccAddress](backer), func(key pairKey, backing types.Backing) (bool, error) {
		valued, err := k.valued(ctx, key.K2(), backing)
		found = append(found, valued)
		return false, err
	})
	return found, err
}

// valued fills in what a backing is worth.
func (k *Keeper) valued(ctx context.Context, op sdk.AccAddress, backing types.Backing) (types.Backing, error) {
	pool, err := k.Pool(ctx, op)
	if err != nil {
		return types.Backing{}, err
	}
	backing.Amount = pool.Worth(backing)
	return backing, nil
}

func checkMinimum(params types.Params, amount math.Int) error {
	if amount.IsNil() || amount.LT(params.MinAmount) {
		return types.ErrAmount.Wrapf("amount %s is below min_amount %s%s", amount, params.MinAmount, params.Denom)
	}
	return nil
}
