package keeper_test

import (
	"context"
	"errors"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	bankkeeper "github.com/cosmos/cosmos-sdk/x/bank/keeper"

	"github.com/assaychain/assay/x/bond/keeper"
	"github.com/assaychain/assay/x/bond/types"
	"github.com/assaychain/assay/x/internal/banktest"
)

// court is the module account that slashed stake goes to in these tests.
const court = "court"

func TestMain(m *testing.M) {
	banktest.SetPrefixes()
	os.Exit(m.Run())
}

// fixture is a bond keeper over a real bank whose transfers can be made to fail.
type fixture struct {
	*banktest.Fixture
	k     *keeper.Keeper
	msg   types.MsgServer
	query types.QueryServer
	bank  *faultyBank
}

func newFixture(t testing.TB) *fixture {
	t.Helper()
	f := newEmptyFixture(t)
	require.NoError(t, f.k.InitGenesis(f.Ctx, types.DefaultGenesis()))
	return f
}

// newEmptyFixture has no genesis yet.
func newEmptyFixture(t testing.TB) *fixture {
	t.Helper()
	base := banktest.New(t, banktest.Account{Name: types.ModuleName}, banktest.Account{Name: court, Permissions: []string{authtypes.Burner}})
	bank := &faultyBank{BaseKeeper: base.Bank, fails: map[string]fault{}}
	k, err := keeper.NewKeeper(base.Cdc, base.Store(types.StoreKey), base.Authority, types.Ports{Bank: bank, Accounts: base.Auth})
	require.NoError(t, err)
	types.RegisterInterfaces(base.Registry)
	return &fixture{Fixture: base, k: k, msg: keeper.NewMsgServer(k), query: keeper.NewQueryServer(k), bank: bank}
}

// bonded makes an operator with the given stake, in uassay.
func (f *fixture) bonded(name string, amount int64) sdk.AccAddress {
	f.T.Helper()
	op := f.Fund(name, amount)
	_, err := f.k.Bond(f.Ctx, op, math.NewInt(amount))
	require.NoError(f.T, err)
	return op
}

// stake is an operator's record.
func (f *fixture) stake(op sdk.AccAddress) types.Stake {
	f.T.Helper()
	s, err := f.k.Stake(f.Ctx, op)
	require.NoError(f.T, err)
	return s
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

// fault is how a transfer fails.
type fault int

const (
	failError fault = iota + 1
	failPanic
)

// faultyBank is the real bank, except that payments to some addresses fail.
type faultyBank struct {
	bankkeeper.BaseKeeper
	fails map[string]fault
}

func (b *faultyBank) SendCoinsFromModuleToAccount(ctx context.Context, sender string, to sdk.AccAddress, coins sdk.Coins) error {
	switch b.fails[to.String()] {
	case failError:
		return errors.New("transfer refused")
	case failPanic:
		panic("transfer panicked")
	}
	return b.BaseKeeper.SendCoinsFromModuleToAccount(ctx, sender, to, coins)
}
