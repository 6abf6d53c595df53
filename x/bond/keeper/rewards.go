package keeper

import (
	"context"
	"time"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/bond/rewards"
	"github.com/assaychain/assay/x/bond/types"
)

// AddRewards takes amount from a module's account for op's pool: first op's commission, then every share alike. It costs
// the same for any number of backers. All of it is op's when nothing is bonded behind it.
func (k *Keeper) AddRewards(ctx context.Context, op sdk.AccAddress, amount sdk.Coin, fromModule string) error {
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	if amount.Denom != params.Denom {
		return types.ErrAmount.Wrapf("rewards are paid in %s, not in %s", params.Denom, amount.Denom)
	}
	if err := rewards.Check(amount.Amount); err != nil {
		return types.ErrAmount.Wrapf("rewards of operator %s: %v", op, err)
	}
	if err := k.ports.Bank.SendCoinsFromModuleToModule(ctx, fromModule, types.ModuleName, sdk.NewCoins(amount)); err != nil {
		return err
	}
	b, err := k.load(ctx, op)
	if err != nil {
		return err
	}
	commission := amount.Amount
	if b.Tokens.IsPositive() {
		commission = rewards.Commission(amount.Amount, commissionOf(b.Pool, params))
	}
	b.CommissionDue = b.CommissionDue.Add(commission)
	if rest := amount.Amount.Sub(commission); rest.IsPositive() {
		b.SetRewards(b.Rewards().Add(rest, b.Shares))
	}
	if err := k.save(ctx, b); err != nil {
		return err
	}
	return emit(ctx, &types.EventRewardsAdded{Operator: b.Operator, Amount: amount.Amount, Commission: commission})
}

// commissionOf is the rate that applies: the operator's, held under the ceiling.
func commissionOf(pool types.Pool, params types.Params) uint32 {
	return min(pool.CommissionBps, params.MaxCommissionBps)
}

// WithdrawRewards pays what backer's backing of op has earned, and the commission too when backer is op, and returns it.
// A backing of a pool that was replaced is forgotten with it.
func (k *Keeper) WithdrawRewards(ctx context.Context, backer, op sdk.AccAddress) (math.Int, error) {
	b, err := k.load(ctx, op)
	if err != nil {
		return math.Int{}, err
	}
	backing, found, err := k.backing(ctx, backer, op)
	if err != nil {
		return math.Int{}, err
	}
	paid := math.ZeroInt()
	if found {
		if paid, err = k.settle(ctx, b, backer, backing); err != nil {
			return math.Int{}, err
		}
		if backing.Generation != b.Generation {
			backing.Shares = math.ZeroInt()
		}
		backing.RewardsPerShare = b.RewardsPerShare
		if err := k.setBacking(ctx, backer, op, backing); err != nil {
			return math.Int{}, err
		}
	}
	if backer.Equals(op) {
		commission := b.CommissionDue
		b.CommissionDue = math.ZeroInt()
		if err := k.payRewards(ctx, b, backer, commission); err != nil {
			return math.Int{}, err
		}
		paid = paid.Add(commission)
	} else if !found {
		return math.Int{}, types.ErrBacking.Wrapf("%s has nothing behind operator %s", backer, op)
	}
	return paid, k.save(ctx, b)
}

// settle pays what a backing has earned and returns it. The caller writes the backing with the pool's accumulator, and
// saves the pool.
func (k *Keeper) settle(ctx context.Context, b *book, owner sdk.AccAddress, backing types.Backing) (math.Int, error) {
	if backing.Generation != b.Generation {
		return k.settleClosed(ctx, b, owner, backing)
	}
	next, due := b.Rewards().Pay(backing.Shares, backing.RewardsPerShare)
	b.SetRewards(next)
	return due, k.payRewards(ctx, b, owner, due)
}

// settleClosed pays what a backing of a replaced pool earned before. With the last one the pool is forgotten, and rests
// of divisions are the operator's.
func (k *Keeper) settleClosed(ctx context.Context, b *book, owner sdk.AccAddress, backing types.Backing) (math.Int, error) {
	key := collections.Join(b.op, backing.Generation)
	closed, err := k.closed.Get(ctx, key)
	if err != nil {
		return math.Int{}, types.ErrBroken.Wrapf("pool %d of operator %s: %v", backing.Generation, b.op, err)
	}
	next, due := closed.Rewards().Pay(backing.Shares, backing.RewardsPerShare)
	closed.RewardsHeld, closed.Shares = next.Held, closed.Shares.Sub(backing.Shares)
	if closed.Shares.IsPositive() {
		err = k.closed.Set(ctx, key, closed)
	} else {
		b.CommissionDue = b.CommissionDue.Add(closed.RewardsHeld)
		err = k.closed.Remove(ctx, key)
	}
	if err != nil {
		return math.Int{}, err
	}
	return due, k.payRewards(ctx, b, owner, due)
}

// payRewards pays an amount of b's rewards; nothing when it is zero.
func (k *Keeper) payRewards(ctx context.Context, b *book, to sdk.AccAddress, amount math.Int) error {
	if amount.IsZero() {
		return nil
	}
	if err := k.pay(ctx, to, amount); err != nil {
		return err
	}
	return emit(ctx, &types.EventRewardsWithdrawn{Backer: to.String(), Operator: b.Operator, Amount: amount})
}

// RewardsDue returns what backer's backing of op has earned and not withdrawn, and the commission when backer is op.
func (k *Keeper) RewardsDue(ctx context.Context, backer, op sdk.AccAddress) (earned, commission math.Int, err error) {
	earned, commission = math.ZeroInt(), math.ZeroInt()
	pool, err := k.Pool(ctx, op)
	if err != nil {
		return earned, commission, err
	}
	if backer.Equals(op) {
		commission = pool.CommissionDue
	}
	backing, found, err := k.backing(ctx, backer, op)
	if err != nil || !found {
		return earned, commission, err
	}
	book := pool.Rewards()
	if backing.Generation != pool.Generation {
		closed, err := k.closed.Get(ctx, collections.Join(op, backing.Generation))
		if err != nil {
			return earned, commission, types.ErrBroken.Wrapf("pool %d of operator %s: %v", backing.Generation, op, err)
		}
		book = closed.Rewards()
	}
	return book.Due(backing.Shares, backing.RewardsPerShare), commission, nil
}

// SetCommission changes op's commission: once a day, by at most max_commission_change_bps, up to max_commission_bps. op
// must have stake.
func (k *Keeper) SetCommission(ctx context.Context, op sdk.AccAddress, bps uint32) error {
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	b, err := k.load(ctx, op)
	if err != nil {
		return err
	}
	if !b.Shares.IsPositive() {
		return types.ErrNoPool.Wrapf("operator %s: bond first", op)
	}
	if err := params.CommissionLimits().Change(b.CommissionBps, bps, sinceCommission(ctx, b.Pool)); err != nil {
		return types.ErrCommission.Wrapf("from %d to %d basis points with at most %d a day up to %d: %v", b.CommissionBps, bps, params.MaxCommissionChangeBps, params.MaxCommissionBps, err)
	}
	changed := now(ctx)
	b.CommissionBps, b.CommissionChangedAt = bps, &changed
	if err := k.save(ctx, b); err != nil {
		return err
	}
	return emit(ctx, &types.EventCommissionSet{Operator: b.Operator, CommissionBps: bps})
}

// never says that a commission was not changed before.
const never = time.Duration(-1)

func sinceCommission(ctx context.Context, pool types.Pool) time.Duration {
	if pool.CommissionChangedAt == nil {
		return never
	}
	return max(0, now(ctx).Sub(*pool.CommissionChangedAt))
}
