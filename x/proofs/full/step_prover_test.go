package full_test

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/proofs/full"
	"github.com/assaychain/assay/x/proofs/full/prover"
)

// TestStepProverRefuses holds that a prover gives no proof of what is not so, and says why.
func TestStepProverRefuses(t *testing.T) {
	f := load(t, 0)
	ctx := context.Background()
	work := drawStep("refuses", full.Shape{M: 4, N: 5, K: 6}, 24, false)
	w, err := f.prover.CommitWeights(ctx, work.weights)
	require.NoError(t, err)
	good := work.step(t, f.prover)
	prove := func(change func(s *prover.Step)) error {
		step := good
		change(&step)
		_, err := f.prover.ProveStep(ctx, [32]byte{}, w, step)
		return err
	}
	require.NoError(t, prove(func(*prover.Step) {}))
	require.ErrorIs(t, prove(func(s *prover.Step) { s.CommitZ = s.CommitX }), prover.ErrWrong)
	require.ErrorIs(t, prove(func(s *prover.Step) { s.CommitX = s.CommitZ }), prover.ErrWrong)
	require.ErrorIs(t, prove(func(s *prover.Step) { s.Relu = true }), prover.ErrWrong)
	require.ErrorIs(t, prove(func(s *prover.Step) { s.Shift++ }), prover.ErrWrong)
	require.ErrorIs(t, prove(func(s *prover.Step) {
		s.Accumulators = slices.Clone(s.Accumulators)
		s.Accumulators[7] += 1 << 24
	}), prover.ErrWrong)
	require.ErrorIs(t, prove(func(s *prover.Step) { s.M++ }), full.ErrShape)
	require.ErrorIs(t, prove(func(s *prover.Step) { s.X = s.X[1:] }), full.ErrShape)
	require.ErrorIs(t, prove(func(s *prover.Step) { s.Accumulators = s.Accumulators[1:] }), full.ErrShape)
	require.ErrorIs(t, prove(func(s *prover.Step) { s.Shift = 0 }), full.ErrStatement)
	require.ErrorIs(t, prove(func(s *prover.Step) { s.Shift = full.MaxShift + 1 }), full.ErrStatement)
	_, err = f.prover.Accumulate(4, work.x[0][1:], work.weights)
	require.ErrorIs(t, err, full.ErrShape)
	canceled, cancel := context.WithCancel(ctx)
	cancel()
	_, err = f.prover.ProveStep(canceled, [32]byte{}, w, good)
	require.ErrorIs(t, err, context.Canceled)
	_, err = f.prover.ProveChain(ctx, [32]byte{}, nil, nil)
	require.ErrorIs(t, err, full.ErrStatement)
}

// TestStepPoints holds how many points a step takes: its digits' tensors have entries in the padding.
func TestStepPoints(t *testing.T) {
	for s, points := range map[full.Shape]int{{M: 5, N: 5, K: 2}: 64, {M: 1, N: 1, K: 1}: 1, {M: 2, N: 2, K: 100}: 228, {M: 1024, N: 1024, K: 1024}: 1 << 20} {
		step := full.Step{M: s.M, N: s.N, K: s.K, Shift: 1}
		require.Equal(t, points, step.Points(), "%v", s)
	}
	require.Zero(t, (&full.Step{M: 1, N: 1, K: 1}).Points())
	f := load(t, 0)
	work := drawStep("points", full.Shape{M: 65, N: 129, K: 1}, 24, false)
	w, err := f.prover.CommitWeights(context.Background(), work.weights)
	require.NoError(t, err)
	step := prover.Step{M: 65, X: work.x[0], Accumulators: work.y[0], Shift: 24}
	_, err = f.prover.ProveStep(context.Background(), [32]byte{}, w, step)
	require.ErrorContains(t, err, "needs 32768 points")
}

// TestStepDeterministic holds that the same step gives the same proof, whatever the number of workers.
func TestStepDeterministic(t *testing.T) {
	f := load(t, 0)
	work := drawStep("deterministic", full.Shape{M: 9, N: 10, K: 11}, 24, true)
	first := f.proveStep(t, work)
	for _, workers := range []int{1, 3} {
		p, err := prover.New(f.file, prover.Options{Workers: workers})
		require.NoError(t, err)
		require.Equal(t, first, (&fixture{f.file, p}).proveStep(t, work))
	}
}

// TestStepSizes holds the lengths that README.md names, and its formula.
func TestStepSizes(t *testing.T) {
	for n, size := range map[uint32]int{256: 8640, 1024: 9920, 4096: 11200} {
		require.Equal(t, size, full.StepProofSize(full.Step{M: n, N: n, K: n, Shift: 24}), n)
	}
	for shift := uint32(1); shift <= full.MaxShift; shift++ {
		s := full.Step{M: 3, N: 100, K: 17, Shift: shift, Relu: shift%3 == 0}
		l := s.Layout()
		points, scalars := l.Lookups()+l.Small+13, (l.Lookups()+2)*(l.M+l.N)+l.Lookups()+2*l.K+4*l.Small+23
		require.Equal(t, 32*(points+scalars), full.StepProofSize(s), shift)
		require.LessOrEqual(t, l.Lookups(), 10)
		s.M = 4096
		l = s.Layout()
		require.LessOrEqual(t, l.Lookups(), 8)
	}
	require.Zero(t, full.StepProofSize(full.Step{M: 1, N: 1, K: 1}))
	require.Zero(t, full.StepUnits(full.Step{M: 1, N: 1, Shift: 1}))
}
