package keeper_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/internal/banktest"
	"github.com/assaychain/assay/x/penalty/types"
)

// busy is a chain with jail terms and punishments of every kind.
func busy(t testing.TB) *fixture {
	f := newFixture(t)
	for _, name := range []string{"a", "b", "c"} {
		op := f.bonded(name, 10_000_000)
		for o := types.OFFENCE_WRONG_RESULT; o <= types.OFFENCE_FALSE_DELIVERY; o++ {
			f.Advance(7 * time.Second)
			f.punish(op, o, banktest.Address("victim"))
		}
	}
	f.punish(banktest.Address("a"), types.OFFENCE_MISSED_COMMIT, nil)
	f.Advance(24 * time.Hour)
	require.NoError(t, f.k.Unjail(f.Ctx, banktest.Address("b")))
	f.sound()
	return f
}

func TestGenesisRoundTrip(t *testing.T) {
	f := busy(t)
	exported := f.state()
	var state types.GenesisState
	require.NoError(t, f.Cdc.UnmarshalJSON([]byte(exported), &state))
	require.Len(t, state.Records, 16)
	require.Len(t, state.Jails, 2)
	g := newEmptyFixture(t)
	require.NoError(t, g.k.InitGenesis(g.Ctx, &state))
	require.Equal(t, exported, g.state())
	g.sound()
	require.Equal(t, uint64(17), g.punish(banktest.Address("a"), types.OFFENCE_MISSED_COMMIT, nil).Id)
}

func TestGenesisNamesTheDifference(t *testing.T) {
	g := newEmptyFixture(t)
	g.Mint(g.Auth.GetModuleAddress(types.ModuleName), sdk.NewInt64Coin(banktest.Denom, 4))
	require.ErrorContains(t, g.k.InitGenesis(g.Ctx, types.DefaultGenesis()), "difference 4")
}

func TestGenesisValidation(t *testing.T) {
	cases := map[string]struct {
		spoil func(*types.GenesisState)
		text  string
	}{
		"params":             {func(g *types.GenesisState) { g.Params.VictimBps = 5_001 }, "victim_bps"},
		"next id":            {func(g *types.GenesisState) { g.NextRecordId = 0 }, "next_record_id"},
		"id beyond next":     {func(g *types.GenesisState) { g.NextRecordId = 16 }, "below next_record_id"},
		"id zero":            {func(g *types.GenesisState) { g.Records[0].Id = 0 }, "start at 1"},
		"order of ids":       {func(g *types.GenesisState) { g.Records[1].Id = 1 }, "in order"},
		"order of times":     {func(g *types.GenesisState) { g.Records[1].At = g.Records[0].At.Add(-1) }, "in order"},
		"no time":            {func(g *types.GenesisState) { g.Records[0].At = time.Time{} }, "at must be given"},
		"operator":           {func(g *types.GenesisState) { g.Records[0].Operator = "x" }, "operator"},
		"victim":             {func(g *types.GenesisState) { g.Records[0].Victim = "x" }, "victim"},
		"offence":            {func(g *types.GenesisState) { g.Records[0].Offence = 0 }, "offence"},
		"subject":            {func(g *types.GenesisState) { g.Records[0].Subject = "" }, "subject"},
		"sum":                {func(g *types.GenesisState) { g.Records[0].Burnt = math.ZeroInt() }, "add up"},
		"negative":           {func(g *types.GenesisState) { g.Records[0].ToVictim = math.NewInt(-1) }, "not negative"},
		"missing":            {func(g *types.GenesisState) { g.Records[0].Slashed = math.Int{} }, "must be given"},
		"jail twice":         {func(g *types.GenesisState) { g.Jails = append(g.Jails, g.Jails[0]) }, "two jail terms"},
		"jail until":         {func(g *types.GenesisState) { g.Jails[0].Until = time.Time{} }, "until"},
		"jail operator":      {func(g *types.GenesisState) { g.Jails[0].Operator = "x" }, "operator"},
		"jail with capitals": {func(g *types.GenesisState) { g.Jails[0].Operator = strings.ToUpper(g.Jails[0].Operator) }, "lower case"},
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
