package types

import (
	"fmt"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/escrow/settlement"
)

// MaxScopeLength bounds the name of a scope.
const MaxScopeLength = 32

// ValidateScope checks the name of a kind of work: 1 to 32 lower-case letters and digits, a letter first.
func ValidateScope(scope string) error {
	if len(scope) == 0 || len(scope) > MaxScopeLength {
		return ErrScope.Wrapf("scope must have from 1 to %d characters, got %d", MaxScopeLength, len(scope))
	}
	for i := 0; i < len(scope); i++ {
		letter := scope[i] >= 'a' && scope[i] <= 'z'
		digit := scope[i] >= '0' && scope[i] <= '9'
		if !letter && (!digit || i == 0) {
			return ErrScope.Wrapf("scope %q must be lower-case letters and digits, a letter first", scope)
		}
	}
	return nil
}

// Name is how errors and logs name the account.
func (a Account) Name() string {
	return fmt.Sprintf("account %s/%d", a.Scope, a.Id)
}

// Books are the account's amounts.
func (a Account) Books() settlement.Books {
	books := settlement.Books{Balance: a.Balance, Locked: a.Locked, Paid: a.Paid, Flow: settlement.NoFlow()}
	if a.Flow != nil {
		books.Flow = settlement.Flow{Rate: a.Flow.Rate, Owed: a.Flow.Owed, Through: a.Flow.Through, Dry: a.Flow.Dry}
	}
	return books
}

// WithBooks returns the account with other amounts. An account without streams keeps none.
func (a Account) WithBooks(b settlement.Books) Account {
	a.Balance, a.Locked, a.Paid = b.Balance, b.Locked, b.Paid
	if a.Flow != nil {
		flow := *a.Flow
		flow.Rate, flow.Owed, flow.Through, flow.Dry = b.Flow.Rate, b.Flow.Owed, b.Flow.Through, b.Flow.Dry
		a.Flow = &flow
	}
	return a
}

// Accrued returns the account with what its streams earned through a moment, in Unix milliseconds.
func (a Account) Accrued(now int64) Account {
	if a.Flow == nil {
		return a
	}
	return a.WithBooks(a.Books().Accrue(now))
}

// IsDry tells whether the money ran out, as of the moment through which the account is counted.
func (a Account) IsDry() bool {
	return a.Flow != nil && a.Flow.Dry
}

// CheckDenom checks that amount is in the account's denomination.
func (a Account) CheckDenom(amount sdk.Coin) error {
	if amount.Denom != a.Denom {
		return ErrDenom.Wrapf("account %s/%d is in %s, not %s", a.Scope, a.Id, a.Denom, amount.Denom)
	}
	return nil
}

func checkCoin(amount sdk.Coin) error {
	if err := amount.Validate(); err != nil {
		return ErrAmount.Wrapf("amount: %v", err)
	}
	if !amount.Amount.IsPositive() {
		return ErrAmount.Wrap("amount must be positive")
	}
	return nil
}
