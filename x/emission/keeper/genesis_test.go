package keeper_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	gateway "github.com/cosmos/gogogateway"
	gwruntime "github.com/grpc-ecosystem/grpc-gateway/runtime"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/baseapp"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/assaychain/assay/x/emission/keeper"
	"github.com/assaychain/assay/x/emission/types"
	"github.com/assaychain/assay/x/internal/banktest"
)

// busy is a state with something of everything: also dues that could not be paid yet.
func busy(t testing.TB) *fixture {
	f := newFixture(t)
	a, b := f.operator("a", 300), f.operator("b", 100)
	for range 3 {
		f.end(day)
	}
	_, err := f.claim(a, 2)
	require.NoError(t, err)
	f.claimed(b)
	f.faults.fails = "treasury"
	f.end(day)
	f.faults.fails = "mint"
	f.end(day)
	f.faults.fails = ""
	f.end(time.Second)
	f.faults.fails = "send"
	f.end(time.Second)
	f.faults.fails = ""
	f.sound()
	return f
}

func TestExportAndImportAreByteEqual(t *testing.T) {
	f := busy(t)
	first := f.json()
	var state types.GenesisState
	f.Cdc.MustUnmarshalJSON([]byte(first), &state)
	require.True(t, state.Dues.Operators.IsPositive() && state.Dues.Validators.IsPositive())

	again := bareFixture(t)
	again.Mint(again.Auth.GetModuleAddress(types.ModuleName), sdk.NewCoin("uassay", state.Held()))
	require.NoError(t, again.k.InitGenesis(again.Ctx, &state))
	require.Equal(t, first, again.json())
	require.NoError(t, again.k.Invariants(again.Ctx))
}

func TestGenesisIsHeldAgainstTheModulesBelow(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*fixture, *types.GenesisState)
		want  string
	}{
		"supply": {func(f *fixture, _ *types.GenesisState) {
			f.Mint(banktest.Address("whale"), sdk.NewInt64Coin("uassay", 1_000_000_000_000_001))
		}, "supply_cap is 1000000000000000: it is below the supply of 1000000000000001 at genesis"},
		"denom": {func(_ *fixture, g *types.GenesisState) { g.Params.Denom = "uother" }, "denomination of all stake"},
		"balance": {func(f *fixture, _ *types.GenesisState) {
			f.Mint(f.Auth.GetModuleAddress(types.ModuleName), sdk.NewInt64Coin("uassay", 1))
		}, "account holds 1"},
	} {
		f := bareFixture(t)
		state := types.DefaultGenesis()
		c.spoil(f, state)
		require.ErrorContains(t, f.k.InitGenesis(f.Ctx, state), c.want, name)
	}
}

func TestContradictoryGenesisIsRefused(t *testing.T) {
	one := math.OneInt()
	for name, spoil := range map[string]func(*types.GenesisState){
		"parameters":    func(g *types.GenesisState) { g.Params.SupplyCap = one },
		"epoch":         func(g *types.GenesisState) { g.Progress.Epoch = g.Progress.Ended + 1 },
		"minted":        func(g *types.GenesisState) { g.Progress.Minted = g.Progress.Minted.Add(one) },
		"no minted":     func(g *types.GenesisState) { g.Progress.Minted = math.Int{} },
		"above the cap": func(g *types.GenesisState) { g.Params.Schedule = small(one) },
		"no carry":      func(g *types.GenesisState) { g.Progress.Carry = math.Int{} },
		"carry":         func(g *types.GenesisState) { g.Progress.Carry = math.NewInt(1 << 62).MulRaw(1 << 62).MulRaw(1 << 5) },
		"dues":          func(g *types.GenesisState) { g.Dues.Validators = g.Dues.Validators.Add(one) },
		"negative dues": func(g *types.GenesisState) { g.Dues.Operators = one.Neg() },
		"totals":        func(g *types.GenesisState) { g.Totals.Claimed = math.Int{} },
		"period":        func(g *types.GenesisState) { g.Periods[0].Number = 0 },
		"gap":           func(g *types.GenesisState) { g.Periods[2].Number++ },
		"period twice":  func(g *types.GenesisState) { g.Periods[1].Number = g.Periods[0].Number },
		"future period": func(g *types.GenesisState) { g.Periods[2].Epoch = g.Progress.Epoch + 1 },
		"pot":           func(g *types.GenesisState) { g.Periods[0].Pot = g.Periods[0].Pot.Add(one) },
		"no points":     func(g *types.GenesisState) { g.Periods[0].TotalPoints = math.Int{} },
		"claimed":       func(g *types.GenesisState) { g.Periods[0].Claimed = g.Periods[0].Pot.Add(one) },
		"expiry":        func(g *types.GenesisState) { g.Periods[0].ExpiresAt = g.Periods[0].ClosedAt.Add(-1) },
		"claim twice":   func(g *types.GenesisState) { g.Claims[1] = g.Claims[0] },
		"claim":         func(g *types.GenesisState) { g.Claims[0].Through = 0 },
		"future claim":  func(g *types.GenesisState) { g.Claims[0].Through = 99 },
		"claimant":      func(g *types.GenesisState) { g.Claims[0].Operator = "x" },
		"spelled claimant": func(g *types.GenesisState) {
			g.Claims[0].Operator = "ASSAY" + g.Claims[0].Operator[5:]
		},
	} {
		state := busy(t).state()
		require.NoError(t, state.Validate())
		spoil(state)
		require.Error(t, state.Validate(), name)
	}
}

