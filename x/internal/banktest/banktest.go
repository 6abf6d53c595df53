// Package banktest gives keeper tests the real auth, bank and distribution keepers over an in-memory store.
package banktest

import (
	"fmt"
	"testing"
	"time"

	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/stretchr/testify/require"

	corestore "cosmossdk.io/core/store"
	"cosmossdk.io/log/v2"
	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/codec"
	"github.com/cosmos/cosmos-sdk/codec/address"
	codectestutil "github.com/cosmos/cosmos-sdk/codec/testutil"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/runtime"
	"github.com/cosmos/cosmos-sdk/std"
	"github.com/cosmos/cosmos-sdk/store/v2"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"
	authkeeper "github.com/cosmos/cosmos-sdk/x/auth/keeper"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	bankkeeper "github.com/cosmos/cosmos-sdk/x/bank/keeper"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	distrkeeper "github.com/cosmos/cosmos-sdk/x/distribution/keeper"
	distrtypes "github.com/cosmos/cosmos-sdk/x/distribution/types"

	"github.com/assaychain/assay/x/internal/faults"
)

const (
	// Denom is the denomination that Fund mints.
	Denom = "uassay"
	// faucet is the module account that mints for tests.
	faucet = "faucet"
	// prefix of addresses.
	prefix = "assay"
)

// Account is a module account to declare.
type Account struct {
	Name        string
	Permissions []string
}

// Fixture is a small chain: real keepers, one store a module.
type Fixture struct {
	T         testing.TB
	Ctx       sdk.Context
	Cdc       *codec.ProtoCodec
	Registry  codectypes.InterfaceRegistry
	Authority string
	Auth      authkeeper.AccountKeeper
	Bank      bankkeeper.BaseKeeper
	Pool      distrkeeper.Keeper
	// Faults breaks operations of every store but that of x/auth, which takes an account that it can't read for a missing one.
	Faults *faults.Plan
	keys   map[string]*storetypes.KVStoreKey
}

// SetPrefixes makes addresses start with assay. Call it in TestMain.
func SetPrefixes() {
	config := sdk.GetConfig()
	config.SetBech32PrefixForAccount(prefix, prefix+"pub")
	config.SetBech32PrefixForValidator(prefix+"valoper", prefix+"valoperpub")
	config.SetBech32PrefixForConsensusNode(prefix+"valcons", prefix+"valconspub")
}

// New returns a chain at height 1 with stores and accounts for the given modules. All module accounts are blocked in the
// bank, as in the application.
func New(t testing.TB, accounts ...Account) *Fixture {
	t.Helper()
	f := &Fixture{T: t, Authority: Address("gov").String(), Faults: &faults.Plan{}, keys: map[string]*storetypes.KVStoreKey{}}
	permissions := map[string][]string{faucet: {authtypes.Minter}, distrtypes.ModuleName: nil}
	blocked := map[string]bool{authtypes.NewModuleAddress(distrtypes.ModuleName).String(): true}
	names := []string{authtypes.StoreKey, banktypes.StoreKey, distrtypes.StoreKey}
	for _, account := range accounts {
		permissions[account.Name] = account.Permissions
		blocked[authtypes.NewModuleAddress(account.Name).String()] = true
		names = append(names, account.Name)
	}
	f.mount(names)
	f.Registry = codectestutil.CodecOptions{AccAddressPrefix: prefix, ValAddressPrefix: prefix + "valoper"}.NewInterfaceRegistry()
	std.RegisterInterfaces(f.Registry)
	authtypes.RegisterInterfaces(f.Registry)
	banktypes.RegisterInterfaces(f.Registry)
	f.Cdc = codec.NewProtoCodec(f.Registry)
	f.Auth = authkeeper.NewAccountKeeper(f.Cdc, f.Store(authtypes.StoreKey), authtypes.ProtoBaseAccount, permissions, address.NewBech32Codec(prefix), prefix, f.Authority)
	for _, account := range accounts {
		f.Auth.GetModuleAccount(f.Ctx, account.Name)
	}
	f.Bank = bankkeeper.NewBaseKeeper(f.Cdc, f.Store(banktypes.StoreKey), f.Auth, blocked, f.Authority, log.NewNopLogger())
	require.NoError(t, f.Bank.SetParams(f.Ctx, banktypes.DefaultParams()))
	f.Pool = distrkeeper.NewKeeper(f.Cdc, f.Store(distrtypes.StoreKey), f.Auth, f.Bank, nil, authtypes.FeeCollectorName, f.Authority)
	require.NoError(t, f.Pool.FeePool.Set(f.Ctx, distrtypes.InitialFeePool()))
	return f
}

