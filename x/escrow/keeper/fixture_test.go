package keeper_test

import (
	"context"
	"errors"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/baseapp"
	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	"github.com/cosmos/cosmos-sdk/x/authz"
	authzkeeper "github.com/cosmos/cosmos-sdk/x/authz/keeper"
	bankkeeper "github.com/cosmos/cosmos-sdk/x/bank/keeper"
	distrkeeper "github.com/cosmos/cosmos-sdk/x/distribution/keeper"

	"github.com/assaychain/assay/x/escrow/keeper"
	"github.com/assaychain/assay/x/escrow/types"
	"github.com/assaychain/assay/x/internal/banktest"
)

const scope = "market"

func TestMain(m *testing.M) {
	banktest.SetPrefixes()
	os.Exit(m.Run())
}

// fixture is an escrow keeper over a real bank and community pool; payments to some addresses can be made to fail.
type fixture struct {
	*banktest.Fixture
	k     *keeper.Keeper
	msg   types.MsgServer
	query types.QueryServer
	bank  *faultyBank
	authz authzkeeper.Keeper
}

func newFixture(t testing.TB) *fixture {
	t.Helper()
	f := newEmptyFixture(t)
	genesis := types.DefaultGenesis()
	genesis.Params.BurnBps = 100 // Nothing is burnt by default; here every share of a split has to show.
	require.NoError(t, f.k.InitGenesis(f.Ctx, genesis))
	return f
}

// newEmptyFixture has no genesis yet. Its grants are the real x/authz, which carries deposits out as the application's does.
func newEmptyFixture(t testing.TB) *fixture {
	t.Helper()
	base := banktest.New(t, banktest.Account{Name: types.ModuleName, Permissions: []string{authtypes.Burner}}, banktest.Account{Name: authzkeeper.StoreKey})
	types.RegisterInterfaces(base.Registry)
	authz.RegisterInterfaces(base.Registry)
	router := baseapp.NewMsgServiceRouter()
	router.SetInterfaceRegistry(base.Registry)
	f := &fixture{
		Fixture: base,
		bank:    &faultyBank{BaseKeeper: base.Bank, fails: map[string]bool{}},
		authz:   authzkeeper.NewKeeper(base.Store(authzkeeper.StoreKey), base.Cdc, router, base.Auth),
	}
	k, err := keeper.NewKeeper(base.Cdc, base.Store(types.StoreKey), base.Authority, types.Ports{
		Bank: f.bank, Accounts: base.Auth, Pool: faultyPool{Keeper: base.Pool, bank: f.bank}, Grants: f.authz,
	})
	require.NoError(t, err)
	f.k, f.msg, f.query = k, keeper.NewMsgServer(k), keeper.NewQueryServer(k)
	types.RegisterMsgServer(router, f.msg)
	return f
}

// opened makes an account of a funded customer.
func (f *fixture) opened(id uint64, customer string, amount int64) sdk.AccAddress {
	f.T.Helper()
	depositor := f.Fund(customer, amount)
	require.NoError(f.T, f.k.Open(f.Ctx, scope, id, depositor, coin(amount)))
	return depositor
}

// account is an open account.
func (f *fixture) account(id uint64) types.Account {
	f.T.Helper()
	account, err := f.k.Account(f.Ctx, scope, id)
	require.NoError(f.T, err)
	return account
}

// pool is the community pool's whole amount of the test denomination.
func (f *fixture) pool() math.Int {
	f.T.Helper()
	pool, err := f.Pool.FeePool.Get(f.Ctx)
	require.NoError(f.T, err)
	return pool.CommunityPool.AmountOf(banktest.Denom).TruncateInt()
}

// sound checks the module's invariants and the bank's supply.
func (f *fixture) sound() {
	f.T.Helper()
	require.NoError(f.T, f.k.Invariants(f.Ctx))
	require.NoError(f.T, f.CheckSupply())
}

// state is the module's whole state as JSON.
func (f *fixture) state() string {
	f.T.Helper()
	state, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(f.T, err)
	return string(f.Cdc.MustMarshalJSON(state))
}

func coin(amount int64) sdk.Coin {
	return sdk.Coin{Denom: banktest.Denom, Amount: math.NewInt(amount)}
}

// faultyBank is the real bank, except that payments to some addresses fail.
type faultyBank struct {
	bankkeeper.BaseKeeper
	fails map[string]bool
	// poolFails makes the community pool refuse.
	poolFails bool
}

// faultyPool is the real community pool, except that it can be made to refuse.
type faultyPool struct {
	distrkeeper.Keeper
	bank *faultyBank
}

func (p faultyPool) FundCommunityPool(ctx context.Context, coins sdk.Coins, sender sdk.AccAddress) error {
	if p.bank.poolFails {
		return errors.New("pool refused")
	}
	return p.Keeper.FundCommunityPool(ctx, coins, sender)
}

func (b *faultyBank) SendCoinsFromModuleToAccount(ctx context.Context, sender string, to sdk.AccAddress, coins sdk.Coins) error {
	if b.fails[to.String()] {
		return errors.New("transfer refused")
	}
	return b.BaseKeeper.SendCoinsFromModuleToAccount(ctx, sender, to, coins)
}
