package full

import (
	"bytes"
	"fmt"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	ml "github.com/assaychain/assay/x/proofs/full/internal/multilinear"
	"github.com/assaychain/assay/x/proofs/full/internal/transcript"
	"github.com/assaychain/assay/x/proofs/internal/group"
)

// VerifyStep is nil when the proof proves the statement. Like Verify it computes the same on every machine, and a panic is a
// refusal.
func VerifyStep(key *VerifyingKey, step Step, proof []byte) error {
	o, err := reduceStep(key, &step, proof, nil)
	if err != nil {
		return err
	}
	return settleOne(key, o)
}

// stepArgument is the state of checking one step's proof, message by message.
type stepArgument struct {
	key    *VerifyingKey
	step   *Step
	layout StepLayout
	proof  *StepProof
	t      *transcript.Transcript
	x, z   bn254.G1Affine

	challenges      StepChallenges
	row, col, inner []fr.Element
	theta           fr.Element
}

// reduceStep checks everything but the pairings, and returns what those have to show.
func reduceStep(key *VerifyingKey, s *Step, raw []byte, known *group.Known) (o *obligation, err error) {
	defer recoverTo(&err, ErrProof)
	a := &stepArgument{key: key, step: s}
	if err := a.decode(raw, known); err != nil {
		return nil, err
	}
	a.t = StartStep(key.hash, s, a.proof.Weights)
	if err := a.checkEntries(); err != nil {
		return nil, err
	}
	if err := a.checkInner(); err != nil {
		return nil, err
	}
	opened, err := a.proof.Opened(a.step, Points{a.row, a.col, a.inner}, &a.challenges, a.theta)
	if err != nil {
		return nil, err
	}
	opens := &opener{layout: a.layout.Layout, opened: opened, proof: &a.proof.Openings, t: a.t}
	return opens.reduce(a.committed())
}

func (a *stepArgument) decode(raw []byte, known *group.Known) (err error) {
	if a.proof, err = decodeStepProof(*a.step, raw, known); err != nil {
		return err
	}
	a.layout = a.step.Layout()
	root := a.proof.Weights.Root(a.step.N, a.step.K)
	if !bytes.Equal(root[:], a.step.Weights[:]) {
		return fmt.Errorf("%w: the commitments of the weights are not those of the root", ErrProof)
	}
	if a.x, err = decodeCommitment(a.step.X, known); err != nil {
		return fmt.Errorf("x: %w", err)
	}
	if a.z, err = decodeCommitment(a.step.Z, known); err != nil {
		return fmt.Errorf("z: %w", err)
	}
	return nil
}

// AbsorbColumns absorbs the columns and the counts, and draws the challenges of the look-ups.
func (p *StepProof) AbsorbColumns(t *transcript.Transcript) (c StepChallenges) {
	t.Points("columns", append([]bn254.G1Affine{p.Direction}, p.Digits...)...)
	t.Points("counts", p.DigitCounts, p.SignCounts)
	c.Beta, c.Mu = t.Challenge("beta"), t.Challenge("mu")
	return c
}

// AbsorbInverses absorbs the inverses and their sums, and draws the challenges of the sumcheck over all entries.
func (p *StepProof) AbsorbInverses(t *transcript.Transcript, l StepLayout, c *StepChallenges) {
	t.Points("inverses", p.Inverses)
	t.Scalars("sums", p.DigitSum, p.SignSum)
	c.Entry, c.Chi = t.Challenges("entry", l.Variables(TensorY)), t.Challenge("chi")
}

