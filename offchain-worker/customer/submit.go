package customer

import (
	"context"
	"errors"
	"fmt"
	"time"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/offchain-worker/chain"
	markettypes "github.com/assaychain/assay/x/market/types"
)

// Terms are what the customer asks for beside the computation.
type Terms struct {
	Requirements markettypes.Requirements
	// Samples is the number of positions to be proven.
	Samples uint32
	// Assurance is how they are proven.
	Assurance markettypes.Assurance
	// Replicas is how many operators compute the job by themselves, and Agreement how many of their results must be equal to be accepted
	// without samples; 0 for one worker, whose samples are proven.
	Replicas, Agreement uint32
	// Audit is how often the result is computed again, and by whom not; nil for never.
	Audit *markettypes.AuditTerms
	// MaxPrice is the most to pay; it is locked, and what is not used comes back.
	MaxPrice sdk.Coin
	// Deadline is the time until the last moment for a commitment, counted from the last block.
	Deadline time.Duration
	// Locators are base URLs at which all inputs lie.
	Locators []string
}

// Operators is how many operators are paid for at most.
func (t Terms) Operators() uint32 {
	return markettypes.Spec{Replicas: t.Replicas, Audit: t.Audit}.Operators()
}

// Spec is what the chain gets to know of an order.
func (o *Order) Spec(terms Terms, deliveryKey []byte) markettypes.Spec {
	spec := markettypes.Spec{
		Program: o.Program, Requirements: terms.Requirements, Policy: markettypes.VERIFICATION_POLICY_PROOF,
		Samples: terms.Samples, DeliveryKey: deliveryKey, Assurance: terms.Assurance,
	}
	if terms.Replicas > 0 {
		spec.Policy, spec.Replicas, spec.Agreement = markettypes.VERIFICATION_POLICY_REPLICA, terms.Replicas, terms.Agreement
	}
	if terms.Audit != nil {
		spec.Policy, spec.Audit = markettypes.VERIFICATION_POLICY_AUDIT, terms.Audit
	}
	for _, input := range o.Inputs {
		ref := markettypes.InputRef{Root: input.Root[:]}
		for _, base := range terms.Locators {
			ref.Locators = append(ref.Locators, Locator(base, input.Root))
		}
		spec.Inputs = append(spec.Inputs, ref)
	}
	return spec
}

// Clock tells the chain's time.
type Clock interface {
	Status(ctx context.Context) (chain.Status, error)
}

// Submit journals the record and then posts the order. The record has the job's number afterwards. Whatever happens after
// the transaction has left this machine, the record is in the journal, with the secret half of the job's delivery key.
func Submit(ctx context.Context, order *Order, terms Terms, record *Record, with Submission) error {
	status, err := with.Clock.Status(ctx)
	if err != nil {
		return err
	}
	message := &markettypes.MsgSubmitJob{
		Customer: with.Wallet.Address().String(), Spec: order.Spec(terms, record.DeliveryKey),
		MaxPrice: terms.MaxPrice, Deadline: status.BlockTime.Add(terms.Deadline),
	}
	if err := message.Spec.Validate(); err != nil {
		return fmt.Errorf("%w: %w", ErrOrder, err)
	}
	for _, input := range order.Inputs {
		if err := with.Journal.Blobs().Put(input.Root, input.Blob); err != nil {
			return err
		}
		record.Inputs = append(record.Inputs, input.Root.String())
	}
	_, _, err = with.Wallet.Send(ctx, func(signed chain.SignedTx) error {
		record.TxHash, record.TxHeight = signed.Hash, signed.TimeoutHeight
		return with.Journal.Save(record)
	}, message)
	if errors.Is(err, chain.ErrRefused) {
		err = errors.Join(err, with.Journal.Drop(record))
	}
	if err != nil {
		return fmt.Errorf("submit the job: %w", err)
	}
	if err := with.Wallet.number(ctx, record); err != nil {
		return err
	}
	return with.Journal.Save(record)
}

// Submission is what submitting works with; every field is required.
type Submission struct {
	Wallet  *Wallet
	Journal *Journal
	Clock   Clock
}
