package full

import (
	"bytes"
	"fmt"
)

// unitsPoint is what decoding a point costs in the units of Units: a square root. BenchmarkDecodeChain.
const unitsPoint = 20

const (
	// pointsPerMilli is how many points of a reference string a core handles in a millisecond, all of a product's proof and the
	// commitment to its result included; entriesPerMilli how many entries of a step's output, padding too, it handles besides. From
	// the table of costs in the README.
	pointsPerMilli, entriesPerMilli = 125, 90
)

// points is how many points a link's proof holds.
func (c claim) points() int {
	if c.step != nil {
		l := c.step.Layout()
		return l.Lookups() + l.Small + 13
	}
	return c.product.Shape().Layout().Small + 10
}

// needs is how many points of a reference string it takes to prove a link and to commit to its tensors.
func (c claim) needs() int {
	if c.step != nil {
		return c.step.Points()
	}
	return c.product.Shape().Points()
}

// effort is in proportion to the largest tensor, and in a step to its output besides.
func (c claim) effort() uint64 {
	if c.step != nil {
		entries := uint64(1) << c.step.Layout().Variables(TensorY)
		return uint64(c.step.Shape().Points())/pointsPerMilli + entries/entriesPerMilli
	}
	return uint64(c.product.Shape().Points()) / pointsPerMilli
}

func (c claim) decode(proof []byte) error {
	if c.step != nil {
		_, err := DecodeStepProof(*c.step, proof)
		return err
	}
	_, err := DecodeProof(c.product.Shape(), proof)
	return err
}

// ChainDecodeUnits is the cost of DecodeChainProofs in the units of Units, 0 for an invalid chain.
func ChainDecodeUnits(c Chain) (units uint64) {
	claims, err := c.claims()
	if err != nil {
		return 0
	}
	for _, claim := range claims {
		units += unitsPoint * uint64(claim.points())
	}
	return units
}

// ChainEffort is what committing to a chain's results and proving it takes of a core of the reference machine, in milliseconds; 0 for
// an invalid chain.
func ChainEffort(c Chain) (millis uint64) {
	claims, err := c.claims()
	if err != nil {
		return 0
	}
	for _, claim := range claims {
		millis += claim.effort()
	}
	return millis
}

// ChainPoints is how many points of a reference string each link of a chain needs, in their order.
func ChainPoints(c Chain) ([]int, error) {
	claims, err := c.claims()
	if err != nil {
		return nil, err
	}
	points := make([]int, len(claims))
	for i, claim := range claims {
		points[i] = claim.needs()
	}
	return points, nil
}

// JoinChainProofs makes the proof of a chain out of one for each link, and refuses, with ErrProofEncoding, another number of them
// and any that hasn't the length of its link's: VerifyChain sees only where they come to lie one behind the other.
func JoinChainProofs(c Chain, proofs [][]byte) ([]byte, error) {
	claims, err := c.claims()
	if err != nil {
		return nil, err
	}
	if len(proofs) != len(claims) {
		return nil, fmt.Errorf("%w: %d proofs of %d links", ErrProofEncoding, len(proofs), len(claims))
	}
	for i, claim := range claims {
		if want := claim.size(); len(proofs[i]) != want {
			return nil, fmt.Errorf("%w: proof %d has %d bytes, want %d", ErrProofEncoding, i, len(proofs[i]), want)
		}
	}
	return bytes.Join(proofs, nil), nil
}

// DecodeChainProofs refuses what JoinChainProofs refuses, and a proof that is not the one encoding of points and scalars.
func DecodeChainProofs(c Chain, proofs [][]byte) error {
	if _, err := JoinChainProofs(c, proofs); err != nil {
		return err
	}
	claims, err := c.claims()
	if err != nil {
		return err
	}
	for i, claim := range claims {
		if err := claim.decode(proofs[i]); err != nil {
			return fmt.Errorf("proof %d: %w", i, err)
		}
	}
	return nil
}
