package types

import (
	"slices"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/escrow/settlement"
)

// MaxAllowedDenoms bounds allowed_denoms.
const MaxAllowedDenoms = 64

// DefaultParams returns the parameters of a new chain: uassay only, 2% to the community pool, nothing burnt, deposits from 1,000 uassay.
func DefaultParams() Params {
	return Params{
		AllowedDenoms:  []string{"uassay"},
		ProtocolFeeBps: 200,
		BurnBps:        0,
		MinDeposit:     math.NewInt(1_000),
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
