package actors

import (
	"context"
	"crypto/sha256"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/offchain-worker/fullproof"
	markettypes "github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/challenge"
	"github.com/assaychain/assay/x/proofs/full"
	"github.com/assaychain/assay/x/proofs/full/fulltest"
	"github.com/assaychain/assay/x/proofs/full/setup"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"

	blobs "github.com/assaychain/assay/offchain-worker/blob"
	proofstypes "github.com/assaychain/assay/x/proofs/types"
)

var (
	fullMutex  sync.Mutex
	fullSystem *fullproof.System
)

// FullSystem is what a worker and its customer have for the level full, over a string that all tests of a process share.
func FullSystem(t testing.TB) *fullproof.System {
	t.Helper()
	fullMutex.Lock()
	defer fullMutex.Unlock()
	if fullSystem == nil {
		made, err := fullproof.Open(fulltest.String(t), runtime.GOMAXPROCS(0))
		require.NoError(t, err)
		fullSystem = made
	}
	return fullSystem
}

// FullCircuit is the KZG key of a seed's development string; the tests' own string is of fulltest.Seed.
func FullCircuit(id, seed string) proofstypes.Circuit {
	raw := full.EncodeKey(setup.DevelopmentKey(setup.DevelopmentSecret([]byte(seed))))
	return proofstypes.Circuit{
		Id: id, System: proofstypes.PROOF_SYSTEM_KZG_BN254, Class: proofstypes.FullClass, VerifyingKey: raw, KeyHash: keyHash(raw),
		Development: true, Status: proofstypes.CIRCUIT_STATUS_ACTIVE,
	}
}

// NewFullBlob commits to a tensor for the level full.
func NewFullBlob(t testing.TB, of *tensor.Tensor) *Blob {
	t.Helper()
	root, err := FullSystem(t).Commit(context.Background(), of)
	require.NoError(t, err)
	return &Blob{Tensor: of, root: root[:]}
}

// FullProduct draws a program of two steps with int32 outputs over small tensors, committed to for the level full.
func FullProduct(t testing.TB, seed uint64) *Work {
	t.Helper()
	const rows, inner, first, second = 4, 40, 6, 3
	r := rand.New(rand.NewPCG(seed, 2))
	x, err := tensor.NewInt8(rows, inner, values(r, rows*inner))
	require.NoError(t, err)
	step := func(weight, output string) program.DenseStep {
		return program.DenseStep{Input: "x", Weight: weight, Output: output, Activation: program.ACTIVATION_IDENTITY, OutputType: program.DATA_TYPE_INT32}
	}
	w := &Work{Full: true, Program: program.Program{
		Version: 1,
		Inputs: []program.Tensor{
			declare("x", program.TENSOR_KIND_PLAIN, rows, inner),
			declare("w1", program.TENSOR_KIND_WEIGHT, first, inner), declare("w2", program.TENSOR_KIND_WEIGHT, second, inner),
		},
		Steps: []program.DenseStep{step("w1", "y1"), step("w2", "y2")},
	}}
	for _, input := range []*tensor.Tensor{x, weights(t, r, first, inner), weights(t, r, second, inner)} {
		w.Inputs = append(w.Inputs, w.commit(t, input))
	}
	return w
}

// FullChain draws a program of four steps over small tensors, committed to for the level full: under RELU to 6 columns, twice from 6 to
// 6 by steps of one shape, and to 3 in the end, as sums or requantised.
func FullChain(t testing.TB, seed uint64, last program.DataType) *Work {
	t.Helper()
	const rows, inner, width, out = 4, 40, 6, 3
	r := rand.New(rand.NewPCG(seed, 3))
	x, err := tensor.NewInt8(rows, inner, values(r, rows*inner))
	require.NoError(t, err)
	step := func(input, weight, output string, activation program.Activation) program.DenseStep {
		return program.DenseStep{Input: input, Weight: weight, Output: output, Shift: 9, Activation: activation, OutputType: program.DATA_TYPE_INT8}
	}
	w := &Work{Full: true, Program: program.Program{Version: 1, Inputs: []program.Tensor{
		declare("x", program.TENSOR_KIND_PLAIN, rows, inner), declare("w1", program.TENSOR_KIND_WEIGHT, width, inner),
		declare("w2", program.TENSOR_KIND_WEIGHT, width, width), declare("w3", program.TENSOR_KIND_WEIGHT, width, width),
		declare("w4", program.TENSOR_KIND_WEIGHT, out, width),
	}, Steps: []program.DenseStep{
		step("x", "w1", "h1", program.ACTIVATION_RELU), step("h1", "w2", "h2", program.ACTIVATION_IDENTITY),
		step("h2", "w3", "h3", program.ACTIVATION_IDENTITY), step("h3", "w4", "y", program.ACTIVATION_IDENTITY),
	}}}
	if last == program.DATA_TYPE_INT32 {
		w.Program.Steps[3].OutputType, w.Program.Steps[3].Shift = last, 0
	}
	inputs := []*tensor.Tensor{x, weights(t, r, width, inner), weights(t, r, width, width), weights(t, r, width, width), weights(t, r, out, width)}
	for _, input := range inputs {
		w.Inputs = append(w.Inputs, w.commit(t, input))
	}
	return w
}

