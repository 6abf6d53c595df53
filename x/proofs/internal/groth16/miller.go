package groth16

import (
	"errors"

	"github.com/consensys/gnark-crypto/ecc/bn254"
)

const (
	// fewPoints is from how many points on their lines are computed together: one inversion for each step of all of them.
	fewPoints = 4
	// manyPoints bounds how many are in one go: the lines of each take 17 KB, which a processor's cache has to hold.
	manyPoints = 32
)

var errOutside = errors.New("a point of the curve outside of its group")

// walkAll tells of every term whether its point of G2 lies in its group. Of many terms it computes the lines of the points' pairings
// on the way, which the check comes out of.
func walkAll(terms []*term) []bool {
	inside := make([]bool, len(terms))
	for first := 0; first < len(terms); first += manyPoints {
		end := min(first+manyPoints, len(terms))
		walkChunk(terms[first:end], inside[first:end])
	}
	return inside
}

func walkChunk(terms []*term, inside []bool) {
	places, points := make([]int, 0, len(terms)), make([]bn254.G2Affine, 0, len(terms))
	for i, t := range terms {
		if t.proof.bs.IsInfinity() {
			inside[i] = true
			continue
		}
		places, points = append(places, i), append(points, t.proof.bs)
	}
	if len(points) >= fewPoints {
		if all, within, ok := linesOf(points); ok {
			for i, place := range places {
				terms[place].lines, inside[place] = &all[i], within[i]
			}
			return
		}
	}
	for i, place := range places {
		inside[place] = points[i].IsInSubGroup()
	}
}

// millerLoop is the product of the pairings of points and terms' points of G2 before the final exponentiation, up to a factor that
// the exponentiation takes to 1. Terms that know their lines take half of what the library's loop does, which moves the points again.
func millerLoop(p []bn254.G1Affine, terms []term) (bn254.GT, error) {
	var product bn254.GT
	product.SetOne()
	var copies []lines
	for first := 0; first < len(p); first += manyPoints {
		end := min(first+manyPoints, len(p))
		next, err := millerChunk(p[first:end], terms[first:end], &copies)
		if err != nil {
			return product, err
		}
		product.Mul(&product, &next)
	}
	return product, nil
}

// millerChunk leaves out points at infinity, whose pairing is 1. The library overwrites lines, so it gets copies, for which the chunks share
// a place.
func millerChunk(p []bn254.G1Affine, terms []term, place *[]lines) (product bn254.GT, err error) {
	product.SetOne()
	known := make([]bn254.G1Affine, 0, len(p))
	var others []bn254.G1Affine
	var points []bn254.G2Affine
	if *place == nil && terms[0].lines != nil {
		*place = make([]lines, 0, len(p))
	}
	copies := (*place)[:0]
	for i := range p {
		switch {
		case p[i].IsInfinity() || terms[i].proof.bs.IsInfinity():
		case terms[i].lines != nil:
			known, copies = append(known, p[i]), append(copies, *terms[i].lines)
		default:
			others, points = append(others, p[i]), append(points, terms[i].proof.bs)
		}
	}
	*place = copies
	if len(known) > 0 {
		if product, err = bn254.MillerLoopFixedQ(known, copies); err != nil {
			return product, err
		}
	}
	if len(others) > 0 {
		var loop bn254.GT
		if loop, err = bn254.MillerLoop(others, points); err != nil {
			return product, err
		}
		product.Mul(&product, &loop)
	}
	return product, nil
}

// walk moves points along the loop of optimal ate pairings, https://eprint.iacr.org/2008/096.
type walk struct {
	at     []bn254.G2Affine
	lines  []lines
	slopes []bn254.E2
}

