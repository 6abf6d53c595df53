package keeper_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/escrow/types"
	"github.com/assaychain/assay/x/internal/banktest"
)

// busy is a chain with accounts in every condition and two denominations.
func busy(t testing.TB) *fixture {
	f := newFixture(t)
	params := types.DefaultParams()
	params.AllowedDenoms = []string{banktest.Denom, "uother"}
	require.NoError(t, f.k.SetParams(f.Ctx, params))
	for id := range uint64(4) {
		f.opened(id+1, string(rune('a'+id)), 50_000)
	}
	a := f.Fund("a", 7_000)
	f.Mint(a, sdk.NewInt64Coin("uother", 9_000))
	require.NoError(t, f.k.Open(f.Ctx, "leases", 1, a, sdk.NewInt64Coin("uother", 9_000)))
	_, err := f.k.Deposit(f.Ctx, scope, 1, a, coin(7_000))
	require.NoError(t, err)
	_, err = f.k.Pay(f.Ctx, scope, 2, banktest.Address("worker"), math.NewInt(33_333))
	require.NoError(t, err)
	_, err = f.k.Pay(f.Ctx, scope, 3, banktest.Address("worker"), math.NewInt(50_000))
	require.NoError(t, err)
	_, err = f.k.Close(f.Ctx, scope, 4, types.CLOSE_REASON_REFUNDED)
	require.NoError(t, err)
	f.sound()
	return f
}

func TestGenesisRoundTrip(t *testing.T) {
	f := busy(t)
	exported := f.state()
	var state types.GenesisState
	require.NoError(t, f.Cdc.UnmarshalJSON([]byte(exported), &state))
	require.Len(t, state.Accounts, 4, "an empty account that was not closed stays")
	g := newEmptyFixture(t)
	module := g.Auth.GetModuleAddress(types.ModuleName)
	g.Mint(module, f.Bank.GetAllBalances(f.Ctx, module)...)
	require.NoError(t, g.k.InitGenesis(g.Ctx, &state))
	require.Equal(t, exported, g.state())
	g.sound()
	_, err := g.k.Close(g.Ctx, scope, 1, types.CLOSE_REASON_REFUNDED)
	require.NoError(t, err)
	require.Equal(t, "57000", g.Balance(banktest.Address("a")).String())
	g.sound()
}

func TestGenesisNamesTheDifference(t *testing.T) {
	f := busy(t)
	state, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	g := newEmptyFixture(t)
	module := g.Auth.GetModuleAddress(types.ModuleName)
	g.Mint(module, f.Bank.GetAllBalances(f.Ctx, module).Sub(sdk.NewInt64Coin("uother", 3))...)
	require.ErrorContains(t, g.k.InitGenesis(g.Ctx, state), "difference -3")
}

func TestGenesisValidation(t *testing.T) {
	cases := map[string]struct {
		spoil func(*types.GenesisState)
		text  string
	}{
		"params":       {func(g *types.GenesisState) { g.Params.AllowedDenoms = nil }, "allowed_denoms"},
		"listed twice": {func(g *types.GenesisState) { g.Accounts = append(g.Accounts, g.Accounts[0]) }, "listed twice"},
		"scope":        {func(g *types.GenesisState) { g.Accounts[0].Scope = "A B" }, "scope"},
		"depositor":    {func(g *types.GenesisState) { g.Accounts[0].Depositor = "a" }, "depositor"},
		"depositor in capitals": {func(g *types.GenesisState) {
			g.Accounts[0].Depositor = strings.ToUpper(g.Accounts[0].Depositor)
		}, "lower case"},
		"denom":           {func(g *types.GenesisState) { g.Accounts[0].Denom = "!" }, "denom"},
		"negative":        {func(g *types.GenesisState) { g.Accounts[0].Balance = math.NewInt(-1) }, "not negative"},
		"missing":         {func(g *types.GenesisState) { g.Accounts[0].Paid = math.Int{} }, "must be given"},
		"locked too much": {func(g *types.GenesisState) { g.Accounts[0].Locked = math.NewInt(1 << 40) }, "exceeds balance"},
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