// FullWide draws a program whose rows are wider than any commitment tree holds: 2 sums of 8192 products, requantised first and as they are.
func FullWide(t testing.TB, seed uint64) *Work {
	t.Helper()
	const inner = program.MaxDimension
	r := rand.New(rand.NewPCG(seed, 4))
	x, err := tensor.NewInt8(1, inner, values(r, inner))
	require.NoError(t, err)
	w := &Work{Full: true, Program: program.Program{Version: 1, Inputs: []program.Tensor{
		declare("x", program.TENSOR_KIND_PLAIN, 1, inner), declare("w", program.TENSOR_KIND_WEIGHT, 1, inner),
	}, Steps: []program.DenseStep{
		{Input: "x", Weight: "w", Output: "h", Shift: 16, Activation: program.ACTIVATION_IDENTITY, OutputType: program.DATA_TYPE_INT8},
		{Input: "x", Weight: "w", Output: "y", Activation: program.ACTIVATION_IDENTITY, OutputType: program.DATA_TYPE_INT32},
	}}}
	w.Inputs = []*Blob{w.commit(t, x), w.commit(t, weights(t, r, 1, inner))}
	return w
}

// FullSpec describes a job at the level full.
func (c *Customer) FullSpec(work *Work) markettypes.Spec {
	spec := c.Spec(work, uint32(len(work.Program.Steps)))
	spec.Assurance = markettypes.ASSURANCE_FULL
	return spec
}

// FullProofs proves every step of a trace, or tells why it can't.
func FullProofs(t testing.TB, c challenge.Trace, trace *Trace) ([][]byte, error) {
	t.Helper()
	return FullSystem(t).Prove(context.Background(), c, tensorsOf(trace.Inputs), tensorsOf(trace.Outputs), nil)
}

// FullProofsBut proves every step of a wrong trace but one, for which it has the proof of the right one.
func FullProofsBut(t testing.TB, c challenge.Trace, wrong *Trace, step int, right *Trace) [][]byte {
	t.Helper()
	proofs := make([][]byte, len(wrong.Outputs))
	for i := range proofs {
		of := wrong
		if i == step {
			of, c.Steps = right, right.Roots()
		} else {
			c.Steps = wrong.Roots()
		}
		var err error
		proofs[i], err = FullSystem(t).ProveStep(context.Background(), c, i, tensorsOf(of.Inputs), tensorsOf(of.Outputs))
		require.NoError(t, err)
	}
	return proofs
}

func tensorsOf(blobs []*Blob) (list []*tensor.Tensor) {
	for _, one := range blobs {
		list = append(list, one.Tensor)
	}
	return list
}

// OpeningMsg opens the commitment of a contested job's result.
func (o *Operator) OpeningMsg(id uint64, trace *Trace) *markettypes.MsgAnswerContest {
	n := o.network
	n.t.Helper()
	last := trace.Outputs[len(trace.Outputs)-1]
	opening, err := FullSystem(n.t).Open(context.Background(), last.Tensor, blobs.Root(last.Root()), n.Job(id).ContestPoint)
	require.NoError(n.t, err)
	return &markettypes.MsgAnswerContest{Worker: o.String(), JobId: id, Opening: opening}
}

func keyHash(raw []byte) []byte {
	sum := sha256.Sum256(raw)
	return sum[:]
}
