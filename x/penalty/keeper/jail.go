package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/penalty/sentence"
	"github.com/assaychain/assay/x/penalty/types"
)

// maxTerms bounds how many of an operator's records are read when an appeal is granted.
const maxTerms = 1_000

// IsJailed tells whether op is in jail. It stays there until it leaves by Unjail, even when its time is over; tombstoned, it
// stays for good.
func (k *Keeper) IsJailed(ctx context.Context, op sdk.AccAddress) (bool, error) {
	return k.jails.Has(ctx, op)
}

// Jailed lists the operators in jail by address, at most limit of them.
func (k *Keeper) Jailed(ctx context.Context, limit int) ([]sdk.AccAddress, error) {
	var list []sdk.AccAddress
	if limit < 1 {
		return list, nil
	}
	err := k.jails.Walk(ctx, nil, func(op sdk.AccAddress, _ types.Jail) (bool, error) {
		list = append(list, op)
		return len(list) == limit, nil
	})
	return list, err
}

// Unjail ends op's term once its time is over.
func (k *Keeper) Unjail(ctx context.Context, op sdk.AccAddress) error {
	term, found, err := k.term(ctx, op)
	if err != nil {
		return err
	}
	if !found {
		return types.ErrNotJailed.Wrapf("operator %s is not jailed", op)
	}
	if term.Tombstoned {
		return types.ErrTombstoned.Wrapf("operator %s can't leave jail", op)
	}
	if now := now(ctx); now.Before(term.Until) {
		return types.ErrTerm.Wrapf("operator %s may leave jail from %s, block time is %s", op, term.Until, now)
	}
	return k.release(ctx, op)
}

// term returns op's term, if it is jailed.
func (k *Keeper) term(ctx context.Context, op sdk.AccAddress) (types.Jail, bool, error) {
	term, err := k.jails.Get(ctx, op)
	if errors.Is(err, collections.ErrNotFound) {
		return types.Jail{Operator: op.String()}, false, nil
	}
	return term, err == nil, err
}

func (k *Keeper) release(ctx context.Context, op sdk.AccAddress) error {
	if err := k.jails.Remove(ctx, op); err != nil {
		return err
	}
	return emit(ctx, &types.EventUnjailed{Operator: op.String()})
}

// jail puts op in jail, lengthens its term or tombstones it, and notes in the record what this punishment alone demands. A
// rule without jail time that doesn't tombstone changes nothing.
func (k *Keeper) jail(ctx context.Context, op sdk.AccAddress, rule types.OffenceRule, record *types.Record) error {
	record.Tombstoned = sentence.Tombstones(record.Repetition, rule.TombstoneAfter)
	if rule.Jail == 0 && !record.Tombstoned {
		return nil
	}
	until := record.At.Add(rule.Jail)
	record.JailedUntil = &until
	term, _, err := k.term(ctx, op)
	if err != nil {
		return err
	}
	term.Until = sentence.Until(term.Until, record.At, rule.Jail).UTC()
	term.Tombstoned = term.Tombstoned || record.Tombstoned
	if err := k.jails.Set(ctx, op, term); err != nil {
		return err
	}
	return emit(ctx, &types.EventJailed{Operator: op.String(), Until: term.Until, Tombstoned: term.Tombstoned})
}

// confirm makes the part of op's term that a record demands firm: no appeal can lift it any more.
func (k *Keeper) confirm(ctx context.Context, op sdk.AccAddress, record *types.Record) error {
	if record.JailedUntil == nil {
		return nil
	}
	term, found, err := k.term(ctx, op)
	if err != nil || !found {
		return err
	}
	firm := *record.JailedUntil
	if term.FirmUntil != nil {
		firm = sentence.Later(*term.FirmUntil, firm)
	}
	term.FirmUntil, term.FirmTombstone = &firm, term.FirmTombstone || record.Tombstoned
	return k.jails.Set(ctx, op, term)
}

// lift takes the part that a record demands off op's term; what other records demand stays. op goes free when nothing is
// left of it.
func (k *Keeper) lift(ctx context.Context, op sdk.AccAddress, record *types.Record) error {
	if record.JailedUntil == nil {
		return nil
	}
	term, found, err := k.term(ctx, op)
	if err != nil || !found {
		return err
	}
	rest := types.Jail{Operator: term.Operator, Tombstoned: term.FirmTombstone, FirmUntil: term.FirmUntil, FirmTombstone: term.FirmTombstone}
	if term.FirmUntil != nil {
		rest.Until = *term.FirmUntil
	}
	whole, err := k.addOpenTerms(ctx, op, record.Id, &rest)
	if err != nil || !whole {
		return err
	}
	if !rest.Tombstoned && !rest.Until.After(now(ctx)) {
		return k.release(ctx, op)
	}
	if rest.Until.IsZero() {
		rest.Until = now(ctx)
	}
	return k.jails.Set(ctx, op, rest)
}

// addOpenTerms adds to a term what op's open records but one demand. It reads the youngest maxTerms records and tells
// whether those were all; if not, the term is better left as it is.
func (k *Keeper) addOpenTerms(ctx context.Context, op sdk.AccAddress, except uint64, term *types.Jail) (bool, error) {
	read := 0
	youngestFirst := collections.NewPrefixedPairRange[sdk.AccAddress, uint64](op).Descending()
	err := k.byOperator.Walk(ctx, youngestFirst, func(key operatorKey) (bool, error) {
		if read++; read > maxTerms {
			return true, nil
		}
		record, err := k.records.Get(ctx, key.K2())
		if err != nil {
			return true, err
		}
		if record.Id != except && record.Open() && record.JailedUntil != nil {
			term.Until = sentence.Later(term.Until, *record.JailedUntil)
			term.Tombstoned = term.Tombstoned || record.Tombstoned
		}
		return false, nil
	})
	return read <= maxTerms, err
}
