// Package chaintest lets the worker's chain client talk to the real application in the process of a test: a node's RPC over
// a test chain, with a mempool and blocks that come when told.
package chaintest

import (
	"context"
	"encoding/hex"
	"errors"
	"sync"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	cmtbytes "github.com/cometbft/cometbft/libs/bytes"
	"github.com/cometbft/cometbft/p2p"
	rpcclient "github.com/cometbft/cometbft/rpc/client"
	coretypes "github.com/cometbft/cometbft/rpc/core/types"
	cmttypes "github.com/cometbft/cometbft/types"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/codec"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"

	"github.com/assaychain/assay/testutil/chain"
)

// Node is the RPC of a node. Methods that a worker does not use panic.
type Node struct {
	client.CometRPC
	mu      sync.Mutex
	chain   *chain.Chain
	mempool [][]byte
	landed  map[string]*coretypes.ResultTx
}

var _ client.CometRPC = (*Node)(nil)

// New makes a node over a test chain, which nobody else may use at the same time but through Do.
func New(c *chain.Chain) *Node {
	c.App().RegisterTxService(client.Context{})
	return &Node{chain: c, landed: make(map[string]*coretypes.ResultTx)}
}

// Do gives the test the chain while no request is served.
func (n *Node) Do(f func(*chain.Chain)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	f(n.chain)
}

// Advance commits the mempool, one interval after the last block.
func (n *Node) Advance(interval time.Duration) {
	n.mu.Lock()
	defer n.mu.Unlock()
	txs := n.mempool
	n.mempool = nil
	results := n.chain.BlockAfter(interval, txs...)
	// What the test queued itself comes before the mempool.
	results = results[len(results)-len(txs):]
	for i, raw := range txs {
		n.landed[string(cmttypes.Tx(raw).Hash())] = &coretypes.ResultTx{Height: n.chain.Height(), TxResult: *results[i]}
	}
}

// Run commits a block every interval of real time, with real block times, until the context ends.
func (n *Node) Run(ctx context.Context, interval time.Duration) {
	for ctx.Err() == nil {
		var gap time.Duration
		n.Do(func(c *chain.Chain) { gap = time.Since(c.Now()) })
		n.Advance(max(gap, time.Millisecond))
		time.Sleep(interval)
	}
}

// Status tells chain id, height and time.
func (n *Node) Status(context.Context) (*coretypes.ResultStatus, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return &coretypes.ResultStatus{
		NodeInfo: p2p.DefaultNodeInfo{Network: n.chain.ID()},
		SyncInfo: coretypes.SyncInfo{LatestBlockHeight: n.chain.Height(), LatestBlockTime: n.chain.Now()},
	}, nil
}

// ABCIQueryWithOptions asks the application.
func (n *Node) ABCIQueryWithOptions(
	ctx context.Context, path string, data cmtbytes.HexBytes, options rpcclient.ABCIQueryOptions,
) (*coretypes.ResultABCIQuery, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	response, err := n.chain.App().Query(ctx, &abci.RequestQuery{Path: path, Data: data, Height: options.Height})
	if err != nil {
		return nil, err
	}
	return &coretypes.ResultABCIQuery{Response: *response}, nil
}

// BroadcastTxSync puts a transaction that passes the application's check in the mempool.
func (n *Node) BroadcastTxSync(_ context.Context, tx cmttypes.Tx) (*coretypes.ResultBroadcastTx, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	checked, err := n.chain.App().CheckTx(&abci.RequestCheckTx{Tx: tx, Type: abci.CheckTxType_New})
	if err != nil {
		return nil, err
	}
	if checked.Code == 0 {
		n.mempool = append(n.mempool, tx)
	}
	return &coretypes.ResultBroadcastTx{Code: checked.Code, Codespace: checked.Codespace, Log: checked.Log, Hash: tx.Hash()}, nil
}

// Tx finds a transaction in the blocks.
func (n *Node) Tx(_ context.Context, hash []byte, _ bool) (*coretypes.ResultTx, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if found, ok := n.landed[string(hash)]; ok {
		return found, nil
	}
	return nil, errors.New("tx not found")
}

// Keyring holds the key of a test chain's account under a name.
func Keyring(t testing.TB, cdc codec.Codec, name string, secret string) keyring.Keyring {
	t.Helper()
	keys := keyring.NewInMemory(cdc)
	key := secp256k1.GenPrivKeyFromSecret([]byte(secret))
	require.NoError(t, keys.ImportPrivKeyHex(name, hex.EncodeToString(key.Key), "secp256k1"))
	return keys
}
