package full_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/proofs/full"
	"github.com/assaychain/assay/x/proofs/full/prover"
	"github.com/assaychain/assay/x/proofs/program"
)

// stepTask is a step in the clear.
type stepTask struct {
	*task
	shift uint32
	relu  bool
	z     []int8
}

// drawStep makes a step whose multipliers bring the results into int8's range and a little beyond.
func drawStep(seed string, s full.Shape, shift uint32, relu bool) *stepTask {
	t := draw(seed, s.N, s.K, s.M)
	random := newStream(seed + " step")
	for i := range t.weights.Multiplier {
		// |bias| is about 2^30: a multiplier of 2^(shift - 23) gives some 2^7.
		t.weights.Multiplier[i] = max(1, (random.uint32()>>1)>>(54-min(shift, 53)))
		if random.byte() < 8 {
			t.weights.Multiplier[i] = 1<<31 - 1
		}
	}
	st := &stepTask{task: t, shift: shift, relu: relu}
	st.requant()
	return st
}

func (t *stepTask) activation() program.Activation {
	if t.relu {
		return program.ACTIVATION_RELU
	}
	return program.ACTIVATION_IDENTITY
}

// requant computes the results with the program's own arithmetic.
func (t *stepTask) requant() {
	t.z = make([]int8, len(t.y[0]))
	for i, acc := range t.y[0] {
		t.z[i] = program.Requant(acc, t.weights.Multiplier[i%int(t.shape.N)], t.shift, t.activation())
	}
}

// step commits to X and Z.
func (t *stepTask) step(tb testing.TB, p *prover.Prover) prover.Step {
	ctx := context.Background()
	x, err := p.CommitX(ctx, t.shape.M, t.shape.K, t.x[0])
	require.NoError(tb, err)
	z, err := p.CommitX(ctx, t.shape.M, t.shape.N, t.z)
	require.NoError(tb, err)
	return prover.Step{M: t.shape.M, X: t.x[0], Accumulators: t.y[0], Shift: t.shift, Relu: t.relu, CommitX: x, CommitZ: z}
}

func (f *fixture) proveStep(tb testing.TB, t *stepTask) *prover.ProvenStep {
	w, err := f.prover.CommitWeights(context.Background(), t.weights)
	require.NoError(tb, err)
	proven, err := f.prover.ProveStep(context.Background(), sha256.Sum256([]byte("digest")), w, t.step(tb, f.prover))
	require.NoError(tb, err)
	return proven
}

func (f *fixture) verifyStep(p *prover.ProvenStep) error {
	return full.VerifyStep(f.file.Key(), p.Statement, p.Proof)
}

// TestStepEdges proves steps at the ends of what is possible, checks them both ways, and recomputes every message.
func TestStepEdges(t *testing.T) {
	f := load(t, 0)
	for i, s := range edges {
		shift, relu := []uint32{1, 7, 8, 9, 24, 31, 48}[i%7], i%2 == 1
		work := drawStep(fmt.Sprint(s), s, shift, relu)
		p := f.proveStep(t, work)
		require.NoError(t, f.verifyStep(p), "%v", s)
		require.Len(t, p.Proof, full.StepProofSize(p.Statement), s)
		slow, err := f.slowStep(p)
		require.NoError(t, err, "%v", s)
		if s.M*s.N <= 16 {
			slow.requireHonest(t, bigOf(secret), work)
		}
	}
}

// slowStep is the second verifier's verdict.
func (f *fixture) slowStep(p *prover.ProvenStep) (*slowStep, error) {
	return slowVerifyStep(bigOf(secret), f.file.Key().Hash(), &p.Statement, p.Proof)
}

// TestStepWide proves steps with the wider digits, and checks one of them both ways.
func TestStepWide(t *testing.T) {
	f := load(t, 0)
	p := f.proveStep(t, drawStep("wide", full.Shape{M: 64, N: 64, K: 3}, 24, false))
	require.NoError(t, f.verifyStep(p))
	_, err := f.slowStep(p)
	require.NoError(t, err)
	require.Equal(t, 12, p.Statement.Layout().Width)
	for shift := uint32(1); shift <= full.MaxShift; shift += 16 {
		require.NoError(t, f.verifyStep(f.proveStep(t, drawStep(fmt.Sprint("wide", shift), full.Shape{M: 3, N: 1025, K: 2}, shift, shift%2 == 0))))
	}
}

// TestStepEveryShift proves a step of every shift, of values at the ends of what a step allows.
func TestStepEveryShift(t *testing.T) {
	f := load(t, 0)
	for shift := uint32(1); shift <= full.MaxShift; shift++ {
		work := drawStep(fmt.Sprint("shift", shift), full.Shape{M: 2, N: 3, K: 2}, shift, shift%2 == 0)
		extreme(work.task)
		work.weights.Multiplier = []uint32{1<<31 - 1, 1, 1 << 30}
		work.weights.Bias[1] = -1<<30 + 1
		work.y[0] = multiply(work.x[0], &work.weights, 2)
		work.requant()
		require.NoError(t, f.verifyStep(f.proveStep(t, work)), shift)
	}
}
