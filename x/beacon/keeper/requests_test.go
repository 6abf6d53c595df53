package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/beacon/types"
)

func TestRoundsAreFixedInTheFuture(t *testing.T) {
	f, key := developmentFixture(t, 1)
	generation, round, err := f.keeper.Fix(f.ctx, market)
	require.NoError(t, err)
	require.Zero(t, generation)
	require.EqualValues(t, 4003, round, "block time 5000 plus 2 s, rounds from 1000 on")
	again, sameRound, err := f.keeper.Fix(f.ctx, "dao")
	require.NoError(t, err)
	require.Equal(t, generation, again)
	require.Equal(t, round, sameRound)

	signature, err := key.Sign(round)
	require.NoError(t, err)
	require.NoError(t, f.post(round, signature))
	_, next, err := f.keeper.Fix(f.ctx, market)
	require.NoError(t, err)
	require.EqualValues(t, round+2, next, "a posted round proves that its time has passed, though block time stands still")
}

func TestFixRefusesBadConsumers(t *testing.T) {
	f, _ := developmentFixture(t, 1)
	for _, name := range []string{"", "Market", "a b", "market\x00", "abcdefghijklmnopqrstuvwxyzabcdefg"} {
		_, _, err := f.keeper.Fix(f.ctx, name)
		require.ErrorIs(t, err, types.ErrConsumer, "%q", name)
	}
	require.NotContains(t, f.export(), `"consumer"`)
}

func TestEachConsumerDrainsItsOwn(t *testing.T) {
	f, key := developmentFixture(t, 1)
	first := f.serve(key, market, "dao")
	second := f.serve(key, market)
	ready, err := f.keeper.Ready(f.ctx, market, 10)
	require.NoError(t, err)
	require.Equal(t, []types.Request{{Round: first, Consumer: market}, {Round: second, Consumer: market}}, ready)
	ready, err = f.keeper.Ready(f.ctx, market, 1)
	require.NoError(t, err)
	require.Len(t, ready, 1)
	ready, err = f.keeper.Ready(f.ctx, market, 0)
	require.NoError(t, err)
	require.Empty(t, ready)
	ready, err = f.keeper.Ready(f.ctx, "marke", 10)
	require.NoError(t, err)
	require.Empty(t, ready, "a prefix of a name is another name")

	require.NoError(t, f.keeper.Done(f.ctx, market, 0, first))
	require.ErrorIs(t, f.keeper.Done(f.ctx, market, 0, first), types.ErrNotReady)
	require.ErrorIs(t, f.keeper.Done(f.ctx, "dao", 0, second), types.ErrNotReady)
	ready, err = f.keeper.Ready(f.ctx, "dao", 10)
	require.NoError(t, err)
	require.Len(t, ready, 1)
	require.NoError(t, f.keeper.Invariants(f.ctx))
}

func TestHistoryIsPrunedOnceDrained(t *testing.T) {
	f, key := developmentFixture(t, 1)
	var rounds []uint64
	for range 5 {
		rounds = append(rounds, f.serve(key, market, "dao"))
	}
	held := f.serve(key, market, "dao")
	for _, round := range rounds {
		require.NoError(t, f.keeper.Done(f.ctx, market, 0, round))
		require.NoError(t, f.keeper.Done(f.ctx, "dao", 0, round))
	}
	require.NoError(t, f.keeper.Done(f.ctx, market, 0, held))
	start := f.ctx.BlockTime().Unix()

	f.at(start + types.MinHistory)
	require.NoError(t, f.keeper.EndBlock(f.ctx))
	require.Equal(t, 6, f.kept(), "not yet")
	f.at(start + types.MinHistory + 1)
	require.NoError(t, f.keeper.EndBlock(f.ctx))
	require.Equal(t, 3, f.kept(), "three a block")
	require.NoError(t, f.keeper.Invariants(f.ctx))
	require.NoError(t, f.keeper.EndBlock(f.ctx))
	require.NoError(t, f.keeper.EndBlock(f.ctx))
	require.Equal(t, 1, f.kept(), "the one that is held stays")
	_, err := f.keeper.Round(f.ctx, 0, rounds[0])
	require.ErrorIs(t, err, types.ErrNotFound)

	require.NoError(t, f.keeper.Done(f.ctx, "dao", 0, held))
	require.NoError(t, f.keeper.EndBlock(f.ctx))
	require.Zero(t, f.kept())
	require.NoError(t, f.keeper.Invariants(f.ctx))
}

func (f *fixture) kept() int {
	res, err := f.queries.Rounds(f.ctx, &types.QueryRoundsRequest{})
	require.NoError(f.t, err)
	return len(res.Rounds)
}

func TestAnotherChainBeginsAGeneration(t *testing.T) {
	f, key := developmentFixture(t, 1)
	served := f.serve(key, market)
	for range 7 {
		f.at(f.ctx.BlockTime().Unix() + 1)
		_, _, err := f.keeper.Fix(f.ctx, market)
		require.NoError(t, err)
	}
	_, waiting, err := f.keeper.Fix(f.ctx, "dao")
	require.NoError(t, err)
	newKey, params := development(t, 2)
	require.NoError(t, f.keeper.SetParams(f.ctx, params))
	generation, err := f.keeper.Generation(f.ctx)
	require.NoError(t, err)
	require.EqualValues(t, 1, generation)

	signature, err := key.Sign(waiting)
	require.NoError(t, err)
	require.ErrorIs(t, f.post(waiting, signature), types.ErrNotRequested, "of the old generation")
	generation, fixed, err := f.keeper.Fix(f.ctx, market)
	require.NoError(t, err)
	require.EqualValues(t, 1, generation)
	signature, err = key.Sign(fixed)
	require.NoError(t, err)
	require.ErrorIs(t, f.post(fixed, signature), types.ErrSignature, "by the old key")
	signature, err = newKey.Sign(fixed)
	require.NoError(t, err)
	require.NoError(t, f.post(fixed, signature))

	ready, err := f.keeper.Ready(f.ctx, market, 10)
	require.NoError(t, err)
	require.Equal(t, []types.Request{{Round: served, Consumer: market}, {Generation: 1, Round: fixed, Consumer: market}}, ready)
	require.NoError(t, f.keeper.Done(f.ctx, market, 0, served))
	require.NoError(t, f.keeper.Done(f.ctx, market, 1, fixed))

	for _, left := range []int{4, 1, 0, 0} {
		require.NoError(t, f.keeper.EndBlock(f.ctx))
		state, err := f.keeper.ExportGenesis(f.ctx)
		require.NoError(t, err)
		require.Len(t, state.Requests, left, "three lapsed requests a block")
		require.NoError(t, f.keeper.Invariants(f.ctx))
	}
}

func TestOutageLeavesRequestsWaiting(t *testing.T) {
	f, key := developmentFixture(t, 1)
	_, round, err := f.keeper.Fix(f.ctx, market)
	require.NoError(t, err)
	f.at(f.ctx.BlockTime().Unix() + 100*types.MinHistory)
	require.NoError(t, f.keeper.EndBlock(f.ctx))
	signature, err := key.Sign(round)
	require.NoError(t, err)
	require.NoError(t, f.post(round, signature), "a round is as good late as on time")
}
