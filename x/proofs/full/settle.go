package full

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/assaychain/assay/x/proofs/internal/group"
)

const (
	// sumAt is where the lines of x + x² stand.
	sumAt = KeyPointsG2
	// coefficientSize is the length of a coefficient in bytes.
	coefficientSize = 16
)

// The equations that a proof leaves to the pairings: of the blocks and of the opening.
const (
	equationBlocks = iota
	equationOpening
	equations
)

// obligation is what is left to show of a proof: its equations. Each leg is a sum of points that is paired with a point of the
// key, and the product of all pairings of an equation is 1.
type obligation struct {
	legs [KeyPointsG2 + 1][]share
	// powers are the factors of the key's points of G1 in the first leg of the opening's equation. All proofs have these points
	// in common.
	powers [KeyPointsG1]fr.Element
	// kappa is the power of the second equation where a proof is settled alone.
	kappa fr.Element
}

// share is a point and its factors in the equations.
type share struct {
	scalars [equations]fr.Element
	point   bn254.G1Affine
}

func (o *obligation) add(leg, equation int, scalar fr.Element, p bn254.G1Affine) {
	s := share{point: p}
	s.scalars[equation] = scalar
	o.legs[leg] = append(o.legs[leg], s)
}

// subtract takes a point off.
func (o *obligation) subtract(leg, equation int, scalar fr.Element, p bn254.G1Affine) {
	o.add(leg, equation, *scalar.Neg(&scalar), p)
}

// weights are the powers of a proof's equations.
type weights [equations]fr.Element

// term joins a point's factors. Of a number and its negative it takes the smaller: short ones are cheaper.
func (s *share) term(w *weights) group.Term {
	t := group.Term{Point: s.point}
	for i := range s.scalars {
		var part fr.Element
		t.Scalar.Add(&t.Scalar, part.Mul(&s.scalars[i], &w[i]))
	}
	if t.Scalar.LexicographicallyLargest() {
		t.Scalar.Neg(&t.Scalar)
		t.Point.Neg(&t.Point)
	}
	return t
}

// powersOf are the terms of the key's points of G1 in all obligations together.
func powersOf(key *VerifyingKey, all []*obligation, powers []weights) []group.Term {
	terms := make([]group.Term, len(key.g1))
	for i := range terms {
		terms[i].Point = key.g1[i]
		for j, o := range all {
			var part fr.Element
			terms[i].Scalar.Add(&terms[i].Scalar, part.Mul(&o.powers[i], &powers[j][equationOpening]))
		}
	}
	return terms
}

// settleOne checks what one proof owes.
func settleOne(key *VerifyingKey, o *obligation) error {
	return settle(key, []*obligation{o}, []weights{{fr.One(), o.kappa}})
}

// settle checks obligations together, each equation to its power.
func settle(key *VerifyingKey, all []*obligation, powers []weights) (err error) {
	defer recoverTo(&err, ErrProof)
	var sums [][]group.Term
	var lines []lines
	for leg := range key.lines {
		length := len(key.g1)
		for _, o := range all {
			length += len(o.legs[leg])
		}
		terms := make([]group.Term, 0, length)
		for i, o := range all {
			for j := range o.legs[leg] {
				terms = append(terms, o.legs[leg][j].term(&powers[i]))
			}
		}
		if leg == 0 {
			terms = append(terms, powersOf(key, all, powers)...)
		}
		if len(terms) > 0 {
			sums = append(sums, terms)
			// A copy: the library overwrites the lines that it is given.
			lines = append(lines, key.lines[leg])
		}
	}
	one, err := bn254.PairingCheckFixedQ(group.Sums(sums), lines)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrProof, err)
	}
	if !one {
		return fmt.Errorf("%w: the commitments do not open to the values", ErrProof)
	}
	return nil
}

// coefficients are the powers of the equations of several proofs: two numbers of 128 bits for each, from a hash of the seed and
// the proof's number. Those of the first proof may be 1 and its kappa.
func coefficients(seed [sha256.Size]byte, all []*obligation) []weights {
	out := make([]weights, len(all))
	for i, o := range all {
		if i == 0 {
			out[i] = weights{fr.One(), o.kappa}
			continue
		}
		digest := sha256.Sum256(binary.BigEndian.AppendUint32(seed[:], uint32(i)))
		for j := range out[i] {
			var padded [fr.Bytes]byte
			copy(padded[fr.Bytes-coefficientSize:], digest[j*coefficientSize:])
			out[i][j].SetBytes(padded[:])
		}
	}
	return out
}
