package types

import (
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/bond/rewards"
	"github.com/assaychain/assay/x/bond/stake"
)

// Limits of the parameters.
const (
	// MaxUnbondingSeconds bounds unbonding_seconds: one year.
	MaxUnbondingSeconds = 366 * 24 * 3600
	// MaxEntriesLimit bounds max_entries, because a new entry counts the account's others.
	MaxEntriesLimit = 100
	// MaxPayoutsLimit bounds max_payouts_per_block.
	MaxPayoutsLimit = 1_000
	// MaxBackingsLimit bounds max_backings, because a tally of votes visits each.
	MaxBackingsLimit = 100
	// MaxMultipleLimit bounds max_backing_multiple.
	MaxMultipleLimit = 1_000
	// MaxBoostLimit bounds boost_slope_bps and boost_cap_bps: a boost of nine times.
	MaxBoostLimit = 9 * stake.BasisPoints
)

// DefaultParams returns the parameters of a new chain: stake in uassay, three weeks of unbonding, seven entries and 32
// backings an account, backing up to ten times an operator's own stake, a commission of 10% that moves by 1% a day, and a
// boost of a quarter for a pool of twice the requirement and of a half at most.
func DefaultParams() Params {
	return Params{
		Denom:                  "uassay",
		UnbondingSeconds:       21 * 24 * 3600,
		MaxEntries:             7,
		MaxPayoutsPerBlock:     100,
		MinAmount:              math.NewInt(1_000_000),
		MaxBackings:            32,
		MaxBackingMultiple:     10,
		InitialCommissionBps:   1_000,
		MaxCommissionBps:       5_000,
		MaxCommissionChangeBps: 100,
		BoostSlopeBps:          2_500,
		BoostCapBps:            5_000,
	}
}

// Validate checks every field.
func (p Params) Validate() error {
	if err := sdk.ValidateDenom(p.Denom); err != nil {
		return ErrParams.Wrapf("denom: %v", err)
	}
	if p.UnbondingSeconds == 0 || p.UnbondingSeconds > MaxUnbondingSeconds {
		return ErrParams.Wrapf("unbonding_seconds must be from 1 to %d, got %d", MaxUnbondingSeconds, p.UnbondingSeconds)
	}
	if p.MinAmount.IsNil() || !p.MinAmount.IsPositive() {
		return ErrParams.Wrap("min_amount must be positive")
	}
	for _, field := range []struct {
		name             string
		value, from, max uint32
	}{
		{"max_entries", p.MaxEntries, 1, MaxEntriesLimit},
		{"max_payouts_per_block", p.MaxPayoutsPerBlock, 1, MaxPayoutsLimit},
		{"max_backings", p.MaxBackings, 1, MaxBackingsLimit},
		{"max_backing_multiple", p.MaxBackingMultiple, 0, MaxMultipleLimit},
		{"max_commission_bps", p.MaxCommissionBps, 0, stake.BasisPoints},
		{"initial_commission_bps", p.InitialCommissionBps, 0, p.MaxCommissionBps},
		{"max_commission_change_bps", p.MaxCommissionChangeBps, 1, stake.BasisPoints},
		{"boost_slope_bps", p.BoostSlopeBps, 0, MaxBoostLimit},
		{"boost_cap_bps", p.BoostCapBps, 0, MaxBoostLimit},
	} {
		if field.value < field.from || field.value > field.max {
			return ErrParams.Wrapf("%s must be from %d to %d, got %d", field.name, field.from, field.max, field.value)
		}
	}
	return nil
}

// CommissionLimits bound a commission and its change.
func (p Params) CommissionLimits() rewards.Limits {
	return rewards.Limits{Ceiling: p.MaxCommissionBps, Step: p.MaxCommissionChangeBps}
}
