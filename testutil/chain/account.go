package chain

import (
	"context"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/client/tx"
	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/tx/signing"
	authsigning "github.com/cosmos/cosmos-sdk/x/auth/signing"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/assaychain/assay/app"
)

// gasLimit is what every test transaction may use.
const gasLimit = 100_000_000

// Account is a funded account of a test chain.
type Account struct {
	Address sdk.AccAddress
	key     *secp256k1.PrivKey
	// queued counts the transactions signed for the next block.
	queued uint64
}

// String returns the account's address in bech32.
func (a *Account) String() string { return a.Address.String() }

// Balance returns what an account has in the base denomination.
func (c *Chain) Balance(address sdk.AccAddress) math.Int {
	return c.App().Bank.GetBalance(c.Context(), address, app.BaseDenom).Amount
}

// Supply returns the total of the base denomination.
func (c *Chain) Supply() math.Int {
	return c.App().Bank.GetSupply(c.Context(), app.BaseDenom).Amount
}

// SendMsg moves coins of the base denomination.
func (c *Chain) SendMsg(from *Account, to sdk.AccAddress, amount math.Int) *banktypes.MsgSend {
	return banktypes.NewMsgSend(from.Address, to, sdk.NewCoins(sdk.NewCoin(app.BaseDenom, amount)))
}

// Queue signs messages into a transaction of the next block.
func (c *Chain) Queue(from *Account, messages ...sdk.Msg) {
	c.t.Helper()
	c.pending = append(c.pending, c.Sign(from, messages...))
}

// sequence is an account's place in the chain's order.
type sequence struct{ number, next uint64 }

// Sign makes a transaction with the account's next sequence. Fees are not charged: the conservation of money is tested
// on what modules move.
func (c *Chain) Sign(from *Account, messages ...sdk.Msg) []byte {
	c.t.Helper()
	known := c.App().Account.GetAccount(c.Context(), from.Address)
	require.NotNil(c.t, known, "%s has no account", from)
	raw := c.sign(from, sequence{known.GetAccountNumber(), known.GetSequence() + from.queued}, messages...)
	from.queued++
	return raw
}

func (c *Chain) sign(from *Account, at sequence, messages ...sdk.Msg) []byte {
	c.t.Helper()
	config := c.App().Encoding().TxConfig
	builder := config.NewTxBuilder()
	require.NoError(c.t, builder.SetMsgs(messages...))
	builder.SetGasLimit(gasLimit)
	mode := signing.SignMode_SIGN_MODE_DIRECT
	data := &signing.SingleSignatureData{SignMode: mode}
	signature := signing.SignatureV2{PubKey: from.key.PubKey(), Data: data, Sequence: at.next}
	require.NoError(c.t, builder.SetSignatures(signature))
	signature, err := tx.SignWithPrivKey(context.Background(), mode, authsigning.SignerData{
		Address: from.String(), ChainID: c.id, AccountNumber: at.number, Sequence: at.next, PubKey: from.key.PubKey(),
	}, builder, from.key, config, at.next)
	require.NoError(c.t, err)
	require.NoError(c.t, builder.SetSignatures(signature))
	raw, err := config.TxEncoder()(builder.GetTx())
	require.NoError(c.t, err)
	return raw
}

func (c *Chain) decode(raw []byte) (sdk.Tx, error) {
	return c.App().Encoding().TxConfig.TxDecoder()(raw)
}

// Deliver commits one block with one transaction and returns what it did.
func (c *Chain) Deliver(from *Account, messages ...sdk.Msg) *abci.ExecTxResult {
	c.t.Helper()
	c.Queue(from, messages...)
	results := c.Block()
	return results[len(results)-1]
}

// MustDeliver is Deliver of a transaction that has to succeed.
func (c *Chain) MustDeliver(from *Account, messages ...sdk.Msg) *abci.ExecTxResult {
	c.t.Helper()
	result := c.Deliver(from, messages...)
	require.Zero(c.t, result.Code, result.Log)
	return result
}
