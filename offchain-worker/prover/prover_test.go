package prover_test

import (
	"context"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/offchain-worker/prover"
	"github.com/assaychain/assay/x/proofs/circuits/opening"
	"github.com/assaychain/assay/x/proofs/circuits/opening/openingtest"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/setup"
	"github.com/assaychain/assay/x/proofs/setup/setuptest"
	"github.com/assaychain/assay/x/proofs/statement"
	"github.com/assaychain/assay/x/proofs/tensor"
	"github.com/assaychain/assay/x/proofs/verify"
)

func spec(k uint32, out program.DataType) openingtest.Spec {
	s := openingtest.Spec{Seed: uint64(k), M: 20, N: 30, K: k, Shift: 40, Activation: program.ACTIVATION_RELU, OutputType: out}
	if out == program.DATA_TYPE_INT32 {
		s.Shift = 0
	}
	return s
}

func task(t testing.TB, spec openingtest.Spec, row, col, index uint32) prover.Task {
	step, err := openingtest.Draw(spec)
	require.NoError(t, err)
	s, o, err := step.At(row, col, index)
	require.NoError(t, err)
	return prover.Task{Statement: s, Openings: o}
}

func newProver(t testing.TB) (*prover.Prover, *setup.Keys) {
	dir := setuptest.Dir(t)
	p, err := prover.New(dir)
	require.NoError(t, err)
	keys, err := setup.Open(dir)
	require.NoError(t, err)
	return p, keys
}

func verifier(t testing.TB, keys *setup.Keys, k uint32) *verify.Verifier {
	class, err := statement.ClassFor(k)
	require.NoError(t, err)
	raw, err := keys.LoadVerifyingKey(statement.CircuitID(class))
	require.NoError(t, err)
	v, err := verify.New(class, raw)
	require.NoError(t, err)
	return v
}

func TestProofsOfBothClassesVerify(t *testing.T) {
	p, keys := newProver(t)
	for _, k := range []uint32{1, 256, 257, 1024} {
		tasks := []prover.Task{
			task(t, spec(k, program.DATA_TYPE_INT8), 19, 29, 0),
			task(t, spec(k, program.DATA_TYPE_INT32), 0, 8, 1),
		}
		proofs, err := p.ProveAll(context.Background(), tasks)
		require.NoError(t, err)
		v := verifier(t, keys, k)
		hash, err := p.KeyHash(k)
		require.NoError(t, err)
		require.Equal(t, v.KeyHash(), hash)
		opened := []verify.Opening{}
		for i := range tasks {
			require.Len(t, proofs[i], verify.ProofSize)
			opened = append(opened, verify.Opening{Statement: tasks[i].Statement, Proof: proofs[i]})
		}
		require.Equal(t, []error{nil, nil}, v.Openings(opened))

		opened[0].Proof, opened[1].Proof = opened[1].Proof, opened[0].Proof
		for _, err := range v.Openings(opened) {
			require.ErrorIs(t, err, verify.ErrProofInvalid)
		}
	}
}

// TestTallAndWideStepsAreProven proves entries beyond the first 4,096 rows and in the last part of a row that takes several leaves.
func TestTallAndWideStepsAreProven(t *testing.T) {
	p, keys := newProver(t)
	tall, wide := spec(3, program.DATA_TYPE_INT8), spec(3, program.DATA_TYPE_INT32)
	tall.M, tall.N = program.MaxDimension, 1
	wide.M, wide.N = 2, program.MaxDimension
	tasks := []prover.Task{task(t, tall, program.MaxDimension-1, 0, 0), task(t, wide, 1, program.MaxDimension-1, 1)}
	proofs, err := p.ProveAll(context.Background(), tasks)
	require.NoError(t, err)
	v := verifier(t, keys, 3)
	opened := []verify.Opening{{Statement: tasks[0].Statement, Proof: proofs[0]}, {Statement: tasks[1].Statement, Proof: proofs[1]}}
	require.Equal(t, []error{nil, nil}, v.Openings(opened))
	other := *tasks[1].Statement
	other.Row, other.Col = 0, other.Col-program.MaxDimension/2
	require.ErrorIs(t, v.Openings([]verify.Opening{{Statement: &other, Proof: proofs[1]}})[0], verify.ErrProofInvalid)
}

