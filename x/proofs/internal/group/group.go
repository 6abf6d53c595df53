// Package group has canonical encodings of BN254 points and a multi-scalar product without goroutines, for consensus code.
package group

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
)

const (
	// G1Size and G2Size are the lengths of compressed points in bytes.
	G1Size, G2Size = bn254.SizeOfG1AffineCompressed, bn254.SizeOfG2AffineCompressed
)

var errCanonical = errors.New("not the canonical encoding of a point")

// DecodeG1 reads a compressed point of exactly 32 bytes: on the curve (whose order is the group's) and in its one encoding.
// The point at infinity is a point.
func DecodeG1(raw []byte) (p bn254.G1Affine, err error) {
	defer recoverTo(&err)
	if len(raw) != G1Size {
		return p, fmt.Errorf("%d bytes, want %d", len(raw), G1Size)
	}
	if _, err := p.SetBytes(raw); err != nil {
		return bn254.G1Affine{}, err
	}
	if again := p.Bytes(); !bytes.Equal(again[:], raw) {
		return bn254.G1Affine{}, errCanonical
	}
	return p, nil
}

// DecodeG2 reads a compressed point of exactly 64 bytes: in the subgroup and in its one encoding.
func DecodeG2(raw []byte) (p bn254.G2Affine, err error) {
	defer recoverTo(&err)
	if len(raw) != G2Size {
		return p, fmt.Errorf("%d bytes, want %d", len(raw), G2Size)
	}
	if _, err := p.SetBytes(raw); err != nil {
		return bn254.G2Affine{}, err
	}
	if again := p.Bytes(); !bytes.Equal(again[:], raw) {
		return bn254.G2Affine{}, errCanonical
	}
	return p, nil
}

func recoverTo(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("%v", r)
	}
}

// Term is one product of a sum.
type Term struct {
	Scalar fr.Element
	Point  bn254.G1Affine
}

const (
	// window is the width of the non-adjacent form in bits, odd digits from -(2^(window-1)-1) to 2^(window-1)-1.
	window = 5
	// tableSize is how many odd multiples of each point are kept: 1, 3, ..., 15.
	tableSize = 1 << (window - 2)
)

// Sum adds all terms up. The library's MultiExp starts goroutines, whose panics nobody could recover from.
func Sum(terms []Term) bn254.G1Affine { return Sums([][]Term{terms})[0] }

const (
	// manyTerms is from where on buckets are cheaper than forms, which need a table for each term; unless all scalars have halves
	// of fewBits.
	manyTerms, fewBits = 40, 64
)

// Sums adds the terms of each list up. Together they are cheaper than alone.
func Sums(lists [][]Term) []bn254.G1Affine {
	out := make([]bn254.G1Affine, len(lists))
	// Lists that are cut into digits of one width go together.
	var together [maxBucketWidth + 1][]shortList
	var places [maxBucketWidth + 1][]int
	for i, terms := range lists {
		short := shortTerms(terms)
		if len(terms) <= manyTerms && short.longest > fewBits {
			out[i] = sumForms(terms)
			continue
		}
		width := bucketWidth(len(short.terms), short.longest)
		together[width], places[width] = append(together[width], short), append(places[width], i)
	}
	var runs Runs
	for width, short := range slices.Backward(together[:]) {
		if len(short) == 0 {
			continue
		}
		for i, sum := range sumBuckets(short, width, &runs) {
			place := places[width][i]
			out[place] = certain(sum, lists[place])
		}
	}
	return out
}

// certain is the sum of terms as vectors gave it, unless it lies off the curve, where an addition leads that goes wrong. So nothing
// rests on how a processor multiplies vectors, which is another way on each kind.
func certain(sum bn254.G1Affine, terms []Term) bn254.G1Affine {
	if sum.IsOnCurve() {
		return sum
	}
	return sumForms(terms)
}

// sumForms interleaves non-adjacent forms over shared doublings: some 1,500 group operations for 25 terms.
func sumForms(terms []Term) bn254.G1Affine {
	tables := make([][tableSize]bn254.G1Jac, len(terms))
	digits := make([][]int8, len(terms))
	longest := 0
	for i := range terms {
		digits[i] = nonAdjacent(terms[i].Scalar)
		longest = max(longest, len(digits[i]))
		fill(&tables[i], &terms[i].Point)
	}
	var sum bn254.G1Jac
	for bit := longest - 1; bit >= 0; bit-- {
		sum.DoubleAssign()
		for i := range terms {
			if bit < len(digits[i]) {
				addDigit(&sum, &tables[i], digits[i][bit])
			}
		}
	}
	var out bn254.G1Affine
	out.FromJacobian(&sum)
	return out
}

func fill(table *[tableSize]bn254.G1Jac, p *bn254.G1Affine) {
	table[0].FromAffine(p)
	var twice bn254.G1Jac
	twice.Double(&table[0])
	for i := 1; i < tableSize; i++ {
		table[i] = table[i-1]
		table[i].AddAssign(&twice)
	}
}

func addDigit(sum *bn254.G1Jac, table *[tableSize]bn254.G1Jac, digit int8) {
	switch {
	case digit > 0:
		sum.AddAssign(&table[digit/2])
	case digit < 0:
		sum.SubAssign(&table[-digit/2])
	}
}

// nonAdjacent writes a scalar in the form that Sum reads, lowest bit first.
func nonAdjacent(scalar fr.Element) []int8 {
	limbs := scalar.Bits()
	out := make([]int8, 0, fr.Bits+1)
	for limbs != [fr.Limbs]uint64{} {
		digit := int8(0)
		if limbs[0]&1 == 1 {
			digit = int8(limbs[0] & (1<<window - 1))
			if digit >= 1<<(window-1) {
				digit -= 1 << window
			}
			subtract(&limbs, digit)
		}
		out = append(out, digit)
		halve(&limbs)
	}
	return out
}

// subtract takes a digit off a number that is at least as large; the sum of a negative digit stays below 2^256, since
// scalars are below 2^254.
func subtract(limbs *[fr.Limbs]uint64, digit int8) {
	if digit > 0 {
		limbs[0] -= uint64(digit) // The low bits equal the digit: no borrow.
		return
	}
	carry := uint64(-digit)
	for i := range limbs {
		limbs[i] += carry
		if limbs[i] >= carry {
			return
		}
		carry = 1
	}
}

func halve(limbs *[fr.Limbs]uint64) {
	for i := range fr.Limbs - 1 {
		limbs[i] = limbs[i]>>1 | limbs[i+1]<<63
	}
	limbs[fr.Limbs-1] >>= 1
}