func (f *Fixture) mount(names []string) {
	db := dbm.NewMemDB()
	cms := store.NewCommitMultiStore(db, log.NewNopLogger())
	for _, name := range names {
		key := storetypes.NewKVStoreKey(name)
		f.keys[name] = key
		cms.MountStoreWithDB(key, storetypes.StoreTypeIAVL, nil) // Each in a part of its own of db.
	}
	require.NoError(f.T, cms.LoadLatestVersion())
	header := cmtproto.Header{ChainID: "assay-test-1", Height: 1, Time: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)}
	f.Ctx = sdk.NewContext(cms, header, false, log.NewNopLogger())
}

// Store is the store of a module.
func (f *Fixture) Store(name string) corestore.KVStoreService {
	service := runtime.NewKVStoreService(f.keys[name])
	if name == authtypes.StoreKey {
		return service
	}
	return faults.Store(service, name, f.Faults)
}

// Raw is the raw store of a module, to spoil a record.
func (f *Fixture) Raw(ctx sdk.Context, name string) storetypes.KVStore {
	return ctx.KVStore(f.keys[name])
}

// Address is the address of a name: the same name gives the same address.
func Address(name string) sdk.AccAddress {
	return authtypes.NewModuleAddress("test/" + name)
}

// Fund mints amount for an address and returns the address.
func (f *Fixture) Fund(name string, amount int64) sdk.AccAddress {
	f.T.Helper()
	addr := Address(name)
	f.Mint(addr, sdk.NewInt64Coin(Denom, amount))
	return addr
}

// Mint makes coins for an address, blocked or not.
func (f *Fixture) Mint(addr sdk.AccAddress, coins ...sdk.Coin) {
	f.T.Helper()
	require.NoError(f.T, f.Bank.MintCoins(f.Ctx, faucet, sdk.NewCoins(coins...)))
	require.NoError(f.T, f.Bank.SendCoins(f.Ctx, authtypes.NewModuleAddress(faucet), addr, sdk.NewCoins(coins...)))
}

// Balance is what an address holds of Denom.
func (f *Fixture) Balance(addr sdk.AccAddress) math.Int {
	return f.Bank.GetBalance(f.Ctx, addr, Denom).Amount
}

// ModuleBalance is what a module account holds of Denom.
func (f *Fixture) ModuleBalance(name string) math.Int {
	return f.Balance(authtypes.NewModuleAddress(name))
}

// Supply is the bank's total of Denom.
func (f *Fixture) Supply() math.Int {
	return f.Bank.GetSupply(f.Ctx, Denom).Amount
}

// CheckSupply compares the bank's total with the sum of all balances.
func (f *Fixture) CheckSupply() error {
	sum := sdk.NewCoins()
	f.Bank.IterateAllBalances(f.Ctx, func(_ sdk.AccAddress, coin sdk.Coin) bool {
		sum = sum.Add(coin)
		return false
	})
	total, _, err := f.Bank.GetPaginatedTotalSupply(f.Ctx, &query.PageRequest{Limit: 1_000_000})
	if err != nil {
		return err
	}
	if !sum.Equal(total) {
		return fmt.Errorf("balances add up to %s, supply is %s", sum, total)
	}
	return nil
}

// Advance moves the clock by d and the height by one.
func (f *Fixture) Advance(d time.Duration) {
	f.Ctx = f.Ctx.WithBlockHeight(f.Ctx.BlockHeight() + 1).WithBlockTime(f.Ctx.BlockTime().Add(d))
}
