package types

import (
	"time"

	"github.com/assaychain/assay/x/penalty/sentence"
)

// Limits of the parameters.
const (
	// MaxJail bounds the jail time of one rule: one year.
	MaxJail = 366 * 24 * time.Hour
	// MaxHistorySeconds bounds history_seconds: ten years.
	MaxHistorySeconds = 10 * 366 * 24 * 3600
	// MaxPrunedLimit bounds max_pruned_per_block.
	MaxPrunedLimit = 1_000
)

// offences is the number of offences; the enumeration counts from 1.
const offences = int(OFFENCE_FALSE_DELIVERY)

// DefaultParams returns the parameters of a new chain.
func DefaultParams() Params {
	return Params{
		Rules: []OffenceRule{
			{Offence: OFFENCE_WRONG_RESULT, SlashBps: 1_000, Jail: 24 * time.Hour},
			{Offence: OFFENCE_MISSING_PROOF, SlashBps: 500, Jail: 6 * time.Hour},
			{Offence: OFFENCE_MISSED_COMMIT, SlashBps: 100, Jail: 10 * time.Minute},
			{Offence: OFFENCE_UNDELIVERED_RESULT, SlashBps: 500, Jail: time.Hour},
			{Offence: OFFENCE_FALSE_DELIVERY, SlashBps: 1_000, Jail: 24 * time.Hour},
		},
		VictimBps:         3_000,
		HistorySeconds:    30 * 24 * 3600,
		MaxPrunedPerBlock: 100,
	}
}

// Validate checks every field: one rule for each offence, in the order of the enumeration.
func (p Params) Validate() error {
	if len(p.Rules) != offences {
		return ErrParams.Wrapf("rules must have one line for each of the %d offences, got %d", offences, len(p.Rules))
	}
	for i, rule := range p.Rules {
		if int(rule.Offence) != i+1 {
			return ErrParams.Wrapf("rules: line %d must be %s, got %s", i+1, Offence(i+1), rule.Offence)
		}
		if err := rule.validate(); err != nil {
			return err
		}
	}
	if p.VictimBps > sentence.MaxVictimBps {
		return ErrParams.Wrapf("victim_bps must be at most %d, got %d", sentence.MaxVictimBps, p.VictimBps)
	}
	if p.HistorySeconds == 0 || p.HistorySeconds > MaxHistorySeconds {
		return ErrParams.Wrapf("history_seconds must be from 1 to %d, got %d", MaxHistorySeconds, p.HistorySeconds)
	}
	if p.MaxPrunedPerBlock == 0 || p.MaxPrunedPerBlock > MaxPrunedLimit {
		return ErrParams.Wrapf("max_pruned_per_block must be from 1 to %d, got %d", MaxPrunedLimit, p.MaxPrunedPerBlock)
	}
	return nil
}

// Rule returns the table's line for an offence.
func (p Params) Rule(o Offence) (OffenceRule, error) {
	if err := validateOffence(o); err != nil {
		return OffenceRule{}, err
	}
	if int(o) > len(p.Rules) {
		return OffenceRule{}, ErrOffence.Wrapf("offence %s has no rule", o)
	}
	return p.Rules[o-1], nil
}

// History is how long a record stays readable.
func (p Params) History() time.Duration {
	return time.Duration(p.HistorySeconds) * time.Second
}

func (r OffenceRule) validate() error {
	if r.SlashBps > sentence.BasisPoints {
		return ErrParams.Wrapf("rule %s: slash_bps must be at most %d, got %d", r.Offence, sentence.BasisPoints, r.SlashBps)
	}
	if r.Jail < 0 || r.Jail > MaxJail {
		return ErrParams.Wrapf("rule %s: jail must be from 0 to %s, got %s", r.Offence, MaxJail, r.Jail)
	}
	return nil
}
