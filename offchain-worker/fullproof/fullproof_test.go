package fullproof_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/offchain-worker/blob"
	"github.com/assaychain/assay/offchain-worker/compute"
	"github.com/assaychain/assay/offchain-worker/fullproof"
	"github.com/assaychain/assay/x/proofs/challenge"
	"github.com/assaychain/assay/x/proofs/full"
	"github.com/assaychain/assay/x/proofs/full/fulltest"
	"github.com/assaychain/assay/x/proofs/full/prover"
	"github.com/assaychain/assay/x/proofs/interpreter"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
)

func open(t testing.TB) *fullproof.System {
	t.Helper()
	s, err := fullproof.Open(fulltest.String(t), 1)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// job is a chain of three steps over 3 rows of 4 values, carried out and committed to: to 2 columns and on to 5, both requantised, and
// sums of 2 in the end.
func job(t testing.TB, s *fullproof.System) (challenge.Trace, []*tensor.Tensor, []*tensor.Tensor) {
	t.Helper()
	x, err := tensor.NewInt8(3, 4, []int8{1, 2, 3, 4, -5, 6, -7, 8, 127, -128, 0, 1})
	require.NoError(t, err)
	inputs := []*tensor.Tensor{x, weights(t, 2, 4), weights(t, 5, 2), weights(t, 2, 5)}
	trace := challenge.Trace{Circuits: []string{"full"}, Claim: program.Claim{ChainID: "assay-test-1", JobID: 7, Attempt: 1, Worker: []byte{1}}}
	trace.Samples = 3
	trace.Program = program.Program{Version: 1, Steps: []program.DenseStep{
		{Input: "x", Weight: "w1", Output: "y1", Shift: 2, Activation: program.ACTIVATION_RELU, OutputType: program.DATA_TYPE_INT8},
		{Input: "y1", Weight: "w2", Output: "y2", Shift: 4, Activation: program.ACTIVATION_IDENTITY, OutputType: program.DATA_TYPE_INT8},
		{Input: "y2", Weight: "w3", Output: "y3", Activation: program.ACTIVATION_IDENTITY, OutputType: program.DATA_TYPE_INT32},
	}}
	for i, name := range []string{"x", "w1", "w2", "w3"} {
		shape := inputs[i].Shape
		trace.Program.Inputs = append(trace.Program.Inputs, program.Tensor{Name: name, Kind: shape.Kind, Type: shape.Type, Rows: shape.Rows, Cols: shape.Cols})
	}
	outputs, err := interpreter.Run(trace.Program, inputs)
	require.NoError(t, err)
	trace.Inputs, trace.Steps = commit(t, s, inputs), commit(t, s, outputs)
	return trace, inputs, outputs
}

func weights(t testing.TB, rows, cols uint32) *tensor.Tensor {
	t.Helper()
	w := tensor.Weights{Values: make([]int8, rows*cols), Bias: make([]int32, rows), Multiplier: make([]uint32, rows)}
	for i := range w.Values {
		w.Values[i] = int8(3*i*i - 7*i + 1)
	}
	for i := range w.Bias {
		w.Bias[i], w.Multiplier[i] = int32(5-11*i), uint32(1+i)
	}
	made, err := tensor.NewWeight(rows, cols, w)
	require.NoError(t, err)
	return made
}

func commit(t testing.TB, s *fullproof.System, tensors []*tensor.Tensor) (roots [][]byte) {
	t.Helper()
	for _, one := range tensors {
		root, err := s.Commit(t.Context(), one)
		require.NoError(t, err)
		again, err := s.Root(one.Kind, root[:])
		require.NoError(t, err)
		require.Equal(t, root, again)
		roots = append(roots, root[:])
	}
	return roots
}

// TestProve proves a job, with the commitments to its weights in memory and without, with sums of its own and of a kernel, under the
// chain's statement.
func TestProve(t *testing.T) {
	s := open(t)
	trace, inputs, outputs := job(t, s)
	var told []int
	proofs, err := s.Prove(t.Context(), trace, inputs, outputs, func(proven, steps int) { told = append(told, proven, steps) })
	require.NoError(t, err)
	require.Equal(t, []int{1, 3, 2, 3, 3, 3}, told)
	kernels, err := compute.CPUs(1)
	require.NoError(t, err)
	multiplied := 0
	fresh, err := fullproof.OpenWith(fulltest.String(t), fullproof.Options{
		Workers: 2, Multiply: func(ctx context.Context, p fullproof.Product) error {
			multiplied++
			return kernels[0].Product(ctx, compute.Product{M: p.M, N: p.N, K: p.K, A: p.X, B: p.W, C: p.Sums}, nil)
		},
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, fresh.Close()) })
	again, err := fresh.Prove(t.Context(), trace, inputs, outputs, nil)
	require.NoError(t, err)
	require.Equal(t, proofs, again)
	require.Equal(t, 2, multiplied, "once for each step that requantises")
	chain, err := challenge.FullStatement(trace)
	require.NoError(t, err)
	key := s.KeyHash()
	require.NoError(t, s.CheckKey(key[:]))
	require.ErrorContains(t, s.CheckKey(make([]byte, 32)), "get the chain's reference string")
	require.NoError(t, full.DecodeChainProofs(chain, proofs))
	require.NoError(t, s.Verify(t.Context()))
}

