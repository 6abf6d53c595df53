package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/beacon/types"
)

// eventful is a state with something of everything.
func eventful(t *testing.T) *fixture {
	f, key := developmentFixture(t, 1)
	done := f.serve(key, market, "dao")
	require.NoError(t, f.keeper.Done(f.ctx, market, 0, done))
	require.NoError(t, f.keeper.Done(f.ctx, "dao", 0, done))
	f.serve(key, market, "dao")
	_, _, err := f.keeper.Fix(f.ctx, market)
	require.NoError(t, err)
	newKey, params := development(t, 2)
	require.NoError(t, f.keeper.SetParams(f.ctx, params))
	f.serve(newKey, market, "dao")
	f.at(f.ctx.BlockTime().Unix() + 3)
	_, _, err = f.keeper.Fix(f.ctx, "dao")
	require.NoError(t, err)
	return f
}

func TestExportAndImportAreByteEqual(t *testing.T) {
	f := eventful(t)
	first := f.export()
	var state types.GenesisState
	f.cdc.MustUnmarshalJSON([]byte(first), &state)
	require.NotEmpty(t, state.Requests)
	require.NotEmpty(t, state.Ready)
	require.Len(t, state.Rounds, 3)
	again := newFixture(t, &state)
	require.Equal(t, first, again.export())
	require.NoError(t, again.keeper.Invariants(again.ctx))

	// The imported chain goes on as the exported one does.
	for _, chain := range []*fixture{f, again} {
		chain.at(6000)
		require.NoError(t, chain.keeper.EndBlock(chain.ctx))
	}
	require.Equal(t, f.export(), again.export())
	require.NotEqual(t, first, f.export())
}

func TestContradictoryGenesisIsRefused(t *testing.T) {
	good := func() *types.GenesisState {
		f := eventful(t)
		state, err := f.keeper.ExportGenesis(f.ctx)
		require.NoError(t, err)
		require.NoError(t, state.Validate())
		return state
	}
	for name, spoil := range map[string]func(*types.GenesisState){
		"parameters":                 func(g *types.GenesisState) { g.Params.MaxPrunedPerBlock = 0 },
		"round twice":                func(g *types.GenesisState) { g.Rounds = append(g.Rounds, g.Rounds[0]) },
		"round 0":                    func(g *types.GenesisState) { g.Rounds[0].Round = 0 },
		"randomness":                 func(g *types.GenesisState) { g.Rounds[0].Randomness[3]++ },
		"signature":                  func(g *types.GenesisState) { g.Rounds[0].Signature = g.Rounds[0].Signature[1:] },
		"relayer":                    func(g *types.GenesisState) { g.Rounds[0].Relayer = "nobody" },
		"generation of round":        func(g *types.GenesisState) { g.Rounds[2].Generation = 2 },
		"latest below a round":       func(g *types.GenesisState) { g.LatestRound = g.Rounds[2].Round - 1 },
		"request of a posted round":  func(g *types.GenesisState) { g.Requests[0].Round = g.Rounds[0].Round },
		"request twice":              func(g *types.GenesisState) { g.Requests = append(g.Requests, g.Requests[0]) },
		"request of a later chain":   func(g *types.GenesisState) { g.Requests[0].Generation = 9 },
		"consumer":                   func(g *types.GenesisState) { g.Requests[0].Consumer = "" },
		"ready without a round":      func(g *types.GenesisState) { g.Ready[0].Round++ },
		"ready twice":                func(g *types.GenesisState) { g.Ready = append(g.Ready, g.Ready[0]) },
		"ready, round of generation": func(g *types.GenesisState) { g.Ready[0].Generation = 1 },
	} {
		state := good()
		spoil(state)
		require.Error(t, state.Validate(), name)
	}
}

func TestParamsAreBounded(t *testing.T) {
	require.NoError(t, types.DefaultParams().Validate())
	for name, spoil := range map[string]func(*types.Params){
		"no key":             func(p *types.Params) { p.Chain.PublicKey = nil },
		"key":                func(p *types.Params) { p.Chain.PublicKey[5]++ },
		"scheme":             func(p *types.Params) { p.Chain.Scheme = "bls" },
		"genesis":            func(p *types.Params) { p.Chain.GenesisTime = 0 },
		"period":             func(p *types.Params) { p.Chain.Period = 0 },
		"long period":        func(p *types.Params) { p.Chain.Period = types.MaxPeriod + 1 },
		"period of 2^32 + 3": func(p *types.Params) { p.Chain.Period = 1<<32 + 3 },
		"no delay":           func(p *types.Params) { p.MinDelaySeconds = 0 },
		"long delay":         func(p *types.Params) { p.MinDelaySeconds = types.MaxMinDelay + 1 },
		"short history":      func(p *types.Params) { p.HistorySeconds = types.MinHistory - 1 },
		"long history":       func(p *types.Params) { p.HistorySeconds = types.MaxHistory + 1 },
		"no pruning":         func(p *types.Params) { p.MaxPrunedPerBlock = 0 },
		"pruning":            func(p *types.Params) { p.MaxPrunedPerBlock = types.MaxPruned + 1 },
	} {
		params := types.DefaultParams()
		spoil(&params)
		require.ErrorIs(t, params.Validate(), types.ErrParams, name)
	}
}
