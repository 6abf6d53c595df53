package chain

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/tx"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	"github.com/cosmos/cosmos-sdk/types/tx/signing"
	"github.com/cosmos/cosmos-sdk/x/authz"
)

const (
	// maxSequenceTries bounds how often one Send follows a sequence that somebody else moved.
	maxSequenceTries = 5
	// settleBlocks is how many blocks after a transaction's end its node may still be indexing it.
	settleBlocks = 2
)

// Accounts tells what signing needs to know of the chain's state.
type Accounts interface {
	// Account is the account's number and next sequence in the last block.
	Account(ctx context.Context, address sdk.AccAddress) (number, sequence uint64, err error)
	// Height is that of the last block.
	Height(ctx context.Context) (uint64, error)
}

// Transport brings transactions to the chain and finds them again.
type Transport interface {
	// Simulate returns the gas that a transaction uses, or a *Refusal.
	Simulate(ctx context.Context, tx []byte) (uint64, error)
	// Broadcast hands a transaction to the mempool. It returns a *Refusal if that does not take it, and any other error if
	// the answer is missing.
	Broadcast(ctx context.Context, tx []byte) error
	// Find looks a transaction up in the blocks by its hash.
	Find(ctx context.Context, hash string) (outcome Outcome, found bool, err error)
}

// SignerConfig is what a signer works with; every field but FeeGranter, Poll, Allow and OnSent is required.
type SignerConfig struct {
	ChainID  string
	Keyring  keyring.Keyring
	KeyName  string
	TxConfig client.TxConfig
	Fees     FeePolicy
	// FeeGranter pays the fees; the key itself if empty.
	FeeGranter sdk.AccAddress
	// TimeoutBlocks is how many blocks a transaction may wait for.
	TimeoutBlocks uint64
	// Poll is the time between two looks at the chain while waiting; 250 ms by default.
	Poll time.Duration
	// Allow, when given, is asked about the fee of each transaction before it is recorded and sent; its error stops it.
	Allow func(fee sdk.Coins) error
	// OnSent, when given, hears the fee of each transaction that the mempool took.
	OnSent func(fee sdk.Coins)
}

// Signer owns one key's sequence: every transaction of the key goes through it, one after the other.
type Signer struct {
	config    SignerConfig
	address   sdk.AccAddress
	accounts  Accounts
	transport Transport

	mu       sync.Mutex
	number   uint64
	sequence uint64
	// known is whether number and sequence are those the mempool expects next.
	known bool
	// sent holds the hashes that this process has broadcast.
	sent map[string]struct{}
}

// NewSigner checks the configuration and finds the key.
func NewSigner(config SignerConfig, accounts Accounts, transport Transport) (*Signer, error) {
	if config.ChainID == "" || config.Keyring == nil || config.TxConfig == nil || accounts == nil || transport == nil {
		return nil, errors.New("signer: chain id, keyring, transaction codec and node are required")
	}
	if err := config.Fees.Validate(); err != nil {
		return nil, fmt.Errorf("signer: %w", err)
	}
	if config.TimeoutBlocks == 0 {
		return nil, errors.New("signer: timeout blocks is 0: it must be at least 1")
	}
	if config.Poll <= 0 {
		config.Poll = 250 * time.Millisecond
	}
	record, err := config.Keyring.Key(config.KeyName)
	if err != nil {
		return nil, fmt.Errorf("signer: key %q: %w", config.KeyName, err)
	}
	address, err := record.GetAddress()
	if err != nil {
		return nil, fmt.Errorf("signer: key %q: %w", config.KeyName, err)
	}
	return &Signer{config: config, address: address, accounts: accounts, transport: transport, sent: make(map[string]struct{})}, nil
}

// Address is the key's account.
func (s *Signer) Address() sdk.AccAddress { return s.address }

// OnBehalf wraps messages of somebody who has granted them to this key.
func (s *Signer) OnBehalf(messages ...sdk.Msg) sdk.Msg {
	exec := authz.NewMsgExec(s.address, messages)
	return &exec
}

// Send signs the messages, calls record with the transaction, and then broadcasts it. If record fails, nothing is sent.
// When the sequence has moved, it signs and records again; only the transaction recorded last can be on its way. It returns
// when the mempool has the transaction, with ErrRefused when nothing is on its way, and with ErrUnknown when only Resolve can tell.
func (s *Signer) Send(ctx context.Context, record func(SignedTx) error, messages ...sdk.Msg) (SignedTx, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var err error
	for range maxSequenceTries {
		var signed SignedTx
		if signed, err = s.sendOnce(ctx, record, messages); err == nil {
			return signed, nil
		}
		expected, moved := expectedSequence(err)
		if !moved {
			return signed, err
		}
		if expected == s.sequence {
			return signed, err
		}
		s.sequence = expected
	}
	return SignedTx{}, fmt.Errorf("sequence moved %d times: is another process using this key? %w", maxSequenceTries, err)
}

