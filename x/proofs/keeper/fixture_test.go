package keeper_test

import (
	"crypto/sha256"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/consensys/gnark-crypto/ecc"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/consensys/gnark/constraint"
	"github.com/consensys/gnark/frontend"
	"github.com/consensys/gnark/frontend/cs/r1cs"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/codec"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/runtime"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	"github.com/cosmos/cosmos-sdk/testutil"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/proofs/internal/proving"
	"github.com/assaychain/assay/x/proofs/keeper"
	"github.com/assaychain/assay/x/proofs/types"
)

const developmentChain = "assay-test-1"

// authority is set when the prefix of addresses is, which caches what it writes.
var authority string

func TestMain(m *testing.M) {
	sdk.GetConfig().SetBech32PrefixForAccount("assay", "assaypub")
	authority = sdk.AccAddress("authority___________").String()
	os.Exit(m.Run())
}

// square is the smallest circuit of the shape that the chain verifies: one public input, and one commitment that a
// constraint uses. It proves to know a square root of the digest.
type square struct {
	Digest frontend.Variable `gnark:",public"`
	Root   frontend.Variable
}

// Define implements frontend.Circuit.
func (c *square) Define(api frontend.API) error {
	challenge, err := api.(frontend.Committer).Commit(c.Root)
	if err != nil {
		return err
	}
	api.AssertIsDifferent(challenge, 0)
	api.AssertIsEqual(api.Mul(c.Root, c.Root), c.Digest)
	return nil
}

// provable is a key pair for the square circuit.
type provable struct {
	system  constraint.ConstraintSystem
	proving *proving.Key
	key     []byte
}

func makeProvable(t require.TestingT) provable {
	system, err := frontend.Compile(ecc.BN254.ScalarField(), r1cs.NewBuilder, &square{})
	require.NoError(t, err)
	key, verifying, err := proving.Setup(system)
	require.NoError(t, err)
	return provable{system, key, verifying}
}

var (
	first  = sync.OnceValue(func() provable { return makeProvable(new(fatal)) })
	second = sync.OnceValue(func() provable { return makeProvable(new(fatal)) })
)

// fatal ends a set-up that no test owns.
type fatal struct{}

// Errorf implements require.TestingT.
func (*fatal) Errorf(format string, _ ...any) { panic(format) }

// FailNow implements require.TestingT.
func (*fatal) FailNow() { panic("set-up failed") }

// prove makes a proof that the square of a number has a root, and the digest that is proven.
func (p provable) prove(t require.TestingT, root uint64) (digest, proof []byte) {
	var x, y fr.Element
	x.SetUint64(root)
	encoded := y.Square(&x).Bytes()
	return encoded[:], p.proveRoot(t, x)
}

// proveRoot makes a proof of the square of a field element.
func (p provable) proveRoot(t require.TestingT, x fr.Element) []byte {
	var y fr.Element
	y.Square(&x)
	full, err := frontend.NewWitness(&square{Digest: y, Root: x}, ecc.BN254.ScalarField())
	require.NoError(t, err)
	proof, err := p.proving.Prove(p.system, full)
	require.NoError(t, err)
	return proof
}

// circuit is a record that names the key as it should be.
func (p provable) circuit(id string, class uint32) types.Circuit {
	hash := sha256.Sum256(p.key)
	return types.Circuit{
		Id: id, System: types.PROOF_SYSTEM_GROTH16_BN254, Class: class, VerifyingKey: p.key, KeyHash: hash[:],
		Development: true, Status: types.CIRCUIT_STATUS_ACTIVE,
	}
}

// fixture is a keeper over a store.
type fixture struct {
	t       testing.TB
	ctx     sdk.Context
	cdc     codec.Codec
	keeper  *keeper.Keeper
	msgs    types.MsgServer
	queries types.QueryServer
}

func emptyFixture(t testing.TB, chainID string) *fixture {
	key := storetypes.NewKVStoreKey(types.StoreKey)
	registry := codectypes.NewInterfaceRegistry()
	types.RegisterInterfaces(registry)
	cdc := codec.NewProtoCodec(registry)
	k, err := keeper.NewKeeper(cdc, runtime.NewKVStoreService(key), authority)
	require.NoError(t, err)
	ctx := testutil.DefaultContext(key, storetypes.NewTransientStoreKey("transient"))
	ctx = ctx.WithChainID(chainID).WithBlockHeight(5).WithBlockTime(time.Unix(2_000_000_000, 0).UTC())
	return &fixture{t: t, ctx: ctx, cdc: cdc, keeper: k, msgs: keeper.NewMsgServer(k), queries: keeper.NewQueryServer(k)}
}

// newFixture is a development chain with two circuits under two keys.
func newFixture(t testing.TB) *fixture {
	f := emptyFixture(t, developmentChain)
	genesis := types.DefaultGenesis()
	genesis.Params.AllowDevelopmentKeys = true
	genesis.Circuits = []types.Circuit{first().circuit("opening-1024", 1024), second().circuit("opening-256", 256)}
	require.NoError(t, f.keeper.InitGenesis(f.ctx, genesis))
	return f
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

func (f *fixture) register(circuit types.Circuit) error {
	return f.do(func(ctx sdk.Context) error {
		_, err := f.msgs.RegisterCircuit(ctx, &types.MsgRegisterCircuit{Authority: authority, Circuit: circuit})
		return err
	})
}

func (f *fixture) retire(id string) error {
	return f.do(func(ctx sdk.Context) error {
		_, err := f.msgs.RetireCircuit(ctx, &types.MsgRetireCircuit{Authority: authority, Id: id})
		return err
	})
}

func (f *fixture) setParams(change func(*types.Params)) error {
	params, err := f.keeper.Params(f.ctx)
	require.NoError(f.t, err)
	change(&params)
	return f.do(func(ctx sdk.Context) error {
		_, err := f.msgs.UpdateParams(ctx, &types.MsgUpdateParams{Authority: authority, Params: params})
		return err
	})
}

func (f *fixture) export() string {
	state, err := f.keeper.ExportGenesis(f.ctx)
	require.NoError(f.t, err)
	return string(f.cdc.MustMarshalJSON(state))
}

// timed returns the CPU time that a call took, in microseconds.
func timed(call func()) float64 {
	start := cpuTime()
	call()
	return float64((cpuTime() - start).Nanoseconds()) / 1_000
}

// cpuTime is what the process has used: on a busy machine it says more than the clock.
func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