// TestWrongWorkIsNotProven: whatever entry of whatever step is wrong, hidden or not, the worker's own prover refuses before the chain does.
func TestWrongWorkIsNotProven(t *testing.T) {
	s := open(t)
	trace, inputs, outputs := job(t, s)
	for step := range outputs {
		wrong, changed := slices.Clone(outputs), *outputs[step]
		changed.Int8, changed.Int32 = slices.Clone(changed.Int8), slices.Clone(changed.Int32)
		if changed.Int8 != nil {
			changed.Int8[3]++
		} else {
			changed.Int32[3]++
		}
		wrong[step] = &changed
		committed := trace
		committed.Steps = commit(t, s, wrong)
		_, err := s.Prove(t.Context(), committed, inputs, wrong, nil)
		require.ErrorIs(t, err, prover.ErrWrong, "step %d, committed to", step)
		require.ErrorContains(t, err, fmt.Sprintf("step %d", step))
	}
	other := trace
	other.Inputs = slices.Clone(trace.Inputs)
	other.Inputs[0] = trace.Steps[0]
	_, err := s.Prove(t.Context(), other, inputs, outputs, nil)
	require.ErrorIs(t, err, prover.ErrWrong, "a root of another tensor")
}

// TestBlobs holds that contents are verified against roots of the level.
func TestBlobs(t *testing.T) {
	s := open(t)
	trace, inputs, _ := job(t, s)
	for i, input := range inputs {
		raw := tensor.EncodeBlob(input)
		_, err := blob.VerifyBy(t.Context(), s, input.Shape, blob.Root(trace.Inputs[i]), raw)
		require.NoError(t, err)
		raw[0] ^= 1
		_, err = blob.VerifyBy(t.Context(), s, input.Shape, blob.Root(trace.Inputs[i]), raw)
		require.ErrorIs(t, err, blob.ErrRoot)
	}
	_, err := s.Root(program.TENSOR_KIND_PLAIN, make([]byte, 32))
	require.ErrorIs(t, err, blob.ErrRoot)
	_, err = s.Root(program.TENSOR_KIND_WEIGHT, make([]byte, 33))
	require.ErrorIs(t, err, blob.ErrRoot)
	name, err := blob.ParseRootHex(blob.Root(trace.Inputs[0]).String())
	require.NoError(t, err, "every root can name a file")
	require.EqualValues(t, trace.Inputs[0], name[:])
}

// TestOpenAnswersAContest opens results of both types at a point.
func TestOpenAnswersAContest(t *testing.T) {
	s := open(t)
	trace, _, outputs := job(t, s)
	point := full.OpeningPoint([]byte("contest"))
	for i, output := range outputs {
		opening, err := s.Open(t.Context(), output, blob.Root(trace.Steps[i]), point[:])
		require.NoError(t, err)
		require.Len(t, opening, full.OpeningSize)
		_, err = s.Open(t.Context(), output, blob.Root(trace.Steps[i]), point[1:])
		require.ErrorContains(t, err, "31 bytes")
	}
}

// TestLimits holds that what the string is too short for, or the memory too small, is refused before anything is done.
func TestLimits(t *testing.T) {
	s := open(t)
	trace, _, _ := job(t, s)
	require.NoError(t, s.CheckWork(trace.Work))
	trace.Program.Inputs = slices.Clone(trace.Program.Inputs)
	trace.Program.Inputs[0].Rows = 4096
	require.ErrorContains(t, s.CheckWork(trace.Work), "steps[0] needs 16384 points")
	trace.Samples = 2
	require.ErrorContains(t, s.CheckWork(trace.Work), "samples is 2")
	require.ErrorContains(t, s.CheckSize(), "the largest program takes 67108864")
	small, err := fullproof.OpenWith(fulltest.String(t), fullproof.Options{Workers: 1, Memory: 400})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, small.Close()) })
	trace, _, _ = job(t, s)
	require.ErrorContains(t, small.CheckWork(trace.Work), "steps[0] needs 512 MiB of memory, the machine has 400")
	_, err = fullproof.Open(filepath.Join(t.TempDir(), "none"), 1)
	require.ErrorContains(t, err, "assayd circuits full develop")
	_, err = fullproof.Open(fulltest.String(t), 0)
	require.ErrorContains(t, err, "workers")
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	_, inputs, _ := job(t, s)
	_, err = s.Commit(canceled, inputs[0])
	require.ErrorIs(t, err, context.Canceled)
}
