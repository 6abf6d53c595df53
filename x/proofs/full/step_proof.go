package full

import (
	"fmt"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/assaychain/assay/x/proofs/internal/group"
)

// The small polynomials of a step's argument after the bias, and how many there are.
const (
	SmallMultiplier = SmallBias + 1 + iota
	SmallDigitCounts
	SmallSignCounts
	StepSmalls
)

// Wide is a message of a sumcheck of a higher degree d: the coefficients of 1, t², t³, ..., t^d.
type Wide []fr.Element

// StepProof is a decoded proof of a step. Its encoding is its fields in this order, as that of a Proof.
type StepProof struct {
	// Weights are the commitments that the root of W hashes.
	Weights WeightCommitments
	// Direction commits to the tensor that says where the clamp cuts off: 1 above, -1 below, 0 nowhere.
	Direction bn254.G1Affine
	// Digits commit to the digits of the remainders, then of the excesses, lowest first: StepLayout.Digits.
	Digits []bn254.G1Affine
	// DigitCounts and SignCounts commit to how often each row of the two tables is looked up.
	DigitCounts, SignCounts bn254.G1Affine
	// Inverses commits to the sums of the inverses of each entry's look-ups.
	Inverses bn254.G1Affine
	// DigitSum and SignSum are the tables' shares of the sum of the inverses.
	DigitSum, SignSum fr.Element
	// Entries are the messages of the sumcheck over all entries: one for each variable of Z.
	Entries []Wide
	// ValueZ, ValueDirection, ValueDigits and ValueInverses are the extensions of the columns where it ends.
	ValueZ, ValueDirection fr.Element
	ValueDigits            []fr.Element
	ValueInverses          fr.Element
	// ValueMultiplier, ValueA and ValueBias are those of the multipliers, the accumulators and the biases.
	ValueMultiplier, ValueA, ValueBias fr.Element
	// Inner are the messages of the sumcheck over k: Layout.K.
	Inner []Round
	// ValueX and ValueW are the extensions of X and W where it ends.
	ValueX, ValueW fr.Element
	// Openings show that the values are those of what is committed to.
	Openings

	values, bias, multiplier bn254.G1Affine
}

// StepProofSize is the exact length of a step's proof in bytes, 0 for an invalid statement. Of the statement only the shape,
// the shift and Relu count.
func StepProofSize(s Step) int {
	if s.Validate() != nil {
		return 0
	}
	l := s.Layout()
	points := 3 + 1 + l.Digits() + 3
	scalars := 2 + l.Variables(TensorY)*l.Degree() + l.Digits() + 3 + 3 + 2*l.K + 2
	return points*group.G1Size + scalars*fr.Bytes + openingsSize(l.Layout, StepSmalls)
}

// Size gives the slices of a proof their lengths.
func (p *StepProof) Size(l StepLayout) {
	p.Digits, p.ValueDigits = make([]bn254.G1Affine, l.Digits()), make([]fr.Element, l.Digits())
	p.Entries, p.Inner = make([]Wide, l.Variables(TensorY)), make([]Round, l.K)
	all := make([]fr.Element, len(p.Entries)*l.Degree())
	for i := range p.Entries {
		p.Entries[i], all = all[:l.Degree():l.Degree()], all[l.Degree():]
	}
	p.Openings.Size(l.Layout, StepSmalls)
}

func (p *StepProof) visit(c codec) {
	c.commitment("values of the weights", &p.Weights.Values, &p.values)
	c.commitment("bias", &p.Weights.Bias, &p.bias)
	c.commitment("multiplier", &p.Weights.Multiplier, &p.multiplier)
	c.points("direction", &p.Direction)
	visitPoints(c, "digit", p.Digits)
	c.points("counts and inverses", &p.DigitCounts, &p.SignCounts, &p.Inverses)
	c.scalars("sums of the tables", &p.DigitSum, &p.SignSum)
	for i := range p.Entries {
		visitScalars(c, "round over the entries", p.Entries[i])
	}
	c.scalars("values of z and direction", &p.ValueZ, &p.ValueDirection)
	visitScalars(c, "value of a digit", p.ValueDigits)
	c.scalars("value of the inverses", &p.ValueInverses)
	c.scalars("values of multiplier, a and bias", &p.ValueMultiplier, &p.ValueA, &p.ValueBias)
	visitRounds(c, "inner round", p.Inner)
	c.scalars("values of x and w", &p.ValueX, &p.ValueW)
	p.Openings.visit(c)
}

// EncodeStepProof writes a proof.
func EncodeStepProof(p *StepProof) []byte {
	w := &writer{}
	p.visit(w)
	return w.out
}

// DecodeStepProof reads a proof of a statement: of exactly StepProofSize bytes, points on the curve, every encoding canonical.
func DecodeStepProof(s Step, raw []byte) (*StepProof, error) { return decodeStepProof(s, raw, nil) }

func decodeStepProof(s Step, raw []byte, known *group.Known) (*StepProof, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	if want := StepProofSize(s); len(raw) != want {
		return nil, fmt.Errorf("%w: %d bytes, want %d", ErrProofEncoding, len(raw), want)
	}
	p := &StepProof{}
	p.Size(s.Layout())
	r := &reader{rest: raw, known: known}
	p.visit(r)
	if r.err != nil {
		return nil, r.err
	}
	return p, nil
}

// columns are the values of the committed columns in the order of their combination: Z, direction, digits, inverses.
func (p *StepProof) columns() []fr.Element {
	out := append([]fr.Element{p.ValueZ, p.ValueDirection}, p.ValueDigits...)
	return append(out, p.ValueInverses)
}

// AbsorbedValues are what the transcript absorbs where the sumcheck over the entries ends.
func (p *StepProof) AbsorbedValues() []fr.Element {
	return append(p.columns(), p.ValueMultiplier, p.ValueA)
}
