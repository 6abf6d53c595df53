package chain

import (
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/app"
	"github.com/assaychain/assay/cmd/assayd/localnet/genesis"
)

// instance is one of the sibling applications.
type instance struct {
	kind Kind
	db   dbm.DB
	app  *app.App
	// cache is the number of nodes of each store's tree that are kept in memory; a node's default when zero.
	cache int
}

// diskCache keeps little: a state is on disk because it is large, and the collector walks what is in memory again and again.
const diskCache = 100_000

// build makes the instances over empty databases.
func (c *Chain) build(kinds []Kind, disk bool) {
	c.t.Helper()
	for _, kind := range kinds {
		i := &instance{kind: kind, db: dbm.NewMemDB()}
		if disk && kind == Plain {
			var err error
			i.db, err = dbm.NewGoLevelDB("application", c.home, nil)
			require.NoError(c.t, err)
			i.cache = diskCache
			// Before the folder is removed: what is being compacted would write to it.
			c.t.Cleanup(func() { require.NoError(c.t, i.db.Close()) })
		}
		c.instances = append(c.instances, i)
		c.load(i)
	}
}

// Block commits the pending transactions and those given, one interval after the last block, on every instance, and
// requires equal hashes. It returns what the transactions did.
func (c *Chain) Block(txs ...[]byte) []*abci.ExecTxResult {
	c.t.Helper()
	return c.BlockAfter(c.interval, txs...)
}

// BlockAfter is Block after another interval.
func (c *Chain) BlockAfter(interval time.Duration, txs ...[]byte) []*abci.ExecTxResult {
	c.t.Helper()
	txs = append(c.pending, txs...)
	c.pending = nil
	c.height++
	c.now = c.now.Add(interval)
	var first *abci.ResponseFinalizeBlock
	for _, i := range c.instances {
		if i.kind == Restarted && c.height > 1 {
			c.load(i)
		}
		response := c.deliver(i, txs)
		if first == nil {
			first = response
		}
		require.Equal(c.t, first.AppHash, response.AppHash, "the %s instance differs at height %d", i.kind, c.height)
	}
	for _, a := range c.accounts {
		a.queued = 0
	}
	for _, check := range c.checks {
		check(c, first)
	}
	return first.TxResults
}

// deliver runs one block on one instance.
func (c *Chain) deliver(i *instance, txs [][]byte) *abci.ResponseFinalizeBlock {
	c.t.Helper()
	if i.kind == Plain {
		for _, tx := range txs {
			_, err := i.app.CheckTx(&abci.RequestCheckTx{Tx: tx, Type: abci.CheckTxType_New})
			require.NoError(c.t, err)
		}
	}
	response, err := i.app.FinalizeBlock(c.request(txs))
	require.NoError(c.t, err)
	_, err = i.app.Commit()
	require.NoError(c.t, err)
	return response
}

// request is the block that consensus would hand to the application: proposed and signed by the one validator.
func (c *Chain) request(txs [][]byte) *abci.RequestFinalizeBlock {
	validator := abci.Validator{Address: c.consensus.PubKey().Address(), Power: genesis.Delegation.Amount.QuoRaw(1_000_000).Int64()}
	return &abci.RequestFinalizeBlock{
		Height: c.height, Time: c.now, Txs: txs, ProposerAddress: validator.Address,
		DecidedLastCommit: abci.CommitInfo{Votes: []abci.VoteInfo{{Validator: validator, BlockIdFlag: cmtproto.BlockIDFlagCommit}}},
	}
}

// Advance commits empty blocks until the given time has passed.
func (c *Chain) Advance(d time.Duration) {
	c.t.Helper()
	for end := c.now.Add(d); c.now.Before(end); {
		c.Block()
	}
}
