package prover

import (
	"context"
	"crypto/sha256"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/proofs/full"
	ml "github.com/assaychain/assay/x/proofs/full/internal/multilinear"
)

// stepJob is a step in the clear whose witness a cheat may change.
type stepJob struct {
	weights   *CommittedWeights
	statement full.Step
	step      Step
	witness   *witness
}

// newStepJob makes a step whose first accumulators are given, by an inner dimension of 1 with X = 1 and W = 0: each is the
// bias of its column.
func newStepJob(t testing.TB, p *Prover, m, shift uint32, relu bool, acc []int32, multiplier []uint32) *stepJob {
	n := uint32(len(acc))
	w := Weights{N: n, K: 1, Values: make([]int8, n), Bias: acc, Multiplier: multiplier}
	j := &stepJob{step: Step{M: m, X: make([]int8, m), Shift: shift, Relu: relu}}
	for i := range j.step.X {
		j.step.X[i] = 1
	}
	var err error
	j.weights, err = p.CommitWeights(context.Background(), w)
	require.NoError(t, err)
	j.step.Accumulators, err = p.Accumulate(m, j.step.X, w)
	require.NoError(t, err)
	j.step.CommitX, err = p.CommitX(context.Background(), m, 1, j.step.X)
	require.NoError(t, err)
	j.statement = full.Step{
		Digest: sha256.Sum256(nil), M: m, N: n, K: 1, Weights: j.weights.Root, X: j.step.CommitX, Shift: shift, Relu: relu,
	}
	j.witness, err = p.decompose(&j.statement, j.step.Accumulators, multiplier)
	require.NoError(t, err)
	return j
}

// recount counts what is in the tables, and leaves out what isn't.
func (j *stepJob) recount() {
	l, w := j.statement.Layout(), j.witness
	clear(w.digitCounts)
	clear(w.signCounts)
	for _, column := range w.digits {
		for _, v := range column {
			if v >= 0 && v < 1<<l.Width {
				w.digitCounts[v]++
			}
		}
	}
	low := newRequantiser(&j.statement).low
	for i, z := range w.z {
		if row := int64(z) - low; row >= 0 && row < 1<<l.Signs && l.Sign(int(row)) == int64(w.direction[i]) {
			w.signCounts[row]++
		}
	}
}

// forge commits to the witness's Z, whatever it is, and makes a proof without looking whether it is right. Before the sums of
// the tables are absorbed sums may change them, and before the values are, values may.
func (j *stepJob) forge(t testing.TB, p *Prover, sums, values func(*stepArgument)) error {
	ctx := context.Background()
	l := j.statement.Layout()
	z := &grid{rows: 1 << l.M, cols: 1 << l.N, log: l.N, int32: j.witness.z}
	var err error
	j.statement.Z, err = p.commitGrid(ctx, z)
	require.NoError(t, err)
	a, err := p.beginStep(&j.statement, j.weights, j.step, j.witness)
	require.NoError(t, err)
	for _, phase := range []func(context.Context) error{a.commitColumns, a.commitInverses, a.sumTables} {
		require.NoError(t, phase(ctx))
	}
	if sums != nil {
		sums(a)
	}
	if values == nil {
		require.NoError(t, a.proveEntries(ctx))
	} else {
		a.sumEntries()
		values(a)
		a.absorbValues()
	}
	require.NoError(t, a.proveInner(ctx))
	require.NoError(t, a.opening.prove(ctx))
	return full.VerifyStep(p.source.Key(), j.statement, full.EncodeStepProof(a.proof))
}

// balance makes the sum of the digits' table what the sum of the inverses asks for.
func balance(a *stepArgument) {
	a.proof.DigitSum.Neg(&a.proof.SignSum)
	for i := range a.entries.source.inverses {
		a.proof.DigitSum.Add(&a.proof.DigitSum, &a.entries.source.inverses[i])
	}
}

