package keeper_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/registry/types"
)

// TestExportInTheMiddleOfChecks: a state with checks in every open state, a prepared draw and a leaver comes back byte for byte.
func TestExportInTheMiddleOfChecks(t *testing.T) {
	f := checkFixture(t)
	params := smallChecks()
	params.Spot.DrawSeconds = 1
	require.NoError(t, f.keeper.SetParams(f.ctx, params))
	f.operator(alice, 2_000)
	f.operator(bob, 1_000)
	require.NoError(t, f.register(gpu(alice, 1, 10)))
	require.NoError(t, f.register(gpu(bob, 2, 10)))
	seeded := f.until(1, types.CHECK_STATE_SEEDED)
	f.until(2, types.CHECK_STATE_SEEDED)
	require.NoError(t, f.commit(seeded, f.trace(seeded).Commitment()))
	f.until(1, types.CHECK_STATE_SAMPLED)
	for must(f.keeper.Draw(f.ctx)).Round == 0 {
		f.seconds(1)
	}
	for n := 3; n <= 5; n++ {
		require.NoError(t, f.register(gpu(alice, n, 10)))
	}
	require.NoError(t, f.update(update(gpu(alice, 5, 10), func(m *types.MsgUpdateDevice) { m.Available = false })))
	require.NotZero(t, must(f.keeper.Draw(f.ctx)).Round)
	state, err := f.keeper.ExportGenesis(f.ctx)
	require.NoError(t, err)
	require.NoError(t, state.Validate())
	other := newFixture(t)
	other.ctx = other.ctx.WithBlockTime(f.ctx.BlockTime())
	fresh := other.keeper
	require.NoError(t, fresh.InitGenesis(other.ctx, state))
	again, err := fresh.ExportGenesis(other.ctx)
	require.NoError(t, err)
	require.Equal(t, string(f.cdc.MustMarshalJSON(state)), string(f.cdc.MustMarshalJSON(again)))
	require.NoError(t, fresh.Invariants(other.ctx))
	for name, spoil := range map[string]func(*types.GenesisState){
		"a check of nobody":        func(g *types.GenesisState) { g.Checks[0].Device = deviceID(99) },
		"a check twice":            func(g *types.GenesisState) { g.Checks = append(g.Checks, g.Checks[0]) },
		"a number to come":         func(g *types.GenesisState) { g.LastCheck = 1 },
		"a check without a seed":   func(g *types.GenesisState) { check(g, types.CHECK_STATE_SEEDED).Seed = nil },
		"a state that is none":     func(g *types.GenesisState) { g.Checks[0].State = 99 },
		"no terms":                 func(g *types.GenesisState) { g.Checks[0].Size_ = 0 },
		"not due":                  func(g *types.GenesisState) { g.Checks[0].Due = 0 },
		"checking without a check": func(g *types.GenesisState) { check(g, types.CHECK_STATE_SEEDED).State = types.CHECK_STATE_COMMITTED },
		"a place twice":            func(g *types.GenesisState) { g.Places[1].Device = g.Places[0].Device },
		"a gap in the places":      func(g *types.GenesisState) { g.Places[1].Number = 7 },
		"a place lost":             func(g *types.GenesisState) { g.Places = g.Places[:1] },
		"a place that stays":       func(g *types.GenesisState) { g.Places[len(g.Places)-1].Left = 0 },
		"too many to draw from":    func(g *types.GenesisState) { g.Draw.Places = 99 },
	} {
		broken, err := f.keeper.ExportGenesis(f.ctx)
		require.NoError(t, err)
		spoil(broken)
		require.ErrorIs(t, broken.Validate(), types.ErrGenesis, name)
	}
}

func check(g *types.GenesisState, state types.CheckState) *types.SpotCheck {
	for i := range g.Checks {
		if g.Checks[i].State == state {
			return &g.Checks[i]
		}
	}
	panic("no check in " + state.String())
}

// TestCheckQueries lists checks by device, operator and state.
func TestCheckQueries(t *testing.T) {
	f := checkFixture(t)
	f.operator(alice, 1_000)
	f.operator(bob, 1_000)
	require.NoError(t, f.register(gpu(alice, 1, 10)))
	require.NoError(t, f.register(gpu(bob, 2, 10)))
	f.prove(1)
	one, err := f.queries.SpotCheck(f.ctx, &types.QuerySpotCheckRequest{Device: fmt.Sprintf("%x", deviceID(1))})
	require.NoError(t, err)
	require.Equal(t, f.check(1), one.Check)
	require.Equal(t, must(f.keeper.Now(f.ctx)), one.Clock.ActiveMs)
	_, err = f.queries.SpotCheck(f.ctx, &types.QuerySpotCheckRequest{Device: fmt.Sprintf("%x", deviceID(3))})
	require.ErrorContains(t, err, "never checked")
	list := func(req *types.QuerySpotChecksRequest) int {
		response, err := f.queries.SpotChecks(f.ctx, req)
		require.NoError(t, err)
		return len(response.Checks)
	}
	require.Equal(t, 2, list(&types.QuerySpotChecksRequest{}))
	require.Equal(t, 1, list(&types.QuerySpotChecksRequest{Operator: bob.String()}))
	require.Equal(t, 1, list(&types.QuerySpotChecksRequest{State: types.CHECK_STATE_PASSED}))
	require.Equal(t, 0, list(&types.QuerySpotChecksRequest{Operator: bob.String(), State: types.CHECK_STATE_PASSED}))
	_, err = f.queries.SpotChecks(f.ctx, &types.QuerySpotChecksRequest{Operator: "nobody"})
	require.Error(t, err)
}
