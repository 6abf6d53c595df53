package types

import (
	sdk "github.com/cosmos/cosmos-sdk/types"
)

var (
	_ sdk.HasValidateBasic = (*MsgOpenLease)(nil)
	_ sdk.HasValidateBasic = (*MsgReserveLease)(nil)
	_ sdk.HasValidateBasic = (*MsgExtendLease)(nil)
	_ sdk.HasValidateBasic = (*MsgCloseLease)(nil)
	_ sdk.HasValidateBasic = (*MsgReportOutage)(nil)
	_ sdk.HasValidateBasic = (*MsgReportRecovery)(nil)
	_ sdk.HasValidateBasic = (*MsgReportLiveness)(nil)
)

// ValidateBasic checks what can be checked without state.
func (m *MsgOpenLease) ValidateBasic() error {
	if err := validateAddress("customer", m.Customer); err != nil {
		return err
	}
	return ValidateTerms(m.Device, m.MaxRate, m.Deposit, m.GatewayKey)
}

// ValidateBasic checks what can be checked without state.
func (m *MsgReserveLease) ValidateBasic() error {
	if err := validateAddress("customer", m.Customer); err != nil {
		return err
	}
	if !wholeSecond(m.Start) {
		return ErrLease.Wrapf("start is %s: it must be a whole second", m.Start)
	}
	return ValidateTerms(m.Device, m.MaxRate, m.Deposit, m.GatewayKey)
}

// ValidateBasic checks what can be checked without state.
func (m *MsgExtendLease) ValidateBasic() error {
	if err := validateAddress("customer", m.Customer); err != nil {
		return err
	}
	if m.Seconds == 0 {
		return ErrLease.Wrap("seconds is 0: it must be at least 1")
	}
	if err := m.MaxRate.Validate(); err != nil {
		return ErrRate.Wrapf("max_rate: %s", err)
	}
	if err := m.Deposit.Validate(); err != nil {
		return ErrDeposit.Wrapf("deposit: %s", err)
	}
	return nil
}

// ValidateBasic checks what can be checked without state.
func (m *MsgCloseLease) ValidateBasic() error {
	if m.Motive < LEASE_MOTIVE_NOT_NEEDED || m.Motive > LEASE_MOTIVE_OTHER {
		return ErrLease.Wrapf("motive is %d: it must be from %d to %d", m.Motive, LEASE_MOTIVE_NOT_NEEDED, LEASE_MOTIVE_OTHER)
	}
	return validateAddress("party", m.Party)
}

// ValidateBasic checks what can be checked without state.
func (m *MsgReportOutage) ValidateBasic() error { return validateAddress("customer", m.Customer) }

// ValidateBasic checks what can be checked without state.
func (m *MsgReportRecovery) ValidateBasic() error { return validateAddress("operator", m.Operator) }

// ValidateBasic checks what can be checked without state.
func (m *MsgReportLiveness) ValidateBasic() error {
	if len(m.Signature) != SignatureSize {
		return ErrGateway.Wrapf("signature has %d bytes: it must have %d", len(m.Signature), SignatureSize)
	}
	return validateAddress("reporter", m.Reporter)
}
