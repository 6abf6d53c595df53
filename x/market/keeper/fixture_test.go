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

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	"github.com/cosmos/cosmos-sdk/x/authz"

	"github.com/assaychain/assay/x/beacon/drand"
	"github.com/assaychain/assay/x/beacon/drand/devkey"
	beaconkeeper "github.com/assaychain/assay/x/beacon/keeper"
	beacontypes "github.com/assaychain/assay/x/beacon/types"
	bondkeeper "github.com/assaychain/assay/x/bond/keeper"
	bondtypes "github.com/assaychain/assay/x/bond/types"
	escrowkeeper "github.com/assaychain/assay/x/escrow/keeper"
	escrowtypes "github.com/assaychain/assay/x/escrow/types"
	"github.com/assaychain/assay/x/internal/banktest"
	"github.com/assaychain/assay/x/market/keeper"
	"github.com/assaychain/assay/x/market/types"
	penaltykeeper "github.com/assaychain/assay/x/penalty/keeper"
	penaltytypes "github.com/assaychain/assay/x/penalty/types"
	registrykeeper "github.com/assaychain/assay/x/registry/keeper"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

func TestMain(m *testing.M) {
	banktest.SetPrefixes()
	os.Exit(m.Run())
}

const assay = 1_000_000

// fixture is the market over the real keepers of every module below it but proofs, whose verdicts are a stand-in's.
type fixture struct {
	*banktest.Fixture
	bond     *bondkeeper.Keeper
	escrow   *escrowkeeper.Keeper
	registry *registrykeeper.Keeper
	penalty  *penaltykeeper.Keeper
	beacon   *beaconkeeper.Keeper
	proofs   *standIn
	faults   *faults
	k        *keeper.Keeper
	msgs     types.MsgServer
	queries  types.QueryServer

	key      *devkey.Key
	seen     *observer
	errors   *errorLog
	customer sdk.AccAddress
	// level of assurance of the jobs that are submitted.
	level types.Assurance
	// challenger is the watcher, once there is one.
	challenger sdk.AccAddress
	// claims is what customers locked by claims, in all.
	claims int64
	// also reads the events of a block, if it is given.
	also func(sdk.Events)
	// supply is the bank's total when the fixture was ready.
	supply math.Int
}

func newFixture(t testing.TB) *fixture { return newFixtureWith(t, testParams()) }

// testParams are short, so that tests name few seconds.
func testParams() types.Params {
	p := types.DefaultParams()
	p.CommitBaseSeconds, p.CommitSecondsPerGmac = 60, 30
	p.ProofBaseSeconds, p.ProofSecondsPerSample = 60, 5
	p.DisputeSeconds, p.DeliverySeconds, p.HistorySeconds = 100, 50, 1_000
	p.AnswerSeconds = 20
	p.RelayWindowSeconds, p.RevealSeconds = 60, 40
	p.AuditMinBps = 100
	return p
}

func newFixtureWith(t testing.TB, params types.Params) *fixture {
	t.Helper()
	f := bareFixture(t)
	require.NoError(t, f.bond.InitGenesis(f.Ctx, bondtypes.DefaultGenesis()))
	escrow := escrowtypes.DefaultGenesis()
	escrow.Params.ProtocolFeeBps, escrow.Params.BurnBps = 200, 100
	require.NoError(t, f.escrow.InitGenesis(f.Ctx, escrow))
	beacon := beacontypes.DefaultGenesis()
	beacon.Params.Chain = f.chain()
	beacon.Params.MinDelaySeconds = 2
	require.NoError(t, f.beacon.InitGenesis(f.Ctx, beacon))
	require.NoError(t, f.penalty.InitGenesis(f.Ctx, penaltytypes.DefaultGenesis()))
	registry := registrytypes.DefaultGenesis()
	registry.Params.Spot.Draws = 0
	// No device of these tests is a GPU, and the whole catalogue would be written for each state.
	registry.Models = nil
	require.NoError(t, f.registry.InitGenesis(f.Ctx, registry))
	genesis := types.DefaultGenesis()
	genesis.Params = params
	require.NoError(t, f.k.InitGenesis(f.Ctx, genesis))
	f.customer = f.Fund("customer", 1_000*assay)
	f.supply = f.Supply()
	return f
}

