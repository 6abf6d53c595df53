package types_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"cosmossdk.io/math"

	"github.com/assaychain/assay/x/bond/types"
)

// TestCoverIsThePools reads the cover from pools' records, whatever else is in them.
func TestCoverIsThePools(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		amount := func(name string) math.Int { return math.NewInt(rapid.Int64Min(0).Draw(t, name)) }
		pool := types.NewPool("operator")
		pool.Tokens, pool.Exposure, pool.Shares, pool.UnbondingTokens = amount("tokens"), amount("exposure"), amount("shares"), amount("unbonding")
		pool.Requirement, pool.RewardsHeld, pool.Weight = amount("requirement"), amount("held"), amount("weight")
		pool.Generation, pool.CommissionBps = rapid.Uint64().Draw(t, "generation"), rapid.Uint32().Draw(t, "commission")
		raw, err := pool.Marshal()
		require.NoError(t, err)
		var cover types.PoolCover
		require.NoError(t, cover.Unmarshal(raw))
		require.Equal(t, pool.Tokens.String(), cover.Tokens.String())
		require.Equal(t, pool.Exposure.String(), cover.Exposure.String())
	})
}
