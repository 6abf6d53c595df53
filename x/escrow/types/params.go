package types

import (
	"slices"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/escrow/settlement"
)

// Bounds of the parameters.
const (
	// MaxAllowedDenoms bounds allowed_denoms.
	MaxAllowedDenoms = 64
	// MaxMaxStreams bounds max_streams: closing an account pays all of its streams at once.
	MaxMaxStreams = 256
	// MaxMaxDepositors bounds max_depositors: every payment rewrites the list, and closing refunds all of it at once.
	MaxMaxDepositors = 64
	// MaxMaxPayoutsPerBlock bounds max_payouts_per_block.
	MaxMaxPayoutsPerBlock = 10_000
)

// DefaultParams returns the parameters of a new chain: uassay only, 2% to the community pool, nothing burnt, deposits from 1,000 uassay,
// 128 streams and 16 deposits an account, 200 payouts a block.
func DefaultParams() Params {
	return Params{
		AllowedDenoms:  []string{"uassay"},
		ProtocolFeeBps: 200,
		BurnBps:        0,
		MinDeposit:     math.NewInt(1_000),

		MaxStreams:         128,
		MaxDepositors:      16,
		MaxPayoutsPerBlock: 200,
	}
}

// Validate checks every field.
func (p Params) Validate() error {
	if len(p.AllowedDenoms) == 0 || len(p.AllowedDenoms) > MaxAllowedDenoms {
		return ErrParams.Wrapf("allowed_denoms must name from 1 to %d denominations, got %d", MaxAllowedDenoms, len(p.AllowedDenoms))
	}
	for i, denom := range p.AllowedDenoms {
		if err := sdk.ValidateDenom(denom); err != nil {
			return ErrParams.Wrapf("allowed_denoms: %v", err)
		}
		if slices.Contains(p.AllowedDenoms[:i], denom) {
			return ErrParams.Wrapf("allowed_denoms: %s is named twice", denom)
		}
	}
	if err := p.Rates().Validate(); err != nil {
		return ErrParams.Wrapf("protocol_fee_bps %d, burn_bps %d: %v", p.ProtocolFeeBps, p.BurnBps, err)
	}
	if p.MinDeposit.IsNil() || !p.MinDeposit.IsPositive() {
		return ErrParams.Wrap("min_deposit must be positive")
	}
	return p.validateBounds()
}

func (p Params) validateBounds() error {
	for _, bound := range []struct {
		name       string
		value, max uint32
	}{
		{"max_streams", p.MaxStreams, MaxMaxStreams},
		{"max_depositors", p.MaxDepositors, MaxMaxDepositors},
		{"max_payouts_per_block", p.MaxPayoutsPerBlock, MaxMaxPayoutsPerBlock},
	} {
		if bound.value == 0 || bound.value > bound.max {
			return ErrParams.Wrapf("%s must be from 1 to %d, got %d", bound.name, bound.max, bound.value)
		}
	}
	return nil
}

// Rates are the shares of every payment that don't go to its recipient.
func (p Params) Rates() settlement.Rates {
	return settlement.Rates{Protocol: p.ProtocolFeeBps, Burn: p.BurnBps}
}

// CheckDeposit checks an amount against the allowed denominations and the minimum.
func (p Params) CheckDeposit(amount sdk.Coin) error {
	if err := p.CheckCoin(amount); err != nil {
		return err
	}
	if amount.Amount.LT(p.MinDeposit) {
		return ErrAmount.Wrapf("deposit %s is below min_deposit %s", amount, p.MinDeposit)
	}
	return nil
}

// CheckCoin checks that an amount is positive and in an allowed denomination.
func (p Params) CheckCoin(amount sdk.Coin) error {
	if err := checkCoin(amount); err != nil {
		return err
	}
	if !slices.Contains(p.AllowedDenoms, amount.Denom) {
		return ErrDenom.Wrapf("%s is not in allowed_denoms %v", amount.Denom, p.AllowedDenoms)
	}
	return nil
}
