package types

import (
	"crypto/sha256"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/accounts"
	"github.com/assaychain/assay/x/market/delivery"
	"github.com/assaychain/assay/x/proofs/program"
)

var (
	_ sdk.HasValidateBasic = (*MsgSubmitJob)(nil)
	_ sdk.HasValidateBasic = (*MsgCancelJob)(nil)
	_ sdk.HasValidateBasic = (*MsgCommitResult)(nil)
	_ sdk.HasValidateBasic = (*MsgReportUnavailable)(nil)
	_ sdk.HasValidateBasic = (*MsgProveResult)(nil)
	_ sdk.HasValidateBasic = (*MsgClaimUndelivered)(nil)
	_ sdk.HasValidateBasic = (*MsgDeliverResult)(nil)
	_ sdk.HasValidateBasic = (*MsgContestDelivery)(nil)
	_ sdk.HasValidateBasic = (*MsgDisputeResult)(nil)
	_ sdk.HasValidateBasic = (*MsgAnswerDispute)(nil)
	_ sdk.HasValidateBasic = (*MsgUpdateParams)(nil)
)

// ValidateBasic checks what can be checked without state. The specification is checked in the handler, after its gas is paid.
func (m *MsgSubmitJob) ValidateBasic() error {
	if err := validateAddress("customer", m.Customer); err != nil {
		return err
	}
	if err := m.MaxPrice.Validate(); err != nil {
		return ErrPrice.Wrapf("max_price: %s", err)
	}
	if m.Deadline.IsZero() {
		return ErrDeadline.Wrap("deadline must be given")
	}
	return nil
}

// ValidateBasic checks what can be checked without state.
func (m *MsgCancelJob) ValidateBasic() error { return validateAddress("customer", m.Customer) }

// ValidateBasic checks what can be checked without state.
func (m *MsgCommitResult) ValidateBasic() error {
	if len(m.Commitment) != sha256.Size {
		return ErrCommitment.Wrapf("commitment has %d bytes: it must have %d", len(m.Commitment), sha256.Size)
	}
	return validateAddress("worker", m.Worker)
}

// ValidateBasic checks what can be checked without state.
func (m *MsgReportUnavailable) ValidateBasic() error { return validateAddress("worker", m.Worker) }

// ValidateBasic checks what can be checked without state.
func (m *MsgProveResult) ValidateBasic() error {
	if n := len(m.StepRoots); n < 1 || n > program.MaxSteps {
		return ErrRoots.Wrapf("step_roots has %d entries: it must have 1 to %d", n, program.MaxSteps)
	}
	if n := len(m.Proofs); n < 1 || n > MaxSamplesLimit {
		return ErrProofs.Wrapf("proofs has %d entries: it must have 1 to %d", n, MaxSamplesLimit)
	}
	return validateAddress("worker", m.Worker)
}

// ValidateBasic checks what can be checked without state.
func (m *MsgClaimUndelivered) ValidateBasic() error { return validateAddress("customer", m.Customer) }

// ValidateBasic checks what can be checked without state.
func (m *MsgDeliverResult) ValidateBasic() error {
	if n := len(m.Sealed); n <= delivery.Overhead || n > SealedBytesLimit {
		return ErrSealed.Wrapf("sealed has %d bytes: it must have %d to %d", n, delivery.Overhead+1, SealedBytesLimit)
	}
	return validateAddress("worker", m.Worker)
}

// ValidateBasic checks what can be checked without state.
func (m *MsgContestDelivery) ValidateBasic() error {
	if len(m.DeliverySecret) != delivery.KeySize {
		return ErrSecret.Wrapf("delivery_secret has %d bytes: it must have %d", len(m.DeliverySecret), delivery.KeySize)
	}
	if n := len(m.NextDeliveryKey); n != 0 && n != delivery.KeySize {
		return ErrNextKey.Wrapf("next_delivery_key has %d bytes: it must have %d, or none", n, delivery.KeySize)
	}
	return validateAddress("customer", m.Customer)
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
		return ErrAddress.Wrapf("%s: %s", field, err)
	}
	return nil
}