// TestRoutesAnswer asks every REST route.
func TestRoutesAnswer(t *testing.T) {
	f := busy(t)
	helper := baseapp.NewQueryServerTestHelper(f.Ctx, f.Registry)
	types.RegisterQueryServer(helper, f.queries)
	marshaler := &gateway.JSONPb{OrigName: true, EmitDefaults: true, AnyResolver: f.Registry}
	mux := gwruntime.NewServeMux(gwruntime.WithMarshalerOption(gwruntime.MIMEWildcard, marshaler))
	require.NoError(t, types.RegisterQueryHandlerClient(f.Ctx, mux, types.NewQueryClient(helper)))
	for path, want := range map[string]string{
		"/assay/emission/v1/params":                                         `"epoch_identifier":"day"`,
		"/assay/emission/v1/state":                                          `"ended":"7"`,
		"/assay/emission/v1/schedule?to=2":                                  `"cumulative":"1348987500000"`,
		"/assay/emission/v1/periods?pagination.limit=1":                     `"number":"1"`,
		"/assay/emission/v1/claimable/" + banktest.Address("a").String():    `"through":"5"`,
		"/assay/emission/v1/claimable/" + banktest.Address("else").String(): `"amount":"0"`,
	} {
		response := httptest.NewRecorder()
		mux.ServeHTTP(response, httptest.NewRequest(http.MethodGet, path, nil))
		require.Equal(t, http.StatusOK, response.Code, "%s: %s", path, response.Body)
		require.Contains(t, response.Body.String(), want, path)
	}
}

func TestQueriesAreBounded(t *testing.T) {
	f := busy(t)
	for name, request := range map[string]*types.QueryScheduleRequest{
		"no request": nil, "nothing": {}, "order": {From: 5, To: 4}, "far": {To: keeper.MaxQueryEpoch + 1, Step: 100}, "many": {To: 1_001},
	} {
		_, err := f.queries.Schedule(f.Ctx, request)
		require.Equal(t, codes.InvalidArgument, status.Code(err), name)
	}
	answer, err := f.queries.Schedule(f.Ctx, &types.QueryScheduleRequest{To: keeper.MaxQueryEpoch, Step: 19})
	require.NoError(t, err)
	require.Len(t, answer.Points, 962)
	require.EqualValues(t, 7, answer.MintedEpochs)
	_, err = f.queries.Claimable(f.Ctx, nil)
	require.Equal(t, codes.InvalidArgument, status.Code(err))
	_, err = f.queries.Claimable(f.Ctx, &types.QueryClaimableRequest{Operator: "x"})
	require.Equal(t, codes.InvalidArgument, status.Code(err))
	_, err = f.queries.Periods(f.Ctx, nil)
	require.Equal(t, codes.InvalidArgument, status.Code(err))
	page, err := f.queries.Periods(f.Ctx, &types.QueryPeriodsRequest{Pagination: &query.PageRequest{Limit: 1, Reverse: true}})
	require.NoError(t, err)
	require.EqualValues(t, 5, page.Periods[0].Number)
	require.NotNil(t, page.Pagination.NextKey)
}

func TestConstructorRefusesWhatIsMissing(t *testing.T) {
	f := bareFixture(t)
	build := func(authority string, change func(*types.Ports)) error {
		ports := f.ports()
		change(&ports)
		_, err := keeper.NewKeeper(f.Cdc, f.Store(types.ModuleName), authority, ports)
		return err
	}
	require.NoError(t, build(f.Authority, func(*types.Ports) {}))
	require.ErrorIs(t, build("x", func(*types.Ports) {}), types.ErrWiring)
	for _, change := range []func(*types.Ports){
		func(p *types.Ports) { p.Bond = nil }, func(p *types.Ports) { p.Bank = nil }, func(p *types.Ports) { p.Accounts = nil },
		func(p *types.Ports) { p.Treasury = nil }, func(p *types.Ports) { p.FeeCollector = "" }, func(p *types.Ports) { p.FeeCollector = "stranger" },
	} {
		require.ErrorIs(t, build(f.Authority, change), types.ErrWiring)
	}
}
