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

// FullSpec describes a job of a product at the level full.
func (c *Customer) FullSpec(work *Work) markettypes.Spec {
	spec := c.Spec(work, uint32(len(work.Program.Steps)))
	spec.Assurance = markettypes.ASSURANCE_FULL
	return spec
}

// FullProofs proves every step of a trace, or tells why it can't.
func FullProofs(t testing.TB, c challenge.Trace, trace *Trace) ([][]byte, error) {
	t.Helper()
	tensors := func(of []*Blob) (list []*tensor.Tensor) {
		for _, one := range of {
			list = append(list, one.Tensor)
		}
		return list
	}
	return FullSystem(t).Prove(context.Background(), c, tensors(trace.Inputs), tensors(trace.Outputs))
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
