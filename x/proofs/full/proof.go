package full

import (
	"errors"
	"fmt"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/assaychain/assay/x/proofs/internal/group"
)

var (
	// ErrProofEncoding is wrapped when bytes are not a proof of the shape: a wrong length or an encoding that is not canonical.
	ErrProofEncoding = errors.New("malformed proof")
	// ErrProof is wrapped when a well-formed proof does not prove its statement.
	ErrProof = errors.New("invalid proof")
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
	// Openings show that the values are those of what is committed to.
	Openings

	// points are Weights.Values and Weights.Bias decoded.
	values, bias bn254.G1Affine
}

// ProofSize is the exact length of a proof in bytes, 0 for an invalid shape; 3,040 at 1024×1024×1024.
func ProofSize(s Shape) int {
	if s.Validate() != nil {
		return 0
	}
	l := s.Layout()
	return 3*group.G1Size + (2+2*l.K+2)*fr.Bytes + openingsSize(l, Smalls)
}

// Size gives the slices of a proof their lengths.
func (p *Proof) Size(l Layout) {
	p.Inner = make([]Round, l.K)
	p.Openings.Size(l, Smalls)
}

func (p *Proof) visit(c codec) {
	var multiplier bn254.G1Affine
	c.commitment("values of the weights", &p.Weights.Values, &p.values)
	c.commitment("bias", &p.Weights.Bias, &p.bias)
	c.commitment("multiplier", &p.Weights.Multiplier, &multiplier)
	c.scalars("values of y and bias", &p.ValueY, &p.ValueBias)
	visitRounds(c, "inner round", p.Inner)
	c.scalars("values of x and w", &p.ValueX, &p.ValueW)
	p.Openings.visit(c)
}

// EncodeProof writes a proof.
func EncodeProof(p *Proof) []byte {
	w := &writer{}
	p.visit(w)
	return w.out
}

// DecodeProof reads a proof of a shape: of exactly ProofSize bytes, points on the curve, every encoding canonical.
func DecodeProof(s Shape, raw []byte) (*Proof, error) { return decodeProof(s, raw, nil) }

func decodeProof(s Shape, raw []byte, known *group.Known) (*Proof, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	if want := ProofSize(s); len(raw) != want {
		return nil, fmt.Errorf("%w: %d bytes, want %d", ErrProofEncoding, len(raw), want)
	}
	p := &Proof{}
	p.Size(s.Layout())
	r := &reader{rest: raw, known: known}
	p.visit(r)
	if r.err != nil {
		return nil, r.err
	}
	return p, nil
}
