package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/bond/stake"
	"github.com/assaychain/assay/x/bond/types"
)

// Bond moves amount from op's account to its own stake and returns what is bonded behind op after it. amount is at least
// min_amount. An address that can't be paid back, such as a module account, can't bond.
func (k *Keeper) Bond(ctx context.Context, op sdk.AccAddress, amount math.Int) (math.Int, error) {
	b, _, err := k.add(ctx, op, op, amount)
	if err != nil {
		return math.Int{}, err
	}
	return b.Tokens, nil
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
	return b.Worth(backing), nil
}

// add takes amount from owner's account and bonds it behind op.
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
	b, err := k.load(ctx, op)
	if err != nil {
		return nil, types.Backing{}, err
	}
	j, err := k.plan(ctx, b, owner, amount)
	if err != nil {
		return nil, types.Backing{}, err
	}
	if err := k.receive(ctx, owner, amount); err != nil {
		return nil, types.Backing{}, err
	}
	backing, err := k.join(ctx, b, j)
	if err != nil {
		return nil, types.Backing{}, err
	}
	if err := k.save(ctx, b); err != nil {
		return nil, types.Backing{}, err
	}
	return b, backing, emit(ctx, &types.EventBonded{Operator: b.Operator, Amount: amount, Bonded: b.Tokens, Backer: backing.Backer})
}

// joining is what changes when stake is bonded behind an operator.
type joining struct {
	owner    sdk.AccAddress
	backing  types.Backing
	found    bool
	position stake.Position
	minted   math.Int
}

// plan works out what bonding amount for owner behind b's operator changes, and refuses it before anything was written: in
// a pool that was just slashed to nothing, beyond max_backings of the owner, or beyond the backing that the operator's own
// stake allows.
func (k *Keeper) plan(ctx context.Context, b *book, owner sdk.AccAddress, amount math.Int) (joining, error) {
	params, err := k.params.Get(ctx)
	if err != nil {
		return joining{}, err
	}
	j := joining{owner: owner, position: b.Position()}
	if j.position.Bonded.Void() {
		if err := checkVoid(ctx, b, params); err != nil {
			return joining{}, err
		}
		j.position.Bonded = stake.EmptyPool()
	}
	if j.backing, j.found, err = k.backing(ctx, owner, b.op); err != nil {
		return joining{}, err
	}
	if !j.found {
		if err := k.checkBackings(ctx, owner, params.MaxBackings); err != nil {
			return joining{}, err
		}
	}
	if j.position, j.minted, err = j.position.Bond(amount); err != nil {
		return joining{}, coded(err).Wrapf("operator %s: bond %s: %v", b.op, amount, err)
	}
	if owner.Equals(b.op) {
		return j, nil
	}
	return j, k.checkBacked(ctx, b, j.position, params)
}

// join carries out a plan for an amount that the module's account holds already. What the backing earned so far is paid.
// The caller saves the pool.
func (k *Keeper) join(ctx context.Context, b *book, j joining) (types.Backing, error) {
	if err := k.reopen(ctx, b); err != nil {
		return types.Backing{}, err
	}
	backing := j.backing
	if j.found {
		if _, err := k.settle(ctx, b, j.owner, backing); err != nil {
			return types.Backing{}, err
		}
	}
	if !j.found || backing.Generation != b.Generation {
		backing = types.Backing{Backer: j.owner.String(), Operator: b.Operator, Shares: math.ZeroInt(), Generation: b.Generation, Amount: math.ZeroInt()}
	}
	backing.Shares = backing.Shares.Add(j.minted)
	backing.RewardsPerShare = b.RewardsPerShare
	b.SetPosition(j.position)
	if err := k.backers.Set(ctx, collections.Join(b.op, j.owner)); err != nil {
		return types.Backing{}, err
	}
	return backing, k.backings.Set(ctx, collections.Join(j.owner, b.op), backing)
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

// checkBackings refuses one more backing of an account that has limit of them.
func (k *Keeper) checkBackings(ctx context.Context, owner sdk.AccAddress, limit uint32) error {
	count := uint32(0)
	err := k.backings.Walk(ctx, collections.NewPrefixedPairRange[sdk.AccAddress, sdk.AccAddress](owner), func(pairKey, types.Backing) (bool, error) {
		count++
		return count == limit, nil
	})
	if err != nil {
		return err
	}
	if count == limit {
		return types.ErrBackings.Wrapf("%s stands behind %d operators, the most it may", owner, count)
	}
	return nil
}

// checkBacked refuses a position with more backing than the operator's own stake allows.
func (k *Keeper) checkBacked(ctx context.Context, b *book, next stake.Position, params types.Params) error {
	backing, _, err := k.backing(ctx, b.op, b.op)
	if err != nil {
		return err
	}
	own := math.ZeroInt()
	if backing.Generation == b.Generation && !b.Position().Bonded.Void() {
		own = next.Bonded.Worth(backing.Shares)
	}
	if err := next.Backed(own, params.MaxBackingMultiple); err != nil {
		return coded(err).Wrapf("operator %s: %s of its own may have at most %d times as much behind it, not %s", b.op, own, params.MaxBackingMultiple, next.Bonded.Tokens.Sub(own))
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
