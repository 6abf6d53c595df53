package chain_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/crypto/hd"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/offchain-worker/chain"
	markettypes "github.com/assaychain/assay/x/market/types"
)

func TestMain(m *testing.M) {
	chain.UseAddressPrefix()
	os.Exit(m.Run())
}

// node answers a signer as told.
type node struct {
	sequence, height, gas uint64
	// answers to broadcasts in order; nil and the end mean taken.
	answers []error
	sent    [][]byte
	found   map[string]chain.Outcome
}

func (n *node) Account(context.Context, sdk.AccAddress) (uint64, uint64, error) {
	return 5, n.sequence, nil
}
func (n *node) Height(context.Context) (uint64, error) { n.height++; return n.height, nil }
func (n *node) Simulate(context.Context, []byte) (uint64, error) {
	return n.gas, nil
}

func (n *node) Broadcast(_ context.Context, raw []byte) error {
	n.sent = append(n.sent, raw)
	if len(n.answers) == 0 {
		return nil
	}
	answer := n.answers[0]
	n.answers = n.answers[1:]
	return answer
}

func (n *node) Find(_ context.Context, hash string) (chain.Outcome, bool, error) {
	outcome, ok := n.found[hash]
	return outcome, ok, nil
}

func newSigner(t *testing.T, n *node, granter sdk.AccAddress) (*chain.Signer, chain.Encoding) {
	if n.gas == 0 {
		n.gas = 100_000
	}
	return signerOver(t, n, granter)
}

// answering is a node as a signer sees it.
type answering interface {
	chain.Accounts
	chain.Transport
}

func signerOver(t *testing.T, n answering, granter sdk.AccAddress) (*chain.Signer, chain.Encoding) {
	encoding, err := chain.NewEncoding()
	require.NoError(t, err)
	keys := keyring.NewInMemory(encoding.Codec)
	_, _, err = keys.NewMnemonic("hot", keyring.English, sdk.GetConfig().GetFullBIP44Path(), "", hd.Secp256k1)
	require.NoError(t, err)
	price, err := sdk.ParseDecCoin("0.01uassay")
	require.NoError(t, err)
	signer, err := chain.NewSigner(chain.SignerConfig{
		ChainID: "assay-test-1", Keyring: keys, KeyName: "hot", TxConfig: encoding.TxConfig, FeeGranter: granter, TimeoutBlocks: 10,
		Fees: chain.FeePolicy{GasPrice: price, GasAdjustment: 1.5, MaxFee: sdk.NewInt64Coin("uassay", 2000)}, Poll: time.Millisecond,
	}, n, n)
	require.NoError(t, err)
	return signer, encoding
}

func message() sdk.Msg {
	return &markettypes.MsgCommitResult{Worker: sdk.AccAddress("operator").String(), JobId: 1, Attempt: 1, Commitment: make([]byte, 32)}
}

func mismatch(expected, got int) error {
	return &chain.Refusal{Codespace: "sdk", Code: 32, Log: fmt.Sprintf("account sequence mismatch, expected %d, got %d: incorrect account sequence", expected, got)}
}

func TestSendSignsWhatItRecords(t *testing.T) {
	n := &node{sequence: 7, height: 100}
	granter := sdk.AccAddress("operator")
	signer, encoding := newSigner(t, n, granter)
	var recorded []chain.SignedTx
	record := func(tx chain.SignedTx) error {
		require.Empty(t, n.sent, "recorded before it is sent")
		recorded = append(recorded, tx)
		return nil
	}
	signed, err := signer.Send(context.Background(), record, signer.OnBehalf(message()))
	require.NoError(t, err)
	require.Equal(t, []chain.SignedTx{signed}, recorded)
	require.Equal(t, n.sent[0], signed.Bytes)
	require.EqualValues(t, 7, signed.Sequence)
	require.EqualValues(t, 111, signed.TimeoutHeight)
	tx, err := encoding.TxConfig.TxDecoder()(signed.Bytes)
	require.NoError(t, err)
	fee := tx.(sdk.FeeTx)
	require.EqualValues(t, 150_000, fee.GetGas())
	require.Equal(t, "1500uassay", fee.GetFee().String())
	require.EqualValues(t, granter, fee.FeeGranter())
	require.EqualValues(t, signer.Address(), fee.FeePayer())
	require.EqualValues(t, 111, tx.(sdk.TxWithTimeoutHeight).GetTimeoutHeight())
	next, err := signer.Send(context.Background(), nil, signer.OnBehalf(message()))
	require.NoError(t, err)
	require.EqualValues(t, 8, next.Sequence)
}

