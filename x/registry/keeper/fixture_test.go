package keeper_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"os"
	"slices"
	"testing"
	"time"

	dbm "github.com/cosmos/cosmos-db"
	"github.com/stretchr/testify/require"

	corestore "cosmossdk.io/core/store"
	"cosmossdk.io/log/v2"
	"cosmossdk.io/math"

	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"

	"github.com/cosmos/cosmos-sdk/codec"
	"github.com/cosmos/cosmos-sdk/codec/address"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/runtime"
	"github.com/cosmos/cosmos-sdk/store/v2"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	authkeeper "github.com/cosmos/cosmos-sdk/x/auth/keeper"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	bankkeeper "github.com/cosmos/cosmos-sdk/x/bank/keeper"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	beaconkeeper "github.com/assaychain/assay/x/beacon/keeper"
	beacontypes "github.com/assaychain/assay/x/beacon/types"
	bondkeeper "github.com/assaychain/assay/x/bond/keeper"
	bondtypes "github.com/assaychain/assay/x/bond/types"
	"github.com/assaychain/assay/x/internal/faults"
	penaltykeeper "github.com/assaychain/assay/x/penalty/keeper"
	penaltytypes "github.com/assaychain/assay/x/penalty/types"
	"github.com/assaychain/assay/x/registry/keeper"
	"github.com/assaychain/assay/x/registry/types"
)

func TestMain(m *testing.M) {
	sdk.GetConfig().SetBech32PrefixForAccount("assay", "assaypub")
	authority = sdk.AccAddress("authority___________").String()
	os.Exit(m.Run())
}

const faucet = "faucet"

var (
	// authority is set when the prefix of addresses is, which caches what it writes.
	authority string
	alice     = sdk.AccAddress("alice_______________")
	bob       = sdk.AccAddress("bob_________________")
)

// fixture is the registry over real bond, penalty, bank and auth keepers.
type fixture struct {
	t       require.TestingT
	ctx     sdk.Context
	cdc     codec.Codec
	keeper  *keeper.Keeper
	bond    *bondkeeper.Keeper
	penalty *penaltykeeper.Keeper
	bank    bankkeeper.BaseKeeper
	msgs    types.MsgServer
	queries types.QueryServer
	beacon  *beaconkeeper.Keeper
	faults  *faultyBond
	errors  *errorLog
	// plan breaks operations of every store but that of x/auth, which takes an account that it can't read for a missing one.
	plan *faults.Plan
}

// faultyBond is the real bond, except that one operator's score can't be set.
type faultyBond struct {
	*bondkeeper.Keeper
	fails string
	// how panics; the call fails with an error when it is nil.
	how func()
}

func (b *faultyBond) SetScore(ctx context.Context, operator sdk.AccAddress, score uint64) error {
	if b.fails != operator.String() {
		return b.Keeper.SetScore(ctx, operator, score)
	}
	if b.how != nil {
		b.how()
	}
	return errors.New("score refused")
}

// errorLog remembers what was logged as an error.
type errorLog struct {
	log.Logger
	lines []string
}

func (l *errorLog) Error(message string, _ ...any) { l.lines = append(l.lines, message) }

