package keeper_test

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/log/v2"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	bankkeeper "github.com/cosmos/cosmos-sdk/x/bank/keeper"

	bondkeeper "github.com/assaychain/assay/x/bond/keeper"
	bondtypes "github.com/assaychain/assay/x/bond/types"
	"github.com/assaychain/assay/x/emission/keeper"
	"github.com/assaychain/assay/x/emission/types"
	"github.com/assaychain/assay/x/internal/banktest"
)

func TestMain(m *testing.M) {
	banktest.SetPrefixes()
	os.Exit(m.Run())
}

const day = 24 * time.Hour

// fixture is the emission over the real keepers of x/bond, x/bank and x/distribution, each of whose calls can be made to fail.
type fixture struct {
	*banktest.Fixture
	bond    *bondkeeper.Keeper
	faults  *faults
	errors  *errorLog
	k       *keeper.Keeper
	msgs    types.MsgServer
	queries types.QueryServer
}

func newFixture(t testing.TB) *fixture { return newFixtureWith(t, types.DefaultParams()) }

func newFixtureWith(t testing.TB, params types.Params) *fixture {
	t.Helper()
	f := bareFixture(t)
	genesis := types.DefaultGenesis()
	genesis.Params = params
	require.NoError(t, f.k.InitGenesis(f.Ctx, genesis))
	return f
}

// bareFixture has no genesis of the module yet.
func bareFixture(t testing.TB) *fixture {
	t.Helper()
	base := banktest.New(t, banktest.Account{Name: bondtypes.ModuleName}, banktest.Account{Name: authtypes.FeeCollectorName},
		banktest.Account{Name: types.ModuleName, Permissions: []string{authtypes.Minter}})
	f := &fixture{Fixture: base, faults: &faults{}, errors: &errorLog{Logger: log.NewNopLogger()}}
	f.Ctx = f.Ctx.WithLogger(f.errors)
	var err error
	f.bond, err = bondkeeper.NewKeeper(base.Cdc, base.Store(bondtypes.StoreKey), base.Authority, bondtypes.Ports{Bank: base.Bank, Accounts: base.Auth})
	require.NoError(t, err)
	require.NoError(t, f.bond.InitGenesis(f.Ctx, bondtypes.DefaultGenesis()))
	f.k, err = keeper.NewKeeper(base.Cdc, base.Store(types.StoreKey), base.Authority, f.ports())
	require.NoError(t, err)
	types.RegisterInterfaces(base.Registry)
	f.msgs, f.queries = keeper.NewMsgServer(f.k), keeper.NewQueryServer(f.k)
	return f
}

func (f *fixture) ports() types.Ports {
	return types.Ports{
		Bond: faultyBond{f.bond, f.faults}, Bank: faultyBank{f.Bank, f.faults}, Accounts: f.Auth,
		Treasury: faultyTreasury{f.Pool, f.faults}, FeeCollector: authtypes.FeeCollectorName,
	}
}

// operator makes an operator with stake whose devices score from now on.
func (f *fixture) operator(name string, score uint64) sdk.AccAddress {
	f.T.Helper()
	op := f.Fund(name, 5_000_000)
	_, err := f.bond.Bond(f.Ctx, op, math.NewInt(5_000_000))
	require.NoError(f.T, err)
	f.score(op, score)
	return op
}

func (f *fixture) score(op sdk.AccAddress, score uint64) {
	f.T.Helper()
	require.NoError(f.T, f.bond.SetScore(f.Ctx, op, score))
}

// end lets time pass and an epoch end after it.
func (f *fixture) end(after time.Duration) {
	f.T.Helper()
	f.Advance(after)
	require.NoError(f.T, f.k.Hooks().AfterEpochEnd(f.Ctx, "day", 1))
}

// do runs a call as a transaction does: what fails leaves nothing behind.
func (f *fixture) do(call func(ctx sdk.Context) error) error {
	cached, write := f.Ctx.CacheContext()
	err := call(cached)
	if err == nil {
		write()
	}
	return err
}

// claim claims and returns what was paid.
func (f *fixture) claim(op sdk.AccAddress, limit uint32) (response *types.MsgClaimRewardsResponse, err error) {
	err = f.do(func(ctx sdk.Context) error {
		response, err = f.msgs.ClaimRewards(ctx, &types.MsgClaimRewards{Operator: op.String(), MaxPeriods: limit})
		return err
	})
	return response, err
}

func (f *fixture) claimed(op sdk.AccAddress) math.Int {
	f.T.Helper()
	response, err := f.claim(op, 0)
	require.NoError(f.T, err)
	return response.Amount.Amount
}

// state is the module's whole state.
func (f *fixture) state() *types.GenesisState {
	f.T.Helper()
	state, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(f.T, err)
	return state
}

func (f *fixture) json() string { return string(f.Cdc.MustMarshalJSON(f.state())) }

// sound checks the invariants of every book involved.
func (f *fixture) sound() {
	f.T.Helper()
	require.NoError(f.T, f.k.Invariants(f.Ctx))
	require.NoError(f.T, f.bond.Invariants(f.Ctx))
	require.NoError(f.T, f.CheckSupply())
}

// errorLog remembers what was logged as an error.
type errorLog struct {
	log.Logger
	lines []string
}

func (l *errorLog) Error(message string, _ ...any) { l.lines = append(l.lines, message) }

// faults makes calls to other modules fail, by name.
type faults struct {
	fails  string
	panics bool
}

func (f *faults) call(name string) error {
	if f.fails != name {
		return nil
	}
	if f.panics {
		panic(name + " panicked")
	}
	return errors.New(name + " failed")
}

// calls are all that can be made to fail when an epoch ends.
var calls = []string{"close", "forget period", "mint", "send", "treasury"}

type faultyBond struct {
	*bondkeeper.Keeper
	faults *faults
}

func (b faultyBond) ClosePeriod(ctx context.Context) (bondtypes.Period, error) {
	period, err := b.Keeper.ClosePeriod(ctx)
	return period, errors.Join(err, b.faults.call("close"))
}

func (b faultyBond) ForgetPeriod(ctx context.Context, number uint64) error {
	return errors.Join(b.Keeper.ForgetPeriod(ctx, number), b.faults.call("forget period"))
}

func (b faultyBond) AddRewards(ctx context.Context, op sdk.AccAddress, amount sdk.Coin, from string) error {
	return errors.Join(b.Keeper.AddRewards(ctx, op, amount, from), b.faults.call("rewards"))
}

func (b faultyBond) ForgetPoints(ctx context.Context, op sdk.AccAddress, before uint64) error {
	return errors.Join(b.Keeper.ForgetPoints(ctx, op, before), b.faults.call("forget points"))
}

type faultyBank struct {
	bankkeeper.BaseKeeper
	faults *faults
}

func (b faultyBank) MintCoins(ctx context.Context, module string, coins sdk.Coins) error {
	return errors.Join(b.BaseKeeper.MintCoins(ctx, module, coins), b.faults.call("mint"))
}

func (b faultyBank) SendCoinsFromModuleToModule(ctx context.Context, from, to string, coins sdk.Coins) error {
	return errors.Join(b.BaseKeeper.SendCoinsFromModuleToModule(ctx, from, to, coins), b.faults.call("send"))
}

type faultyTreasury struct {
	types.Treasury
	faults *faults
}

func (t faultyTreasury) FundCommunityPool(ctx context.Context, coins sdk.Coins, from sdk.AccAddress) error {
	return errors.Join(t.Treasury.FundCommunityPool(ctx, coins, from), t.faults.call("treasury"))
}
