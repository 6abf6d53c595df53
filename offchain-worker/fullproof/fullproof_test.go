package fullproof_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/offchain-worker/blob"
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

// job is a product of 3 x 4 by the transpose of 2 x 4, carried out and committed to.
func job(t testing.TB, s *fullproof.System) (challenge.Trace, []*tensor.Tensor, []*tensor.Tensor) {
	t.Helper()
	x, err := tensor.NewInt8(3, 4, []int8{1, 2, 3, 4, -5, 6, -7, 8, 127, -128, 0, 1})
	require.NoError(t, err)
	w, err := tensor.NewWeight(2, 4, tensor.Weights{
		Values: []int8{1, -1, 2, -2, 3, -3, 4, -4}, Bias: []int32{5, -6}, Multiplier: []uint32{1, 1},
	})
	require.NoError(t, err)
	inputs := []*tensor.Tensor{x, w}
	trace := challenge.Trace{Circuits: []string{"full"}, Claim: program.Claim{ChainID: "assay-test-1", JobID: 7, Attempt: 1, Worker: []byte{1}}}
	trace.Samples = 1
	trace.Program = program.Program{
		Version: 1,
		Inputs: []program.Tensor{
			{Name: "x", Kind: program.TENSOR_KIND_PLAIN, Type: program.DATA_TYPE_INT8, Rows: 3, Cols: 4},
			{Name: "w", Kind: program.TENSOR_KIND_WEIGHT, Type: program.DATA_TYPE_INT8, Rows: 2, Cols: 4},
		},
		Steps: []program.DenseStep{{
			Input: "x", Weight: "w", Output: "y", Activation: program.ACTIVATION_IDENTITY, OutputType: program.DATA_TYPE_INT32,
		}},
	}
	outputs, err := interpreter.Run(trace.Program, inputs)
	require.NoError(t, err)
	for i, list := range [][]*tensor.Tensor{inputs, outputs} {
		for _, one := range list {
			root, err := s.Commit(t.Context(), one)
			require.NoError(t, err)
			again, err := s.Root(one.Kind, root[:])
			require.NoError(t, err)
			require.Equal(t, root, again)
			if i == 0 {
				trace.Inputs = append(trace.Inputs, root[:])
			} else {
				trace.Steps = append(trace.Steps, root[:])
			}
		}
	}
	return trace, inputs, outputs
}

// TestProve proves a job, with the commitments to its weights in memory and without, under the chain's statement.
func TestProve(t *testing.T) {
	s := open(t)
	trace, inputs, outputs := job(t, s)
	proofs, err := s.Prove(t.Context(), trace, inputs, outputs)
	require.NoError(t, err)
	fresh, err := open(t).Prove(t.Context(), trace, inputs, outputs)
	require.NoError(t, err)
	require.Equal(t, proofs, fresh)
	statements, err := challenge.FullStatements(trace)
	require.NoError(t, err)
	key := s.KeyHash()
	require.NoError(t, s.CheckKey(key[:]))
	require.ErrorContains(t, s.CheckKey(make([]byte, 32)), "get the chain's reference string")
	require.Len(t, proofs, len(statements))
	require.NoError(t, s.Verify(t.Context()))

	wrong := *outputs[0]
	wrong.Int32 = append([]int32{}, wrong.Int32...)
	wrong.Int32[3]++
	_, err = s.Prove(t.Context(), trace, inputs, []*tensor.Tensor{&wrong})
	require.ErrorIs(t, err, prover.ErrWrong)
	other := trace
	other.Inputs = [][]byte{trace.Steps[0], trace.Inputs[1]}
	_, err = s.Prove(t.Context(), other, inputs, outputs)
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

// TestOpenAnswersAContest opens a result at a point.
func TestOpenAnswersAContest(t *testing.T) {
	s := open(t)
	trace, _, outputs := job(t, s)
	point := full.OpeningPoint([]byte("contest"))
	opening, err := s.Open(t.Context(), outputs[0], blob.Root(trace.Steps[0]), point[:])
	require.NoError(t, err)
	require.Len(t, opening, full.OpeningSize)
	_, err = s.Open(t.Context(), outputs[0], blob.Root(trace.Steps[0]), point[1:])
	require.ErrorContains(t, err, "31 bytes")
}

// TestLimits holds that what the string is too short for is refused before anything is done.
func TestLimits(t *testing.T) {
	s := open(t)
	trace, _, _ := job(t, s)
	require.NoError(t, s.CheckWork(trace.Work))
	trace.Program.Inputs = append([]program.Tensor{}, trace.Program.Inputs...)
	trace.Program.Inputs[0].Rows = 4096
	require.ErrorContains(t, s.CheckWork(trace.Work), "needs 16384 points")
	trace.Samples = 2
	require.ErrorContains(t, s.CheckWork(trace.Work), "samples is 2")
	require.ErrorContains(t, s.CheckLength(), "the largest program takes 16777216")
	_, err := fullproof.Open(filepath.Join(t.TempDir(), "none"), 1)
	require.ErrorContains(t, err, "assayd circuits full develop")
	_, err = fullproof.Open(fulltest.String(t), 0)
	require.ErrorContains(t, err, "workers")
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	_, inputs, _ := job(t, s)
	_, err = s.Commit(canceled, inputs[0])
	require.ErrorIs(t, err, context.Canceled)
}
