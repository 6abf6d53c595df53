package keeper_test

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	bankkeeper "github.com/cosmos/cosmos-sdk/x/bank/keeper"

	"github.com/assaychain/assay/x/bond/keeper"
	"github.com/assaychain/assay/x/bond/types"
	"github.com/assaychain/assay/x/internal/banktest"
)

const (
	// court is the module account that slashed stake goes to in these tests.
	court = "court"
	// purse is the module account that rewards come from.
	purse = "purse"
)

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
	base := banktest.New(t, banktest.Account{Name: types.ModuleName}, banktest.Account{Name: court, Permissions: []string{authtypes.Burner}}, banktest.Account{Name: purse})
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

// backed makes a backer with the given stake behind op, in uassay.
func (f *fixture) backed(name string, op sdk.AccAddress, amount int64) sdk.AccAddress {
	f.T.Helper()
	backer := f.Fund(name, amount)
	_, err := f.k.Back(f.Ctx, backer, op, math.NewInt(amount))
	require.NoError(f.T, err)
	return backer
}

// worth is what backer has behind op.
func (f *fixture) worth(backer, op sdk.AccAddress) int64 {
	f.T.Helper()
	backings, err := f.k.BackingsOf(f.Ctx, backer)
	require.NoError(f.T, err)
	for _, b := range backings {
		if b.Operator == op.String() {
			return b.Amount.Int64()
		}
	}
	return 0
}

// reward gives op's pool rewards.
func (f *fixture) reward(op sdk.AccAddress, amount int64) {
	f.T.Helper()
	coin := sdk.NewInt64Coin(banktest.Denom, amount)
	f.Mint(f.Auth.GetModuleAddress(purse), coin)
	require.NoError(f.T, f.k.AddRewards(f.Ctx, op, coin, purse))
}

// pool is an operator's pool.
func (f *fixture) pool(op sdk.AccAddress) types.Pool {
	f.T.Helper()
	p, err := f.k.Pool(f.Ctx, op)
	require.NoError(f.T, err)
	return p
}

// block ends the block after d.
func (f *fixture) block(d time.Duration) {
	f.T.Helper()
	f.Advance(d)
	require.NoError(f.T, f.k.EndBlock(f.Ctx))
	f.sound()
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
