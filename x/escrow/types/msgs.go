package types

import (
	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/assaychain/assay/x/accounts"
)

var (
	_ sdk.HasValidateBasic = (*MsgDeposit)(nil)
	_ sdk.HasValidateBasic = (*MsgWithdraw)(nil)
	_ sdk.HasValidateBasic = (*MsgSettle)(nil)
	_ sdk.HasValidateBasic = (*MsgAdmit)(nil)
	_ sdk.HasValidateBasic = (*MsgUpdateParams)(nil)
)

// ValidateBasic checks what can be checked without state.
func (m *MsgDeposit) ValidateBasic() error {
	if err := validateMove(m.Depositor, m.Scope, m.Amount); err != nil {
		return err
	}
	if m.Granter == "" {
		return nil
	}
	if m.Granter == m.Depositor {
		return ErrGrant.Wrap("granter must be left empty when the coins are the signer's own")
	}
	return validateAddress("granter", m.Granter)
}

// ValidateBasic checks what can be checked without state.
func (m *MsgWithdraw) ValidateBasic() error {
	return validateMove(m.Depositor, m.Scope, m.Amount)
}

// ValidateBasic checks what can be checked without state.
func (m *MsgSettle) ValidateBasic() error {
	if err := validateAddress("sender", m.Sender); err != nil {
		return err
	}
	return ValidateScope(m.Scope)
}

// ValidateBasic checks what can be checked without state.
func (m *MsgAdmit) ValidateBasic() error {
	if err := validateAddress("depositor", m.Depositor); err != nil {
		return err
	}
	return ValidateScope(m.Scope)
}

// ValidateBasic checks what can be checked without state.
func (m *MsgUpdateParams) ValidateBasic() error {
	if err := validateAddress("authority", m.Authority); err != nil {
		return err
	}
	return m.Params.Validate()
}

func validateMove(depositor, scope string, amount sdk.Coin) error {
	if err := validateAddress("depositor", depositor); err != nil {
		return err
	}
	if err := ValidateScope(scope); err != nil {
		return err
	}
	return checkCoin(amount)
}

func validateAddress(field, addr string) error {
	if _, err := accounts.Decode(addr); err != nil {
		return sdkerrors.ErrInvalidAddress.Wrapf("%s: %v", field, err)
	}
	return nil
}
