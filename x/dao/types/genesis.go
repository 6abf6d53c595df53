package types

import (
	"crypto/sha256"
)

// DefaultGenesis returns the state of a new chain.
func DefaultGenesis() *GenesisState {
	return &GenesisState{
		Params: DefaultParams(), Grants: []Grant{}, NextGrantId: 1, Scheduled: []Scheduled{}, Outcomes: []Outcome{}, NextOutcomeId: 1,
	}
}

// Validate checks the state on its own.
func (g GenesisState) Validate() error {
	if err := g.Params.Validate(); err != nil {
		return err
	}
	if g.NextGrantId == 0 || g.NextOutcomeId == 0 {
		return ErrGenesis.Wrap("next_grant_id and next_outcome_id must be at least 1")
	}
	if err := g.validateGrants(); err != nil {
		return err
	}
	if err := g.validateScheduled(); err != nil {
		return err
	}
	return g.validateOutcomes()
}

func (g GenesisState) validateGrants() error {
	last := uint64(0)
	for _, one := range g.Grants {
		if one.Id <= last || one.Id >= g.NextGrantId {
			return ErrGenesis.Wrapf("grant %d: ids must rise and stay below next_grant_id %d", one.Id, g.NextGrantId)
		}
		if err := one.validate(); err != nil {
			return ErrGenesis.Wrapf("grant %d: %v", one.Id, err)
		}
		if !one.Reserved().IsPositive() {
			return ErrGenesis.Wrapf("grant %d: a grant that was paid to the end is forgotten", one.Id)
		}
		last = one.Id
	}
	return nil
}

func (g GenesisState) validateScheduled() error {
	last := uint64(0)
	for _, s := range g.Scheduled {
		if s.ProposalId <= last {
			return ErrGenesis.Wrapf("scheduled proposal %d: ids must rise", s.ProposalId)
		}
		if err := s.validate(); err != nil {
			return ErrGenesis.Wrapf("scheduled proposal %d: %v", s.ProposalId, err)
		}
		last = s.ProposalId
	}
	return nil
}

func (s Scheduled) validate() error {
	if len(s.Messages) == 0 || len(s.Messages) > MaxMessages {
		return ErrGenesis.Wrapf("messages must be from 1 to %d, got %d", MaxMessages, len(s.Messages))
	}
	if len(s.Replaces) != len(s.Messages) {
		return ErrGenesis.Wrapf("replaces must have one line for each of the %d messages, got %d", len(s.Messages), len(s.Replaces))
	}
	for i, hash := range s.Replaces {
		if len(hash) != 0 && len(hash) != sha256.Size {
			return ErrGenesis.Wrapf("replaces: line %d must be empty or have %d bytes", i, sha256.Size)
		}
	}
	if s.PassedAt.IsZero() || s.ExecuteAt.Before(s.PassedAt) {
		return ErrGenesis.Wrap("passed_at must be given, and execute_at must not be before it")
	}
	return nil
}

func (g GenesisState) validateOutcomes() error {
	if len(g.Outcomes) > MaxOutcomes || uint64(len(g.Outcomes)) >= g.NextOutcomeId {
		return ErrGenesis.Wrapf("outcomes must be at most %d and fewer than next_outcome_id, got %d", MaxOutcomes, len(g.Outcomes))
	}
	for _, o := range g.Outcomes {
		if o.ProposalId == 0 || o.Result <= RESULT_UNSPECIFIED || o.Result > RESULT_CANCELLED || o.At.IsZero() || len(o.Reason) > MaxReason {
			return ErrGenesis.Wrapf("outcome of proposal %d: proposal_id, result and at must be given, reason at most %d bytes", o.ProposalId, MaxReason)
		}
	}
	return nil
}
