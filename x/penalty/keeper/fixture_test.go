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

	bondkeeper "github.com/assaychain/assay/x/bond/keeper"
	bondtypes "github.com/assaychain/assay/x/bond/types"
	"github.com/assaychain/assay/x/internal/banktest"
	"github.com/assaychain/assay/x/penalty/keeper"
	"github.com/assaychain/assay/x/penalty/types"
)

func TestMain(m *testing.M) {
	banktest.SetPrefixes()
	os.Exit(m.Run())
}

// fixture is a penalty keeper over the real bond keeper and bank; payments to some addresses can be made to fail.
type fixture struct {
	*banktest.Fixture
	k     *keeper.Keeper
	bond  *bondkeeper.Keeper
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

// newEmptyFixture has no genesis of penalty yet.
func newEmptyFixture(t testing.TB) *fixture {
	t.Helper()
	base := banktest.New(t, banktest.Account{Name: bondtypes.ModuleName}, banktest.Account{Name: types.ModuleName, Permissions: []string{authtypes.Burner}})
	bank := &faultyBank{BaseKeeper: base.Bank, fails: map[string]bool{}}
	bond, err := bondkeeper.NewKeeper(base.Cdc, base.Store(bondtypes.StoreKey), base.Authority, bondtypes.Ports{Bank: bank, Accounts: base.Auth})
	require.NoError(t, err)
	require.NoError(t, bond.InitGenesis(base.Ctx, bondtypes.DefaultGenesis()))
	k, err := keeper.NewKeeper(base.Cdc, base.Store(types.StoreKey), base.Authority, types.Ports{Bond: bond, Bank: bank, Accounts: base.Auth})
	require.NoError(t, err)
	types.RegisterInterfaces(base.Registry)
	return &fixture{Fixture: base, k: k, bond: bond, msg: keeper.NewMsgServer(k), query: keeper.NewQueryServer(k), bank: bank}
}

// bonded makes an operator with the given stake, in uassay.
func (f *fixture) bonded(name string, amount int64) sdk.AccAddress {
	f.T.Helper()
	op := f.Fund(name, amount)
	_, err := f.bond.Bond(f.Ctx, op, math.NewInt(amount))
	require.NoError(f.T, err)
	return op
}

// punish punishes an operator for an offence against a victim.
func (f *fixture) punish(op sdk.AccAddress, offence types.Offence, victim sdk.AccAddress) types.Record {
	f.T.Helper()
	record, err := f.k.Punish(f.Ctx, types.Punishment{Operator: op, Offence: offence, Subject: "job/7/1", Victim: victim})
	require.NoError(f.T, err)
	return record
}

// jailed tells whether an operator is in jail.
func (f *fixture) jailed(op sdk.AccAddress) bool {
	f.T.Helper()
	jailed, err := f.k.IsJailed(f.Ctx, op)
	require.NoError(f.T, err)
	return jailed
}

// sound checks the invariants of both modules and the bank's supply.
func (f *fixture) sound() {
	f.T.Helper()
	require.NoError(f.T, f.k.Invariants(f.Ctx))
	require.NoError(f.T, f.bond.Invariants(f.Ctx))
	require.NoError(f.T, f.CheckSupply())
}

// state is the module's whole state as JSON.
func (f *fixture) state() string {
	f.T.Helper()
	state, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(f.T, err)
	return string(f.Cdc.MustMarshalJSON(state))
}

// faultyBank is the real bank, except that payments to some addresses fail.
type faultyBank struct {
	bankkeeper.BaseKeeper
	fails map[string]bool
}

func (b *faultyBank) SendCoinsFromModuleToAccount(ctx context.Context, sender string, to sdk.AccAddress, coins sdk.Coins) error {
	if b.fails[to.String()] {
		return errors.New("transfer refused")
	}
	return b.BaseKeeper.SendCoinsFromModuleToAccount(ctx, sender, to, coins)
}
