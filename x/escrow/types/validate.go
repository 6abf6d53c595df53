package types

import (
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/escrow/settlement"
)

// Validate checks one account: names, amounts not negative, what is locked or earned at most the balance, deposits adding up
// to it. A denomination that is no longer allowed is fine: accounts keep theirs.
func (a Account) Validate() error {
	if err := ValidateScope(a.Scope); err != nil {
		return err
	}
	if err := canonicalAddress(a.Depositor); err != nil {
		return ErrGenesis.Wrapf("%s: depositor %q: %v", a.Name(), a.Depositor, err)
	}
	if err := sdk.ValidateDenom(a.Denom); err != nil {
		return ErrGenesis.Wrapf("%s: denom: %v", a.Name(), err)
	}
	for _, amount := range []math.Int{a.Balance, a.Locked, a.Paid} {
		if amount.IsNil() || amount.IsNegative() {
			return ErrGenesis.Wrapf("%s: amounts must be given and not negative", a.Name())
		}
	}
	if a.Balance.IsPositive() {
		if _, err := settlement.Open(a.Balance); err != nil {
			return ErrGenesis.Wrapf("%s: balance: %v", a.Name(), err)
		}
	}
	if err := a.validateFlow(); err != nil {
		return err
	}
	if spare := a.Books().Spare(); a.Locked.GT(spare) {
		return ErrGenesis.Wrapf("%s: locked %s exceeds balance %s less what streams earned", a.Name(), a.Locked, spare)
	}
	return a.validateLots()
}

func (a Account) validateLots() error {
	if len(a.Lots) == 0 {
		return nil
	}
	sum := math.ZeroInt()
	for _, lot := range a.Lots {
		if err := canonicalAddress(lot.Depositor); err != nil {
			return ErrGenesis.Wrapf("%s: depositor %q: %v", a.Name(), lot.Depositor, err)
		}
		if lot.Grantee != "" {
			if err := canonicalAddress(lot.Grantee); err != nil {
				return ErrGenesis.Wrapf("%s: grantee %q: %v", a.Name(), lot.Grantee, err)
			}
		}
		if lot.Amount.IsNil() || !lot.Amount.IsPositive() {
			return ErrGenesis.Wrapf("%s: deposits must be positive", a.Name())
		}
		sum = sum.Add(lot.Amount)
	}
	if !sum.Equal(a.Balance) {
		return ErrGenesis.Wrapf("%s: deposits add up to %s, the balance is %s", a.Name(), sum, a.Balance)
	}
	if len(a.Lots) == 1 && a.owns(a.Lots[0]) {
		return ErrGenesis.Wrapf("%s: a single deposit of the opener's own must not be listed", a.Name())
	}
	return nil
}

func (a Account) validateFlow() error {
	f := a.Flow
	if f == nil {
		return nil
	}
	for _, amount := range []math.Int{f.Rate, f.Owed} {
		if amount.IsNil() || amount.IsNegative() {
			return ErrGenesis.Wrapf("%s: rate and owed must be given and not negative", a.Name())
		}
	}
	if f.Through < 0 || f.Through > settlement.Never {
		return ErrGenesis.Wrapf("%s: through must be from 0 to %d, got %d", a.Name(), int64(settlement.Never), f.Through)
	}
	if f.Streams > f.LastStream || f.LastStream == 0 {
		return ErrGenesis.Wrapf("%s: %d streams, the last one %d", a.Name(), f.Streams, f.LastStream)
	}
	if f.Owed.GT(a.Balance.MulRaw(settlement.Hour)) {
		return ErrGenesis.Wrapf("%s: streams earned more than the balance", a.Name())
	}
	if f.Warned < WARNING_NONE || f.Warned > WARNING_HOUR {
		return ErrGenesis.Wrapf("%s: no such warning: %d", a.Name(), f.Warned)
	}
	return a.validateDue()
}

// validateDue checks the place in the queue: money that flows has one before it runs out, an account that ran dry has one, no
// other has.
func (a Account) validateDue() error {
	dry, flowing := a.Books().DryAt()
	switch {
	case !flowing && a.Flow.Due != 0:
		return ErrGenesis.Wrapf("%s: nothing flows, due must be 0", a.Name())
	case flowing && a.Flow.Due <= 0:
		return ErrGenesis.Wrapf("%s: due must be given", a.Name())
	case flowing && !a.Flow.Dry && a.Flow.Due > max(1, dry):
		return ErrGenesis.Wrapf("%s: due %d is after the money runs out at %d", a.Name(), a.Flow.Due, dry)
	}
	return nil
}

// validateStreams checks that the account's totals are those of its streams.
func (a Account) validateStreams(streams []Stream) error {
	if a.Flow == nil {
		if len(streams) > 0 {
			return ErrGenesis.Wrapf("%s has %d streams and no flow", a.Name(), len(streams))
		}
		return nil
	}
	rate, owed := math.ZeroInt(), math.ZeroInt()
	for _, s := range streams {
		if s.Number > a.Flow.LastStream || s.Through > a.Flow.Through {
			return ErrGenesis.Wrapf("%s is ahead of its account", s.Name())
		}
		rate, owed = rate.Add(s.Rate), owed.Add(s.State().Earned(a.Flow.Through))
	}
	if uint32(len(streams)) != a.Flow.Streams || !rate.Equal(a.Flow.Rate) || !owed.Equal(a.Flow.Owed) {
		return ErrGenesis.Wrapf("%s counts %d streams, rate %s, owed %s; its streams are %d, %s, %s",
			a.Name(), a.Flow.Streams, a.Flow.Rate, a.Flow.Owed, len(streams), rate, owed)
	}
	return nil
}
