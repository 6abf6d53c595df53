package types

import (
	"time"

	"cosmossdk.io/math"

	"github.com/assaychain/assay/x/penalty/sentence"
)

// Limits of the parameters.
const (
	// MaxHistorySeconds bounds history_seconds: ten years.
	MaxHistorySeconds = 10 * 366 * day
	// MaxPerBlock bounds max_pruned_per_block and max_settled_per_block.
	MaxPerBlock = 1_000
	// MaxAppealSeconds bounds appeal_seconds: a victim waits no longer for its share when nobody appeals.
	MaxAppealSeconds = 30 * day
	// MaxResolutionSeconds bounds resolution_seconds: no coin is held for longer than both together.
	MaxResolutionSeconds = 90 * day
	// MaxAppealBond bounds appeal_bond, a million ASSAY in the base denomination, so that appeals can't be priced away.
	MaxAppealBond = 1_000_000_000_000
	// MaxEvidenceSeconds bounds evidence_seconds: one year.
	MaxEvidenceSeconds = 366 * day

	day  = 24 * hour
	hour = 3_600
)

// DefaultParams returns the parameters of a new chain.
func DefaultParams() Params {
	return Params{
		Rules:              DefaultRules(),
		VictimBps:          3_000,
		ReporterBps:        1_000,
		HistorySeconds:     30 * day,
		MaxPrunedPerBlock:  100,
		MaxSettledPerBlock: 100,
		AppealSeconds:      3 * day,
		ResolutionSeconds:  21 * day,
		AppealBond:         math.NewInt(10_000_000),
		EvidenceSeconds:    14 * day,
	}
}

// Validate checks every field.
func (p Params) Validate() error {
	if err := validateRules(p.Rules); err != nil {
		return err
	}
	if p.VictimBps > sentence.MaxShareBps || p.ReporterBps > sentence.MaxShareBps-p.VictimBps {
		return ErrParams.Wrapf("victim_bps and reporter_bps must be at most %d together, got %d and %d", sentence.MaxShareBps, p.VictimBps, p.ReporterBps)
	}
	for _, field := range []struct {
		name       string
		value, max uint64
	}{
		{"history_seconds", p.HistorySeconds, MaxHistorySeconds},
		{"max_pruned_per_block", uint64(p.MaxPrunedPerBlock), MaxPerBlock},
		{"max_settled_per_block", uint64(p.MaxSettledPerBlock), MaxPerBlock},
		{"appeal_seconds", p.AppealSeconds, MaxAppealSeconds},
		{"resolution_seconds", p.ResolutionSeconds, MaxResolutionSeconds},
		{"evidence_seconds", p.EvidenceSeconds, MaxEvidenceSeconds},
	} {
		if field.value == 0 || field.value > field.max {
			return ErrParams.Wrapf("%s must be from 1 to %d, got %d", field.name, field.max, field.value)
		}
	}
	if p.AppealBond.IsNil() || !p.AppealBond.IsPositive() || p.AppealBond.GT(math.NewInt(MaxAppealBond)) {
		return ErrParams.Wrapf("appeal_bond must be from 1 to %d, got %s", MaxAppealBond, p.AppealBond)
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

// History is how long a settled record stays readable.
func (p Params) History() time.Duration { return seconds(p.HistorySeconds) }

// AppealWindow is how long slashed stake is held when nobody appeals.
func (p Params) AppealWindow() time.Duration { return seconds(p.AppealSeconds) }

// ResolutionWindow is how long an appeal waits for governance.
func (p Params) ResolutionWindow() time.Duration { return seconds(p.ResolutionSeconds) }

// Shares are the parts of victim and reporter.
func (p Params) Shares() sentence.Shares {
	return sentence.Shares{VictimBps: p.VictimBps, ReporterBps: p.ReporterBps}
}

// seconds turns a bounded number of seconds into a duration.
func seconds(n uint64) time.Duration { return time.Duration(n) * time.Second }