func newFixture(t require.TestingT) *fixture {
	names := []string{beacontypes.StoreKey, authtypes.StoreKey, banktypes.StoreKey, bondtypes.StoreKey, penaltytypes.StoreKey, types.StoreKey}
	keys := storetypes.NewKVStoreKeys(names...)
	db := dbm.NewMemDB()
	stores := store.NewCommitMultiStore(db, log.NewNopLogger())
	for _, name := range names {
		stores.MountStoreWithDB(keys[name], storetypes.StoreTypeIAVL, nil)
	}
	require.NoError(t, stores.LoadLatestVersion())
	registry := codectypes.NewInterfaceRegistry()
	authtypes.RegisterInterfaces(registry)
	banktypes.RegisterInterfaces(registry)
	types.RegisterInterfaces(registry)
	cdc := codec.NewProtoCodec(registry)
	f := &fixture{t: t, cdc: cdc, errors: &errorLog{Logger: log.NewNopLogger()}, plan: &faults.Plan{}}
	f.ctx = sdk.NewContext(stores, cmtproto.Header{Height: 1}, false, f.errors).WithBlockTime(time.Unix(2_000_000_000, 0).UTC())

	service := func(name string) corestore.KVStoreService {
		return faults.Store(runtime.NewKVStoreService(keys[name]), name, f.plan)
	}
	permissions := map[string][]string{
		faucet: {authtypes.Minter}, bondtypes.ModuleName: nil, penaltytypes.ModuleName: {authtypes.Burner},
	}
	accounts := authkeeper.NewAccountKeeper(cdc, runtime.NewKVStoreService(keys[authtypes.StoreKey]), authtypes.ProtoBaseAccount,
		permissions, address.NewBech32Codec("assay"), "assay", authority)
	blocked := map[string]bool{authtypes.NewModuleAddress(bondtypes.ModuleName).String(): true}
	f.bank = bankkeeper.NewBaseKeeper(cdc, service(banktypes.StoreKey), accounts, blocked, authority, log.NewNopLogger())
	var err error
	f.bond, err = bondkeeper.NewKeeper(cdc, service(bondtypes.StoreKey), authority, bondtypes.Ports{Bank: f.bank, Accounts: accounts})
	require.NoError(t, err)
	f.penalty, err = penaltykeeper.NewKeeper(cdc, service(penaltytypes.StoreKey), authority,
		penaltytypes.Ports{Bond: f.bond, Bank: f.bank, Accounts: accounts})
	require.NoError(t, err)
	f.beacon, err = beaconkeeper.NewKeeper(cdc, service(beacontypes.StoreKey), authority)
	require.NoError(t, err)
	f.faults = &faultyBond{Keeper: f.bond}
	f.keeper, err = keeper.NewKeeper(cdc, service(types.StoreKey), authority,
		types.Ports{Bond: f.faults, Penalty: f.penalty, Beacon: f.beacon, Bank: f.bank})
	require.NoError(t, err)
	f.msgs, f.queries = keeper.NewMsgServer(f.keeper), keeper.NewQueryServer(f.keeper)
	require.NoError(t, f.bond.InitGenesis(f.ctx, bondtypes.DefaultGenesis()))
	require.NoError(t, f.penalty.InitGenesis(f.ctx, penaltytypes.DefaultGenesis()))
	require.NoError(t, f.beacon.InitGenesis(f.ctx, developmentBeacon(t)))
	// Most tests are about other things; those of spot checks turn them on.
	genesis := types.DefaultGenesis()
	genesis.Params = unchecked()
	genesis.Models = someModels()
	require.NoError(t, f.keeper.InitGenesis(f.ctx, genesis))
	return f
}

// someModels are the models that the tests' devices are of, which keeps states small.
func someModels() []types.GpuModel {
	return slices.DeleteFunc(types.EmbeddedModels(), func(m types.GpuModel) bool {
		return m.Key != "nvidia-geforce-rtx-5090" && m.Key != "nvidia-h100-80gb-hbm3" && m.Key != "nvidia-jetson-nano"
	})
}

// unchecked are the default parameters without spot checks.
func unchecked() types.Params {
	params := types.DefaultParams()
	params.Spot.Draws = 0
	return params
}

// stake funds an account and bonds whole ASSAY.
func (f *fixture) stake(operator sdk.AccAddress, assay int64) {
	coins := sdk.NewCoins(sdk.NewInt64Coin("uassay", assay*1_000_000))
	require.NoError(f.t, f.bank.MintCoins(f.ctx, faucet, coins))
	require.NoError(f.t, f.bank.SendCoinsFromModuleToAccount(f.ctx, faucet, operator, coins))
	_, err := f.bond.Bond(f.ctx, operator, coins.AmountOf("uassay"))
	require.NoError(f.t, err)
}

