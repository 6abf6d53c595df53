package types

import (
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// Limits of the parameters.
const (
	// MaxUnbondingSeconds bounds unbonding_seconds: one year.
	MaxUnbondingSeconds = 366 * 24 * 3600
	// MaxEntriesLimit bounds max_entries, because one slash visits each entry.
	MaxEntriesLimit = 100
	// MaxPayoutsLimit bounds max_payouts_per_block.
	MaxPayoutsLimit = 1_000
)

// DefaultParams returns the parameters of a new chain: stake in uassay, three weeks of unbonding, seven entries an operator.
func DefaultParams() Params {
	return Params{
		Denom:              "uassay",
		UnbondingSeconds:   21 * 24 * 3600,
		MaxEntries:         7,
		MaxPayoutsPerBlock: 100,
		MinAmount:          math.NewInt(1_000_000),
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
	if p.MaxEntries == 0 || p.MaxEntries > MaxEntriesLimit {
		return ErrParams.Wrapf("max_entries must be from 1 to %d, got %d", MaxEntriesLimit, p.MaxEntries)
	}
	if p.MaxPayoutsPerBlock == 0 || p.MaxPayoutsPerBlock > MaxPayoutsLimit {
		return ErrParams.Wrapf("max_payouts_per_block must be from 1 to %d, got %d", MaxPayoutsLimit, p.MaxPayoutsPerBlock)
	}
	if p.MinAmount.IsNil() || !p.MinAmount.IsPositive() {
		return ErrParams.Wrap("min_amount must be positive")
	}
	return nil
}
