package keeper

import (
	"context"
	"errors"
	"time"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/bond/rewards"
	"github.com/assaychain/assay/x/bond/stake"
	"github.com/assaychain/assay/x/bond/types"
)

// book is an operator's pool on its way through a verb: load, change, save.
type book struct {
	types.Pool
	op     sdk.AccAddress
	before types.Pool
}

// load reads op's pool, an idle one when there is none.
func (k *Keeper) load(ctx context.Context, op sdk.AccAddress) (*book, error) {
	found, err := k.Pool(ctx, op)
	if err != nil {
		return nil, err
	}
	return &book{Pool: found, op: op, before: found}, nil
}

// save writes a pool, or forgets it when it is idle, with all that follows from its change: the total of bonded stake, the
// operator's points, and whether entries that waited may be payable now.
func (k *Keeper) save(ctx context.Context, b *book) error {
	if b.Shares.IsZero() {
		// Nobody is left to earn: rests of divisions are the operator's.
		b.CommissionDue = b.Unpaid()
		b.RewardsHeld, b.RewardsCarry = math.ZeroInt(), math.ZeroInt()
	}
	if err := k.countBonded(ctx, b.Tokens.Sub(b.before.Tokens)); err != nil {
		return err
	}
	if err := k.reweigh(ctx, b); err != nil {
		return err
	}
	if b.Waiting > 0 && b.Position().Slack().GT(b.before.Position().Slack()) {
		if err := k.ready.Set(ctx, b.op); err != nil {
			return err
		}
	}
	if b.IsIdle() {
		return k.pools.Remove(ctx, b.op)
	}
	return k.pools.Set(ctx, b.op, b.Pool)
}

// countBonded adds a change to the total of bonded stake.
func (k *Keeper) countBonded(ctx context.Context, change math.Int) error {
	if change.IsZero() {
		return nil
	}
	total, err := k.TotalBonded(ctx)
	if err != nil {
		return err
	}
	return k.totalBonded.Set(ctx, total.Add(change))
}

// checkVoid refuses to join a pool that was slashed to nothing less than an unbonding time ago: until then an appeal can
// give its backers back what they lost, and nobody can slip in between.
func checkVoid(ctx context.Context, b *book, params types.Params) error {
	open := b.VoidSince.Add(time.Duration(params.UnbondingSeconds) * time.Second)
	if now(ctx).Before(open) {
		return types.ErrVoid.Wrapf("operator %s: nobody can join the pool until %s", b.op, open.Format(time.RFC3339))
	}
	return nil
}

// reopen makes a pool ready to be joined: an operator's first one gets its number, and a new one takes the place of one
// that was slashed to nothing, whose shares have rewards to get and nothing else.
func (k *Keeper) reopen(ctx context.Context, b *book) error {
	void := b.Position().Bonded.Void()
	if b.Generation != 0 && !void {
		return nil
	}
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	if b.Generation == 0 {
		b.CommissionBps = params.InitialCommissionBps
	}
	if void {
		closed := types.ClosedPool{Operator: b.Operator, Generation: b.Generation, Shares: b.Shares, RewardsHeld: b.RewardsHeld, RewardsPerShare: b.RewardsPerShare}
		if err := k.closed.Set(ctx, collections.Join(b.op, b.Generation), closed); err != nil {
			return err
		}
		b.SetRewards(rewards.Empty())
		b.VoidSince = nil
	}
	b.Generation, err = k.nextGeneration.Next(ctx)
	return err
}

// Pool returns op's pool, an idle one when it has none.
func (k *Keeper) Pool(ctx context.Context, op sdk.AccAddress) (types.Pool, error) {
	found, err := k.pools.Get(ctx, op)
	if errors.Is(err, collections.ErrNotFound) {
		return types.NewPool(op.String()), nil
	}
	return found, err
}

// Stake returns the totals of op's pool, all zero when it has none.
func (k *Keeper) Stake(ctx context.Context, op sdk.AccAddress) (types.Stake, error) {
	pool, err := k.Pool(ctx, op)
	if err != nil {
		return types.Stake{}, err
	}
	return pool.Stake(), nil
}

// Bonded returns what is bonded behind op, its own stake and its backers', zero when there is none.
func (k *Keeper) Bonded(ctx context.Context, op sdk.AccAddress) (math.Int, error) {
	pool, err := k.Pool(ctx, op)
	return pool.Tokens, err
}

// Headroom returns the exposure that op can still take on: bonded less exposure, never negative.
func (k *Keeper) Headroom(ctx context.Context, op sdk.AccAddress) (math.Int, error) {
	cover, err := k.covers.Get(ctx, op)
	if errors.Is(err, collections.ErrNotFound) {
		return math.ZeroInt(), nil
	}
	if err != nil {
		return math.Int{}, err
	}
	return stake.Headroom(cover.Tokens, cover.Exposure), nil
}

// TotalBonded returns the sum of what is bonded behind all operators. It reads one number.
func (k *Keeper) TotalBonded(ctx context.Context) (math.Int, error) {
	total, err := k.totalBonded.Get(ctx)
	if errors.Is(err, collections.ErrNotFound) {
		return math.ZeroInt(), nil
	}
	return total, err
}

// receive takes amount of stake from an account into the module's.
func (k *Keeper) receive(ctx context.Context, from sdk.AccAddress, amount math.Int) error {
	coins, err := k.coins(ctx, amount)
	if err != nil {
		return err
	}
	return k.ports.Bank.SendCoinsFromAccountToModule(ctx, from, types.ModuleName, coins)
}

// pay sends amount to an account; nothing when it is zero.
func (k *Keeper) pay(ctx context.Context, to sdk.AccAddress, amount math.Int) error {
	if amount.IsZero() {
		return nil
	}
	coins, err := k.coins(ctx, amount)
	if err != nil {
		return err
	}
	return k.ports.Bank.SendCoinsFromModuleToAccount(ctx, types.ModuleName, to, coins)
}

// coins is amount in the denomination of all stake.
func (k *Keeper) coins(ctx context.Context, amount math.Int) (sdk.Coins, error) {
	denom, err := k.Denom(ctx)
	if err != nil {
		return nil, err
	}
	return sdk.NewCoins(sdk.NewCoin(denom, amount)), nil
}
