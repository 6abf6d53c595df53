package types

import (
	"unicode/utf8"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/assaychain/assay/x/accounts"
)

// MaxTextLength bounds an appeal's reason and governance's note, in bytes.
const MaxTextLength = 512

var (
	_ sdk.HasValidateBasic = (*MsgUnjail)(nil)
	_ sdk.HasValidateBasic = (*MsgSubmitEvidence)(nil)
	_ sdk.HasValidateBasic = (*MsgAppeal)(nil)
	_ sdk.HasValidateBasic = (*MsgResolveAppeal)(nil)
	_ sdk.HasValidateBasic = (*MsgUpdateParams)(nil)
)

// ValidateBasic checks what can be checked without state.
func (m *MsgUnjail) ValidateBasic() error {
	return validateAddress("operator", m.Operator)
}

// ValidateBasic checks what can be checked without state.
func (m *MsgSubmitEvidence) ValidateBasic() error {
	if err := validateAddress("reporter", m.Reporter); err != nil {
		return err
	}
	if m.Equivocation == nil {
		return ErrEvidence.Wrap("equivocation must be given")
	}
	return m.Equivocation.Validate()
}

// ValidateBasic checks what can be checked without state.
func (m *MsgAppeal) ValidateBasic() error {
	if err := validateAddress("operator", m.Operator); err != nil {
		return err
	}
	if len(m.Reason) == 0 {
		return ErrText.Wrap("reason must be given")
	}
	return validateText("reason", m.Reason)
}

// ValidateBasic checks what can be checked without state.
func (m *MsgResolveAppeal) ValidateBasic() error {
	if err := validateAddress("authority", m.Authority); err != nil {
		return err
	}
	return validateText("note", m.Note)
}

// ValidateBasic checks what can be checked without state.
func (m *MsgUpdateParams) ValidateBasic() error {
	if err := validateAddress("authority", m.Authority); err != nil {
		return err
	}
	return m.Params.Validate()
}

func validateAddress(field, addr string) error {
	if _, err := accounts.Decode(addr); err != nil {
		return sdkerrors.ErrInvalidAddress.Wrapf("%s: %v", field, err)
	}
	return nil
}

func validateText(field, text string) error {
	if len(text) > MaxTextLength {
		return ErrText.Wrapf("%s must have at most %d bytes, got %d", field, MaxTextLength, len(text))
	}
	if !utf8.ValidString(text) {
		return ErrText.Wrapf("%s must be UTF-8", field)
	}
	return nil
}
