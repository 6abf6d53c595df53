package types

import (
	"bytes"
	"errors"

	"github.com/assaychain/assay/x/accounts"
	"github.com/assaychain/assay/x/penalty/sentence"
	"github.com/assaychain/assay/x/penalty/statement"
)

// DefaultGenesis returns the state of a new chain.
func DefaultGenesis() *GenesisState {
	return &GenesisState{
		Params: DefaultParams(), Jails: []Jail{}, Records: []Record{}, NextRecordId: 1, Conducts: []Conduct{}, Evidence: []EvidenceMark{},
	}
}

// Validate checks the state on its own: addresses, terms, counts, and that records are in order of number and time.
func (g GenesisState) Validate() error {
	if err := g.Params.Validate(); err != nil {
		return err
	}
	if g.NextRecordId == 0 {
		return ErrGenesis.Wrap("next_record_id must be at least 1")
	}
	if err := g.validateJails(); err != nil {
		return err
	}
	if err := g.validateRecords(); err != nil {
		return err
	}
	if err := g.validateConducts(); err != nil {
		return err
	}
	return g.validateEvidence()
}

func (g GenesisState) validateJails() error {
	seen := make(map[string]bool, len(g.Jails))
	for _, jail := range g.Jails {
		if err := canonicalAddress(jail.Operator); err != nil {
			return ErrGenesis.Wrapf("jail: operator %q: %v", jail.Operator, err)
		}
		if jail.Until.IsZero() {
			return ErrGenesis.Wrapf("jail of %s: until must be given", jail.Operator)
		}
		if jail.FirmUntil != nil && jail.FirmUntil.After(jail.Until) {
			return ErrGenesis.Wrapf("jail of %s: firm_until must not be after until", jail.Operator)
		}
		if jail.FirmTombstone && !jail.Tombstoned {
			return ErrGenesis.Wrapf("jail of %s: firm_tombstone without tombstoned", jail.Operator)
		}
		if seen[jail.Operator] {
			return ErrGenesis.Wrapf("operator %s has two jail terms", jail.Operator)
		}
		seen[jail.Operator] = true
	}
	return nil
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

func (g GenesisState) validateConducts() error {
	type line struct {
		operator string
		offence  Offence
	}
	seen := make(map[line]bool, len(g.Conducts))
	for _, c := range g.Conducts {
		if err := canonicalAddress(c.Operator); err != nil {
			return ErrGenesis.Wrapf("conduct: operator %q: %v", c.Operator, err)
		}
		if err := validateOffence(c.Offence); err != nil {
			return ErrGenesis.Wrapf("conduct of %s: %v", c.Operator, err)
		}
		if c.Count == 0 || c.Count > sentence.MaxCount {
			return ErrGenesis.Wrapf("conduct of %s: count must be from 1 to %d, got %d", c.Operator, sentence.MaxCount, c.Count)
		}
		if c.Since.IsZero() || c.ReviewAt.IsZero() {
			return ErrGenesis.Wrapf("conduct of %s: since and review_at must be given", c.Operator)
		}
		if seen[line{c.Operator, c.Offence}] {
			return ErrGenesis.Wrapf("operator %s has two counts of %s", c.Operator, c.Offence)
		}
		seen[line{c.Operator, c.Offence}] = true
	}
	return nil
}

func (g GenesisState) validateEvidence() error {
	for i, mark := range g.Evidence {
		if len(mark.Statement) != statement.DigestSize {
			return ErrGenesis.Wrapf("evidence %d: statement must have %d bytes, got %d", i, statement.DigestSize, len(mark.Statement))
		}
		if mark.Slot < g.EvidenceFloor {
			return ErrGenesis.Wrapf("evidence %d: slot must be at least evidence_floor %d, got %d", i, g.EvidenceFloor, mark.Slot)
		}
		if i > 0 && !g.Evidence[i-1].before(mark) {
			return ErrGenesis.Wrapf("evidence %d: marks must be in order of slot and statement", i)
		}
	}
	return nil
}

func (m EvidenceMark) before(other EvidenceMark) bool {
	if m.Slot != other.Slot {
		return m.Slot < other.Slot
	}
	return bytes.Compare(m.Statement, other.Statement) < 0
}

// canonicalAddress refuses a second spelling of an address, such as one in capitals.
func canonicalAddress(text string) error {
	addr, err := accounts.Decode(text)
	if err != nil {
		return err
	}
	if addr.String() != text {
		return errors.New("address must be written in lower case")
	}
	return nil
}
