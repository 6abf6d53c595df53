package keeper

import (
	"context"
	"time"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	epochstypes "github.com/cosmos/cosmos-sdk/x/epochs/types"

	"github.com/assaychain/assay/x/emission/schedule"
	"github.com/assaychain/assay/x/emission/types"
	"github.com/assaychain/assay/x/hooks"
)

const (
	// maxEpochsPerEnd bounds the epochs minted at the end of one: several only where minting failed before.
	maxEpochsPerEnd = 16
	// maxExpiredPerEnd bounds the periods that expire at the end of an epoch. One is closed at most, so the queue gets shorter.
	maxExpiredPerEnd = 2
)

// Hooks is what x/epochs calls.
type Hooks struct{ k *Keeper }

var _ epochstypes.EpochHooks = Hooks{}

// Hooks returns the hooks that x/epochs calls.
func (k *Keeper) Hooks() Hooks { return Hooks{k: k} }

// BeforeEpochStart does nothing.
func (Hooks) BeforeEpochStart(context.Context, string, int64) error { return nil }

// AfterEpochEnd carries the schedule out for the epoch that the parameters name. It fails only where the parameters can't be read.
func (h Hooks) AfterEpochEnd(ctx context.Context, identifier string, _ int64) error {
	params, err := h.k.params.Get(ctx)
	if err != nil || identifier != params.EpochIdentifier {
		return err
	}
	h.k.endEpoch(sdk.UnwrapSDKContext(ctx), params)
	return nil
}

// endEpoch is the whole of an epoch's end. Each step stands alone: what one can't do stays due, and is done at a later end.
func (k *Keeper) endEpoch(ctx sdk.Context, params types.Params) {
	k.step(ctx, "count the epoch", k.count)
	for range maxEpochsPerEnd {
		more := false
		k.step(ctx, "mint", func(ctx sdk.Context) (err error) {
			more, err = k.mint(ctx, params)
			return err
		})
		if !more {
			break
		}
	}
	k.step(ctx, "close the period", func(ctx sdk.Context) error { return k.closePeriod(ctx, params) })
	for range maxExpiredPerEnd {
		k.step(ctx, "expire a period", k.expire)
	}
	k.step(ctx, "pay validators", func(ctx sdk.Context) error { return k.payValidators(ctx, params) })
	k.step(ctx, "pay the treasury", func(ctx sdk.Context) error { return k.payTreasury(ctx, params) })
}

func (k *Keeper) step(ctx sdk.Context, name string, f func(sdk.Context) error) {
	hooks.Isolate(ctx, types.ModuleName, name, f)
}

// count notes that an epoch has ended, minted or not.
func (k *Keeper) count(ctx sdk.Context) error {
	progress, err := k.progress.Get(ctx)
	if err != nil {
		return err
	}
	progress.Ended++
	return k.progress.Set(ctx, progress)
}

// mint makes the amount of the next epoch that has ended and books it; false when none is left.
func (k *Keeper) mint(ctx sdk.Context, params types.Params) (bool, error) {
	progress, err := k.progress.Get(ctx)
	if err != nil || progress.Epoch >= progress.Ended {
		return false, err
	}
	dues, err := k.dues.Get(ctx)
	if err != nil {
		return false, err
	}
	plan, amount := params.Schedule.Plan().Next(progress.Plan())
	// The supply stays under its cap even where another module made coins. What is lost to it isn't counted as minted.
	room := math.MaxInt(params.SupplyCap.Sub(k.ports.Bank.GetSupply(ctx, params.Denom).Amount), math.ZeroInt())
	if lost := amount.Sub(room); lost.IsPositive() {
		amount, plan.Minted = room, plan.Minted.Sub(lost)
	}
	progress.SetPlan(plan)
	if err := k.progress.Set(ctx, progress); err != nil {
		return false, err
	}
	if amount.IsPositive() {
		if err := k.ports.Bank.MintCoins(ctx, types.ModuleName, coins(params, amount)); err != nil {
			return false, err
		}
	}
	parts := schedule.Split(amount, params.Shares())
	dues.Add(parts)
	if err := k.dues.Set(ctx, dues); err != nil {
		return false, err
	}
	return true, ctx.EventManager().EmitTypedEvent(&types.EventEpochMinted{
		Epoch: progress.Epoch, Amount: sdk.NewCoin(params.Denom, amount),
		Operators: parts.Operators, Validators: parts.Validators, Treasury: parts.Treasury,
	})
}

