package full

import (
	"errors"
	"fmt"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/assaychain/assay/x/proofs/full/internal/group"
)

var (
	// ErrProofEncoding is wrapped when bytes are not a proof of the shape: a wrong length or an encoding that is not canonical.
	ErrProofEncoding = errors.New("malformed proof")
	// ErrProof is wrapped when a well-formed proof does not prove its statement.
	ErrProof = errors.New("invalid proof")
)

// The small polynomials that the second sumcheck opens: the remainders of X, W and Y, then their foldings, then the bias.
const (
	SmallRemainder = 0
	SmallFolded    = Tensors
	SmallBias      = 2 * Tensors
	// Smalls is how many there are.
	Smalls = 2*Tensors + 1
)

// Round is a message of a sumcheck: the coefficients of 1 and t² of a quadratic.
type Round struct {
	C0, C2 fr.Element
}

// Proof is a decoded proof. Its encoding is its fields in this order, points compressed (32 bytes), scalars big endian and
// canonical (32 bytes), without lengths: the shape gives them.
type Proof struct {
	// Weights are the commitments that the root of W hashes.
	Weights WeightCommitments
	// ValueY and ValueBias are the extensions of Y and of the bias at the first point.
	ValueY, ValueBias fr.Element
	// Inner are the messages of the sumcheck over k: Layout.K.
	Inner []Round
	// ValueX and ValueW are the extensions of X and W where it ends.
	ValueX, ValueW fr.Element
	// Folded commit to the tensors with the variables of a block bound.
	Folded [Tensors]bn254.G1Affine
	// Remainder commit to the tensors modulo X^block - alpha.
	Remainder [Tensors]bn254.G1Affine
	// AtAlpha are the values of the folded polynomials at alpha.
	AtAlpha [Tensors]fr.Element
	// Quotient commits to the quotient by X^block - alpha of the tensors' combination.
	Quotient bn254.G1Affine
	// Outer are the messages of the second sumcheck: Layout.Small.
	Outer []Round
	// Values are the extensions of the small polynomials where it ends.
	Values [Smalls]fr.Element
	// Halvings commit to the foldings of the small polynomials' combination: Layout.Small - 1.
	Halvings []bn254.G1Affine
	// AtPlus and AtMinus are the values of the combination and its halvings at r and -r: Layout.Small of each.
	AtPlus, AtMinus []fr.Element
	// AtSquare is the value of the combination at r².
	AtSquare fr.Element
	// Opening is the quotient of the opening at r, -r and r².
	Opening bn254.G1Affine

	// points are Weights.Values and Weights.Bias decoded.
	values, bias bn254.G1Affine
}

// ProofSize is the exact length of a proof in bytes, 0 for an invalid shape; 3,040 at 1024×1024×1024.
func ProofSize(s Shape) int {
	if s.Validate() != nil {
		return 0
	}
	l := s.Layout()
	points := 3 + 2*Tensors + 1 + (l.Small - 1) + 1
	scalars := 2 + 2*l.K + 2 + Tensors + 2*l.Small + Smalls + 2*l.Small + 1
	return points*group.G1Size + scalars*fr.Bytes
}

// Size gives the slices of a proof their lengths.
func (p *Proof) Size(l Layout) {
	p.Inner, p.Outer = make([]Round, l.K), make([]Round, l.Small)
	p.Halvings = make([]bn254.G1Affine, l.Small-1)
	p.AtPlus, p.AtMinus = make([]fr.Element, l.Small), make([]fr.Element, l.Small)
}

// codec visits the fields of a proof in their order.
type codec interface {
	commitment(name string, c *Commitment, p *bn254.G1Affine)
	points(name string, points ...*bn254.G1Affine)
	scalars(name string, scalars ...*fr.Element)
}

func (p *Proof) visit(c codec) {
	var multiplier bn254.G1Affine
	c.commitment("values of the weights", &p.Weights.Values, &p.values)
	c.commitment("bias", &p.Weights.Bias, &p.bias)
	c.commitment("multiplier", &p.Weights.Multiplier, &multiplier)
	c.scalars("values of y and bias", &p.ValueY, &p.ValueBias)
	visitRounds(c, "inner round", p.Inner)
	c.scalars("values of x and w", &p.ValueX, &p.ValueW)
	visitPoints(c, "folded", p.Folded[:])
	visitPoints(c, "remainder", p.Remainder[:])
	visitScalars(c, "value at alpha", p.AtAlpha[:])
	c.points("quotient", &p.Quotient)
	visitRounds(c, "outer round", p.Outer)
	visitScalars(c, "value", p.Values[:])
	visitPoints(c, "halving", p.Halvings)
	visitScalars(c, "value at r", p.AtPlus)
	visitScalars(c, "value at -r", p.AtMinus)
	c.scalars("value at r²", &p.AtSquare)
	c.points("opening", &p.Opening)
}

func visitRounds(c codec, name string, rounds []Round) {
	for i := range rounds {
		c.scalars(name, &rounds[i].C0, &rounds[i].C2)
	}
}

func visitScalars(c codec, name string, scalars []fr.Element) {
	for i := range scalars {
		c.scalars(name, &scalars[i])
	}
}

func visitPoints(c codec, name string, points []bn254.G1Affine) {
	for i := range points {
		c.points(name, &points[i])
	}
}

// EncodeProof writes a proof.
func EncodeProof(p *Proof) []byte {
	w := &writer{}
	p.visit(w)
	return w.out
}

type writer struct{ out []byte }

func (w *writer) commitment(_ string, c *Commitment, _ *bn254.G1Affine) {
	w.out = append(w.out, c[:]...)
}

func (w *writer) points(_ string, points ...*bn254.G1Affine) {
	for _, p := range points {
		raw := p.Bytes()
		w.out = append(w.out, raw[:]...)
	}
}

func (w *writer) scalars(_ string, scalars ...*fr.Element) {
	for _, s := range scalars {
		raw := s.Bytes()
		w.out = append(w.out, raw[:]...)
	}
}

// DecodeProof reads a proof of a shape: of exactly ProofSize bytes, points on the curve, every encoding canonical.
func DecodeProof(s Shape, raw []byte) (*Proof, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	if want := ProofSize(s); len(raw) != want {
		return nil, fmt.Errorf("%w: %d bytes, want %d", ErrProofEncoding, len(raw), want)
	}
	p := &Proof{}
	p.Size(s.Layout())
	r := &reader{rest: raw}
	p.visit(r)
	if r.err != nil {
		return nil, r.err
	}
	return p, nil
}

// reader keeps the first error and then reads nothing more. ProofSize has made sure of the length.
type reader struct {
	rest []byte
	err  error
}

func (r *reader) take(n int) []byte {
	raw := r.rest[:n]
	r.rest = r.rest[n:]
	return raw
}

func (r *reader) commitment(name string, c *Commitment, p *bn254.G1Affine) {
	if r.err == nil {
		*c = Commitment(r.rest)
		r.points(name, p)
	}
}

func (r *reader) points(name string, points ...*bn254.G1Affine) {
	for _, p := range points {
		if r.err != nil {
			return
		}
		var err error
		if *p, err = group.DecodeG1(r.take(group.G1Size)); err != nil {
			r.err = fmt.Errorf("%w: %s: %w", ErrProofEncoding, name, err)
		}
	}
}

func (r *reader) scalars(name string, scalars ...*fr.Element) {
	for _, s := range scalars {
		if r.err != nil {
			return
		}
		if s.SetBytesCanonical(r.take(fr.Bytes)) != nil {
			r.err = fmt.Errorf("%w: %s: not below the field's modulus", ErrProofEncoding, name)
		}
	}
}