// jail punishes an operator, which slashes it and makes its devices unavailable, as the market does.
func (f *fixture) jail(operator sdk.AccAddress) {
	_, err := f.penalty.Punish(f.ctx, penaltytypes.Punishment{Operator: operator, Offence: penaltytypes.OFFENCE_WRONG_RESULT, Subject: "market/1"})
	require.NoError(f.t, err)
	require.NoError(f.t, f.keeper.Suspend(f.ctx, operator))
}

func (f *fixture) unjail(operator sdk.AccAddress) {
	f.ctx = f.ctx.WithBlockTime(f.ctx.BlockTime().Add(penaltytypes.MaxJail))
	require.NoError(f.t, f.penalty.Unjail(f.ctx, operator))
}

// operator registers an operator with a bond.
func (f *fixture) operator(operator sdk.AccAddress, assay int64) {
	f.stake(operator, assay)
	_, err := f.msgs.RegisterOperator(f.ctx, &types.MsgRegisterOperator{
		Operator: operator.String(), Moniker: "Nice GPUs", Endpoint: "https://worker.example.com:7433",
	})
	require.NoError(f.t, err)
}

// deviceID is an id made of a number.
func deviceID(n int) []byte {
	sum := sha256.Sum256([]byte{byte(n), byte(n >> 8)})
	return sum[:]
}

// gpu is a message that registers a consumer GPU.
func gpu(operator sdk.AccAddress, n int, price int64) *types.MsgRegisterDevice {
	return &types.MsgRegisterDevice{
		Operator: operator.String(), Id: deviceID(n), Model: "NVIDIA GeForce RTX 5090", Class: types.DEVICE_CLASS_CONSUMER,
		Backend: types.BACKEND_CUDA, MemoryMib: 32_607, Lanes: 2, Price: math.NewInt(price), Available: true,
	}
}

func update(msg *types.MsgRegisterDevice, change func(*types.MsgUpdateDevice)) *types.MsgUpdateDevice {
	out := &types.MsgUpdateDevice{Operator: msg.Operator, Id: msg.Id, Lanes: msg.Lanes, Price: msg.Price, Available: msg.Available}
	change(out)
	return out
}

// do runs a call as a transaction does: what fails leaves nothing behind.
func (f *fixture) do(call func(ctx sdk.Context) error) error {
	cached, write := f.ctx.CacheContext()
	err := call(cached)
	if err == nil {
		write()
	}
	return err
}

func (f *fixture) register(msg *types.MsgRegisterDevice) error {
	return f.do(func(ctx sdk.Context) error { _, err := f.msgs.RegisterDevice(ctx, msg); return err })
}

func (f *fixture) update(msg *types.MsgUpdateDevice) error {
	return f.do(func(ctx sdk.Context) error { _, err := f.msgs.UpdateDevice(ctx, msg); return err })
}

func (f *fixture) retire(operator sdk.AccAddress, n int) error {
	return f.do(func(ctx sdk.Context) error {
		_, err := f.msgs.RetireDevice(ctx, &types.MsgRetireDevice{Operator: operator.String(), Id: deviceID(n)})
		return err
	})
}

// requirement is what the bond module keeps locked.
func (f *fixture) requirement(operator sdk.AccAddress) int64 {
	stake, err := f.bond.Stake(f.ctx, operator)
	require.NoError(f.t, err)
	return stake.Requirement.Int64() / 1_000_000
}

// offered lists the devices of a class as the market sees them.
func (f *fixture) offered(class types.DeviceClass, limit uint32) [][]byte {
	var ids [][]byte
	require.NoError(f.t, f.keeper.WalkAvailable(f.ctx, class, limit, func(d types.Device) (bool, error) {
		ids = append(ids, d.Id)
		return false, nil
	}))
	return ids
}

func (f *fixture) export() string {
	state, err := f.keeper.ExportGenesis(f.ctx)
	require.NoError(f.t, err)
	return string(f.cdc.MustMarshalJSON(state))
}
