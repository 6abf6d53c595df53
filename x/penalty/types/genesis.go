package types

import (
	"errors"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// DefaultGenesis returns the state of a new chain.
func DefaultGenesis() *GenesisState {
	return &GenesisState{Params: DefaultParams(), Jails: []Jail{}, Records: []Record{}, NextRecordId: 1}
}

// Validate checks the state on its own: addresses, terms, and that records are in order of number and time.
func (g GenesisState) Validate() error {
	if err := g.Params.Validate(); err != nil {
		return err
	}
	if g.NextRecordId == 0 {
		return ErrGenesis.Wrap("next_record_id must be at least 1")
	}
	seen := make(map[string]bool, len(g.Jails))
	for _, jail := range g.Jails {
		if err := canonicalAddress(jail.Operator); err != nil {
			return ErrGenesis.Wrapf("jail: operator %q: %v", jail.Operator, err)
		}
		if jail.Until.IsZero() {
			return ErrGenesis.Wrapf("jail of %s: until must be given", jail.Operator)
		}
		if seen[jail.Operator] {
			return ErrGenesis.Wrapf("operator %s has two jail terms", jail.Operator)
		}
		seen[jail.Operator] = true
	}
	return g.validateRecords()
}

func (g GenesisState) validateRecords() error {
	for i, r := range g.Records {
		if err := r.validate(); err != nil {
			return err
		}
		if r.Id >= g.NextRecordId {
			return ErrGenesis.Wrapf("record %d: id must be below next_record_id %d", r.Id, g.NextRecordId)
		}
		if i > 0 && (r.Id <= g.Records[i-1].Id || r.At.Before(g.Records[i-1].At)) {
			return ErrGenesis.Wrapf("record %d: records must be in order of number and time", r.Id)
		}
	}
	return nil
}

func (r Record) validate() error {
	if r.Id == 0 {
		return ErrGenesis.Wrap("record ids start at 1")
	}
	if err := canonicalAddress(r.Operator); err != nil {
		return ErrGenesis.Wrapf("record %d: operator %q: %v", r.Id, r.Operator, err)
	}
	if r.Victim != "" {
		if err := canonicalAddress(r.Victim); err != nil {
			return ErrGenesis.Wrapf("record %d: victim %q: %v", r.Id, r.Victim, err)
		}
	}
	if err := validateOffence(r.Offence); err != nil {
		return ErrGenesis.Wrapf("record %d: %v", r.Id, err)
	}
	if err := validateSubject(r.Subject); err != nil {
		return ErrGenesis.Wrapf("record %d: %v", r.Id, err)
	}
	for _, amount := range []math.Int{r.Slashed, r.ToVictim, r.Burnt} {
		if amount.IsNil() || amount.IsNegative() {
			return ErrGenesis.Wrapf("record %d: amounts must be given and not negative", r.Id)
		}
	}
	if !r.ToVictim.Add(r.Burnt).Equal(r.Slashed) {
		return ErrGenesis.Wrapf("record %d: to_victim %s and burnt %s don't add up to slashed %s", r.Id, r.ToVictim, r.Burnt, r.Slashed)
	}
	if r.At.IsZero() {
		return ErrGenesis.Wrapf("record %d: at must be given", r.Id)
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