// linesOf are the lines of the loop for points of the twist, none of them at infinity, and whether each lies in G2. All move in affine
// coordinates, which costs half of projective ones since they share the inversions. False when a point met itself, as only points
// outside of G2 can.
//
// The walk ends in (6x+2)Q + π(Q) - π²(Q), and Q lies in G2 when this is -π³(Q): the norm of the endomorphism 6x+2 + π - π² + π³ is a
// multiple of G2's order and has no factor in common with the cofactor, so that it is 0 on no other point.
func linesOf(q []bn254.G2Affine) (all []lines, inside []bool, ok bool) {
	w := &walk{at: make([]bn254.G2Affine, len(q)), lines: make([]lines, len(q)), slopes: make([]bn254.E2, len(q))}
	copy(w.at, q)
	opposite, first, second := make([]bn254.G2Affine, len(q)), make([]bn254.G2Affine, len(q)), make([]bn254.G2Affine, len(q))
	for i := range q {
		opposite[i].Neg(&q[i])
		first[i], second[i] = frobenius(&q[i])
	}
	top := len(bn254.LoopCounter) - 1
	ok = true
	for i := top - 1; i >= 0 && ok; i-- {
		ok = w.double(i)
		switch bn254.LoopCounter[i] {
		case 1:
			ok = ok && w.add(q, 1, i)
		case -1:
			ok = ok && w.add(opposite, 1, i)
		}
	}
	if !ok || !w.add(first, 1, top) || !w.add(second, 0, top) {
		return nil, nil, false
	}
	inside = make([]bool, len(q))
	for i := range q {
		third, _ := frobenius(&second[i])
		inside[i] = w.at[i].Equal(&third)
	}
	return w.lines, inside, true
}

// frobenius is π(q) and -π²(q).
func frobenius(q *bn254.G2Affine) (first, second bn254.G2Affine) {
	first.X.Conjugate(&q.X).MulByNonResidue1Power2(&first.X)
	first.Y.Conjugate(&q.Y).MulByNonResidue1Power3(&first.Y)
	second.X.MulByNonResidue2Power2(&q.X)
	second.Y.MulByNonResidue2Power3(&q.Y).Neg(&second.Y)
	return first, second
}

// double doubles all points; their lines are the tangents.
func (w *walk) double(step int) bool {
	for i := range w.at {
		w.slopes[i].Double(&w.at[i].Y)
	}
	if !invert(w.slopes) {
		return false
	}
	for i := range w.at {
		var numerator, square bn254.E2
		square.Square(&w.at[i].X)
		numerator.Double(&square).Add(&numerator, &square)
		w.slopes[i].Mul(&w.slopes[i], &numerator)
		x := w.at[i].X
		w.move(i, &x, &w.lines[i][0][step])
	}
	return true
}

// add adds a point to each; the lines are those through both.
func (w *walk) add(points []bn254.G2Affine, place, step int) bool {
	for i := range w.at {
		w.slopes[i].Sub(&points[i].X, &w.at[i].X)
	}
	if !invert(w.slopes) {
		return false
	}
	for i := range w.at {
		var numerator bn254.E2
		numerator.Sub(&points[i].Y, &w.at[i].Y)
		w.slopes[i].Mul(&w.slopes[i], &numerator)
		w.move(i, &points[i].X, &w.lines[i][place][step])
	}
	return true
}

// move writes the line of a slope through a point, and takes the point to the third one on it, mirrored; x is where the second one is.
func (w *walk) move(i int, x *bn254.E2, line *bn254.LineEvaluationAff) {
	p, slope := &w.at[i], &w.slopes[i]
	line.R0 = *slope
	line.R1.Mul(slope, &p.X).Sub(&line.R1, &p.Y)
	var next bn254.G2Affine
	next.X.Square(slope).Sub(&next.X, &p.X).Sub(&next.X, x)
	next.Y.Sub(&p.X, &next.X).Mul(&next.Y, slope).Sub(&next.Y, &p.Y)
	*p = next
}

// invert inverts all values with one inversion; false if one is 0.
func invert(values []bn254.E2) bool {
	products := make([]bn254.E2, len(values))
	var product bn254.E2
	product.SetOne()
	for i := range values {
		if values[i].IsZero() {
			return false
		}
		products[i] = product
		product.Mul(&product, &values[i])
	}
	product.Inverse(&product)
	for i := len(values) - 1; i >= 0; i-- {
		value := values[i]
		values[i].Mul(&products[i], &product)
		product.Mul(&product, &value)
	}
	return true
}
