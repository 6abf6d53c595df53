package keeper_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/beacon/types"
	"github.com/assaychain/assay/x/internal/faults"
)

// Every store operation of the hook fails once: the block commits, the others are pruned and the books are right.
func TestEndBlockSurvivesEveryFault(t *testing.T) {
	f, key := developmentFixture(t, 1)
	for range 2 {
		round := f.serve(key, market)
		require.NoError(t, f.keeper.Done(f.ctx, market, 0, round))
		f.at(f.ctx.BlockTime().Unix() + 10)
	}
	_, _, err := f.keeper.Fix(f.ctx, market)
	require.NoError(t, err)
	_, next := development(t, 2)
	next.MaxPrunedPerBlock = 20
	require.NoError(t, f.keeper.SetParams(f.ctx, next))
	f.at(f.ctx.BlockTime().Unix() + 2*types.MinHistory)
	items := func(ctx sdk.Context) map[string]string {
		state, err := f.keeper.ExportGenesis(ctx)
		require.NoError(t, err)
		found := map[string]string{}
		for _, record := range state.Rounds {
			found[fmt.Sprintf("round %d", record.Round)] = record.String()
		}
		for _, request := range state.Requests {
			found[fmt.Sprintf("request of round %d", request.Round)] = request.String()
		}
		return found
	}
	faults.Walk(t, f.faults, faults.Scene{
		Ctx:     f.ctx,
		Hook:    func(ctx sdk.Context) error { return f.keeper.EndBlock(ctx) },
		Modules: []string{types.ModuleName},
		Heads: []faults.Head{
			{Store: types.StoreKey, Prefix: types.ParamsKey.Bytes(), Halts: true},
			{Store: types.StoreKey, Prefix: types.GenerationKey.Bytes()},
			{Store: types.StoreKey, Prefix: types.HistoryPrefix.Bytes()}, {Store: types.StoreKey, Prefix: types.RequestsPrefix.Bytes()},
		},
		Items: items,
		Check: func(ctx sdk.Context) error { return f.keeper.Invariants(ctx) },
		Later: func(ctx sdk.Context) sdk.Context { return ctx.WithBlockTime(ctx.BlockTime().Add(time.Second)) },
	})
}
