package chain

import (
	"time"

	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	"github.com/stretchr/testify/require"

	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
)

// Write changes the plain instance's state directly, as a block without transactions, and commits it. It is for filling a state
// quickly; siblings would differ from then on.
func (c *Chain) Write(change func(sdk.Context)) {
	c.t.Helper()
	require.Len(c.t, c.instances, 1, "siblings can't follow what is written directly")
	ctx := c.App().NewUncachedContext(false, cmtproto.Header{ChainID: c.id, Height: c.height + 1, Time: c.now})
	branch, write := ctx.CacheContext()
	change(branch)
	write()
	c.App().CommitMultiStore().Commit()
	c.height++
}

// Later is a copy of the plain instance's state in the next block, some time later; what is written to it is lost.
func (c *Chain) Later(after time.Duration) sdk.Context {
	header := cmtproto.Header{ChainID: c.id, Height: c.height + 1, Time: c.now.Add(after)}
	ctx, _ := c.App().NewUncachedContext(false, header).CacheContext()
	return ctx
}

// StoreKey is the key of a module's store, to write records that no message writes.
func (c *Chain) StoreKey(name string) *storetypes.KVStoreKey {
	c.t.Helper()
	key, ok := storeKeys(c.App())[name].(*storetypes.KVStoreKey)
	require.True(c.t, ok, "no store is named %s", name)
	return key
}
