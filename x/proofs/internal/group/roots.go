package group

import (
	"math/big"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fp"
)

const (
	// fewPoints is up to where points are decoded one by one just as fast.
	fewPoints = 32
	// rootsAtOnce is how many square roots are taken in one go: 40 KiB of powers, which stay in a core's cache.
	rootsAtOnce = 128
	// rootWindow is the width in bits of the windows of a root's exponent.
	rootWindow = 4
	// rootRoom is how many numbers it takes room for to take a root: the square, its odd powers, the second one and the root.
	rootRoom = 1<<(rootWindow-1) + 3
	// compressedSmaller and compressedLarger begin the encoding of a point whose Y is the smaller or the larger root; they leave
	// compressedMask of the byte to X.
	compressedSmaller, compressedLarger = 0b10 << 6, 0b11 << 6
	compressedMask                      = 0b11 << 6
)

// Known are points by their encodings. Nil knows none.
type Known struct {
	// places are those of the encodings among the points.
	places map[[G1Size]byte]int32
	points []bn254.G1Affine
}

// Point is the point of an encoding, if it is known.
func (k *Known) Point(encoding [G1Size]byte) (p bn254.G1Affine, ok bool) {
	if k == nil {
		return p, false
	}
	at, ok := k.places[encoding]
	if ok {
		p = k.points[at]
	}
	return p, ok
}

// DecodeG1 is the function of that name, which is only asked about points that are not known.
func (k *Known) DecodeG1(raw []byte) (bn254.G1Affine, error) {
	if len(raw) == G1Size {
		if p, ok := k.Point([G1Size]byte(raw)); ok {
			return p, nil
		}
	}
	return DecodeG1(raw)
}

// Decompress decodes many points together, twice as fast as one by one where the processor has wide integer multiplications.
// Encodings that are not those of a finite point, if any are, it leaves to DecodeG1.
func Decompress(encodings [][G1Size]byte) *Known {
	if len(encodings) <= fewPoints {
		return nil
	}
	known := &Known{places: make(map[[G1Size]byte]int32, len(encodings))}
	todo := make([][G1Size]byte, 0, len(encodings))
	for _, raw := range encodings {
		if _, again := known.places[raw]; !again {
			known.places[raw] = int32(len(todo))
			todo = append(todo, raw)
		}
	}
	known.points = make([]bn254.G1Affine, len(todo))
	room := make(fp.Vector, rootRoom*min(rootsAtOnce, len(todo)))
	for from := 0; from < len(todo); from += rootsAtOnce {
		known.decompress(todo[from:min(from+rootsAtOnce, len(todo))], from, room)
	}
	return known
}

// decompress decodes encodings, whose points have their places from so many on, or drops them.
func (k *Known) decompress(encodings [][G1Size]byte, from int, room fp.Vector) {
	points, squares := k.points[from:], room[:len(encodings)]
	three := fp.NewElement(3)
	for i, raw := range encodings {
		raw[0] &^= compressedMask
		squares[i].SetZero()
		if points[i].X.SetBytesCanonical(raw[:]) == nil {
			squares[i].Square(&points[i].X).Mul(&squares[i], &points[i].X).Add(&squares[i], &three)
		}
	}
	roots := squareRoots(squares, room[len(encodings):])
	for i, raw := range encodings {
		p, kind := &points[i], raw[0]&compressedMask
		// Each root is checked: what a vector gets wrong would be one more encoding for DecodeG1.
		var square fp.Element
		isRoot := square.Square(&roots[i]).Equal(&squares[i]) && !roots[i].IsZero()
		if !isRoot || kind != compressedSmaller && kind != compressedLarger {
			delete(k.places, raw)
			continue
		}
		p.Y = roots[i]
		if p.Y.LexicographicallyLargest() != (kind == compressedLarger) {
			p.Y.Neg(&p.Y)
		}
	}
}

// power is a step of raising to a fixed exponent: so many squarings, then a multiplication with an odd power if it isn't 0.
type power struct{ squarings, odd int }

// rootPowers raise to (p + 1)/4, which is a square's root since p is 3 modulo 4.
var rootPowers = powersFor(new(big.Int).Rsh(new(big.Int).Add(fp.Modulus(), big.NewInt(1)), 2))

// powersFor cuts an exponent into windows that begin and end with a 1.
func powersFor(exponent *big.Int) (out []power) {
	squarings := 0
	for high := exponent.BitLen() - 1; high >= 0; high-- {
		squarings++
		if exponent.Bit(high) == 0 {
			continue
		}
		low := max(0, high-rootWindow+1)
		for exponent.Bit(low) == 0 {
			low++
		}
		odd := 0
		for bit := high; bit >= low; bit-- {
			odd = odd<<1 | int(exponent.Bit(bit))
		}
		out = append(out, power{squarings + high - low, odd})
		squarings, high = 0, low
	}
	return append(out, power{squarings, 0})
}

// squareRoots gives a root of each square; what it gives for other numbers is none. It needs room for rootRoom - 1 times as many.
func squareRoots(squares, room fp.Vector) fp.Vector {
	n := len(squares)
	odd := func(power int) fp.Vector { return room[power/2*n:][:n] }
	twice, out := room[(rootRoom-3)*n:][:n], room[(rootRoom-2)*n:][:n]
	copy(odd(1), squares)
	twice.Mul(squares, squares)
	for power := 3; power < 1<<rootWindow; power += 2 {
		next := odd(power)
		next.Mul(odd(power-2), twice)
	}
	copy(out, odd(rootPowers[0].odd))
	for _, step := range rootPowers[1:] {
		for range step.squarings {
			out.Mul(out, out)
		}
		if step.odd != 0 {
			out.Mul(out, odd(step.odd))
		}
	}
	leaveVectors()
	return out
}
