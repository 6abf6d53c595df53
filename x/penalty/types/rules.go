package types

import (
	"time"

	"github.com/assaychain/assay/x/penalty/sentence"
)

// Limits of a rule.
const (
	// MaxJail bounds the jail time of one rule: one year.
	MaxJail = 366 * 24 * time.Hour
	// MaxRepetitionSeconds bounds repetition_seconds: one year.
	MaxRepetitionSeconds = 366 * day
)

// offences is the number of offences; the enumeration counts from 1.
const offences = int(OFFENCE_EQUIVOCATION)

// DefaultRules returns the table of offences of a new chain. What needs intent costs most and ends in a tombstone; what a
// fault of network or machine can cause starts small and grows.
func DefaultRules() []OffenceRule {
	return []OffenceRule{
		{Offence: OFFENCE_WRONG_RESULT, SlashBps: 1_000, EscalationBps: 500, MaxSlashBps: 5_000, Jail: 24 * time.Hour, RepetitionSeconds: 30 * day, TombstoneAfter: 5},
		{Offence: OFFENCE_MISSING_PROOF, SlashBps: 500, EscalationBps: 250, MaxSlashBps: 2_500, Jail: 6 * time.Hour, RepetitionSeconds: 7 * day},
		{Offence: OFFENCE_MISSED_COMMIT, SlashBps: 100, EscalationBps: 50, MaxSlashBps: 1_000, Jail: 10 * time.Minute, RepetitionSeconds: day},
		{Offence: OFFENCE_UNDELIVERED_RESULT, SlashBps: 500, EscalationBps: 250, MaxSlashBps: 2_500, Jail: time.Hour, RepetitionSeconds: 7 * day},
		{Offence: OFFENCE_FALSE_DELIVERY, SlashBps: 1_000, EscalationBps: 500, MaxSlashBps: 5_000, Jail: 24 * time.Hour, RepetitionSeconds: 30 * day, TombstoneAfter: 5},
		{Offence: OFFENCE_MISSED_SPOT_CHECK, SlashBps: 50, EscalationBps: 50, MaxSlashBps: 1_000, Jail: 10 * time.Minute, RepetitionSeconds: 7 * day},
		{Offence: OFFENCE_FALSE_HARDWARE, SlashBps: 1_000, EscalationBps: 1_000, MaxSlashBps: 5_000, Jail: 7 * 24 * time.Hour, RepetitionSeconds: 90 * day, TombstoneAfter: 3},
		{Offence: OFFENCE_LOST_DISPUTE, SlashBps: 2_000, EscalationBps: 1_000, MaxSlashBps: 5_000, Jail: 3 * 24 * time.Hour, RepetitionSeconds: 90 * day, TombstoneAfter: 3},
		{Offence: OFFENCE_ABANDONED_LEASE, SlashBps: 300, EscalationBps: 300, MaxSlashBps: 2_000, Jail: time.Hour, RepetitionSeconds: 30 * day},
		{Offence: OFFENCE_SLA_BREACH, SlashBps: 50, EscalationBps: 50, MaxSlashBps: 500, RepetitionSeconds: 7 * day},
		{Offence: OFFENCE_EXPIRED_ATTESTATION, SlashBps: 10, EscalationBps: 10, MaxSlashBps: 100, RepetitionSeconds: 7 * day},
		{Offence: OFFENCE_EQUIVOCATION, SlashBps: 1_000, EscalationBps: 2_000, MaxSlashBps: 5_000, Jail: 7 * 24 * time.Hour, RepetitionSeconds: 366 * day, TombstoneAfter: 2},
	}
}

// validateRules checks that there is one rule for each offence, in the order of the enumeration.
func validateRules(rules []OffenceRule) error {
	if len(rules) != offences {
		return ErrParams.Wrapf("rules must have one line for each of the %d offences, got %d", offences, len(rules))
	}
	for i, rule := range rules {
		if int(rule.Offence) != i+1 {
			return ErrParams.Wrapf("rules: line %d must be %s, got %s", i+1, Offence(i+1), rule.Offence)
		}
		if err := rule.validate(); err != nil {
			return err
		}
	}
	return nil
}

func (r OffenceRule) validate() error {
	if r.SlashBps > sentence.BasisPoints {
		return ErrParams.Wrapf("rule %s: slash_bps must be at most %d, got %d", r.Offence, sentence.BasisPoints, r.SlashBps)
	}
	if r.EscalationBps > sentence.BasisPoints {
		return ErrParams.Wrapf("rule %s: escalation_bps must be at most %d, got %d", r.Offence, sentence.BasisPoints, r.EscalationBps)
	}
	if r.MaxSlashBps < r.SlashBps || r.MaxSlashBps > sentence.BasisPoints {
		return ErrParams.Wrapf("rule %s: max_slash_bps must be from slash_bps %d to %d, got %d", r.Offence, r.SlashBps, sentence.BasisPoints, r.MaxSlashBps)
	}
	if r.Jail < 0 || r.Jail > MaxJail {
		return ErrParams.Wrapf("rule %s: jail must be from 0 to %s, got %s", r.Offence, MaxJail, r.Jail)
	}
	if r.RepetitionSeconds > MaxRepetitionSeconds {
		return ErrParams.Wrapf("rule %s: repetition_seconds must be at most %d, got %d", r.Offence, MaxRepetitionSeconds, r.RepetitionSeconds)
	}
	if r.TombstoneAfter > sentence.MaxCount {
		return ErrParams.Wrapf("rule %s: tombstone_after must be at most %d, got %d", r.Offence, sentence.MaxCount, r.TombstoneAfter)
	}
	if r.RepetitionSeconds == 0 && (r.EscalationBps > 0 || r.TombstoneAfter > 1) {
		return ErrParams.Wrapf("rule %s: repetition_seconds must be given where repetition costs more or tombstones", r.Offence)
	}
	return nil
}

// Escalation is how the slashed fraction grows with repetition.
func (r OffenceRule) Escalation() sentence.Escalation {
	return sentence.Escalation{BaseBps: r.SlashBps, StepBps: r.EscalationBps, MaxBps: r.MaxSlashBps}
}

// RepetitionWindow is the time that takes one offence off the count.
func (r OffenceRule) RepetitionWindow() time.Duration { return seconds(r.RepetitionSeconds) }
