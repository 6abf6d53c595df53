package keeper

import (
	"context"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/hooks"
	"github.com/assaychain/assay/x/penalty/sentence"
	"github.com/assaychain/assay/x/penalty/types"
)

// Punish slashes and jails an operator as the table says, gives the victim its share, burns the rest, and returns the
// record. Without stake to slash the record says zero and the jail term stands. Reports aren't rewarded: a share of nobody,
// of an address that can't be paid, or of the operator itself is burnt.
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
	slashed, err := k.ports.Bond.Slash(ctx, p.Operator, rule.SlashBps, types.ModuleName)
	if err != nil {
		return types.Record{}, err
	}
	division, err := k.distribute(ctx, p, slashed, params.VictimBps)
	if err != nil {
		return types.Record{}, err
	}
	if err := k.jail(ctx, p.Operator, rule); err != nil {
		return types.Record{}, err
	}
	return k.record(ctx, p, division)
}

// distribute empties the module's account of what was slashed and returns who got what.
func (k *Keeper) distribute(ctx context.Context, p types.Punishment, slashed math.Int, victimBps uint32) (sentence.Division, error) {
	division := sentence.Divide(slashed, victimBps)
	denom, err := k.ports.Bond.Denom(ctx)
	if err != nil {
		return sentence.Division{}, err
	}
	if !k.payVictim(ctx, p, sdk.NewCoin(denom, division.Victim)) {
		division = sentence.Divide(slashed, 0)
	}
	if division.Burnt.IsZero() {
		return division, nil
	}
	coins := sdk.NewCoins(sdk.NewCoin(denom, division.Burnt))
	return division, k.ports.Bank.BurnCoins(ctx, types.ModuleName, coins)
}

// payVictim tells whether the victim got its share. A victim that can't be paid must not stop a punishment.
func (k *Keeper) payVictim(ctx context.Context, p types.Punishment, share sdk.Coin) bool {
	if share.IsZero() || p.Victim.Empty() || p.Victim.Equals(p.Operator) || k.ports.Bank.BlockedAddr(p.Victim) {
		return false
	}
	return hooks.Isolate(sdk.UnwrapSDKContext(ctx), types.ModuleName, "share of "+p.Victim.String(), func(ctx sdk.Context) error {
		return k.ports.Bank.SendCoinsFromModuleToAccount(ctx, types.ModuleName, p.Victim, sdk.NewCoins(share))
	})
}

// record writes a punishment down.
func (k *Keeper) record(ctx context.Context, p types.Punishment, division sentence.Division) (types.Record, error) {
	id, err := k.nextRecordID.Next(ctx)
	if err != nil {
		return types.Record{}, err
	}
	record := types.Record{
		Id:       id,
		Operator: p.Operator.String(),
		Offence:  p.Offence,
		Subject:  p.Subject,
		Slashed:  division.Victim.Add(division.Burnt),
		ToVictim: division.Victim,
		Burnt:    division.Burnt,
		Victim:   p.Victim.String(),
		At:       sdk.UnwrapSDKContext(ctx).BlockTime().UTC(),
	}
	if err := k.records.Set(ctx, id, record); err != nil {
		return types.Record{}, err
	}
	if err := k.byOperator.Set(ctx, collections.Join(p.Operator, id)); err != nil {
		return types.Record{}, err
	}
	return record, emit(ctx, &types.EventPunished{Record: record})
}
