package group

import (
	"bytes"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fp"
)

// Adder adds pairs of points up in affine coordinates, many pairs at once: one inversion serves them all, which comes to six
// multiplications an addition, and these go through the library's vectors, which are twice as fast where the processor has
// wide integer multiplications and the same elsewhere. The zero value is ready; its memory is used again.
type Adder struct {
	pairs          int
	x1, y1, x2, y2 fp.Vector
	// gaps are the denominators of the slopes and then their inverses, rises the numerators and then the slopes.
	gaps, rises fp.Vector
	// products are those of Invert.
	products fp.Vector
	// known are the sums that need no slope.
	known []knownSum
}

// knownSum is the sum of a pair with infinity, or of opposite points.
type knownSum struct {
	pair int
	sum  bn254.G1Affine
}

// Reset drops all pairs.
func (a *Adder) Reset() { a.pairs, a.known = 0, a.known[:0] }

// Pairs is how many there are.
func (a *Adder) Pairs() int { return a.pairs }

// Push adds a pair.
func (a *Adder) Push(p, q *bn254.G1Affine) {
	if a.pairs == len(a.x1) {
		a.grow()
	}
	a.x1[a.pairs], a.y1[a.pairs] = p.X, p.Y
	a.x2[a.pairs], a.y2[a.pairs] = q.X, q.Y
	a.pairs++
}

func (a *Adder) grow() {
	for _, v := range []*fp.Vector{&a.x1, &a.y1, &a.x2, &a.y2, &a.gaps, &a.rises} {
		grown := make(fp.Vector, max(4*len(*v), 4*fewInverses))
		copy(grown, *v)
		*v = grown
	}
}

// AddUp replaces each pair by its sum.
func (a *Adder) AddUp() {
	x1, y1, x2, y2, gaps, slopes := a.x1[:a.pairs], a.y1[:a.pairs], a.x2[:a.pairs], a.y2[:a.pairs], a.gaps[:a.pairs], a.rises[:a.pairs]
	gaps.Sub(x2, x1)
	slopes.Sub(y2, y1)
	for i := range gaps {
		if gaps[i].IsZero() || x1[i].IsZero() || x2[i].IsZero() {
			a.special(i)
		}
	}
	a.products = Invert(gaps, a.products)
	slopes.Mul(slopes, gaps)
	// x = slope² - x1 - x2, y = slope(x1 - x) - y1
	squares := gaps
	squares.Mul(slopes, slopes)
	squares.Sub(squares, x1)
	x2.Sub(squares, x2)
	x1.Sub(x1, x2)
	slopes.Mul(slopes, x1)
	y2.Sub(slopes, y1)
	for i := range a.known {
		k := &a.known[i]
		a.x2[k.pair], a.y2[k.pair] = k.sum.X, k.sum.Y
	}
	leaveVectors()
}

// zeros are two places of equal content.
var zeros [2][256]byte

// leaveVectors makes the processor forget the upper halves of its vector registers. The library's vectors leave them in use, which
// slows all older instructions down until somebody clears them: SHA-256 forty times. The runtime's comparison does.
//
//go:noinline
func leaveVectors() bool { return bytes.Equal(zeros[0][:], zeros[1][:]) }

// Sum is that of pair number i, once they are added up.
func (a *Adder) Sum(i int) bn254.G1Affine { return bn254.G1Affine{X: a.x2[i], Y: a.y2[i]} }

// special cares for pairs without a slope through two points: equal ones, whose tangent it takes, opposite ones and infinity.
func (a *Adder) special(i int) {
	p, q := bn254.G1Affine{X: a.x1[i], Y: a.y1[i]}, bn254.G1Affine{X: a.x2[i], Y: a.y2[i]}
	switch {
	case p.IsInfinity():
		a.known = append(a.known, knownSum{i, q})
	case q.IsInfinity():
		a.known = append(a.known, knownSum{i, p})
	case !a.gaps[i].IsZero():
		return
	case a.rises[i].IsZero():
		var square fp.Element
		square.Square(&p.X)
		a.rises[i].Double(&square).Add(&a.rises[i], &square)
		a.gaps[i].Double(&p.Y)
		return
	default:
		a.known = append(a.known, knownSum{pair: i})
	}
	a.gaps[i].SetOne()
}

// fewInverses is from where down elements are inverted one product after the other.
const fewInverses = 16

// Invert inverts elements, none of which is 0, in place, with one inversion and three multiplications for each. Its halves are
// multiplied with each other until few are left. It needs room for twice as many, and returns what it was given or the larger
// room that it made.
func Invert(elements, room fp.Vector) fp.Vector {
	room = resize(room, 2*len(elements)+fewInverses)
	invert(elements, room)
	return room
}

func invert(elements, room fp.Vector) {
	if len(elements) <= fewInverses {
		invertFew(elements, room)
		return
	}
	// The last of an odd number goes along.
	half := len(elements) / 2
	left, right, last := elements[:half], elements[half:2*half], elements[2*half:]
	products, room := room[:half+len(last)], room[half+len(last):]
	pairs := products[:half]
	pairs.Mul(left, right)
	copy(products[half:], last)
	invert(products, room)
	copy(last, products[half:])
	// 1/left is right/(left·right).
	inverses := room[:half]
	inverses.Mul(pairs, left)
	left.Mul(pairs, right)
	copy(right, inverses)
}

func invertFew(elements, room fp.Vector) {
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
}
