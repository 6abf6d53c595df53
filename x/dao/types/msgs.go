package types

import (
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// Gov checks the messages of a proposal with these before it accepts the proposal.
var (
	_ sdk.HasValidateBasic = (*MsgFundTreasury)(nil)
	_ sdk.HasValidateBasic = (*MsgCreateGrant)(nil)
	_ sdk.HasValidateBasic = (*MsgCancelScheduled)(nil)
	_ sdk.HasValidateBasic = (*MsgUpdateParams)(nil)
)

// ValidateBasic checks the coins.
func (m MsgFundTreasury) ValidateBasic() error {
	if err := ValidateAddress("depositor", m.Depositor); err != nil {
		return err
	}
	if err := m.Amount.Validate(); err != nil {
		return ErrAmount.Wrapf("amount: %v", err)
	}
	if m.Amount.Empty() {
		return ErrAmount.Wrap("amount must be given")
	}
	return nil
}

// Grant is the grant that the message makes, without a number.
func (m MsgCreateGrant) Grant() Grant {
	return Grant{
		Recipient: m.Recipient, Purpose: m.Purpose, Denom: m.Amount.Denom, Total: m.Amount.Amount, Claimed: math.ZeroInt(),
		Stream: m.Stream, Milestones: m.Milestones,
	}
}

// ValidateBasic checks the grant.
func (m MsgCreateGrant) ValidateBasic() error {
	if err := m.Grant().validate(); err != nil {
		return err
	}
	for i, milestone := range m.Milestones {
		if milestone.Released {
			return ErrGrant.Wrapf("milestone %d: released must be false in a new grant", i)
		}
	}
	return nil
}

// ValidateBasic checks the reason.
func (m MsgCancelScheduled) ValidateBasic() error {
	if len(m.Reason) > MaxReason {
		return ErrReason.Wrapf("reason must have at most %d bytes, got %d", MaxReason, len(m.Reason))
	}
	return nil
}

// ValidateBasic checks the parameters.
func (m MsgUpdateParams) ValidateBasic() error {
	return m.Params.Validate()
}
