package types

import (
	"errors"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// DefaultGenesis returns the state of a new chain.
func DefaultGenesis() *GenesisState {
	return &GenesisState{Params: DefaultParams(), Accounts: []Account{}}
}

// accountID names an account.
type accountID struct {
	scope string
	id    uint64
}

// Validate checks the state on its own.
func (g GenesisState) Validate() error {
	if err := g.Params.Validate(); err != nil {
		return err
	}
	seen := make(map[accountID]bool, len(g.Accounts))
	for _, a := range g.Accounts {
		if err := a.Validate(); err != nil {
			return err
		}
		id := accountID{a.Scope, a.Id}
		if seen[id] {
			return ErrGenesis.Wrapf("account %s/%d is listed twice", a.Scope, a.Id)
		}
		seen[id] = true
	}
	return nil
}

// Validate checks one account: names, amounts not negative, locked at most balance. A denomination that is no longer
// allowed is fine: accounts keep theirs.
func (a Account) Validate() error {
	if err := ValidateScope(a.Scope); err != nil {
		return err
	}
	if err := canonicalAddress(a.Depositor); err != nil {
		return ErrGenesis.Wrapf("account %s/%d: depositor %q: %v", a.Scope, a.Id, a.Depositor, err)
	}
	if err := sdk.ValidateDenom(a.Denom); err != nil {
		return ErrGenesis.Wrapf("account %s/%d: denom: %v", a.Scope, a.Id, err)
	}
	for _, amount := range []math.Int{a.Balance, a.Locked, a.Paid} {
		if amount.IsNil() || amount.IsNegative() {
			return ErrGenesis.Wrapf("account %s/%d: amounts must be given and not negative", a.Scope, a.Id)
		}
	}
	if a.Locked.GT(a.Balance) {
		return ErrGenesis.Wrapf("account %s/%d: locked %s exceeds balance %s", a.Scope, a.Id, a.Locked, a.Balance)
	}
	return nil
}

// canonicalAddress refuses a second spelling of an address, such as one in capitals.
func canonicalAddress(text string) error {
	addr, err := sdk.AccAddressFromBech32(text)
	if err != nil {
		return err
	}
	if addr.String() != text {
		return errors.New("address must be written in lower case")
	}
	return nil
}
