package keeper_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/bond/types"
	"github.com/assaychain/assay/x/internal/banktest"
)

// busy is a chain with stake in every condition.
func busy(t testing.TB) *fixture {
	f := newFixture(t)
	for _, name := range []string{"a", "b", "c", "d"} {
		op := f.bonded(name, 10_000_000)
		_, err := f.k.Unbond(f.Ctx, op, math.NewInt(1_000_000))
		require.NoError(t, err)
		f.Advance(7 * time.Second)
		_, err = f.k.Unbond(f.Ctx, op, math.NewInt(2_000_000))
		require.NoError(t, err)
		require.NoError(t, f.k.Expose(f.Ctx, op, math.NewInt(3_000_000)))
		require.NoError(t, f.k.SetRequirement(f.Ctx, op, math.NewInt(4_000_000)))
	}
	_, err := f.k.Slash(f.Ctx, banktest.Address("b"), 3_333, court)
	require.NoError(t, err)
	_, err = f.k.CancelUnbonding(f.Ctx, banktest.Address("c"), 5)
	require.NoError(t, err)
	f.sound()
	return f
}

func TestGenesisRoundTrip(t *testing.T) {
	f := busy(t)
	exported := f.state()
	var state types.GenesisState
	require.NoError(t, f.Cdc.UnmarshalJSON([]byte(exported), &state))
	require.Len(t, state.Stakes, 4)
	require.Len(t, state.Entries, 7)

	g := newEmptyFixture(t)
	g.Mint(g.Auth.GetModuleAddress(types.ModuleName), sdk.NewCoin(banktest.Denom, f.ModuleBalance(types.ModuleName)))
	require.NoError(t, g.k.InitGenesis(g.Ctx, &state))
	require.Equal(t, exported, g.state())
	g.sound()

	// The copy goes on as the original does.
	g.Ctx = g.Ctx.WithBlockTime(f.Ctx.BlockTime())
	for _, chain := range []*fixture{f, g} {
		chain.Advance(unbonding)
		require.NoError(t, chain.k.EndBlock(chain.Ctx))
		chain.sound()
	}
	require.Equal(t, f.state(), g.state())
}

func TestGenesisNamesTheDifference(t *testing.T) {
	f := busy(t)
	state, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	g := newEmptyFixture(t)
	g.Mint(g.Auth.GetModuleAddress(types.ModuleName), sdk.NewCoin(banktest.Denom, f.ModuleBalance(types.ModuleName).SubRaw(5)))
	require.ErrorContains(t, g.k.InitGenesis(g.Ctx, state), "difference -5")
}

func TestGenesisValidation(t *testing.T) {
	cases := map[string]struct {
		spoil func(*types.GenesisState)
		text  string
	}{
		"params":           {func(g *types.GenesisState) { g.Params.Denom = "" }, "denom"},
		"next id":          {func(g *types.GenesisState) { g.NextEntryId = 0 }, "next_entry_id"},
		"id beyond next":   {func(g *types.GenesisState) { g.NextEntryId = 8 }, "below next_entry_id"},
		"id zero":          {func(g *types.GenesisState) { g.Entries[0].Id = 0 }, "start at 1"},
		"id twice":         {func(g *types.GenesisState) { g.Entries[0].Id = g.Entries[1].Id }, "used twice"},
		"two stakes":       {func(g *types.GenesisState) { g.Stakes = append(g.Stakes, g.Stakes[0]) }, "two stakes"},
		"sum of entries":   {func(g *types.GenesisState) { g.Stakes[0].Unbonding = math.NewInt(1) }, "add up to"},
		"entry sans stake": {func(g *types.GenesisState) { g.Stakes = g.Stakes[1:] }, "has no stake"},
		"negative":         {func(g *types.GenesisState) { g.Stakes[0].Bonded = math.NewInt(-1) }, "not negative"},
		"missing amount":   {func(g *types.GenesisState) { g.Stakes[0].Exposure = math.Int{} }, "must be given"},
		"bad operator":     {func(g *types.GenesisState) { g.Stakes[0].Operator = "nobody" }, "operator"},
		"capital operator": {func(g *types.GenesisState) { g.Stakes[0].Operator = strings.ToUpper(g.Stakes[0].Operator) }, "lower case"},
		"entry amount":     {func(g *types.GenesisState) { g.Entries[0].Amount = math.ZeroInt() }, "positive"},
		"entry operator":   {func(g *types.GenesisState) { g.Entries[0].Operator = "x" }, "operator"},
		"entry time":       {func(g *types.GenesisState) { g.Entries[0].CompletesAt = time.Time{} }, "completes_at"},
		"empty stake record": {func(g *types.GenesisState) {
			g.Stakes = append(g.Stakes, types.Stake{Operator: banktest.Address("z").String(), Bonded: math.ZeroInt(), Unbonding: math.ZeroInt(), Exposure: math.ZeroInt(), Requirement: math.ZeroInt()})
		}, "empty stake"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			f := busy(t)
			state, err := f.k.ExportGenesis(f.Ctx)
			require.NoError(t, err)
			require.NoError(t, state.Validate())
			c.spoil(state)
			require.ErrorContains(t, state.Validate(), c.text)
		})
	}
	require.NoError(t, types.DefaultGenesis().Validate())
}