// solve gives the value of A that makes the end of the sumcheck over the entries come out.
func solve(t testing.TB) func(a *stepArgument) {
	return func(a *stepArgument) {
		claim, c, p := a.end, &a.challenges, a.proof
		var term, chi2, factor fr.Element
		chi2.Square(&c.Chi)
		claim.Sub(&claim, term.Mul(&chi2, &p.ValueInverses))
		weight := ml.Equal(c.Entry, append(append([]fr.Element{}, a.points.Col...), a.points.Row...))
		claim.Mul(&claim, weight.Inverse(&weight))
		// product·inverses - sum
		product, sum := fr.One(), fr.Element{}
		for _, f := range append([]fr.Element{c.Fingerprint(&p.ValueZ, &p.ValueDirection)}, p.ValueDigits...) {
			f.Sub(&c.Beta, &f)
			sum.Mul(&sum, &f).Add(&sum, &product)
			product.Mul(&product, &f)
		}
		claim.Sub(&claim, product.Mul(&product, &p.ValueInverses)).Add(&claim, &sum)
		claim.Mul(&claim, factor.Inverse(&c.Chi))
		// lift·A·multiplier + half·in - (z + direction·excess)·scale - remainder
		r := a.step.Requant()
		in, rows := ml.Below(a.statement.N, a.points.Col), ml.Below(a.statement.M, a.points.Row)
		claim.Sub(&claim, in.Mul(&in, &rows).Mul(&in, &r.Half))
		excess := evaluate(p.ValueDigits[a.step.Remainders:], r.Digit)
		term.Mul(&p.ValueDirection, &excess).Add(&term, &p.ValueZ).Mul(&term, &r.Scale)
		claim.Add(&claim, &term)
		remainder := evaluate(p.ValueDigits[:a.step.Remainders], r.Digit)
		claim.Add(&claim, &remainder)
		factor.Mul(&r.Lift, &p.ValueMultiplier)
		require.False(t, factor.IsZero())
		p.ValueA.Mul(&claim, factor.Inverse(&factor))
	}
}

// takeUp changes a result and the remainder with it, so that the identity holds: the lowest digit becomes what it must.
func (j *stepJob) takeUp(at int, z int32) {
	l, w := j.statement.Layout(), j.witness
	var excess int64
	if w.direction[at] != 0 {
		excess = w.join(at, l.Remainders, l.Digits(), l.Width)
	}
	v := int64(w.z[at]) + int64(w.direction[at])*excess
	// The part above the last remainder's digit goes there, since a digit here is an int32.
	for d := l.Remainders; d < l.Digits(); d++ {
		w.digits[d][at] = 0
	}
	w.direction[at] = int32(directionOf(l, newRequantiser(&j.statement).low, int64(z)))
	w.digits[l.Remainders-1][at] += int32((v - int64(z)) << l.Width)
	w.z[at] = z
}

// directionOf is the direction that goes with a result, 0 for those in no table.
func directionOf(l full.StepLayout, low, z int64) int64 {
	if row := z - low; row >= 0 && row < 1<<l.Signs {
		return l.Sign(int(row))
	}
	return 0
}

// cutOff changes a result and says that the clamp made it: the excess takes the difference up. It is false where the
// difference doesn't fit the lowest digit.
func (j *stepJob) cutOff(at int, z int32) bool {
	l, w := j.statement.Layout(), j.witness
	excess := w.join(at, l.Remainders, l.Digits(), l.Width)
	v := int64(w.z[at]) + int64(w.direction[at])*excess
	gap := v - int64(z)
	if gap >= 1<<l.Width || gap <= -1<<l.Width {
		return false
	}
	for d := l.Remainders; d < l.Digits(); d++ {
		w.digits[d][at] = 0
	}
	w.z[at], w.direction[at] = z, 1
	if gap < 0 {
		gap, w.direction[at] = -gap, -1
	}
	w.digits[l.Remainders][at] = int32(gap)
	return true
}

// forgeFor proves the witness honestly, but for a statement with the commitment to another Z.
func (j *stepJob) forgeFor(t testing.TB, p *Prover, z []int32) error {
	ctx := context.Background()
	l := j.statement.Layout()
	var err error
	j.statement.Z, err = p.commitGrid(ctx, &grid{rows: 1 << l.M, cols: 1 << l.N, log: l.N, int32: z})
	require.NoError(t, err)
	a, err := p.beginStep(&j.statement, j.weights, j.step, j.witness)
	require.NoError(t, err)
	require.NoError(t, a.prove(ctx))
	return full.VerifyStep(p.source.Key(), j.statement, full.EncodeStepProof(a.proof))
}
