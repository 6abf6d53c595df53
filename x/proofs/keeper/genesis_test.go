package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/assaychain/assay/x/proofs/types"
)

func TestExportAndImportAreByteEqual(t *testing.T) {
	f := newFixture(t)
	require.NoError(t, f.retire(small))
	require.NoError(t, f.register(first().circuit("opening-256-v2", 256)))
	require.True(t, f.spend(f.ctx, 5))
	text := f.export()
	var state types.GenesisState
	f.cdc.MustUnmarshalJSON([]byte(text), &state)
	again := emptyFixture(t, developmentChain)
	require.NoError(t, again.keeper.InitGenesis(again.ctx, &state))
	require.Equal(t, text, again.export())
	require.NoError(t, again.keeper.Invariants(again.ctx))

	digests, proofs := batch(t, 2)
	valid, _, err := again.keeper.VerifyBatch(again.ctx, small, digests, proofs)
	require.NoError(t, err)
	require.True(t, valid)
}

func TestContradictoryGenesisIsRefused(t *testing.T) {
	for name, spoil := range map[string]func(*types.GenesisState){
		"parameters":       func(g *types.GenesisState) { g.Params.MaxCircuits = 0 },
		"circuit":          func(g *types.GenesisState) { g.Circuits[0].Class = 0 },
		"key":              func(g *types.GenesisState) { g.Circuits[0].VerifyingKey = g.Circuits[1].VerifyingKey },
		"id twice":         func(g *types.GenesisState) { g.Circuits[0].Id = g.Circuits[1].Id },
		"class twice":      func(g *types.GenesisState) { g.Circuits[0].Class = g.Circuits[1].Class },
		"development keys": func(g *types.GenesisState) { g.Params.AllowDevelopmentKeys = false },
		"too many": func(g *types.GenesisState) {
			g.Circuits = append(g.Circuits, make([]types.Circuit, types.CircuitsLimit)...)
		},
	} {
		f := newFixture(t)
		state, err := f.keeper.ExportGenesis(f.ctx)
		require.NoError(t, err)
		require.NoError(t, state.Validate())
		spoil(state)
		require.Error(t, state.Validate(), name)
		empty := emptyFixture(t, developmentChain)
		require.Error(t, empty.keeper.InitGenesis(empty.ctx, state), name)
	}
}

func TestParamsAreBounded(t *testing.T) {
	require.NoError(t, types.DefaultParams().Validate())
	for name, spoil := range map[string]func(*types.Params){
		"no units":    func(p *types.Params) { p.UnitsPerBlock = types.MinUnits - 1 },
		"units":       func(p *types.Params) { p.UnitsPerBlock = types.MaxUnits + 1 },
		"no circuits": func(p *types.Params) { p.MaxCircuits = 0 },
		"circuits":    func(p *types.Params) { p.MaxCircuits = types.CircuitsLimit + 1 },
	} {
		params := types.DefaultParams()
		spoil(&params)
		require.ErrorIs(t, params.Validate(), types.ErrParams, name)
	}
}

func TestQueries(t *testing.T) {
	f := newFixture(t)
	params, err := f.queries.Params(f.ctx, &types.QueryParamsRequest{})
	require.NoError(t, err)
	require.True(t, params.Params.AllowDevelopmentKeys)
	circuit, err := f.queries.Circuit(f.ctx, &types.QueryCircuitRequest{Id: small})
	require.NoError(t, err)
	require.Equal(t, second().key, circuit.Circuit.VerifyingKey)
	page, err := f.queries.Circuits(f.ctx, &types.QueryCircuitsRequest{Pagination: &query.PageRequest{Limit: 1, CountTotal: true}})
	require.NoError(t, err)
	require.Len(t, page.Circuits, 1)
	require.EqualValues(t, 2, page.Pagination.Total)
	rest, err := f.queries.Circuits(f.ctx, &types.QueryCircuitsRequest{Pagination: &query.PageRequest{Key: page.Pagination.NextKey}})
	require.NoError(t, err)
	require.Equal(t, small, rest.Circuits[0].Id)
	_, err = f.queries.Circuit(f.ctx, &types.QueryCircuitRequest{Id: "opening-1"})
	require.ErrorContains(t, err, "not found")
	_, err = f.queries.Circuit(f.ctx, nil)
	require.Error(t, err)
	_, err = f.queries.Circuits(f.ctx, nil)
	require.Error(t, err)
}
