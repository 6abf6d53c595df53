package prover

import (
	"context"
	"crypto/sha256"
	"fmt"
	"runtime"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/assaychain/assay/x/proofs/full"
	ml "github.com/assaychain/assay/x/proofs/full/internal/multilinear"
)

// Step is a step with int8 output in the clear, with the commitments to its tensors.
type Step struct {
	// M is the number of rows of X and Z.
	M uint32
	// X has M·K entries, row major.
	X []int8
	// Accumulators are X·Wᵀ + bias, M·N entries; Prover.Accumulate makes them where nothing faster has.
	Accumulators []int32
	// Shift and Relu are the step's.
	Shift uint32
	Relu  bool
	// CommitX and CommitZ are what Prover.CommitX gave for X and for the result.
	CommitX, CommitZ full.Commitment
}

// ProvenStep is a statement with the proof of it.
type ProvenStep struct {
	Statement full.Step
	Proof     []byte
}

// ProveStep proves a step, for the digest that the verifier will use. It verifies the proof before it returns it. Besides the
// operands it takes some 160 bytes for each entry of Z, with both dimensions rounded up to powers of two.
func (p *Prover) ProveStep(ctx context.Context, digest [sha256.Size]byte, w *CommittedWeights, s Step) (*ProvenStep, error) {
	statement := full.Step{
		Digest: digest, M: s.M, N: w.N, K: w.K, Weights: w.Root, X: s.CommitX, Z: s.CommitZ, Shift: s.Shift, Relu: s.Relu,
	}
	if err := statement.Validate(); err != nil {
		return nil, err
	}
	columns, err := p.decompose(&statement, s.Accumulators, w.Multiplier)
	if err != nil {
		return nil, err
	}
	a, err := p.beginStep(&statement, w, s, columns)
	if err != nil {
		return nil, err
	}
	if err := a.prove(ctx); err != nil {
		return nil, err
	}
	out := &ProvenStep{statement, full.EncodeStepProof(a.proof)}
	if err := full.VerifyStep(p.source.Key(), statement, out.Proof); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrWrong, err)
	}
	return out, nil
}

// stepArgument is the state of making one step's proof, message by message, in the order of the verifier's.
type stepArgument struct {
	statement *full.Step
	step      full.StepLayout
	weights   *CommittedWeights
	x         *grid
	acc       []int32
	witness   *witness
	columns   []*grid
	proof     *full.StepProof

	challenges full.StepChallenges
	entries    *entries
	// end is the claim where the sumcheck over the entries ends.
	end   fr.Element
	theta fr.Element
	opening
}

func (p *Prover) beginStep(s *full.Step, w *CommittedWeights, in Step, columns *witness) (*stepArgument, error) {
	a := &stepArgument{statement: s, step: s.Layout(), weights: w, acc: in.Accumulators, witness: columns}
	a.proof = &full.StepProof{Weights: w.Commitments}
	a.proof.Size(a.step)
	a.opening = opening{prover: p, layout: a.step.Layout, opens: &a.proof.Openings}
	var err error
	if a.x, err = newGrid(s.M, s.K, in.X, nil); err != nil {
		return nil, fmt.Errorf("x: %w", err)
	}
	if need := s.Points(); need > p.source.Len() {
		return nil, fmt.Errorf("%w: the step needs %d points of the reference string, it has %d", full.ErrShape, need, p.source.Len())
	}
	a.t = full.StartStep(p.source.Key().Hash(), s, w.Commitments)
	return a, nil
}

func (a *stepArgument) prove(ctx context.Context) error {
	for _, phase := range []func(context.Context) error{
		a.commitColumns, a.commitInverses, a.sumTables, a.proveEntries, a.proveInner,
	} {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := phase(ctx); err != nil {
			return err
		}
		runtime.GC() // A phase leaves large columns behind, which have no pointers: to collect them takes no time, not to doubles the memory.
	}
	return a.opening.prove(ctx)
}

// padded is a column over all indices as a grid.
func (a *stepArgument) padded() *grid {
	return &grid{rows: 1 << a.step.M, cols: 1 << a.step.N, log: a.step.N}
}

func (a *stepArgument) commitColumns(ctx context.Context) error {
	for _, column := range append([][]int32{a.witness.z, a.witness.direction}, a.witness.digits...) {
		g := a.padded()
		g.int32 = column
		a.columns = append(a.columns, g)
	}
	// The statement has the commitment to Z.
	points, err := a.prover.commitGrids(ctx, a.columns[1:])
	if err != nil {
		return err
	}
	a.proof.Direction = points[0]
	copy(a.proof.Digits, points[1:])
	if a.proof.DigitCounts, err = a.prover.commit(fieldsOf(a.witness.digitCounts)); err != nil {
		return err
	}
	if a.proof.SignCounts, err = a.prover.commit(fieldsOf(a.witness.signCounts)); err != nil {
		return err
	}
	a.challenges = a.proof.AbsorbColumns(a.t)
	return nil
}

// inverted is how many indices are inverted together.
const inverted = 1 << 12

// inverses are the sums of the inverses of each index's factors: Σ_j Π_(i≠j) f_i over Π f_i.
func (a *stepArgument) inverses(s *source) []fr.Element {
	out := make([]fr.Element, len(a.witness.z))
	a.prover.share(len(out), func(from, to int) {
		products, factors := make([]fr.Element, 0, inverted), make([]fr.Element, a.step.Lookups())
		for ; from < to; from += len(products) {
			products = products[:0]
			for i := from; i < min(from+inverted, to); i++ {
				s.factors(factors, i)
				product, sum := factors[0], fr.One()
				for j := 1; j < len(factors); j++ {
					sum.Mul(&sum, &factors[j]).Add(&sum, &product)
					product.Mul(&product, &factors[j])
				}
				products, out[i] = append(products, product), sum
			}
			for i, inverse := range fr.BatchInvert(products) {
				out[from+i].Mul(&out[from+i], &inverse)
			}
		}
	})
	return out
}

