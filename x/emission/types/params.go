package types

import (
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/emission/schedule"
)

// Bounds of the parameters.
const (
	// MaxIdentifier is the size of an epoch's identifier in bytes at most.
	MaxIdentifier = 64
	// MinClaimSeconds and MaxClaimSeconds bound how long rewards can be claimed: a minute to five years.
	MinClaimSeconds, MaxClaimSeconds = 60, 5 * 366 * 24 * 3600
	// MaxPeriods bounds the periods of one claim: what the ledger answers at a time.
	MaxPeriods = 400
	// MaxPeriodSeconds bounds how long a period lasts at least: a week.
	MaxPeriodSeconds = 7 * 24 * 3600
)

// assay is one ASSAY in the base denomination.
const assay = 1_000_000

// DefaultSchedule emits by the day. Four years of main phase begin with 675,000 ASSAY and fall by 0.15% a day to about
// 75,400; a tail begins with 60,000 and falls by 0.06% a day. Without end that adds up to 499.8 million; the cap is 500.
func DefaultSchedule() Schedule {
	const mainPhase = 4*365 + 1 // 2025 to 2028, with one leap day.
	return Schedule{
		Phases: []Phase{
			{Start: 1, Amount: math.NewInt(675_000 * assay), AmountDen: 1, DecayNum: 9_985, DecayDen: 10_000},
			{Start: mainPhase + 1, Amount: math.NewInt(60_000 * assay), AmountDen: 1, DecayNum: 9_994, DecayDen: 10_000},
		},
		Cap: math.NewInt(500_000_000 * assay),
	}
}

// DefaultParams returns the parameters of a new chain: a billion ASSAY at most, of each day's emission 70% for operators, 20%
// for validators and delegators, 10% for the treasury; a year to claim.
func DefaultParams() Params {
	return Params{
		Denom:              "uassay",
		EpochIdentifier:    "day",
		Schedule:           DefaultSchedule(),
		SupplyCap:          math.NewInt(1_000_000_000 * assay),
		OperatorsBps:       7_000,
		ValidatorsBps:      2_000,
		ClaimSeconds:       365 * 24 * 3600,
		MaxPeriodsPerClaim: MaxPeriods,
		MinPeriodSeconds:   12 * 3600,
	}
}

// Validate checks every field against its bounds.
func (p Params) Validate() error {
	if err := sdk.ValidateDenom(p.Denom); err != nil {
		return ErrParams.Wrapf("denom: %s", err)
	}
	if p.EpochIdentifier == "" || len(p.EpochIdentifier) > MaxIdentifier {
		return ErrParams.Wrapf("epoch_identifier of %d bytes: it must have 1 to %d", len(p.EpochIdentifier), MaxIdentifier)
	}
	plan := p.Schedule.Plan()
	if err := plan.Validate(); err != nil {
		return ErrParams.Wrap(err.Error())
	}
	if p.SupplyCap.IsNil() || p.SupplyCap.LT(plan.Cap) {
		return ErrParams.Wrapf("supply_cap must be at least the schedule's cap, %s", plan.Cap)
	}
	if err := p.Shares().Validate(); err != nil {
		return ErrParams.Wrap(err.Error())
	}
	if p.ClaimSeconds < MinClaimSeconds || p.ClaimSeconds > MaxClaimSeconds {
		return ErrParams.Wrapf("claim_seconds is %d: it must be from %d to %d", p.ClaimSeconds, MinClaimSeconds, MaxClaimSeconds)
	}
	if p.MaxPeriodsPerClaim < 1 || p.MaxPeriodsPerClaim > MaxPeriods {
		return ErrParams.Wrapf("max_periods_per_claim is %d: it must be from 1 to %d", p.MaxPeriodsPerClaim, MaxPeriods)
	}
	if p.MinPeriodSeconds > MaxPeriodSeconds {
		return ErrParams.Wrapf("min_period_seconds is %d: it must be at most %d", p.MinPeriodSeconds, MaxPeriodSeconds)
	}
	return nil
}

// Plan is the schedule as the arithmetic takes it.
func (s Schedule) Plan() schedule.Schedule {
	plan := schedule.Schedule{Cap: s.Cap}
	for _, p := range s.Phases {
		plan.Phases = append(plan.Phases, schedule.Phase{
			Start: p.Start, Amount: p.Amount, AmountDen: p.AmountDen, DecayNum: p.DecayNum, DecayDen: p.DecayDen,
		})
	}
	return plan
}

// Shares says who gets how much of an epoch.
func (p Params) Shares() schedule.Shares {
	return schedule.Shares{Operators: p.OperatorsBps, Validators: p.ValidatorsBps}
}
