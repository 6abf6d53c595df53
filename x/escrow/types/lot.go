package types

import (
	"slices"

	"cosmossdk.io/math"

	"github.com/assaychain/assay/x/escrow/settlement"
)

// Deposits are what is left of each deposit, in order. An account that has only its opener's own money keeps no list.
func (a Account) Deposits() []Lot {
	if len(a.Lots) == 0 {
		return []Lot{{Depositor: a.Depositor, Amount: a.Balance}}
	}
	return a.Lots
}

// withDeposits returns the account with other deposits: those that are used up go, and a list of nothing but the opener's own
// money is not kept.
func (a Account) withDeposits(lots []Lot) Account {
	lots = slices.DeleteFunc(slices.Clone(lots), func(l Lot) bool { return l.Amount.IsZero() })
	if len(lots) == 0 || len(lots) == 1 && a.owns(lots[0]) {
		lots = nil
	}
	a.Lots = lots
	return a
}

// owns tells whether a deposit is the opener's own, not out of a grant.
func (a Account) owns(l Lot) bool {
	return l.Depositor == a.Depositor && l.Grantee == ""
}

// Listed tells whether an address may deposit although not anybody may.
func (a Account) Listed(depositor string) bool {
	return a.Depositor == depositor || slices.ContainsFunc(a.Lots, func(l Lot) bool { return l.Depositor == depositor })
}

// Joined returns the account with a deposit at the end of its list. When the list is full the money joins the depositor's latest
// deposit; somebody without one is refused, but never the opener: the last place is kept for it.
func (a Account) Joined(lot Lot, limit uint32) (Account, error) {
	lots := slices.Clone(a.Deposits())
	if !a.owns(lot) {
		limit--
	}
	place := len(lots) - 1
	if uint32(len(lots)) >= limit {
		for place >= 0 && !lots[place].sameOwner(lot) {
			place--
		}
		if place < 0 && !a.owns(lot) {
			return a, ErrFull.Wrapf("%s keeps %d deposits apart, and one of its opener", a.Name(), limit)
		}
	}
	if place >= 0 && lots[place].sameOwner(lot) {
		lots[place].Amount = lots[place].Amount.Add(lot.Amount)
	} else {
		lots = append(lots, lot)
	}
	return a.withDeposits(lots), nil
}

func (l Lot) sameOwner(other Lot) bool {
	return l.Depositor == other.Depositor && l.Grantee == other.Grantee
}

// Drained returns the account with amount taken out of its deposits, the first one first. Without a list there is nothing to do.
func (a Account) Drained(amount math.Int) (Account, error) {
	if len(a.Lots) == 0 {
		return a, nil
	}
	left, err := settlement.Drain(amounts(a.Lots), amount)
	if err != nil {
		return a, ErrBroken.Wrapf("%s: deposits are below the balance: %v", a.Name(), err)
	}
	lots := slices.Clone(a.Lots)
	for i := range lots {
		lots[i].Amount = left[i]
	}
	return a.withDeposits(lots), nil
}

// Withdrawn returns the account with amount taken out of a depositor's own deposits, the latest first, as far as the account's
// claims leave them, and what was taken of each.
func (a Account) Withdrawn(depositor string, amount, claims math.Int) (Account, []Lot, error) {
	lots := slices.Clone(a.Deposits())
	free := settlement.Withdrawable(amounts(lots), claims)
	rest, taken := amount, []Lot(nil)
	for i := len(lots) - 1; i >= 0 && rest.IsPositive(); i-- {
		part := math.MinInt(rest, free[i])
		if lots[i].Depositor != depositor || part.IsZero() {
			continue
		}
		lots[i].Amount, rest = lots[i].Amount.Sub(part), rest.Sub(part)
		taken = append(taken, Lot{Depositor: depositor, Grantee: lots[i].Grantee, Amount: part})
	}
	if rest.IsPositive() {
		return a, nil, ErrLocked.Wrapf("%s: %s may withdraw %s%s: the rest is locked or earned", a.Name(), depositor, amount.Sub(rest), a.Denom)
	}
	return a.withDeposits(lots), taken, nil
}

func amounts(lots []Lot) []math.Int {
	all := make([]math.Int, len(lots))
	for i, lot := range lots {
		all[i] = lot.Amount
	}
	return all
}