// closePeriod gives operators' due to those who earned points since the last close. An end that comes too soon, such as those
// that x/epochs catches up after a halt, leaves it to the next: a pot must not depend on who scored in a few seconds.
func (k *Keeper) closePeriod(ctx sdk.Context, params types.Params) error {
	progress, err := k.progress.Get(ctx)
	if err != nil {
		return err
	}
	dues, err := k.dues.Get(ctx)
	if err != nil {
		return err
	}
	now := ctx.BlockTime()
	soon := !progress.ClosedAt.IsZero() && now.Before(progress.ClosedAt.Add(seconds(params.MinPeriodSeconds)))
	if soon || !dues.Operators.IsPositive() {
		return nil
	}
	closed, err := k.ports.Bond.ClosePeriod(ctx)
	if err != nil {
		return err
	}
	period := types.Period{
		Number: closed.Number, Epoch: progress.Epoch, Pot: dues.Operators, TotalPoints: closed.TotalPoints, Claimed: math.ZeroInt(),
		ClosedAt: now, ExpiresAt: now.Add(seconds(params.ClaimSeconds)),
	}
	if !period.TotalPoints.IsPositive() {
		dues.Treasury, period.Pot = dues.Treasury.Add(dues.Operators), math.ZeroInt()
	}
	dues.Operators, progress.ClosedAt = math.ZeroInt(), now
	if err := k.progress.Set(ctx, progress); err != nil {
		return err
	}
	if err := k.dues.Set(ctx, dues); err != nil {
		return err
	}
	if err := k.periods.Set(ctx, period.Number, period); err != nil {
		return err
	}
	return ctx.EventManager().EmitTypedEvent(&types.EventPeriodClosed{
		Period: period.Number, Pot: period.Pot, TotalPoints: period.TotalPoints, ExpiresAt: period.ExpiresAt,
	})
}

func seconds(n uint64) time.Duration { return time.Duration(n) * time.Second }

// expire gives what is left of the oldest period to the treasury, once its time is over.
func (k *Keeper) expire(ctx sdk.Context) error {
	oldest, found, err := k.edge(ctx, new(collections.Range[uint64]))
	if err != nil || !found {
		return err
	}
	period, err := k.periods.Get(ctx, oldest)
	if err != nil || !period.Expired(ctx.BlockTime()) {
		return err
	}
	dues, err := k.dues.Get(ctx)
	if err != nil {
		return err
	}
	dues.Treasury = dues.Treasury.Add(period.Unclaimed())
	if err := k.dues.Set(ctx, dues); err != nil {
		return err
	}
	if err := k.periods.Remove(ctx, oldest); err != nil {
		return err
	}
	if err := k.ports.Bond.ForgetPeriod(ctx, oldest); err != nil {
		return err
	}
	return ctx.EventManager().EmitTypedEvent(&types.EventPeriodExpired{Period: oldest, Unclaimed: period.Unclaimed()})
}

// payValidators hands validators' and delegators' due over to x/distribution.
func (k *Keeper) payValidators(ctx sdk.Context, params types.Params) error {
	return k.pay(ctx, func(dues *types.Dues, totals *types.Totals) error {
		amount := dues.Validators
		if !amount.IsPositive() {
			return nil
		}
		dues.Validators, totals.Validators = math.ZeroInt(), totals.Validators.Add(amount)
		return k.ports.Bank.SendCoinsFromModuleToModule(ctx, types.ModuleName, k.ports.FeeCollector, coins(params, amount))
	})
}

// payTreasury hands the treasury's due over.
func (k *Keeper) payTreasury(ctx sdk.Context, params types.Params) error {
	return k.pay(ctx, func(dues *types.Dues, totals *types.Totals) error {
		amount := dues.Treasury
		if !amount.IsPositive() {
			return nil
		}
		dues.Treasury, totals.Treasury = math.ZeroInt(), totals.Treasury.Add(amount)
		return k.ports.Treasury.FundCommunityPool(ctx, coins(params, amount), k.account)
	})
}

// pay moves an amount from what is due to what is paid.
func (k *Keeper) pay(ctx sdk.Context, move func(*types.Dues, *types.Totals) error) error {
	dues, err := k.dues.Get(ctx)
	if err != nil {
		return err
	}
	totals, err := k.totals.Get(ctx)
	if err != nil {
		return err
	}
	if err := move(&dues, &totals); err != nil {
		return err
	}
	if err := k.dues.Set(ctx, dues); err != nil {
		return err
	}
	return k.totals.Set(ctx, totals)
}

// edge is the first closed period in the order of a range.
func (k *Keeper) edge(ctx context.Context, order *collections.Range[uint64]) (number uint64, found bool, err error) {
	err = k.periods.Walk(ctx, order, func(key uint64, _ types.Period) (bool, error) {
		number, found = key, true
		return true, nil
	})
	return number, found, err
}
