package keeper

import (
	"context"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/accounts"
	"github.com/assaychain/assay/x/penalty/types"
)

// Appeal objects to a punishment of op: it locks op's bond and keeps what was slashed held until the appeal is resolved, at
// most for the resolution window. There is one appeal a record, and none once it is settled.
func (k *Keeper) Appeal(ctx context.Context, op sdk.AccAddress, id uint64, reason string) (types.Record, error) {
	record, err := k.Record(ctx, id)
	if err != nil {
		return types.Record{}, err
	}
	if record.Operator != op.String() {
		return types.Record{}, types.ErrNotYours.Wrapf("record %d is of operator %s", id, record.Operator)
	}
	if record.Status != types.RECORD_STATUS_HELD {
		return types.Record{}, types.ErrStatus.Wrapf("record %d: an appeal needs status %s, it has %s", id, types.RECORD_STATUS_HELD, record.Status)
	}
	params, err := k.params.Get(ctx)
	if err != nil {
		return types.Record{}, err
	}
	coins, err := k.coins(ctx, params.AppealBond)
	if err != nil {
		return types.Record{}, err
	}
	if err := k.ports.Bank.SendCoinsFromAccountToModule(ctx, op, types.ModuleName, coins); err != nil {
		return types.Record{}, err
	}
	if err := k.appeals.Set(ctx, id); err != nil {
		return types.Record{}, err
	}
	record.Status = types.RECORD_STATUS_APPEALED
	record.Appeal = &types.Appeal{Reason: reason, Bond: params.AppealBond, At: now(ctx), Burnt: math.ZeroInt()}
	if err := k.reschedule(ctx, &record, now(ctx).Add(params.ResolutionWindow())); err != nil {
		return types.Record{}, err
	}
	return record, emit(ctx, &types.EventAppealed{Record: record})
}

// ResolveAppeal grants or denies an appeal.
func (k *Keeper) ResolveAppeal(ctx context.Context, id uint64, grant bool, note string) error {
	record, err := k.Record(ctx, id)
	if err != nil {
		return err
	}
	if record.Status != types.RECORD_STATUS_APPEALED || record.Appeal == nil {
		return types.ErrStatus.Wrapf("record %d: there is no appeal to resolve in status %s", id, record.Status)
	}
	record.Appeal.Note = note
	if grant {
		return k.grant(ctx, &record)
	}
	return k.deny(ctx, &record)
}

// grant undoes a punishment: stake and the appeal's bond go back, the count is lowered, and jail and tombstone are lifted as
// far as no other record demands them.
func (k *Keeper) grant(ctx context.Context, record *types.Record) error {
	op, err := accounts.Decode(record.Operator)
	if err != nil {
		return err
	}
	if record.Slashed.IsPositive() {
		if err := k.ports.Bond.Restore(ctx, op, record.Slashed, types.ModuleName); err != nil {
			return err
		}
	}
	if err := k.returnBond(ctx, op, record.Appeal); err != nil {
		return err
	}
	record.Appeal.Outcome = types.APPEAL_OUTCOME_GRANTED
	if err := k.undoOffence(ctx, op, record.Offence); err != nil {
		return err
	}
	if err := k.lift(ctx, op, record); err != nil {
		return err
	}
	if err := k.shut(ctx, record, types.RECORD_STATUS_RESTORED); err != nil {
		return err
	}
	return emit(ctx, &types.EventRestored{Record: *record})
}

// deny lets a punishment stand and burns the appeal's bond: if anybody got it, an operator could deal with itself.
func (k *Keeper) deny(ctx context.Context, record *types.Record) error {
	if err := k.burn(ctx, record.Appeal.Bond); err != nil {
		return err
	}
	record.Appeal.Outcome, record.Appeal.Burnt = types.APPEAL_OUTCOME_DENIED, record.Appeal.Bond
	return k.settle(ctx, record)
}

// lapse ends an appeal that nobody resolved in time. What the chain saw stands, but silence is no judgement of the appeal: its
// bond goes back.
func (k *Keeper) lapse(ctx context.Context, record *types.Record) error {
	op, err := accounts.Decode(record.Operator)
	if err != nil {
		return err
	}
	if err := k.returnBond(ctx, op, record.Appeal); err != nil {
		return err
	}
	record.Appeal.Outcome = types.APPEAL_OUTCOME_LAPSED
	return k.settle(ctx, record)
}

// returnBond pays an appeal's bond back, or burns it when op can't be paid.
func (k *Keeper) returnBond(ctx context.Context, op sdk.AccAddress, appeal *types.Appeal) error {
	paid, err := k.pay(ctx, op, appeal.Bond)
	if err != nil {
		return err
	}
	appeal.Burnt = appeal.Bond.Sub(paid)
	return k.burn(ctx, appeal.Burnt)
}
