package keeper_test

import (
	"strings"
	"testing"
	"time"

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
	flowing(f)
	f.sound()
	return f
}

// flowing adds accounts with streams: 5 flows, 6 is paused and has deposits of three, 7 has a single deposit of another's, 8 is
// running dry, 9 ran dry just now with its end begun, 10 ran dry and was closed.
func flowing(f *fixture) {
	t := f.T
	t.Helper()
	author := types.Share{Recipient: banktest.Address("author").String(), Role: types.RoleRoyalty, Bps: 500}
	for id, amount := range map[uint64]int64{5: 900_000, 6: 40_000, 7: 1_000, 8: 5_000, 9: 1_001, 10: 1_000} {
		f.opened(id, "a", amount)
		require.NoError(t, f.k.Admit(f.Ctx, scope, id, id == 6 || id == 7))
	}
	for _, name := range []string{"b", "c"} {
		_, err := f.k.Deposit(f.Ctx, scope, 6, f.Fund(name, 20_000), coin(20_000))
		require.NoError(t, err)
	}
	f.stream(5, "worker", 3_601, author)
	f.stream(5, "other", 7)
	require.NoError(t, f.k.EndStream(f.Ctx, scope, 5, f.stream(5, "gone", 11)))
	f.stream(6, "worker", 100)
	f.stream(7, "worker", 1)
	f.stream(8, "worker", 10_000)
	f.stream(9, "worker", 3_600_000)
	f.stream(9, "other", 1)
	f.stream(10, "worker", 7_200_000)
	f.block(1_001 * time.Millisecond)
	require.NoError(t, f.k.SetRate(f.Ctx, scope, 6, 1, math.ZeroInt()))
	_, err := f.k.Deposit(f.Ctx, scope, 7, f.Fund("b", 2_000), coin(2_000))
	require.NoError(t, err)
	require.NoError(t, f.k.PayDirect(f.Ctx, scope, 7, banktest.Address("worker"), math.NewInt(1_000)))
	f.settle(5, 1)
	f.settle(9, 1)
	params, err := f.k.Params(f.Ctx)
	require.NoError(t, err)
	params.MaxPayoutsPerBlock = 3
	require.NoError(t, f.k.SetParams(f.Ctx, params))
	require.NoError(t, f.k.EndBlock(f.Ctx))
	f.Advance(time.Second)
}

