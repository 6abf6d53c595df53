package keeper_test

import (
	"encoding/hex"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/log/v2"

	"github.com/cosmos/cosmos-sdk/codec"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/runtime"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	"github.com/cosmos/cosmos-sdk/testutil"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/beacon/drand"
	"github.com/assaychain/assay/x/beacon/drand/devkey"
	"github.com/assaychain/assay/x/beacon/keeper"
	"github.com/assaychain/assay/x/beacon/types"
	"github.com/assaychain/assay/x/internal/faults"
)

const market = "market"

// published are rounds of drand's quicknet as its public endpoints serve them.
var published = []struct {
	round                 uint64
	signature, randomness string
}{
	{1, "b55e7cb2d5c613ee0b2e28d6750aabbb78c39dcc96bd9d38c2c2e12198df95571de8e8e402a0cc48871c7089a2b3af4b",
		"1466a6cd24e327188770752f6134001c64d6efcc590ccc26b721611ad96f165a"},
	{2, "b6b6a585449b66eb12e875b64fcbab3799861a00e4dbf092d99e969a5eac57dd3f798acf61e705fe4f093db926626807",
		"5782d6987841c654515a0e72b2d1ebb4e741234042c37cb19608ae50d93fb60c"},
	{1000, "b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39",
		"fe290beca10872ef2fb164d2aa4442de4566183ec51c56ff3cd603d930e54fdd"},
	{30663002, "b9e7e1e3d7d9cf17a9f4703abfae4c137acfbef1fdb45715a98422c244a499ea381c7fd759851ed8eeb8a03d778959b3",
		"2a231554933f6fd70314fa470152710fac3eba10d052cab996e8f30854fa7f55"},
}

func TestMain(m *testing.M) {
	sdk.GetConfig().SetBech32PrefixForAccount("assay", "assaypub")
	authority = sdk.AccAddress("authority___________").String()
	os.Exit(m.Run())
}

// fixture is a keeper over an empty store with the default genesis.
type fixture struct {
	t       require.TestingT
	ctx     sdk.Context
	keeper  *keeper.Keeper
	msgs    types.MsgServer
	queries types.QueryServer
	cdc     codec.Codec
	faults  *faults.Plan
	// errors are the lines that the hooks log as errors.
	errors []string
}

// errorLog keeps what is logged as an error.
type errorLog struct {
	log.Logger
	lines *[]string
}

func (l errorLog) Error(msg string, _ ...any) { *l.lines = append(*l.lines, msg) }

func (l errorLog) With(...any) log.Logger { return l }

var (
	// authority is set when the prefix of addresses is, which caches what it writes.
	authority string
	relayer   = sdk.AccAddress("relayer_____________")
)

func newFixture(t require.TestingT, genesis *types.GenesisState) *fixture {
	key := storetypes.NewKVStoreKey(types.StoreKey)
	ctx := testutil.DefaultContext(key, storetypes.NewTransientStoreKey("transient"))
	registry := codectypes.NewInterfaceRegistry()
	types.RegisterInterfaces(registry)
	cdc := codec.NewProtoCodec(registry)
	plan := &faults.Plan{}
	k, err := keeper.NewKeeper(cdc, faults.Store(runtime.NewKVStoreService(key), types.StoreKey, plan), authority)
	require.NoError(t, err)
	f := &fixture{t: t, keeper: k, faults: plan, msgs: keeper.NewMsgServer(k), queries: keeper.NewQueryServer(k), cdc: cdc}
	f.ctx = ctx.WithLogger(errorLog{log.NewNopLogger(), &f.errors}).WithBlockTime(time.Unix(2_000_000_000, 0).UTC())
	require.NoError(t, k.InitGenesis(f.ctx, genesis))
	return f
}

// at moves the block's time.
func (f *fixture) at(unix int64) { f.ctx = f.ctx.WithBlockTime(time.Unix(unix, 0).UTC()) }

// fixAt makes quicknet's schedule give a round, and fixes it.
func (f *fixture) fixAt(round uint64, consumer string) {
	due, err := types.Quicknet().Drand().TimeOf(round)
	require.NoError(f.t, err)
	f.at(due - types.DefaultMinDelay)
	_, fixed, err := f.keeper.Fix(f.ctx, consumer)
	require.NoError(f.t, err)
	require.Equal(f.t, round, fixed)
}

func (f *fixture) post(round uint64, signature []byte) error {
	cached, write := f.ctx.CacheContext()
	_, err := f.msgs.PostRound(cached, &types.MsgPostRound{Relayer: relayer.String(), Round: round, Signature: signature})
	if err == nil {
		write()
	}
	return err
}

func (f *fixture) export() string {
	state, err := f.keeper.ExportGenesis(f.ctx)
	require.NoError(f.t, err)
	return string(f.cdc.MustMarshalJSON(state))
}

func unhex(text string) []byte {
	data, err := hex.DecodeString(text)
	if err != nil {
		panic(err)
	}
	return data
}

// development returns parameters that follow a key of our own, one round a second from Unix second 1000.
func development(t require.TestingT, seed byte) (*devkey.Key, types.Params) {
	key, err := devkey.FromSeed(append(make([]byte, devkey.SeedSize-1), seed))
	require.NoError(t, err)
	params := types.DefaultParams()
	params.Chain = types.Chain{PublicKey: key.PublicKey(), Period: 1, GenesisTime: 1000, Scheme: drand.Scheme}
	params.MinDelaySeconds, params.HistorySeconds, params.MaxPrunedPerBlock = 2, types.MinHistory, 3
	return key, params
}

func developmentFixture(t require.TestingT, seed byte) (*fixture, *devkey.Key) {
	key, params := development(t, seed)
	genesis := types.DefaultGenesis()
	genesis.Params = params
	f := newFixture(t, genesis)
	f.at(5000)
	return f, key
}

// serve fixes a round for the consumers and posts it.
func (f *fixture) serve(key *devkey.Key, consumers ...string) uint64 {
	var round uint64
	for _, consumer := range consumers {
		_, fixed, err := f.keeper.Fix(f.ctx, consumer)
		require.NoError(f.t, err)
		round = fixed
	}
	signature, err := key.Sign(round)
	require.NoError(f.t, err)
	require.NoError(f.t, f.post(round, signature))
	return round
}

// timed returns how long a call took in nanoseconds.
func timed(call func()) float64 {
	start := time.Now()
	call()
	return float64(time.Since(start).Nanoseconds())
}