// commitInverses commits to the inverses.
func (a *stepArgument) commitInverses(ctx context.Context) (err error) {
	source := newSource(a)
	a.entries = &entries{prover: a.prover, source: source, size: len(a.witness.z), lookups: a.step.Lookups()}
	inverses := a.inverses(source)
	if a.proof.Inverses, err = a.prover.commitFields(ctx, inverses); err != nil {
		return err
	}
	source.inverses = inverses
	return nil
}

// sumTables sums the inverses of the tables' rows up, each as often as it is looked up.
func (a *stepArgument) sumTables(context.Context) error {
	digits, err := a.challenges.DigitTable(a.step)
	if err != nil {
		return err
	}
	signs, err := a.challenges.SignTable(a.step, newRequantiser(a.statement).low)
	if err != nil {
		return err
	}
	a.proof.DigitSum, a.proof.SignSum = sumOver(digits, a.witness.digitCounts), sumOver(signs, a.witness.signCounts)
	return nil
}

// sumOver is the sum of the counts, each divided by its entry.
func sumOver(denominators []fr.Element, counts []int32) (sum fr.Element) {
	for i, inverse := range fr.BatchInvert(denominators) {
		var term fr.Element
		sum.Add(&sum, term.SetInt64(int64(counts[i])).Mul(&term, &inverse))
	}
	return sum
}

// proveEntries proves that every entry is what its accumulator makes it.
func (a *stepArgument) proveEntries(context.Context) error {
	a.sumEntries()
	a.absorbValues()
	return nil
}

// sumEntries runs the sumcheck over all entries and evaluates the columns where it ends.
func (a *stepArgument) sumEntries() {
	e, c := a.entries, &a.challenges
	source := e.source
	a.proof.AbsorbInverses(a.t, a.step, c)
	e.multiplier, e.point = e.source.weigh(a.weights), c.Entry
	e.chi2.Square(&c.Chi)
	var claim fr.Element
	claim.Add(&a.proof.DigitSum, &a.proof.SignSum).Mul(&claim, &e.chi2)
	var point []fr.Element
	point, a.end = e.prove(claim, a.proof.Entries, func(message full.Wide) fr.Element {
		a.t.Scalars("step", message...)
		return a.t.Challenge("step")
	})
	a.points.Col, a.points.Row = point[:a.step.N], point[a.step.N:]
	p := a.proof
	factors, columns := e.ends()
	p.ValueDirection, p.ValueInverses, p.ValueA = columns[colDirection], columns[colInverses], columns[colAcc]
	for d := range p.ValueDigits {
		p.ValueDigits[d].Sub(&c.Beta, &factors[1+d])
	}
	// The fingerprint less what isn't z of it.
	var zero fr.Element
	rest := c.Fingerprint(&zero, &p.ValueDirection)
	p.ValueZ.Sub(&c.Beta, &factors[0]).Sub(&p.ValueZ, &rest)
	p.ValueMultiplier, p.ValueBias = at(fieldsOf(a.weights.Multiplier), a.points.Col), at(fieldsOf(a.weights.Bias), a.points.Col)
	a.entries = nil
	a.addInverses(source.inverses)
}

// addInverses makes the inverses the last of the columns, which holds no more than they took: they are of full size.
func (a *stepArgument) addInverses(inverses []fr.Element) {
	g := a.padded()
	g.field = inverses
	a.prover.share(len(inverses), func(from, to int) {
		for i := from; i < to; i++ {
			inverses[i] = inverses[i].Bits()
		}
	})
	a.columns = append(a.columns, g)
}

func (a *stepArgument) absorbValues() {
	a.t.Scalars("at step", a.proof.AbsorbedValues()...)
	a.t.Scalars("value of bias", a.proof.ValueBias)
}

// at is the extension of a vector, whose missing entries are 0.
func at(v, point []fr.Element) fr.Element {
	return ml.At(append(v, make([]fr.Element, 1<<len(point)-len(v))...), point)
}

// proveInner proves that the accumulators' value is what X, W and the biases make it, and joins the columns.
func (a *stepArgument) proveInner(context.Context) error {
	rows, cols := ml.EqualTable(fr.One(), a.points.Row), ml.EqualTable(fr.One(), a.points.Col)
	one := []fr.Element{fr.One()}
	a.tensors[full.TensorX] = combination{[]*grid{a.x}, one}
	a.tensors[full.TensorW] = combination{[]*grid{a.weights.values}, one}
	x := a.prover.mixRows(&a.tensors[full.TensorX], rows, 1<<a.step.K)
	w := a.prover.mixRows(&a.tensors[full.TensorW], cols, 1<<a.step.K)
	pairs := []pair{{x, w}}
	a.points.Inner = a.rounds("inner", a.proof.Inner, pairs)
	a.proof.ValueX, a.proof.ValueW = pairs[0].left[0], pairs[0].right[0]
	a.t.Scalars("value of x", a.proof.ValueX)
	a.t.Scalars("value of w", a.proof.ValueW)
	a.theta = a.t.Challenge("theta")
	a.tensors[full.TensorY] = combination{a.columns, ml.PowersTable(fr.One(), a.theta, len(a.columns))}
	a.further = [][]fr.Element{
		fieldsOf(a.weights.Bias), fieldsOf(a.weights.Multiplier), fieldsOf(a.witness.digitCounts), fieldsOf(a.witness.signCounts),
	}
	var err error
	a.opened, err = a.proof.Opened(a.statement, a.points, &a.challenges, a.theta)
	return err
}
