package types

import (
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
)

var (
	_ sdk.HasValidateBasic = (*MsgBond)(nil)
	_ sdk.HasValidateBasic = (*MsgUnbond)(nil)
	_ sdk.HasValidateBasic = (*MsgCancelUnbonding)(nil)
	_ sdk.HasValidateBasic = (*MsgUpdateParams)(nil)
)

// ValidateBasic checks what can be checked without state.
func (m *MsgBond) ValidateBasic() error {
	if err := validateAddress("operator", m.Operator); err != nil {
		return err
	}
	return validateAmount(m.Amount)
}

// ValidateBasic checks what can be checked without state.
func (m *MsgUnbond) ValidateBasic() error {
	if err := validateAddress("operator", m.Operator); err != nil {
		return err
	}
	return validateAmount(m.Amount)
}

// ValidateBasic checks what can be checked without state.
func (m *MsgCancelUnbonding) ValidateBasic() error {
	if err := validateAddress("operator", m.Operator); err != nil {
		return err
	}
	if m.EntryId == 0 {
		return ErrNoEntry.Wrap("entry_id must be at least 1")
	}
	return nil
}

// ValidateBasic checks what can be checked without state.
func (m *MsgUpdateParams) ValidateBasic() error {
	if err := validateAddress("authority", m.Authority); err != nil {
		return err
	}
	return m.Params.Validate()
}

func validateAddress(field, addr string) error {
	if _, err := sdk.AccAddressFromBech32(addr); err != nil {
		return sdkerrors.ErrInvalidAddress.Wrapf("%s: %v", field, err)
	}
	return nil
}

func validateAmount(amount math.Int) error {
	if amount.IsNil() || !amount.IsPositive() {
		return ErrAmount.Wrap("amount must be positive")
	}
	return nil
}