// bareFixture has no genesis yet.
func bareFixture(t testing.TB) *fixture {
	base := banktest.New(t,
		banktest.Account{Name: bondtypes.ModuleName}, banktest.Account{Name: registrytypes.ModuleName},
		banktest.Account{Name: escrowtypes.ModuleName, Permissions: []string{authtypes.Burner}},
		banktest.Account{Name: penaltytypes.ModuleName, Permissions: []string{authtypes.Burner}},
		banktest.Account{Name: beacontypes.ModuleName}, banktest.Account{Name: types.ModuleName})
	f := &fixture{Fixture: base, proofs: &standIn{}, faults: &faults{}, errors: &errorLog{Logger: log.NewNopLogger()}, seen: newObserver()}
	f.Ctx = f.Ctx.WithLogger(f.errors)
	var err error
	f.key, err = devkey.FromSeed(make([]byte, devkey.SeedSize))
	require.NoError(t, err)
	f.bond, err = bondkeeper.NewKeeper(base.Cdc, base.Store(bondtypes.StoreKey), base.Authority, bondtypes.Ports{Bank: base.Bank, Accounts: base.Auth})
	require.NoError(t, err)
	f.escrow, err = escrowkeeper.NewKeeper(base.Cdc, base.Store(escrowtypes.StoreKey), base.Authority,
		escrowtypes.Ports{Bank: base.Bank, Accounts: base.Auth, Pool: base.Pool, Grants: noGrants{}})
	require.NoError(t, err)
	f.penalty, err = penaltykeeper.NewKeeper(base.Cdc, base.Store(penaltytypes.StoreKey), base.Authority,
		penaltytypes.Ports{Bond: f.bond, Bank: base.Bank, Accounts: base.Auth})
	require.NoError(t, err)
	f.beacon, err = beaconkeeper.NewKeeper(base.Cdc, base.Store(beacontypes.StoreKey), base.Authority)
	require.NoError(t, err)
	f.registry, err = registrykeeper.NewKeeper(base.Cdc, base.Store(registrytypes.StoreKey), base.Authority,
		registrytypes.Ports{Bond: f.bond, Penalty: f.penalty, Beacon: f.beacon, Bank: base.Bank})
	require.NoError(t, err)
	f.k, err = keeper.NewKeeper(base.Cdc, base.Store(types.StoreKey), base.Authority, f.ports())
	require.NoError(t, err)
	types.RegisterInterfaces(base.Registry)
	f.msgs, f.queries = keeper.NewMsgServer(f.k), keeper.NewQueryServer(f.k)
	return f
}

// chain is a beacon of our own with a round a second.
func (f *fixture) chain() beacontypes.Chain {
	return beacontypes.Chain{PublicKey: f.key.PublicKey(), Period: 1, GenesisTime: f.Ctx.BlockTime().Unix() - 1_000, Scheme: drand.Scheme}
}

// worker registers an operator with a bond and one device of four lanes at a price per 10^9 multiply-accumulates.
func (f *fixture) worker(name string, price int64) sdk.AccAddress {
	f.T.Helper()
	operator := f.operator(name, 100*assay)
	f.device(operator, name, price, 4)
	return operator
}

func (f *fixture) operator(name string, bond int64) sdk.AccAddress {
	f.T.Helper()
	operator := f.Fund(name, bond)
	_, err := f.bond.Bond(f.Ctx, operator, math.NewInt(bond))
	require.NoError(f.T, err)
	_, err = registrykeeper.NewMsgServer(f.registry).RegisterOperator(f.Ctx, &registrytypes.MsgRegisterOperator{
		Operator: operator.String(), Moniker: name, Endpoint: "http://127.0.0.1:9000", PayoutAddress: payout(name).String(),
	})
	require.NoError(f.T, err)
	f.supply = f.supply.AddRaw(bond)
	return operator
}

func (f *fixture) device(operator sdk.AccAddress, name string, price int64, lanes uint32) {
	f.T.Helper()
	f.deviceOf(registrytypes.DEVICE_CLASS_CPU, operator, name, price, lanes)
}

func (f *fixture) deviceOf(class registrytypes.DeviceClass, operator sdk.AccAddress, name string, price int64, lanes uint32) {
	f.T.Helper()
	id := sha256.Sum256([]byte(name))
	_, err := registrykeeper.NewMsgServer(f.registry).RegisterDevice(f.Ctx, &registrytypes.MsgRegisterDevice{
		Operator: operator.String(), Id: id[:], Model: "CPU", Class: class, Backend: registrytypes.BACKEND_CPU,
		MemoryMib: 4_096, Lanes: lanes, Price: math.NewInt(price), Available: true, Levels: testLevels(),
	})
	require.NoError(f.T, err)
}