func TestSendFollowsAMovedSequence(t *testing.T) {
	n := &node{sequence: 3, answers: []error{mismatch(5, 3), mismatch(9, 5)}}
	signer, _ := newSigner(t, n, nil)
	var recorded []uint64
	signed, err := signer.Send(context.Background(), func(tx chain.SignedTx) error {
		recorded = append(recorded, tx.Sequence)
		return nil
	}, signer.OnBehalf(message()))
	require.NoError(t, err)
	require.Equal(t, []uint64{3, 5, 9}, recorded)
	require.EqualValues(t, 9, signed.Sequence)
	n.answers = []error{mismatch(20, 10), mismatch(21, 20), mismatch(22, 21), mismatch(23, 22), mismatch(24, 23)}
	_, err = signer.Send(context.Background(), nil, signer.OnBehalf(message()))
	require.ErrorContains(t, err, "another process")
}

func TestSendTellsWhatIsOnItsWay(t *testing.T) {
	n := &node{answers: []error{&chain.Refusal{Codespace: "market", Code: 4, Log: "job 1: late"}}}
	signer, _ := newSigner(t, n, nil)
	_, err := signer.Send(context.Background(), nil, signer.OnBehalf(message()))
	require.ErrorIs(t, err, chain.ErrRefused)
	require.ErrorContains(t, err, "market/4: job 1: late")

	n.answers = []error{errors.New("connection reset")}
	signed, err := signer.Send(context.Background(), nil, signer.OnBehalf(message()))
	require.ErrorIs(t, err, chain.ErrUnknown)
	require.NotEmpty(t, signed.Hash)

	stop := errors.New("disk full")
	before := len(n.sent)
	_, err = signer.Send(context.Background(), func(chain.SignedTx) error { return stop }, signer.OnBehalf(message()))
	require.ErrorIs(t, err, stop)
	require.Len(t, n.sent, before, "nothing is sent that is not recorded")

	n.answers = []error{&chain.Refusal{Codespace: "sdk", Code: 19, Log: "tx already in mempool"}}
	_, err = signer.Send(context.Background(), nil, signer.OnBehalf(message()))
	require.NoError(t, err, "the mempool has it")
}

func TestFeeCap(t *testing.T) {
	n := &node{gas: 200_000}
	signer, _ := newSigner(t, n, nil)
	_, err := signer.Send(context.Background(), nil, signer.OnBehalf(message()))
	require.ErrorIs(t, err, chain.ErrFeeCap)
	require.ErrorContains(t, err, "3000uassay for 300000 gas, the cap is 2000uassay")
	require.Empty(t, n.sent)
}

func TestResolve(t *testing.T) {
	ctx := context.Background()
	n := &node{sequence: 3, found: map[string]chain.Outcome{}}
	signer, _ := newSigner(t, n, nil)
	signed, err := signer.Send(ctx, nil, signer.OnBehalf(message()))
	require.NoError(t, err)
	outcome, err := signer.Resolve(ctx, signed)
	require.NoError(t, err)
	require.Equal(t, chain.TxPending, outcome.State)
	require.Len(t, n.sent, 1, "this process has sent it already")

	// Another process, after a crash: the same bytes go out once more, once.
	again := &node{sequence: 3, found: map[string]chain.Outcome{}}
	other, _ := newSigner(t, again, nil)
	for range 3 {
		outcome, err = other.Resolve(ctx, signed)
		require.NoError(t, err)
		require.Equal(t, chain.TxPending, outcome.State)
	}
	require.Equal(t, [][]byte{signed.Bytes}, again.sent)

	n.found[signed.Hash] = chain.Outcome{State: chain.TxLanded, Height: 9}
	outcome, err = signer.Await(ctx, signed)
	require.NoError(t, err)
	require.True(t, outcome.OK())

	n.found[signed.Hash] = chain.Outcome{State: chain.TxLanded, Code: 5, Log: "no"}
	outcome, err = signer.Resolve(ctx, signed)
	require.NoError(t, err)
	require.False(t, outcome.OK())
}

func TestResolveBuriesOnlyTheDead(t *testing.T) {
	ctx := context.Background()
	tx := chain.SignedTx{Hash: "AB", Bytes: []byte{1}, Sequence: 3, TimeoutHeight: 50}
	for name, n := range map[string]*node{
		"expired":       {sequence: 3, height: 50},
		"sequence used": {sequence: 4, height: 10},
	} {
		signer, _ := newSigner(t, n, nil)
		outcome, err := signer.Resolve(ctx, tx)
		require.NoError(t, err)
		require.Equal(t, chain.TxDead, outcome.State, name)
		require.Empty(t, n.sent, "%s: nothing is sent again", name)
	}
	// Indexed late: found in the last look.
	n := &late{node: node{sequence: 4, height: 10}}
	signer, _ := signerOver(t, n, nil)
	outcome, err := signer.Resolve(ctx, tx)
	require.NoError(t, err)
	require.Equal(t, chain.TxLanded, outcome.State)
}

// late shows a transaction only at the second look.
type late struct {
	node
	looks int
}

func (l *late) Find(context.Context, string) (chain.Outcome, bool, error) {
	l.looks++
	return chain.Outcome{State: chain.TxLanded}, l.looks > 1, nil
}