// checkEntries reduces the claim that every entry is what its accumulator makes it to the columns' values at one point.
func (a *stepArgument) checkEntries() error {
	p := a.proof
	a.challenges = p.AbsorbColumns(a.t)
	c := &a.challenges
	p.AbsorbInverses(a.t, a.layout, c)
	var chi2, claim, end, term fr.Element
	chi2.Square(&c.Chi)
	claim.Add(&p.DigitSum, &p.SignSum).Mul(&claim, &chi2)
	point := make([]fr.Element, len(p.Entries))
	for j, message := range p.Entries {
		a.t.Scalars("step", message...)
		point[j] = a.t.Challenge("step")
		claim = message.at(claim, point[j])
	}
	a.col, a.row = point[:a.layout.N], point[a.layout.N:]
	in, rows := ml.Below(a.step.N, a.col), ml.Below(a.step.M, a.row)
	end = p.identity(a.layout, *in.Mul(&in, &rows))
	term = p.lookups(c)
	end.Mul(&end, &c.Chi).Add(&end, &term)
	weight := ml.Equal(c.Entry, point)
	end.Mul(&end, &weight).Add(&end, term.Mul(&chi2, &p.ValueInverses))
	if !end.Equal(&claim) {
		return fmt.Errorf("%w: the sumcheck over the entries does not end in the values", ErrProof)
	}
	return nil
}

// at evaluates a message at t; the coefficient of t is what makes its values at 0 and 1 sum up to the claim.
func (w Wide) at(claim, t fr.Element) fr.Element {
	linear := claim
	linear.Sub(&linear, &w[0])
	for i := range w {
		linear.Sub(&linear, &w[i])
	}
	out := horner(w[1:], t)
	out.Mul(&out, &t).Add(&out, &linear).Mul(&out, &t).Add(&out, &w[0])
	return out
}

// checkInner reduces the claim on the accumulators to claims on X, W and the biases.
func (a *stepArgument) checkInner() error {
	p := a.proof
	a.t.Scalars("at step", p.AbsorbedValues()...)
	a.t.Scalars("value of bias", p.ValueBias)
	claim := ml.Below(a.step.M, a.row)
	claim.Mul(&claim, &p.ValueBias).Sub(&p.ValueA, &claim)
	a.inner, claim = replay(a.t, "inner", p.Inner, claim)
	var product fr.Element
	if !product.Mul(&p.ValueX, &p.ValueW).Equal(&claim) {
		return fmt.Errorf("%w: the inner sumcheck does not end in the product of x and w", ErrProof)
	}
	a.t.Scalars("value of x", p.ValueX)
	a.t.Scalars("value of w", p.ValueW)
	a.theta = a.t.Challenge("theta")
	return nil
}

// Opened is what the openings of a step's proof are to show. It fails if the look-ups' challenge is a row of a table.
func (p *StepProof) Opened(s *Step, points Points, c *StepChallenges, theta fr.Element) (Opened, error) {
	l := s.Layout()
	digits, err := c.DigitTable(l)
	if err != nil {
		return Opened{}, err
	}
	signs, err := c.SignTable(l, s.lowest())
	if err != nil {
		return Opened{}, err
	}
	return Opened{
		Points: points, Values: [Tensors]fr.Element{p.ValueX, p.ValueW, horner(p.columns(), theta)},
		Extra: []Claim{
			{Small: SmallBias, Point: points.Col, Value: p.ValueBias},
			{Small: SmallMultiplier, Point: points.Col, Value: p.ValueMultiplier},
			{Small: SmallDigitCounts, Point: make([]fr.Element, l.Width), InverseOf: digits, Value: p.DigitSum},
			{Small: SmallSignCounts, Point: make([]fr.Element, l.Signs), InverseOf: signs, Value: p.SignSum},
		},
	}, nil
}

// committed are the tensors of the argument; Y is the combination of the columns.
func (a *stepArgument) committed() committed {
	p := a.proof
	columns := append([]bn254.G1Affine{a.z, p.Direction}, p.Digits...)
	scale := fr.One()
	c := committed{extra: []bn254.G1Affine{p.bias, p.multiplier, p.DigitCounts, p.SignCounts}}
	for _, column := range append(columns, p.Inverses) {
		c.tensors[TensorY] = append(c.tensors[TensorY], group.Term{Scalar: scale, Point: column})
		scale.Mul(&scale, &a.theta)
	}
	c.tensors[TensorX] = []group.Term{{Scalar: fr.One(), Point: a.x}}
	c.tensors[TensorW] = []group.Term{{Scalar: fr.One(), Point: p.values}}
	return c
}
