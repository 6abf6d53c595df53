package group

import (
	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fp"
)

// Gap is the denominator of the slope through two points, and 1 where the sum needs none.
func Gap(p, q *bn254.G1Affine) fp.Element {
	var d fp.Element
	if p.IsInfinity() || q.IsInfinity() {
		return *d.SetOne()
	}
	if d.Sub(&q.X, &p.X); !d.IsZero() {
		return d
	}
	if p.Y.Equal(&q.Y) {
		return *d.Double(&p.Y)
	}
	return *d.SetOne()
}

// AddWith adds two points, given the inverse of their Gap.
func AddWith(p, q *bn254.G1Affine, inverse *fp.Element) bn254.G1Affine {
	var slope, sum fp.Element
	switch {
	case p.IsInfinity():
		return *q
	case q.IsInfinity():
		return *p
	case !p.X.Equal(&q.X):
		slope.Sub(&q.Y, &p.Y).Mul(&slope, inverse)
	case p.Y.Equal(&q.Y):
		slope.Square(&p.X)
		sum.Double(&slope)
		slope.Add(&slope, &sum).Mul(&slope, inverse)
	default:
		return bn254.G1Affine{}
	}
	var out bn254.G1Affine
	out.X.Square(&slope).Sub(&out.X, &p.X).Sub(&out.X, &q.X)
	out.Y.Sub(&p.X, &out.X).Mul(&out.Y, &slope).Sub(&out.Y, &p.Y)
	return out
}

// Invert inverts elements, none of which is 0, in place, with one inversion and three multiplications for each. It needs room
// for as many, and returns what it was given or the larger room that it made.
func Invert(elements, room []fp.Element) []fp.Element {
	if cap(room) < len(elements) {
		room = make([]fp.Element, len(elements))
	}
	room = room[:len(elements)]
	var product fp.Element
	product.SetOne()
	for i := range elements {
		room[i] = product
		product.Mul(&product, &elements[i])
	}
	product.Inverse(&product)
	for i := len(elements) - 1; i >= 0; i-- {
		room[i].Mul(&room[i], &product)
		product.Mul(&product, &elements[i])
		elements[i] = room[i]
	}
	return room
}
