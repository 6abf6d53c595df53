package types

import (
	"time"
)

// Limits of the parameters.
const (
	// MinTimeLock and MaxTimeLock bound time_lock. What a public network may choose by vote is narrower: see the guardrails.
	MinTimeLock = time.Second
	MaxTimeLock = 60 * 24 * time.Hour
	// BasisPoints are the whole.
	BasisPoints = 10_000
	// MaxScheduledLimit bounds max_scheduled.
	MaxScheduledLimit = 1_000
	// MaxExecutedLimit bounds max_executed_per_block.
	MaxExecutedLimit = 100
	// MaxGrantsLimit bounds max_grants.
	MaxGrantsLimit = 100_000
)

// Limits of a proposal and of what is kept.
const (
	// MaxMessages bounds the messages of one proposal.
	MaxMessages = 16
	// MaxOutcomes is the number of outcomes that are kept.
	MaxOutcomes = 256
	// MaxReason bounds a reason, in bytes.
	MaxReason = 256
)

// DefaultParams returns the parameters of a new chain.
func DefaultParams() Params {
	return Params{
		TimeLock:            48 * time.Hour,
		EmergencyQuorumBps:  5_000,
		MaxScheduled:        100,
		MaxExecutedPerBlock: 4,
		MaxGrants:           1_000,
	}
}

// Validate checks every field.
func (p Params) Validate() error {
	if p.TimeLock < MinTimeLock || p.TimeLock > MaxTimeLock {
		return ErrParams.Wrapf("time_lock must be from %s to %s, got %s", MinTimeLock, MaxTimeLock, p.TimeLock)
	}
	for _, f := range []struct {
		name        string
		value, high uint32
	}{
		{"emergency_quorum_bps", p.EmergencyQuorumBps, BasisPoints},
		{"max_scheduled", p.MaxScheduled, MaxScheduledLimit},
		{"max_executed_per_block", p.MaxExecutedPerBlock, MaxExecutedLimit},
		{"max_grants", p.MaxGrants, MaxGrantsLimit},
	} {
		if f.value == 0 || f.value > f.high {
			return ErrParams.Wrapf("%s must be from 1 to %d, got %d", f.name, f.high, f.value)
		}
	}
	return nil
}