func TestGenesisRoundTrip(t *testing.T) {
	f := busy(t)
	exported := f.state()
	var state types.GenesisState
	require.NoError(t, f.Cdc.UnmarshalJSON([]byte(exported), &state))
	require.Len(t, state.Accounts, 9, "an empty account that was not closed stays")
	require.Len(t, state.Streams, 6)
	require.Len(t, state.Dried, 1)
	require.True(t, state.Accounts[len(state.Accounts)-1].IsDry(), "its end has begun")
	g := newEmptyFixture(t)
	module := g.Auth.GetModuleAddress(types.ModuleName)
	g.Mint(module, f.Bank.GetAllBalances(f.Ctx, module)...)
	require.NoError(t, g.k.InitGenesis(g.Ctx, &state))
	require.Equal(t, exported, g.state())
	g.sound()
	// Both go on alike.
	g.Ctx = g.Ctx.WithBlockTime(f.Ctx.BlockTime())
	for range 60 {
		f.block(time.Hour)
		g.block(time.Hour)
		require.Equal(t, f.state(), g.state())
	}
	require.ElementsMatch(t, []uint64{8, 9, 10}, g.dried())
	g.sound()
	before := g.has("a")
	_, err := g.k.Close(g.Ctx, scope, 1, types.CLOSE_REASON_REFUNDED)
	require.NoError(t, err)
	require.EqualValues(t, 57_000, g.has("a")-before)
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

// account finds an account of a state, flowOf its flow, lotsOf its deposits.
func account(g *types.GenesisState, id uint64) *types.Account {
	for i := range g.Accounts {
		if g.Accounts[i].Scope == scope && g.Accounts[i].Id == id {
			return &g.Accounts[i]
		}
	}
	return nil
}

func flowOf(g *types.GenesisState, id uint64) *types.Flow { return account(g, id).Flow }

func lotsOf(g *types.GenesisState, id uint64) []types.Lot { return account(g, id).Lots }

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
		"denom": {func(g *types.GenesisState) { g.Accounts[0].Denom = "!" }, "denom"},
		"stream without account": {func(g *types.GenesisState) {
			s := g.Streams[0]
			s.Scope = "other"
			g.Streams = append(g.Streams, s)
		}, "are missing"},
		"stream twice": {func(g *types.GenesisState) { g.Streams = append(g.Streams, g.Streams[len(g.Streams)-1]) }, "sorted by number"},
		"stream of a plain account": {func(g *types.GenesisState) {
			s := g.Streams[0]
			s.Id = 1
			g.Streams = append(g.Streams, s)
		}, "no flow"},
		"missing stream":    {func(g *types.GenesisState) { g.Streams = g.Streams[1:] }, "counts 2 streams"},
		"rate":              {func(g *types.GenesisState) { g.Streams[0].Rate = math.NewInt(1) }, "counts 2 streams"},
		"negative rate":     {func(g *types.GenesisState) { g.Streams[0].Rate = math.NewInt(-1) }, "rate must be"},
		"remainder":         {func(g *types.GenesisState) { g.Streams[0].Remainder++ }, "counts 2 streams"},
		"large remainder":   {func(g *types.GenesisState) { g.Streams[0].Remainder = 3_600_000 }, "remainder below"},
		"stream's paid":     {func(g *types.GenesisState) { g.Streams[0].Paid = math.NewInt(-1) }, "not negative"},
		"stream ahead":      {func(g *types.GenesisState) { g.Streams[0].Through += 1 << 40 }, "ahead of its account"},
		"stream's number":   {func(g *types.GenesisState) { g.Streams[0].Number = 0 }, "number must be positive"},
		"payee":             {func(g *types.GenesisState) { g.Streams[0].Payee = "" }, "payee"},
		"share":             {func(g *types.GenesisState) { g.Streams[0].Shares[0].Bps = 10_000 }, "basis points"},
		"owed":              {func(g *types.GenesisState) { flowOf(g, 5).Owed = flowOf(g, 5).Owed.AddRaw(1) }, "counts 2 streams"},
		"owed too much":     {func(g *types.GenesisState) { flowOf(g, 5).Owed = math.NewInt(1 << 62) }, "earned more than the balance"},
		"owed missing":      {func(g *types.GenesisState) { flowOf(g, 5).Owed = math.Int{} }, "owed must be given"},
		"through":           {func(g *types.GenesisState) { flowOf(g, 5).Through = -1 }, "through"},
		"number of streams": {func(g *types.GenesisState) { flowOf(g, 5).LastStream = 1 }, "2 streams, the last one 1"},
		"warning":           {func(g *types.GenesisState) { flowOf(g, 5).Warned = 9 }, "no such warning"},
		"due missing":       {func(g *types.GenesisState) { flowOf(g, 5).Due = 0 }, "due must be given"},
		"due late":          {func(g *types.GenesisState) { flowOf(g, 5).Due = 1 << 60 }, "runs out"},
		"due of a paused":   {func(g *types.GenesisState) { flowOf(g, 6).Due = 1 }, "due must be 0"},
		"deposits":          {func(g *types.GenesisState) { lotsOf(g, 6)[1].Amount = math.NewInt(1) }, "deposits add up"},
		"empty deposit":     {func(g *types.GenesisState) { lotsOf(g, 6)[1].Amount = math.ZeroInt() }, "must be positive"},
		"deposit's owner":   {func(g *types.GenesisState) { lotsOf(g, 6)[1].Depositor = "x" }, "depositor"},
		"deposit's grantee": {func(g *types.GenesisState) { lotsOf(g, 6)[1].Grantee = "x" }, "grantee"},
		"single deposit":    {func(g *types.GenesisState) { lotsOf(g, 7)[0].Depositor = g.Accounts[0].Depositor }, "must not be listed"},
		"dried and open":    {func(g *types.GenesisState) { g.Dried[0].Id = 5 }, "listed twice"},
		"dried scope":       {func(g *types.GenesisState) { g.Dried[0].Scope = "" }, "scope"},
		"dried moment":      {func(g *types.GenesisState) { g.Dried[0].At = g.Dried[0].At.Add(time.Microsecond) }, "whole milliseconds"},
		"huge balance": {func(g *types.GenesisState) {
			g.Accounts[0].Balance = math.NewInt(1 << 62).MulRaw(1 << 62).MulRaw(1 << 62).MulRaw(1 << 62)
		}, "balance"},
		"negative":        {func(g *types.GenesisState) { g.Accounts[0].Balance = math.NewInt(-1) }, "not negative"},
		"missing":         {func(g *types.GenesisState) { g.Accounts[0].Paid = math.Int{} }, "must be given"},
		"locked too much": {func(g *types.GenesisState) { g.Accounts[0].Locked = math.NewInt(1 << 40) }, "exceeds balance"},
	}
	f := busy(t)
	sound := []byte(f.state())
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var state types.GenesisState
			require.NoError(t, f.Cdc.UnmarshalJSON(sound, &state))
			require.NoError(t, state.Validate())
			c.spoil(&state)
			require.ErrorContains(t, state.Validate(), c.text)
		})
	}
	require.NoError(t, types.DefaultGenesis().Validate())
}
