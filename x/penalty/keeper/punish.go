package keeper

import (
	"context"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/penalty/types"
)

// Punish slashes and jails an operator as the table says, holds what was slashed through the appeal window, and returns the
// record. Without stake to slash the record says zero and the jail term stands.
func (k *Keeper) Punish(ctx context.Context, p types.Punishment) (types.Record, error) {
	if err := p.Validate(); err != nil {
		return types.Record{}, err
	}
	params, err := k.params.Get(ctx)
	if err != nil {
		return types.Record{}, err
	}
	rule, err := params.Rule(p.Offence)
	if err != nil {
		return types.Record{}, err
	}
	count, err := k.countOffence(ctx, p.Operator, rule)
	if err != nil {
		return types.Record{}, err
	}
	record := types.Record{
		Operator: p.Operator.String(), Offence: p.Offence, Subject: p.Subject, Victim: p.Victim.String(), Reporter: p.Reporter.String(),
		Status: types.RECORD_STATUS_HELD, At: now(ctx), ReleaseAt: now(ctx).Add(params.AppealWindow()),
		Repetition: count, SlashBps: rule.Escalation().Fraction(count),
		ToVictim: math.ZeroInt(), ToReporter: math.ZeroInt(), Burnt: math.ZeroInt(),
	}
	if err := k.slash(ctx, p.Operator, &record); err != nil {
		return types.Record{}, err
	}
	if err := k.jail(ctx, p.Operator, rule, &record); err != nil {
		return types.Record{}, err
	}
	return record, k.open(ctx, p.Operator, &record)
}

// slash takes the record's fraction of op's stake and notes how much of it the operator itself lost.
func (k *Keeper) slash(ctx context.Context, op sdk.AccAddress, record *types.Record) error {
	before, err := k.own(ctx, op)
	if err != nil {
		return err
	}
	if record.Slashed, err = k.ports.Bond.Slash(ctx, op, record.SlashBps, types.ModuleName); err != nil {
		return err
	}
	after, err := k.own(ctx, op)
	if err != nil {
		return err
	}
	record.Own = math.MaxInt(math.ZeroInt(), math.MinInt(before.Sub(after), record.Slashed))
	return nil
}

// own is what op itself has bonded; what it has on its way out isn't counted, so victim and reporter never get more.
func (k *Keeper) own(ctx context.Context, op sdk.AccAddress) (math.Int, error) {
	backings, err := k.ports.Bond.BackingsOf(ctx, op)
	if err != nil {
		return math.Int{}, err
	}
	for _, backing := range backings {
		if backing.Operator == op.String() {
			return backing.Amount, nil
		}
	}
	return math.ZeroInt(), nil
}

// open numbers a new record and writes it down.
func (k *Keeper) open(ctx context.Context, op sdk.AccAddress, record *types.Record) (err error) {
	if record.Id, err = k.nextRecordID.Next(ctx); err != nil {
		return err
	}
	if err := k.records.Set(ctx, record.Id, *record); err != nil {
		return err
	}
	if err := k.byOperator.Set(ctx, collections.Join(op, record.Id)); err != nil {
		return err
	}
	if err := k.holds.Set(ctx, collections.Join(record.ReleaseAt, record.Id)); err != nil {
		return err
	}
	return emit(ctx, &types.EventPunished{Record: *record})
}
