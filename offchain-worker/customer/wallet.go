package customer

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/cosmos/gogoproto/proto"

	"github.com/cosmos/cosmos-sdk/client"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/offchain-worker/chain"
	markettypes "github.com/assaychain/assay/x/market/types"
)

// Wallet sends the customer's transactions, one after the other.
type Wallet struct {
	signer *chain.Signer
	node   client.CometRPC
}

// NewWallet makes a wallet over a signer and the node that its transactions go through.
func NewWallet(signer *chain.Signer, node client.CometRPC) *Wallet {
	return &Wallet{signer: signer, node: node}
}

// Address is the customer's account.
func (w *Wallet) Address() sdk.AccAddress { return w.signer.Address() }

// Signer is what signs for the account: all that the account sends goes through it.
func (w *Wallet) Signer() *chain.Signer { return w.signer }

// Send brings a message into a block and waits for it. record, when given, is called with the signed transaction before it
// leaves this machine. The error wraps chain.ErrRefused when the chain does not take the message.
func (w *Wallet) Send(ctx context.Context, record func(chain.SignedTx) error, message sdk.Msg) (chain.Outcome, string, error) {
	signed, err := w.signer.Send(ctx, record, message)
	if err != nil && !errors.Is(err, chain.ErrUnknown) {
		return chain.Outcome{}, "", err
	}
	outcome, err := w.signer.Await(ctx, signed)
	switch {
	case err != nil:
		return outcome, signed.Hash, fmt.Errorf("transaction %s: %w", signed.Hash, err)
	case outcome.State == chain.TxDead:
		return outcome, signed.Hash, fmt.Errorf("%w: transaction %s got into no block in time; send it again", chain.ErrRefused, signed.Hash)
	case !outcome.OK():
		return outcome, signed.Hash, fmt.Errorf("%w: transaction %s: code %d: %s", chain.ErrRefused, signed.Hash, outcome.Code, outcome.Log)
	}
	return outcome, signed.Hash, nil
}

// Answer reads the response to the only message of a transaction that is in a block.
func (w *Wallet) Answer(ctx context.Context, hash string, into proto.Message) error {
	raw, err := hex.DecodeString(hash)
	if err != nil {
		return fmt.Errorf("transaction hash %q: %w", hash, err)
	}
	result, err := w.node.Tx(ctx, raw, false)
	if err != nil {
		return fmt.Errorf("transaction %s: %w", hash, err)
	}
	var data sdk.TxMsgData
	if err := data.Unmarshal(result.TxResult.Data); err != nil {
		return fmt.Errorf("transaction %s: %w", hash, err)
	}
	if len(data.MsgResponses) != 1 {
		return fmt.Errorf("transaction %s has %d responses, want 1", hash, len(data.MsgResponses))
	}
	return proto.Unmarshal(data.MsgResponses[0].Value, into)
}

// number gives a record the number that the job has in whose transaction, which is in a block, it was submitted.
func (w *Wallet) number(ctx context.Context, record *Record) error {
	var answer markettypes.MsgSubmitJobResponse
	if err := w.Answer(ctx, record.TxHash, &answer); err != nil {
		return err
	}
	record.JobID = answer.JobId
	return nil
}

// Claim tells the chain that a proven result did not arrive.
func (w *Wallet) Claim(ctx context.Context, id uint64) error {
	_, _, err := w.Send(ctx, nil, &markettypes.MsgClaimUndelivered{Customer: w.Address().String(), JobId: id})
	return err
}

// Contest shows the chain what a sealed result holds, by giving away the key that opens it. next is the key that the next one of several
// operators seals to.
func (w *Wallet) Contest(ctx context.Context, id uint64, secret, next []byte) error {
	_, _, err := w.Send(ctx, nil, &markettypes.MsgContestDelivery{
		Customer: w.Address().String(), JobId: id, DeliverySecret: secret, NextDeliveryKey: next,
	})
	return err
}

// Dispute names a wrong entry of a proven result and locks a bond of at most maxBond for it. The answer tells the bond; the error
// wraps chain.ErrRefused when the chain does not take the dispute.
func (w *Wallet) Dispute(
	ctx context.Context, job markettypes.Job, entry markettypes.Entry, maxBond sdk.Coin,
) (answer markettypes.MsgDisputeResultResponse, err error) {
	_, hash, err := w.Send(ctx, nil, &markettypes.MsgDisputeResult{
		Challenger: w.Address().String(), JobId: job.Id, Attempt: job.Attempt, Entry: entry, MaxBond: maxBond,
	})
	if err != nil {
		return answer, err
	}
	return answer, w.Answer(ctx, hash, &answer)
}

// Cancel takes back a job that no worker has.
func (w *Wallet) Cancel(ctx context.Context, id uint64) error {
	_, _, err := w.Send(ctx, nil, &markettypes.MsgCancelJob{Customer: w.Address().String(), JobId: id})
	return err
}
