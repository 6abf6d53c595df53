package keeper_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/log/v2"
	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	bankkeeper "github.com/cosmos/cosmos-sdk/x/bank/keeper"

	bondkeeper "github.com/assaychain/assay/x/bond/keeper"
	bondtypes "github.com/assaychain/assay/x/bond/types"
	"github.com/assaychain/assay/x/internal/banktest"
	"github.com/assaychain/assay/x/penalty/keeper"
	"github.com/assaychain/assay/x/penalty/types"
)

// The windows of the default parameters.
const (
	appealWindow     = 3 * 24 * time.Hour
	resolutionWindow = 21 * 24 * time.Hour
	history          = 30 * 24 * time.Hour
	appealBond       = 10_000_000
)

func TestMain(m *testing.M) {
	banktest.SetPrefixes()
	os.Exit(m.Run())
}

// fixture is a penalty keeper over the real bond keeper and bank; payments to some addresses, and burning, can be made to
// fail.
type fixture struct {
	*banktest.Fixture
	k      *keeper.Keeper
	bond   *bondkeeper.Keeper
	msg    types.MsgServer
	query  types.QueryServer
	bank   *faultyBank
	errors *errorLog
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
	f := &fixture{Fixture: base, k: k, bond: bond, msg: keeper.NewMsgServer(k), query: keeper.NewQueryServer(k), bank: bank, errors: &errorLog{Logger: log.NewNopLogger()}}
	f.Ctx = f.Ctx.WithLogger(f.errors)
	return f
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

// appeal appeals against a punishment, for a bond that op gets for the purpose.
func (f *fixture) appeal(op sdk.AccAddress, id uint64) {
	f.T.Helper()
	f.Mint(op, sdk.NewInt64Coin(banktest.Denom, appealBond))
	_, err := f.msg.Appeal(f.Ctx, &types.MsgAppeal{Operator: op.String(), RecordId: id, Reason: "it was not me"})
	require.NoError(f.T, err)
}

// resolve grants or denies an appeal as governance does.
func (f *fixture) resolve(id uint64, grant bool) {
	f.T.Helper()
	_, err := f.msg.ResolveAppeal(f.Ctx, &types.MsgResolveAppeal{Authority: f.Authority, RecordId: id, Grant: grant, Note: "seen"})
	require.NoError(f.T, err)
}

// refused runs a call that must fail with an error and change nothing.
func (f *fixture) refused(want error, call func(ctx context.Context) error) {
	f.T.Helper()
	before := f.state()
	cached, _ := f.Ctx.CacheContext()
	require.ErrorIs(f.T, call(cached), want)
	require.Equal(f.T, before, f.state())
}

// endBlock ends the block and checks everything that must hold after it.
func (f *fixture) endBlock() {
	f.T.Helper()
	require.NoError(f.T, f.k.EndBlock(f.Ctx))
	f.sound()
}

// record reads a punishment.
func (f *fixture) record(id uint64) types.Record {
	f.T.Helper()
	record, err := f.k.Record(f.Ctx, id)
	require.NoError(f.T, err)
	return record
}

// setParams changes the parameters.
func (f *fixture) setParams(change func(*types.Params)) {
	f.T.Helper()
	params, err := f.k.Params(f.Ctx)
	require.NoError(f.T, err)
	change(&params)
	require.NoError(f.T, f.k.SetParams(f.Ctx, params))
}

// jailed tells whether an operator is in jail.
func (f *fixture) jailed(op sdk.AccAddress) bool {
	f.T.Helper()
	jailed, err := f.k.IsJailed(f.Ctx, op)
	require.NoError(f.T, err)
	return jailed
}

// until is the end of an operator's term.
func (f *fixture) until(op sdk.AccAddress) time.Time {
	f.T.Helper()
	res, err := f.query.Jail(f.Ctx, &types.QueryJailRequest{Operator: op.String()})
	require.NoError(f.T, err)
	require.True(f.T, res.Jailed)
	return res.Jail.Until
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

// keyOf is the account key of a name.
func keyOf(name string) *secp256k1.PrivKey {
	secret := sha256.Sum256([]byte(name))
	return &secp256k1.PrivKey{Key: secret[:]}
}

// signer makes an operator with stake whose account key is on the chain.
func (f *fixture) signer(name string, amount int64) (sdk.AccAddress, *secp256k1.PrivKey) {
	f.T.Helper()
	key := keyOf(name)
	op := sdk.AccAddress(key.PubKey().Address())
	f.Mint(op, sdk.NewInt64Coin(banktest.Denom, amount))
	account := f.Auth.GetAccount(f.Ctx, op)
	require.NoError(f.T, account.SetPubKey(key.PubKey()))
	f.Auth.SetAccount(f.Ctx, account)
	_, err := f.bond.Bond(f.Ctx, op, math.NewInt(amount))
	require.NoError(f.T, err)
	return op, key
}

// faultyBank is the real bank, except that payments to some addresses fail, or burning.
type faultyBank struct {
	bankkeeper.BaseKeeper
	fails map[string]bool
	burns bool
}

func (b *faultyBank) SendCoinsFromModuleToAccount(ctx context.Context, sender string, to sdk.AccAddress, coins sdk.Coins) error {
	if b.fails[to.String()] {
		return errors.New("transfer refused")
	}
	return b.BaseKeeper.SendCoinsFromModuleToAccount(ctx, sender, to, coins)
}

func (b *faultyBank) BurnCoins(ctx context.Context, module string, coins sdk.Coins) error {
	if b.burns {
		return errors.New("burning refused")
	}
	return b.BaseKeeper.BurnCoins(ctx, module, coins)
}

// errorLog keeps what the hooks log as errors.
type errorLog struct {
	log.Logger
	lines []string
}

func (l *errorLog) Error(msg string, keyVals ...any) {
	l.lines = append(l.lines, msg+fmt.Sprint(keyVals...))
}

func (l *errorLog) With(...any) log.Logger { return l }