func (s *Signer) sendOnce(ctx context.Context, record func(SignedTx) error, messages []sdk.Msg) (SignedTx, error) {
	if err := s.refresh(ctx); err != nil {
		return SignedTx{}, err
	}
	signed, fee, err := s.sign(ctx, messages)
	if err != nil {
		return SignedTx{}, err
	}
	if s.config.Allow != nil {
		if err := s.config.Allow(fee); err != nil {
			return SignedTx{}, err
		}
	}
	if record != nil {
		if err := record(signed); err != nil {
			return SignedTx{}, err
		}
	}
	if err := s.broadcast(ctx, signed); err != nil {
		return signed, err
	}
	s.sequence++
	if s.config.OnSent != nil {
		s.config.OnSent(fee)
	}
	return signed, nil
}

// broadcast takes a transaction that the mempool already has as sent.
func (s *Signer) broadcast(ctx context.Context, signed SignedTx) error {
	err := s.transport.Broadcast(ctx, signed.Bytes)
	var refusal *Refusal
	switch {
	case errors.As(err, &refusal) && refusal.Codespace == sdkerrors.RootCodespace && refusal.Code == sdkerrors.ErrTxInMempoolCache.ABCICode():
	case errors.As(err, &refusal):
		return err
	case err != nil:
		s.known = false
		return fmt.Errorf("%w: %s: %w", ErrUnknown, signed.Hash, err)
	}
	s.sent[signed.Hash] = struct{}{}
	return nil
}

// refresh asks the chain for the sequence when it is not known.
func (s *Signer) refresh(ctx context.Context) error {
	if s.known {
		return nil
	}
	number, sequence, err := s.accounts.Account(ctx, s.address)
	if err != nil {
		return fmt.Errorf("account %s: %w", s.address, err)
	}
	s.number, s.sequence, s.known = number, sequence, true
	return nil
}

func (s *Signer) sign(ctx context.Context, messages []sdk.Msg) (SignedTx, sdk.Coins, error) {
	height, err := s.accounts.Height(ctx)
	if err != nil {
		return SignedTx{}, nil, fmt.Errorf("last height: %w", err)
	}
	factory := tx.Factory{}.WithTxConfig(s.config.TxConfig).WithKeybase(s.config.Keyring).WithChainID(s.config.ChainID).
		WithFromName(s.config.KeyName).WithSimulateAndExecute(true).WithSignMode(signing.SignMode_SIGN_MODE_DIRECT).
		WithAccountNumber(s.number).WithSequence(s.sequence).WithTimeoutHeight(height + s.config.TimeoutBlocks)
	if !s.config.FeeGranter.Empty() && !s.config.FeeGranter.Equals(s.address) {
		factory = factory.WithFeeGranter(s.config.FeeGranter)
	}
	gas, fee, err := s.price(ctx, factory, messages)
	if err != nil {
		return SignedTx{}, nil, err
	}
	builder, err := factory.WithGas(gas).WithFees(fee.String()).BuildUnsignedTx(messages...)
	if err != nil {
		return SignedTx{}, nil, fmt.Errorf("build transaction: %w", err)
	}
	if err := tx.Sign(ctx, factory, s.config.KeyName, builder, true); err != nil {
		return SignedTx{}, nil, fmt.Errorf("sign transaction: %w", err)
	}
	raw, err := s.config.TxConfig.TxEncoder()(builder.GetTx())
	if err != nil {
		return SignedTx{}, nil, fmt.Errorf("encode transaction: %w", err)
	}
	return SignedTx{Hash: hashOf(raw), Bytes: raw, Sequence: s.sequence, TimeoutHeight: height + s.config.TimeoutBlocks}, fee, nil
}

// price simulates the messages and returns the gas to ask for and its fee.
func (s *Signer) price(ctx context.Context, factory tx.Factory, messages []sdk.Msg) (uint64, sdk.Coins, error) {
	raw, err := factory.BuildSimTx(messages...)
	if err != nil {
		return 0, nil, fmt.Errorf("build simulation: %w", err)
	}
	used, err := s.transport.Simulate(ctx, raw)
	if err != nil {
		return 0, nil, fmt.Errorf("simulate: %w", err)
	}
	gas := uint64(float64(used) * s.config.Fees.GasAdjustment)
	fee, err := s.config.Fees.fee(gas)
	return gas, fee, err
}

// sequencePattern reads the chain's own words for a sequence that is not the next one.
var sequencePattern = regexp.MustCompile(`account sequence mismatch, expected (\d+), got \d+`)

func expectedSequence(err error) (uint64, bool) {
	if !errors.Is(err, ErrRefused) {
		return 0, false
	}
	match := sequencePattern.FindStringSubmatch(err.Error())
	if match == nil || strings.Count(err.Error(), "account sequence mismatch") != 1 {
		return 0, false
	}
	expected, parseErr := strconv.ParseUint(match[1], 10, 64)
	return expected, parseErr == nil
}
