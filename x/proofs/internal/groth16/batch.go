package groth16

import (
	"fmt"
	"slices"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	curve "github.com/assaychain/assay/x/proofs/internal/group"
)

// batch is a set of groups of claims under way to their verdicts.
type batch struct {
	key *VerifyingKey
	// knowledge multiplies the second equation of every proof.
	knowledge coefficient
	// groups are the well-formed ones, in order.
	groups []group
	// verdicts are those of all groups.
	verdicts []error
	spend    Spend
	decided  bool
}

// group is judged as one.
type group struct {
	// index is its place among all groups.
	index int
	terms []term
	// part is what it adds to a check, once it is computed; err is why it could not be.
	part *part
	err  error
}

// gather decodes all groups. A group with a malformed claim has its verdict with that. The coefficients hash the key and the
// claims of all others, of fixed length.
func (k *VerifyingKey) gather(groups [][]Claim) *batch {
	b := &batch{key: k, verdicts: make([]error, len(groups))}
	known := knownOf(groups)
	for i, claims := range groups {
		b.decode(i, claims, known)
	}
	b.keepInside()
	source := newCoefficients(k)
	for _, g := range b.groups {
		for _, claim := range groups[g.index] {
			source.absorb(claim)
		}
	}
	source.seal()
	b.knowledge = source.knowledge()
	next := uint32(0)
	for _, g := range b.groups {
		for i := range g.terms {
			g.terms[i].power = source.power(next)
			next++
		}
	}
	return b
}

// decode adds a group unless it is empty or a claim is malformed.
func (b *batch) decode(index int, claims []Claim, known *curve.Known) {
	terms := make([]term, len(claims))
	for i, claim := range claims {
		if terms[i], b.verdicts[index] = decode(claim, known); b.verdicts[index] != nil {
			return
		}
	}
	if len(terms) > 0 {
		b.groups = append(b.groups, group{index: index, terms: terms})
	}
}

// keepInside refuses groups with a point outside of G2.
func (b *batch) keepInside() {
	var all []*term
	for _, g := range b.groups {
		for i := range g.terms {
			all = append(all, &g.terms[i])
		}
	}
	inside := walkAll(all)
	kept, next := b.groups[:0], 0
	for _, g := range b.groups {
		ok := true
		for range g.terms {
			ok = ok && inside[next]
			next++
		}
		if ok {
			kept = append(kept, g)
		} else {
			b.verdicts[g.index] = fmt.Errorf("%w: bs: %w", ErrProofEncoding, errOutside)
		}
	}
	b.groups = kept
}

// judge decides every group that the search comes to.
func (b *batch) judge() {
	err := b.whole()
	if err == nil {
		return
	}
	if len(b.groups) == 1 {
		b.verdicts[b.groups[0].index] = err
		return
	}
	for _, g := range b.groups {
		b.verdicts[g.index] = ErrUndecided
	}
	b.search(0, len(b.groups))
}

// search decides the groups from first to end, which fail together: the left half, then the right one. False when it ended
// before.
func (b *batch) search(first, end int) bool {
	if end-first == 1 {
		b.decide(first, end, ErrProofInvalid)
		return true
	}
	middle := first + (end-first)/2
	left, paid := b.half(first, middle)
	if !paid {
		return false
	}
	if left {
		// The culprit is among the others.
		return b.search(middle, end)
	}
	if !b.search(first, middle) {
		return false
	}
	right, paid := b.half(middle, end)
	if !paid || right {
		return paid
	}
	return b.search(middle, end)
}

// half checks a half that may be valid, and decides it if it is.
func (b *batch) half(first, end int) (valid, paid bool) {
	if b.spend != nil && !b.spend(b.unprepared(first, end), !b.decided) && b.decided {
		return false, false
	}
	if b.check(first, end) != nil {
		return false, true
	}
	b.decide(first, end, nil)
	return true, true
}

func (b *batch) decide(first, end int, verdict error) {
	for _, g := range b.groups[first:end] {
		b.verdicts[g.index] = verdict
	}
	b.decided = true
}

// unprepared counts the claims that a check has yet to prepare.
func (b *batch) unprepared(first, end int) (claims int) {
	for _, g := range b.groups[first:end] {
		if g.part == nil && g.err == nil {
			claims += len(g.terms)
		}
	}
	return claims
}

// whole checks all groups as one sum, which shares more than the sums of its groups do.
func (b *batch) whole() (err error) {
	if len(b.groups) == 0 {
		return nil
	}
	defer recoverTo(&err, ErrProofInvalid)
	terms := make([]term, 0, len(b.groups))
	for _, g := range b.groups {
		terms = append(terms, g.terms...)
	}
	sum, err := sumOf(terms)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrProofInvalid, err)
	}
	return b.holds(sum)
}

