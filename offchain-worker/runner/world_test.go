package runner_test

import (
	"context"
	"crypto/rand"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/nacl/box"

	"github.com/cosmos/cosmos-sdk/crypto/hd"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/offchain-worker/blob"
	"github.com/assaychain/assay/offchain-worker/chain"
	markettypes "github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
)

func TestMain(m *testing.M) {
	chain.UseAddressPrefix()
	os.Exit(m.Run())
}

// world is what outlives a killed worker: the chain, the customer, the worker's disk and key.
type world struct {
	t        *testing.T
	chain    *fakeChain
	customer *blob.Store
	url      string
	home     string
	keys     keyring.Keyring
	operator sdk.AccAddress
	// poll is the time between a worker's looks at the chain.
	poll time.Duration
}

func newWorld(t *testing.T, f faults) *world {
	operator := sdk.AccAddress("operator------------")
	w := &world{t: t, chain: newFakeChain(t, operator, f), home: t.TempDir(), operator: operator, poll: 2 * time.Millisecond}
	w.keys = keyring.NewInMemory(w.chain.encoding.Codec)
	_, _, err := w.keys.NewMnemonic("worker", keyring.English, sdk.GetConfig().GetFullBIP44Path(), "", hd.Secp256k1)
	require.NoError(t, err)
	w.customer, err = blob.NewStore(t.TempDir(), 0)
	require.NoError(t, err)
	server := httptest.NewServer(blob.Handler(w.customer, nil))
	t.Cleanup(server.Close)
	w.url = server.URL
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	go w.chain.run(ctx)
	return w
}

// submit makes a two-step program with its inputs on the customer's server and assigns it to the worker.
func (w *world) submit(id uint64) {
	p := program.Program{
		Version: program.Version,
		Inputs: []program.Tensor{
			{Name: "x", Kind: program.TENSOR_KIND_PLAIN, Type: program.DATA_TYPE_INT8, Rows: 3, Cols: 5},
			{Name: "w1", Kind: program.TENSOR_KIND_WEIGHT, Type: program.DATA_TYPE_INT8, Rows: 4, Cols: 5},
			{Name: "w2", Kind: program.TENSOR_KIND_WEIGHT, Type: program.DATA_TYPE_INT8, Rows: 2, Cols: 4},
		},
		Steps: []program.DenseStep{
			{Input: "x", Weight: "w1", Output: "h", Shift: 1, Activation: program.ACTIVATION_RELU, OutputType: program.DATA_TYPE_INT8},
			{Input: "h", Weight: "w2", Output: "y", Activation: program.ACTIVATION_IDENTITY, OutputType: program.DATA_TYPE_INT32},
		},
	}
	public, _, err := box.GenerateKey(rand.Reader)
	require.NoError(w.t, err)
	spec := markettypes.Spec{Program: p, Policy: markettypes.VERIFICATION_POLICY_PROOF, Samples: 3, DeliveryKey: public[:]}
	if w.chain.faults.replicas {
		spec.Policy, spec.Replicas, spec.Agreement = markettypes.VERIFICATION_POLICY_REPLICA, 2, 2
	}
	for i, declared := range p.Inputs {
		root := w.put(declared, int8(id)+int8(i))
		spec.Inputs = append(spec.Inputs, markettypes.InputRef{Root: root[:], Locators: []string{w.url + "/blobs/" + root.String()}})
	}
	w.chain.assign(id, spec)
}

func (w *world) put(declared program.Tensor, seed int8) blob.Root {
	shape := tensor.Shape{Kind: declared.Kind, Type: declared.Type, Rows: declared.Rows, Cols: declared.Cols}
	raw := make([]byte, shape.BlobSize())
	cells := int(declared.Rows * declared.Cols)
	for i := range cells {
		raw[i] = byte(int8(i) + seed)
	}
	if declared.Kind == program.TENSOR_KIND_WEIGHT {
		for row := range int(declared.Rows) {
			raw[cells+4*int(declared.Rows)+4*row] = 2 // Multiplier.
		}
	}
	t, err := tensor.DecodeBlob(shape, raw)
	require.NoError(w.t, err)
	root, err := blob.Commit(t)
	require.NoError(w.t, err)
	require.NoError(w.t, w.customer.Put(root, raw))
	return root
}