func TestWrongOutputIsNotProven(t *testing.T) {
	p, _ := newProver(t)
	step, err := openingtest.Draw(spec(200, program.DATA_TYPE_INT8))
	require.NoError(t, err)
	values := step.Output()
	values[5*30+7] ^= 1
	require.NoError(t, step.SetOutput(values))
	s, o, err := step.At(5, 7, 0)
	require.NoError(t, err)
	_, err = p.Prove(context.Background(), prover.Task{Statement: s, Openings: o})
	require.ErrorIs(t, err, opening.ErrOpenings)
	require.ErrorContains(t, err, "the committed entry is")
}

func TestBadTasksAreRefused(t *testing.T) {
	p, _ := newProver(t)
	_, err := p.Prove(context.Background(), prover.Task{})
	require.ErrorContains(t, err, "no statement")
	good := task(t, spec(8, program.DATA_TYPE_INT8), 0, 0, 0)
	_, err = p.Prove(context.Background(), prover.Task{Statement: good.Statement})
	require.ErrorIs(t, err, opening.ErrOpenings)
	wide := *good.Statement
	wide.K = 4097
	_, err = p.KeyHash(wide.K)
	require.ErrorIs(t, err, statement.ErrStatement)
	_, err = p.Prove(context.Background(), prover.Task{Statement: &wide, Openings: good.Openings})
	require.ErrorIs(t, err, statement.ErrStatement)
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = p.ProveAll(cancelled, []prover.Task{good})
	require.ErrorIs(t, err, context.Canceled)
	_, err = prover.New(t.TempDir())
	require.ErrorIs(t, err, setup.ErrNoKeys)
}

func TestCommitTensorEqualsRoot(t *testing.T) {
	for _, shape := range [][2]uint32{{1, 70}, {31, 70}, {32, 70}, {33, 70}, {300, 70}, {5000, 1}, {20, 8192}} {
		rows, cols := shape[0], shape[1]
		values := make([]int8, rows*cols)
		for i := range values {
			values[i] = int8(i * 7)
		}
		x, err := tensor.NewInt8(rows, cols, values)
		require.NoError(t, err)
		tree, err := prover.CommitTensor(context.Background(), x)
		require.NoError(t, err)
		want, err := tensor.Root(x)
		require.NoError(t, err)
		require.Equal(t, want, tree.Root())
	}
	_, err := prover.CommitTensor(context.Background(), &tensor.Tensor{})
	require.ErrorIs(t, err, tensor.ErrShape)
	x, err := tensor.NewInt8(1, 1, []int8{1})
	require.NoError(t, err)
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = prover.CommitTensor(cancelled, x)
	require.ErrorIs(t, err, context.Canceled)
}

func BenchmarkProve(b *testing.B) {
	p, _ := newProver(b)
	for _, k := range []uint32{256, 1024} {
		one := task(b, spec(k, program.DATA_TYPE_INT8), 3, 4, 0)
		_, err := p.KeyHash(k) // loads the key, which is done once
		require.NoError(b, err)
		b.Run(statement.CircuitID(k), func(b *testing.B) {
			before := cpuTime(b)
			for b.Loop() {
				_, err := p.Prove(context.Background(), one)
				require.NoError(b, err)
			}
			b.ReportMetric(float64((cpuTime(b)-before).Milliseconds())/float64(b.N), "cpu-ms/proof")
		})
	}
}

// cpuTime is what the process has used: on a busy machine it says more than the clock.
func cpuTime(b *testing.B) time.Duration {
	var usage syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func BenchmarkCommitTensor(b *testing.B) {
	const rows, cols = 1024, 1024
	x, err := tensor.NewInt8(rows, cols, make([]int8, rows*cols))
	require.NoError(b, err)
	b.SetBytes(rows * cols)
	for b.Loop() {
		_, err := prover.CommitTensor(context.Background(), x)
		require.NoError(b, err)
	}
}
