package full

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/assaychain/assay/x/proofs/full/internal/group"
)

const (
	// sumAt is where the lines of x + x² stand.
	sumAt = KeyPointsG2
	// batchDomain separates the coefficients of a batch from all other hashes.
	batchDomain = "assay/full/batch/v1"
	// coefficientSize is the length of a coefficient in bytes.
	coefficientSize = 16
)

// obligation is what is left to show of a proof: that the product of the pairings of each leg's sum with its point is 1.
type obligation struct {
	legs [KeyPointsG2 + 1][]group.Term
	// powers are the factors of the key's points of G1, which belong to the first leg. All proofs have these points in common.
	powers [KeyPointsG1]fr.Element
}

func (o *obligation) add(leg int, scalar fr.Element, p bn254.G1Affine) {
	o.legs[leg] = append(o.legs[leg], group.Term{Scalar: scalar, Point: p})
}

// subtract negates the point, since short scalars are cheaper.
func (o *obligation) subtract(leg int, scalar fr.Element, p bn254.G1Affine) {
	o.add(leg, scalar, *p.Neg(&p))
}

func (o *obligation) scale(by fr.Element) {
	for _, leg := range o.legs {
		for i := range leg {
			leg[i].Scalar.Mul(&leg[i].Scalar, &by)
		}
	}
	for i := range o.powers {
		o.powers[i].Mul(&o.powers[i], &by)
	}
}

// powersOf are the terms of the key's points of G1 in all obligations together.
func powersOf(key *VerifyingKey, all []*obligation) []group.Term {
	terms := make([]group.Term, len(key.g1))
	for i := range terms {
		terms[i].Point = key.g1[i]
		for _, o := range all {
			terms[i].Scalar.Add(&terms[i].Scalar, &o.powers[i])
		}
	}
	return terms
}

// settle checks obligations together.
func settle(key *VerifyingKey, all []*obligation) (err error) {
	defer recoverTo(&err, ErrProof)
	var points []bn254.G1Affine
	var lines []lines
	for leg := range key.lines {
		var terms []group.Term
		for _, o := range all {
			terms = append(terms, o.legs[leg]...)
		}
		if leg == 0 {
			terms = append(terms, powersOf(key, all)...)
		}
		if len(terms) > 0 {
			points = append(points, group.Sum(terms))
			// A copy: the library overwrites the lines that it is given.
			lines = append(lines, key.lines[leg])
		}
	}
	one, err := bn254.PairingCheckFixedQ(points, lines)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrProof, err)
	}
	if !one {
		return fmt.Errorf("%w: the commitments do not open to the values", ErrProof)
	}
	return nil
}

// Claimed is a statement with the proof of it.
type Claimed struct {
	Statement Statement
	Proof     []byte
}

// VerifyBatch gives one verdict for each claimed proof, nil for those that verify. All that are sound but for the pairings
// are settled together, each to the power of a 128-bit coefficient that is a hash of the key and of the whole batch; a wrong
// proof passes with a probability of about 2^-127. If that fails each is settled alone.
func VerifyBatch(key *VerifyingKey, batch []Claimed) []error {
	verdicts := make([]error, len(batch))
	var together []*obligation
	var places []int
	for i := range batch {
		o, err := reduce(key, &batch[i].Statement, batch[i].Proof)
		if verdicts[i] = err; err == nil {
			together, places = append(together, o), append(places, i)
		}
	}
	if len(together) == 0 {
		return verdicts
	}
	if settle(key, scaleAll(batchSeed(key, batch, places), together)) == nil {
		return verdicts
	}
	for i, place := range places {
		verdicts[place] = settle(key, together[i:i+1])
	}
	return verdicts
}

// scaleAll scales copies of the obligations by coefficients from a seed, so that the originals can still be settled alone.
func scaleAll(seed [sha256.Size]byte, all []*obligation) []*obligation {
	out := make([]*obligation, len(all))
	for i, o := range all {
		scaled := *o
		for leg := range scaled.legs {
			scaled.legs[leg] = slices.Clone(o.legs[leg])
		}
		// The first coefficient may be 1.
		if i > 0 {
			digest := sha256.Sum256(binary.BigEndian.AppendUint32(seed[:], uint32(i)))
			var coefficient fr.Element
			scaled.scale(*coefficient.SetBytes(digest[:coefficientSize]))
		}
		out[i] = &scaled
	}
	return out
}

// batchSeed hashes the state of each transcript's start, which stands for key and statement, and the proofs.
func batchSeed(key *VerifyingKey, batch []Claimed, places []int) [sha256.Size]byte {
	h := sha256.New()
	h.Write([]byte(batchDomain))
	h.Write(key.hash[:])
	for _, place := range places {
		c := &batch[place]
		var length [8]byte
		binary.BigEndian.PutUint32(length[:4], uint32(len(c.Statement.Products)))
		binary.BigEndian.PutUint32(length[4:], uint32(len(c.Proof)))
		h.Write(length[:])
		h.Write(c.Statement.Digest[:])
		h.Write(c.Statement.Weights[:])
		h.Write(binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, c.Statement.N), c.Statement.K))
		for i := range c.Statement.Products {
			p := &c.Statement.Products[i]
			h.Write(binary.BigEndian.AppendUint32(nil, p.M))
			h.Write(p.X[:])
			h.Write(p.Y[:])
		}
		h.Write(c.Proof)
	}
	return [sha256.Size]byte(h.Sum(nil))
}
