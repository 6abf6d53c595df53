package full

import "github.com/assaychain/assay/x/proofs/internal/group"

// encodings are those of points.
type encodings = [][group.G1Size]byte

// knownOf decodes the points of n proofs together, with what collects those of proof number i. It judges nothing: a point that
// it doesn't know is decoded where it is read, and so all are if it panics.
func knownOf(n int, collect func(raw encodings, i int) encodings) (known *group.Known) {
	var ignored error
	defer recoverTo(&ignored, ErrProof)
	var raw encodings
	for i := range n {
		raw = collect(raw, i)
	}
	return group.Decompress(raw)
}

// collect adds the encodings of all points of a chain and its proof; of what is refused unread it adds nothing.
func (c *Chain) collect(raw encodings, proof []byte) encodings {
	claims, err := c.claims()
	if err != nil || len(proof) != ChainProofSize(*c) {
		return raw
	}
	for _, claim := range claims {
		size := claim.size()
		if claim.step != nil {
			raw = claim.step.collect(raw, proof[:size])
		} else {
			raw = claim.product.collect(raw, proof[:size])
		}
		proof = proof[size:]
	}
	return raw
}

func (s *Statement) collect(raw encodings, proof []byte) encodings {
	if s.Validate() != nil || len(proof) != ProofSize(s.Shape()) {
		return raw
	}
	for i := range s.Products {
		raw = append(raw, s.Products[i].X, s.Products[i].Y)
	}
	p := &Proof{}
	p.Size(s.Shape().Layout())
	c := &collector{rest: proof, raw: raw}
	p.visit(c)
	return c.raw
}

func (s *Step) collect(raw encodings, proof []byte) encodings {
	if s.Validate() != nil || len(proof) != StepProofSize(*s) {
		return raw
	}
	p := &StepProof{}
	p.Size(s.Layout())
	c := &collector{rest: proof, raw: append(raw, s.X, s.Z)}
	p.visit(c)
	return c.raw
}
