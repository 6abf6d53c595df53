package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/assaychain/assay/x/beacon/drand/devkey"
	"github.com/assaychain/assay/x/beacon/types"
)

// walk is a keeper under random use, with the keys that can answer.
type walk struct {
	*fixture
	key *devkey.Key
}

// answer posts one of the rounds that are waited for, if any.
func (w *walk) answer(t *rapid.T) {
	res, err := w.queries.Pending(w.ctx, &types.QueryPendingRequest{})
	require.NoError(t, err)
	if len(res.Requests) == 0 {
		return
	}
	round := rapid.SampledFrom(res.Requests).Draw(t, "request").Round
	signature, err := w.key.Sign(round)
	require.NoError(t, err)
	require.NoError(t, w.post(round, signature))
}

// drain takes the first ready round of a consumer, if any.
func (w *walk) drain(t *rapid.T, consumer string) {
	ready, err := w.keeper.Ready(w.ctx, consumer, 1)
	require.NoError(t, err)
	for _, request := range ready {
		_, known, err := w.keeper.Randomness(w.ctx, request.Generation, request.Round)
		require.NoError(t, err)
		require.True(t, known, "a ready round is never pruned")
		require.NoError(t, w.keeper.Done(w.ctx, consumer, request.Generation, request.Round))
	}
}

func TestBooksAgreeUnderRandomUse(t *testing.T) { rapid.Check(t, booksAgree) }

// FuzzEndBlock lets the fuzzer choose what happens between and in the blocks: no hook fails or logs an error.
func FuzzEndBlock(f *testing.F) {
	f.Add(make([]byte, 2_048))
	f.Fuzz(rapid.MakeFuzz(booksAgree))
}

// booksAgree fixes, posts, drains and prunes rounds in any order, and replaces the beacon.
func booksAgree(t *rapid.T) {
	f, key := developmentFixture(t, 1)
	w := &walk{fixture: f, key: key}
	consumer := rapid.SampledFrom([]string{market, "dao"})
	t.Repeat(map[string]func(*rapid.T){
		"fix": func(t *rapid.T) {
			name := consumer.Draw(t, "consumer")
			_, round, err := w.keeper.Fix(w.ctx, name)
			require.NoError(t, err)
			_, params := development(t, 1)
			due, err := params.Chain.Drand().TimeOf(round)
			require.NoError(t, err)
			require.GreaterOrEqual(t, due, w.ctx.BlockTime().Unix()+2)
		},
		"post":  w.answer,
		"drain": func(t *rapid.T) { w.drain(t, consumer.Draw(t, "consumer")) },
		"block": func(t *rapid.T) {
			w.at(w.ctx.BlockTime().Unix() + rapid.Int64Range(1, 2*types.MinHistory).Draw(t, "seconds"))
			before, err := w.keeper.ExportGenesis(w.ctx)
			require.NoError(t, err)
			require.NoError(t, w.keeper.EndBlock(w.ctx))
			after, err := w.keeper.ExportGenesis(w.ctx)
			require.NoError(t, err)
			gone := len(before.Rounds) + len(before.Requests) - len(after.Rounds) - len(after.Requests)
			require.LessOrEqual(t, gone, 3, "a block prunes no more than its bound")
		},
		"replace": func(t *rapid.T) {
			var params types.Params
			w.key, params = development(t, byte(rapid.IntRange(1, 3).Draw(t, "seed")))
			require.NoError(t, w.keeper.SetParams(w.ctx, params))
		},
		"": func(t *rapid.T) {
			require.NoError(t, w.keeper.Invariants(w.ctx))
			require.Empty(t, w.errors)
		},
	})
}
