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

// Verify is nil when the proof proves the statement. It computes the same on every machine: no goroutine, no randomness but
// the transcript's, and a panic is a refusal.
func Verify(key *VerifyingKey, statement Statement, proof []byte) error {
	o, err := reduce(key, &statement, proof, nil)
	if err != nil {
		return err
	}
	return settleOne(key, o)
}

// argument is the state of checking one proof, message by message.
type argument struct {
	key       *VerifyingKey
	statement *Statement
	layout    Layout
	proof     *Proof
	t         *transcript.Transcript
	x, y      []bn254.G1Affine

	omega           fr.Element
	row, col, inner []fr.Element
}

// reduce checks everything but the pairings, and returns what those have to show. It asks for points that are known before it
// decodes them.
func reduce(key *VerifyingKey, s *Statement, raw []byte, known *group.Known) (o *obligation, err error) {
	defer recoverTo(&err, ErrProof)
	a := &argument{key: key, statement: s}
	if err := a.decode(raw, known); err != nil {
		return nil, err
	}
	a.t = Start(key.hash, s, a.proof.Weights)
	if err := a.checkInner(); err != nil {
		return nil, err
	}
	points := Points{a.row, a.col, a.inner}
	opens := &opener{layout: a.layout, opened: a.proof.Opened(points), proof: &a.proof.Openings, t: a.t}
	return opens.reduce(a.committed())
}

func (a *argument) decode(raw []byte, known *group.Known) (err error) {
	if err := a.statement.Validate(); err != nil {
		return err
	}
	shape := a.statement.Shape()
	a.layout = shape.Layout()
	if a.proof, err = decodeProof(shape, raw, known); err != nil {
		return err
	}
	root := a.proof.Weights.Root(shape.N, shape.K)
	if !bytes.Equal(root[:], a.statement.Weights[:]) {
		return fmt.Errorf("%w: the commitments of the weights are not those of the root", ErrProof)
	}
	a.x = make([]bn254.G1Affine, len(a.statement.Products))
	a.y = make([]bn254.G1Affine, len(a.statement.Products))
	for i, p := range a.statement.Products {
		if a.x[i], err = decodeCommitment(p.X, known); err != nil {
			return fmt.Errorf("product %d: x: %w", i, err)
		}
		if a.y[i], err = decodeCommitment(p.Y, known); err != nil {
			return fmt.Errorf("product %d: y: %w", i, err)
		}
	}
	return nil
}

// checkInner reduces the claim that Y, at a random point, is X·Wᵀ + bias there, to a claim on each tensor.
func (a *argument) checkInner() error {
	p := a.proof
	a.omega = a.t.Challenge("omega")
	a.row, a.col = a.t.Challenges("row", a.layout.M), a.t.Challenges("column", a.layout.N)
	a.t.Scalars("value of y", p.ValueY)
	a.t.Scalars("value of bias", p.ValueBias)
	claim := BiasShare(a.statement, a.omega, a.row)
	claim.Mul(&claim, &p.ValueBias).Sub(&p.ValueY, &claim)
	a.inner, claim = replay(a.t, "inner", p.Inner, claim)
	var product fr.Element
	if !product.Mul(&p.ValueX, &p.ValueW).Equal(&claim) {
		return fmt.Errorf("%w: the inner sumcheck does not end in the product of x and w", ErrProof)
	}
	a.t.Scalars("value of x", p.ValueX)
	a.t.Scalars("value of w", p.ValueW)
	return nil
}

// BiasShare is how often the bias at the column's point is part of Y at the row's: the sum over the products, each to its
// power of omega, of the extension of its rows' indicator. Rows of padding have no bias.
func BiasShare(s *Statement, omega fr.Element, row []fr.Element) fr.Element {
	var sum fr.Element
	power := fr.One()
	for i := range s.Products {
		share := ml.Below(s.Products[i].M, row)
		sum.Add(&sum, share.Mul(&share, &power))
		power.Mul(&power, &omega)
	}
	return sum
}

// committed are the tensors of the argument; X and Y are combinations of all products'.
func (a *argument) committed() committed {
	c := committed{extra: []bn254.G1Affine{a.proof.bias}}
	omegas := ml.PowersTable(fr.One(), a.omega, len(a.x))
	for i := range a.x {
		c.tensors[TensorX] = append(c.tensors[TensorX], group.Term{Scalar: omegas[i], Point: a.x[i]})
		c.tensors[TensorY] = append(c.tensors[TensorY], group.Term{Scalar: omegas[i], Point: a.y[i]})
	}
	c.tensors[TensorW] = []group.Term{{Scalar: fr.One(), Point: a.proof.values}}
	return c
}
