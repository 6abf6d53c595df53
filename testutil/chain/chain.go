// Package chain runs the application in the process of a test, block by block, on sibling instances that must agree: one
// that is restarted before each block, one that never sees a transaction before it is in a block and one that executes the
// transactions of a block in parallel. What differs between them is what would split a network.
//
// A test names the siblings it wants in its Config; the flag -siblings and the environment variable ASSAY_SIBLINGS add some
// to every test.
package chain

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	cmttypes "github.com/cometbft/cometbft/types"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/crypto/keys/ed25519"
	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/app"
	"github.com/assaychain/assay/cmd/assayd/localnet/genesis"
	beacontypes "github.com/assaychain/assay/x/beacon/types"
	proofstypes "github.com/assaychain/assay/x/proofs/types"
)

// DefaultID is the id of a test chain; the prefix lets it accept development keys.
const DefaultID = "assay-test-1"

// Start is the genesis time of every test chain.
var Start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// Config describes a test chain.
type Config struct {
	// ID is the chain's id; DefaultID when empty.
	ID string
	// Accounts is the number of funded accounts besides the validator.
	Accounts int
	// Balance of each, in the base denomination; a default when zero.
	Balance  int64
	Circuits []proofstypes.Circuit
	Beacon   beacontypes.Chain
	// SpotChecks has the chain check its devices, whose operators must answer then.
	SpotChecks bool
	// Siblings run beside the plain instance.
	Siblings []Kind
	// Interval is the time between blocks; one second when zero.
	Interval time.Duration
	// Disk keeps the plain instance's state in a file instead of in memory.
	Disk bool
	// Edit changes the genesis state before the chain starts.
	Edit func(State) error
}

const (
	defaultBalance   = 10_000_000_000
	validatorBalance = 1_000_000_000_000
)

// Chain is a running test chain.
type Chain struct {
	t         testing.TB
	id        string
	home      string
	instances []*instance
	accounts  []*Account
	consensus *ed25519.PrivKey
	interval  time.Duration
	height    int64
	now       time.Time
	pending   [][]byte
	checks    []Check
	// Errors are the lines that the plain instance logged as errors, since the beginning.
	Errors []string
}

// Check looks at the plain instance after a block.
type Check func(c *Chain, block *abci.ResponseFinalizeBlock)

// New builds a chain and commits its first block.
func New(t testing.TB, config Config) *Chain {
	t.Helper()
	c := &Chain{
		t: t, id: config.ID, home: t.TempDir(), interval: config.Interval, now: Start,
		consensus: ed25519.GenPrivKeyFromSecret([]byte("validator")),
	}
	if c.id == "" {
		c.id = DefaultID
	}
	if c.interval == 0 {
		c.interval = time.Second
	}
	for i := range config.Accounts + 1 {
		key := secp256k1.GenPrivKeyFromSecret(fmt.Appendf(nil, "account %d", i))
		c.accounts = append(c.accounts, &Account{key: key, Address: sdk.AccAddress(key.PubKey().Address())})
	}
	c.build(c.kinds(config.Siblings), config.Disk)
	c.initialise(c.genesis(config), 1)
	c.Block()
	return c
}

// genesis is the state of a local network with the test's accounts.
func (c *Chain) genesis(config Config) json.RawMessage {
	balance := config.Balance
	if balance == 0 {
		balance = defaultBalance
	}
	accounts := []genesis.Account{{Address: c.accounts[0].Address, Balance: validatorBalance}}
	for _, a := range c.accounts[1:] {
		accounts = append(accounts, genesis.Account{Address: a.Address, Balance: balance})
	}
	message, err := genesis.CreateValidator("validator", c.accounts[0].Address, c.consensus.PubKey())
	require.NoError(c.t, err)
	genTx, err := c.decode(c.sign(c.accounts[0], sequence{}, message))
	require.NoError(c.t, err)
	built, err := genesis.Build(c.App().Encoding(), c.App().BasicManager(), genesis.Spec{
		ChainID: c.id, Time: Start, Accounts: accounts, GenTx: genTx, Circuits: config.Circuits, Beacon: config.Beacon, SpotChecks: config.SpotChecks,
	})
	require.NoError(c.t, err)
	if config.Edit == nil {
		return built.AppState
	}
	return c.edit(built.AppState, config.Edit)
}

// initialise hands every instance the same genesis.
func (c *Chain) initialise(state json.RawMessage, height int64) {
	params := cmttypes.DefaultConsensusParams().ToProto()
	for _, i := range c.instances {
		_, err := i.app.InitChain(&abci.RequestInitChain{
			ChainId: c.id, Time: c.now, InitialHeight: height, ConsensusParams: &params, AppStateBytes: state,
		})
		require.NoError(c.t, err)
	}
}

// App returns the plain instance.
func (c *Chain) App() *app.App { return c.instances[0].app }

// T is the test that the chain belongs to.
func (c *Chain) T() testing.TB { return c.t }

// ID is the chain's id.
func (c *Chain) ID() string { return c.id }

// Context returns a context to read the plain instance's last state. What is written to it is lost.
func (c *Chain) Context() sdk.Context {
	ctx := c.App().NewUncachedContext(false, cmtproto.Header{ChainID: c.id, Height: c.height, Time: c.now})
	cached, _ := ctx.CacheContext()
	return cached
}

// Height is the last block's.
func (c *Chain) Height() int64 { return c.height }

// Now is the last block's time.
func (c *Chain) Now() time.Time { return c.now }

// Interval is the time between blocks.
func (c *Chain) Interval() time.Duration { return c.interval }

// Account returns a funded account, counted from 1; 0 is the validator's.
func (c *Chain) Account(i int) *Account { return c.accounts[i] }

// AfterBlock adds a check that runs after every block from now on.
func (c *Chain) AfterBlock(check Check) { c.checks = append(c.checks, check) }
