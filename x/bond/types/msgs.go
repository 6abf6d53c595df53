package types

import (
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/assaychain/assay/x/accounts"
)

var (
	_ sdk.HasValidateBasic = (*MsgBond)(nil)
	_ sdk.HasValidateBasic = (*MsgUnbond)(nil)
	_ sdk.HasValidateBasic = (*MsgCancelUnbonding)(nil)
	_ sdk.HasValidateBasic = (*MsgBack)(nil)
	_ sdk.HasValidateBasic = (*MsgUnback)(nil)
	_ sdk.HasValidateBasic = (*MsgMoveBacking)(nil)
	_ sdk.HasValidateBasic = (*MsgCancelUnbacking)(nil)
	_ sdk.HasValidateBasic = (*MsgWithdrawRewards)(nil)
	_ sdk.HasValidateBasic = (*MsgSetCommission)(nil)
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
	return validateEntry(m.EntryId)
}

// ValidateBasic checks what can be checked without state.
func (m *MsgBack) ValidateBasic() error {
	if err := validateBacking(m.Backer, "operator", m.Operator); err != nil {
		return err
	}
	return validateAmount(m.Amount)
}

// ValidateBasic checks what can be checked without state.
func (m *MsgUnback) ValidateBasic() error {
	if err := validateBacking(m.Backer, "operator", m.Operator); err != nil {
		return err
	}
	return validateAmount(m.Amount)
}

// ValidateBasic checks what can be checked without state.
func (m *MsgMoveBacking) ValidateBasic() error {
	if err := validateBacking(m.Backer, "source", m.Source); err != nil {
		return err
	}
	if err := validateAddress("destination", m.Destination); err != nil {
		return err
	}
	return validateAmount(m.Amount)
}

// ValidateBasic checks what can be checked without state.
func (m *MsgCancelUnbacking) ValidateBasic() error {
	if err := validateAddress("backer", m.Backer); err != nil {
		return err
	}
	return validateEntry(m.EntryId)
}

// ValidateBasic checks what can be checked without state.
func (m *MsgWithdrawRewards) ValidateBasic() error {
	return validateBacking(m.Backer, "operator", m.Operator)
}

// ValidateBasic checks what can be checked without state.
func (m *MsgSetCommission) ValidateBasic() error {
	return validateAddress("operator", m.Operator)
}

// ValidateBasic checks what can be checked without state.
func (m *MsgUpdateParams) ValidateBasic() error {
	if err := validateAddress("authority", m.Authority); err != nil {
		return err
	}
	return m.Params.Validate()
}

func validateBacking(backer, field, operator string) error {
	if err := validateAddress("backer", backer); err != nil {
		return err
	}
	return validateAddress(field, operator)
}

func validateAddress(field, addr string) error {
	if _, err := accounts.Decode(addr); err != nil {
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

func validateEntry(id uint64) error {
	if id == 0 {
		return ErrNoEntry.Wrap("entry_id must be at least 1")
	}
	return nil
}
