package keeper

import (
	"context"
	"errors"
	"time"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/accounts"
	"github.com/assaychain/assay/x/hooks"
	"github.com/assaychain/assay/x/penalty/sentence"
	"github.com/assaychain/assay/x/penalty/types"
)

// Record returns a punishment.
func (k *Keeper) Record(ctx context.Context, id uint64) (types.Record, error) {
	record, err := k.records.Get(ctx, id)
	if errors.Is(err, collections.ErrNotFound) {
		return types.Record{}, types.ErrNotFound.Wrapf("record %d is not there, or was pruned", id)
	}
	return record, err
}

// settle splits what a record holds: victim and reporter get their shares, the rest is burnt. A share of nobody, of the
// operator itself, or of an address that can't be paid is burnt.
func (k *Keeper) settle(ctx context.Context, record *types.Record) error {
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	op, err := accounts.Decode(record.Operator)
	if err != nil {
		return err
	}
	division := sentence.Divide(record.Slashed, record.Own, params.Shares())
	if record.ToVictim, err = k.payShare(ctx, record, record.Victim, division.Victim); err != nil {
		return err
	}
	if record.ToReporter, err = k.payShare(ctx, record, record.Reporter, division.Reporter); err != nil {
		return err
	}
	record.Burnt = record.Slashed.Sub(record.ToVictim).Sub(record.ToReporter)
	if err := k.burn(ctx, record.Burnt); err != nil {
		return err
	}
	if err := k.confirm(ctx, op, record); err != nil {
		return err
	}
	if err := k.shut(ctx, record, types.RECORD_STATUS_SETTLED); err != nil {
		return err
	}
	return emit(ctx, &types.EventSettled{Record: *record})
}

// payShare pays a share and returns what was paid: nothing to nobody and to the operator itself.
func (k *Keeper) payShare(ctx context.Context, record *types.Record, to string, share math.Int) (math.Int, error) {
	if to == "" || to == record.Operator {
		return math.ZeroInt(), nil
	}
	recipient, err := accounts.Decode(to)
	if err != nil {
		return math.Int{}, err
	}
	return k.pay(ctx, recipient, share)
}

// pay pays out of the module's account, and returns what was paid: nothing to who can't be paid, because that must not stop
// a settlement.
func (k *Keeper) pay(ctx context.Context, to sdk.AccAddress, amount math.Int) (math.Int, error) {
	if amount.IsZero() || k.ports.Bank.BlockedAddr(to) {
		return math.ZeroInt(), nil
	}
	coins, err := k.coins(ctx, amount)
	if err != nil {
		return math.Int{}, err
	}
	paid := hooks.Isolate(sdk.UnwrapSDKContext(ctx), types.ModuleName, "payment to "+to.String(), func(ctx sdk.Context) error {
		return k.ports.Bank.SendCoinsFromModuleToAccount(ctx, types.ModuleName, to, coins)
	})
	if !paid {
		return math.ZeroInt(), nil
	}
	return amount, nil
}

func (k *Keeper) burn(ctx context.Context, amount math.Int) error {
	if amount.IsZero() {
		return nil
	}
	coins, err := k.coins(ctx, amount)
	if err != nil {
		return err
	}
	return k.ports.Bank.BurnCoins(ctx, types.ModuleName, coins)
}

func (k *Keeper) coins(ctx context.Context, amount math.Int) (sdk.Coins, error) {
	denom, err := k.ports.Bond.Denom(ctx)
	if err != nil {
		return nil, err
	}
	return sdk.NewCoins(sdk.NewCoin(denom, amount)), nil
}

// shut closes an open record in a last status and takes it off the queues of open ones.
func (k *Keeper) shut(ctx context.Context, record *types.Record, status types.RecordStatus) error {
	if err := k.holds.Remove(ctx, collections.Join(record.ReleaseAt, record.Id)); err != nil {
		return err
	}
	if err := k.appeals.Remove(ctx, record.Id); err != nil {
		return err
	}
	at := now(ctx)
	record.Status, record.SettledAt = status, &at
	if err := k.settled.Set(ctx, collections.Join(at, record.Id)); err != nil {
		return err
	}
	return k.records.Set(ctx, record.Id, *record)
}

// reschedule moves an open record to another time of settlement and writes it.
func (k *Keeper) reschedule(ctx context.Context, record *types.Record, to time.Time) error {
	if err := k.holds.Remove(ctx, collections.Join(record.ReleaseAt, record.Id)); err != nil {
		return err
	}
	record.ReleaseAt = to.UTC()
	if err := k.holds.Set(ctx, collections.Join(record.ReleaseAt, record.Id)); err != nil {
		return err
	}
	return k.records.Set(ctx, record.Id, *record)
}