// check checks the groups from first to end with parts of their own, which are kept.
func (b *batch) check(first, end int) (err error) {
	defer recoverTo(&err, ErrProofInvalid)
	sum := newPart()
	for i := first; i < end; i++ {
		b.groups[i].prepare()
		if err := b.groups[i].err; err != nil {
			return err
		}
		sum.add(b.groups[i].part)
	}
	return b.holds(sum)
}

// prepare computes the group's part once. What the library can't compute is an invalid proof.
func (g *group) prepare() {
	if g.part != nil || g.err != nil {
		return
	}
	defer recoverTo(&g.err, ErrProofInvalid)
	sum, err := sumOf(g.terms)
	if err != nil {
		g.err = fmt.Errorf("%w: %w", ErrProofInvalid, err)
		return
	}
	g.part = sum
}

// part is what terms, each multiplied by its coefficient, add to the equations of a check.
type part struct {
	// own is the product of the proofs' own pairings before the final exponentiation.
	own bn254.GT
	// krs, commitment and knowledge are sums of points.
	krs, commitment, knowledge bn254.G1Jac
	// scalars are the sums of 1, the digests and the challenges.
	scalars [publicPoints]fr.Element
}

// newPart is of no terms. The zero value of a Jacobian point is infinity.
func newPart() *part {
	p := &part{}
	p.own.SetOne()
	return p
}

func (p *part) add(q *part) {
	p.own.Mul(&p.own, &q.own)
	p.krs.AddAssign(&q.krs)
	p.commitment.AddAssign(&q.commitment)
	p.knowledge.AddAssign(&q.knowledge)
	for i := range p.scalars {
		p.scalars[i].Add(&p.scalars[i], &q.scalars[i])
	}
}

func sumOf(terms []term) (*part, error) {
	p := newPart()
	n := len(terms)
	ar, krs, commitment, knowledge := make([]bn254.G1Affine, n), make([]bn254.G1Affine, n), make([]bn254.G1Affine, n), make([]bn254.G1Affine, n)
	powers := make([]coefficient, n)
	for i, t := range terms {
		powers[i] = t.power
		ar[i], krs[i], commitment[i], knowledge[i] = t.proof.ar, t.proof.krs, t.proof.commitment, t.proof.knowledge
		r := t.power.scalar()
		var product fr.Element
		p.scalars[0].Add(&p.scalars[0], &r)
		p.scalars[1].Add(&p.scalars[1], product.Mul(&r, &t.digest))
		p.scalars[2].Add(&p.scalars[2], product.Mul(&r, &t.challenge))
	}
	sums := combine(powers, krs, commitment, knowledge)
	p.krs, p.commitment, p.knowledge = sums[0], sums[1], sums[2]
	var err error
	p.own, err = millerLoop(multiply(ar, powers), terms)
	return p, err
}

// holds checks the equations of a sum. For each proof i it holds that
//
//	e(Ar, Bs) = e(alpha, beta) e(K0 + digest K1 + challenge K2 + C, gamma) e(Krs, delta)
//	e(C, GSigmaNeg) e(PoK, G) = 1
//
// and the check multiplies the first equations to the power r_i and the second ones to the power s*r_i. The pairings with the
// key's own points use its precomputed lines, four times faster; the library overwrites lines, so each check works on a copy.
func (b *batch) holds(sum *part) error {
	points := b.key.fixedPoints(sum, b.knowledge)
	fixed, err := bn254.MillerLoopFixedQ(points[:], slices.Clone(b.key.lines[:]))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrProofInvalid, err)
	}
	product := bn254.FinalExponentiation(&sum.own, &fixed)
	var one bn254.GT
	if !product.Equal(one.SetOne()) {
		return ErrProofInvalid
	}
	return nil
}

// fixedPoints are the points that a sum pairs with beta, -gamma, -delta, GSigmaNeg and G.
func (k *VerifyingKey) fixedPoints(sum *part, knowledge coefficient) (points [fixedPairs]bn254.G1Affine) {
	var commitment, known bn254.G1Affine
	commitment.FromJacobian(&sum.commitment)
	known.FromJacobian(&sum.knowledge)
	alpha := timesScalar(&k.alphaNeg, &sum.scalars[0])
	public := sum.commitment
	for i := range sum.scalars {
		scaled := timesScalar(&k.k[i], &sum.scalars[i])
		public.AddAssign(&scaled)
	}
	list := affine([]bn254.G1Jac{alpha, public, sum.krs, knowledge.times(&commitment), knowledge.times(&known)})
	copy(points[:], list)
	return points
}