// testLevels are those that the tests' devices prove.
func testLevels() []types.Assurance {
	return append(registrytypes.DefaultLevels(), types.ASSURANCE_FULL)
}

// noGrants are the authorizations of a chain on which nobody granted anything.
type noGrants struct{}

func (noGrants) GetAuthorization(context.Context, sdk.AccAddress, sdk.AccAddress, string) (authz.Authorization, *time.Time) {
	return nil, nil
}

func (noGrants) SaveGrant(context.Context, sdk.AccAddress, sdk.AccAddress, authz.Authorization, *time.Time) error {
	return errors.New("nothing was granted")
}

// payout is where an operator's payments go.
func payout(name string) sdk.AccAddress { return banktest.Address("payout of " + name) }

// workers registers n operators.
func (f *fixture) workers(n int) []sdk.AccAddress {
	list := make([]sdk.AccAddress, n)
	for i := range list {
		list[i] = f.worker(fmt.Sprintf("worker %d", i), 1_000_000)
	}
	return list
}

// do runs a call as a transaction does: what fails leaves nothing behind.
func (f *fixture) do(call func(ctx context.Context) error) error {
	cached, write := f.Ctx.CacheContext()
	if err := call(cached); err != nil {
		return err
	}
	write()
	return nil
}

// refused runs a call that must fail with an error and change nothing.
func (f *fixture) refused(want error, call func(ctx context.Context) error) {
	f.T.Helper()
	before := f.export()
	err := f.do(call)
	require.ErrorIs(f.T, err, want)
	require.Equal(f.T, before, f.export())
}

// block ends the present block, checks everything that must hold after it, and begins the next one seconds later.
func (f *fixture) block(seconds int) {
	f.T.Helper()
	f.endBlock()
	f.Advance(time.Duration(seconds) * time.Second)
	require.NoError(f.T, f.k.BeginBlock(f.Ctx))
}

func (f *fixture) endBlock() {
	f.T.Helper()
	require.NoError(f.T, f.beacon.EndBlock(f.Ctx))
	require.NoError(f.T, f.bond.EndBlock(f.Ctx))
	require.NoError(f.T, f.escrow.EndBlock(f.Ctx))
	require.NoError(f.T, f.penalty.EndBlock(f.Ctx))
	require.NoError(f.T, f.registry.EndBlock(f.Ctx))
	require.NoError(f.T, f.k.EndBlock(f.Ctx))
	f.check()
}

// check holds after every block: the books of all modules, the bank's sums, supply but for what was burnt, silence, and
// that the events tell the whole story.
func (f *fixture) check() {
	f.T.Helper()
	defer f.faults.disarm()()
	for name, invariants := range map[string]func(context.Context) error{
		"bond": f.bond.Invariants, "escrow": f.escrow.Invariants, "penalty": f.penalty.Invariants,
		"registry": f.registry.Invariants, "beacon": f.beacon.Invariants,
		"market": f.k.Invariants,
	} {
		require.NoError(f.T, invariants(f.Ctx), name)
	}
	require.NoError(f.T, f.CheckSupply())
	f.seen.read(f.T, f.Ctx.EventManager().Events())
	if f.also != nil {
		f.also(f.Ctx.EventManager().Events())
	}
	f.Ctx = f.Ctx.WithEventManager(sdk.NewEventManager())
	require.Equal(f.T, f.supply.String(), f.Supply().Add(f.seen.burnt).String(), "supply and what was burnt")
	f.seen.compare(f.T, func(id uint64) (types.Job, error) { return f.k.Job(f.Ctx, id) })
	if !f.faults.paused {
		require.Empty(f.T, f.errors.lines)
	}
}

func (f *fixture) export() string {
	f.T.Helper()
	state, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(f.T, err)
	return string(f.Cdc.MustMarshalJSON(state))
}

func (f *fixture) job(id uint64) types.Job {
	f.T.Helper()
	job, err := f.k.Job(f.Ctx, id)
	require.NoError(f.T, err)
	return job
}

func (f *fixture) requireState(id uint64, want types.JobState) types.Job {
	f.T.Helper()
	job := f.job(id)
	require.Equal(f.T, want.String(), job.State.String(), "%+v; errors: %v", job, f.errors.lines)
	return job
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
