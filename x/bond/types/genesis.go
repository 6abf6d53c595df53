package types

import (
	"errors"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// DefaultGenesis returns the state of a new chain.
func DefaultGenesis() *GenesisState {
	return &GenesisState{Params: DefaultParams(), Stakes: []Stake{}, Entries: []UnbondingEntry{}, NextEntryId: 1}
}

// Validate checks the state on its own: addresses, amounts, numbers, and that entries add up to each operator's unbonding sum.
func (g GenesisState) Validate() error {
	if err := g.Params.Validate(); err != nil {
		return err
	}
	if g.NextEntryId == 0 {
		return ErrGenesis.Wrap("next_entry_id must be at least 1")
	}
	sums, err := g.entrySums()
	if err != nil {
		return err
	}
	seen := make(map[string]bool, len(g.Stakes))
	for _, s := range g.Stakes {
		if err := s.validate(); err != nil {
			return err
		}
		if seen[s.Operator] {
			return ErrGenesis.Wrapf("operator %s has two stakes", s.Operator)
		}
		seen[s.Operator] = true
		if sum := sumOf(sums, s.Operator); !sum.Equal(s.Unbonding) {
			return ErrGenesis.Wrapf("operator %s: entries add up to %s, unbonding says %s", s.Operator, sum, s.Unbonding)
		}
	}
	for _, e := range g.Entries {
		if !seen[e.Operator] {
			return ErrGenesis.Wrapf("entry %d: operator %s has no stake", e.Id, e.Operator)
		}
	}
	return nil
}

// entrySums checks the entries one by one and adds them up by operator.
func (g GenesisState) entrySums() (map[string]math.Int, error) {
	sums := make(map[string]math.Int)
	ids := make(map[uint64]bool, len(g.Entries))
	for _, e := range g.Entries {
		if err := e.validate(); err != nil {
			return nil, err
		}
		if e.Id >= g.NextEntryId {
			return nil, ErrGenesis.Wrapf("entry %d: id must be below next_entry_id %d", e.Id, g.NextEntryId)
		}
		if ids[e.Id] {
			return nil, ErrGenesis.Wrapf("entry %d: id is used twice", e.Id)
		}
		ids[e.Id] = true
		sums[e.Operator] = sumOf(sums, e.Operator).Add(e.Amount)
	}
	return sums, nil
}

func sumOf(sums map[string]math.Int, operator string) math.Int {
	if sum, ok := sums[operator]; ok {
		return sum
	}
	return math.ZeroInt()
}

func (s Stake) validate() error {
	if err := canonicalAddress(s.Operator); err != nil {
		return ErrGenesis.Wrapf("stake: operator %q: %v", s.Operator, err)
	}
	for _, amount := range []math.Int{s.Bonded, s.Unbonding, s.Exposure, s.Requirement} {
		if amount.IsNil() || amount.IsNegative() {
			return ErrGenesis.Wrapf("operator %s: amounts must be given and not negative", s.Operator)
		}
	}
	if s.Position().IsZero() {
		return ErrGenesis.Wrapf("operator %s: empty stake, leave it out", s.Operator)
	}
	return nil
}

func (e UnbondingEntry) validate() error {
	if err := canonicalAddress(e.Operator); err != nil {
		return ErrGenesis.Wrapf("entry %d: operator %q: %v", e.Id, e.Operator, err)
	}
	if e.Id == 0 {
		return ErrGenesis.Wrap("entry ids start at 1")
	}
	if e.Amount.IsNil() || !e.Amount.IsPositive() {
		return ErrGenesis.Wrapf("entry %d: amount must be positive", e.Id)
	}
	if e.CompletesAt.IsZero() {
		return ErrGenesis.Wrapf("entry %d: completes_at must be given", e.Id)
	}
	return nil
}

// canonicalAddress refuses a second spelling of an address, such as one in capitals, that would slip past the search for duplicates.
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
