package group

import (
	"math/big"
	"math/bits"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fp"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
)

// The curve's endomorphism φ(x, y) = (βx, y) multiplies with an eigenvalue λ, so that a scalar of 254 bits is two of 127, low +
// high·λ: half as many windows for twice as many points. The numbers with low + high·λ = 0 are the lattice of (short, -long)
// and (long + short, short), whose determinant is the field's modulus r. What is nearest to (scalar, 0) among them leaves the halves.
// https://www.iacr.org/archive/crypto2001/21390189.pdf
const (
	endomorphism = "2203960485148121921418603742825762020974279258880205651966"
	shortSide    = 9931322734385697763
	longSide     = "147946756881789319000765030803803410728"
)

// half is a number below 2^128, the lower limb first, or its negative.
type half struct {
	limbs    [2]uint64
	negative bool
}

// lattice are the numbers that cut scalars.
var lattice = newLattice()

type latticeOf struct {
	beta fp.Element
	// long and sum are the long side and both sides together.
	long, sum [2]uint64
	// shortShare and longShare are 2^256·short/r and 2^256·long/r, rounded down.
	shortShare, longShare [3]uint64
}

func newLattice() (l latticeOf) {
	if _, err := l.beta.SetString(endomorphism); err != nil {
		panic(err)
	}
	long, ok := new(big.Int).SetString(longSide, 10)
	if !ok {
		panic("not a number: " + longSide)
	}
	short := new(big.Int).SetUint64(shortSide)
	limbs(l.long[:], long)
	limbs(l.sum[:], new(big.Int).Add(long, short))
	share := func(of *big.Int) *big.Int {
		shifted := new(big.Int).Lsh(of, 64*fr.Limbs)
		return shifted.Div(shifted, fr.Modulus())
	}
	limbs(l.shortShare[:], share(short))
	limbs(l.longShare[:], share(long))
	return l
}

// limbs writes a number of at most 64 bits for each limb.
func limbs(out []uint64, number *big.Int) {
	mask, rest := new(big.Int).SetUint64(^uint64(0)), new(big.Int).Set(number)
	for i := range out {
		out[i] = new(big.Int).And(rest, mask).Uint64()
		rest.Rsh(rest, 64)
	}
}

// multiply is a product modulo 2^64 to the power of out's length; out is none of the factors.
func multiply(out, a, b []uint64) {
	clear(out)
	for i := range a {
		var carry uint64
		for j := 0; i+j < len(out); j++ {
			var factor uint64
			if j < len(b) {
				factor = b[j]
			}
			high, low := bits.Mul64(a[i], factor)
			var c uint64
			low, c = bits.Add64(low, out[i+j], 0)
			high += c
			out[i+j], c = bits.Add64(low, carry, 0)
			carry = high + c
		}
	}
}

// roundedShare is scalar·share/2^256 to the nearest, of 128 bits: off by less than 0.7 from scalar·side/r.
func roundedShare(scalar *[fr.Limbs]uint64, share *[3]uint64) [2]uint64 {
	var product [fr.Limbs + 3]uint64
	multiply(product[:], scalar[:], share[:])
	low, carry := bits.Add64(product[fr.Limbs], product[fr.Limbs-1]>>63, 0)
	return [2]uint64{low, product[fr.Limbs+1] + carry}
}

// halve cuts a scalar: both halves are below 0.7·(long + short), which is less than 2^127.
func (l *latticeOf) halve(scalar *[fr.Limbs]uint64) (low, high half) {
	first, second := roundedShare(scalar, &l.shortShare), roundedShare(scalar, &l.longShare)
	// low = scalar - first·short - second·(long + short), high = first·long - second·short
	var product, left [3]uint64
	copy(left[:], scalar[:])
	multiply(product[:], first[:], []uint64{shortSide})
	subtractLimbs(&left, &product)
	multiply(product[:], second[:], l.sum[:])
	subtractLimbs(&left, &product)
	low = signed(left)
	multiply(left[:], first[:], l.long[:])
	multiply(product[:], second[:], []uint64{shortSide})
	subtractLimbs(&left, &product)
	return low, signed(left)
}

func subtractLimbs(a, b *[3]uint64) {
	var borrow uint64
	for i := range a {
		a[i], borrow = bits.Sub64(a[i], b[i], borrow)
	}
}

// signed reads a number in two's complement.
func signed(limbs [3]uint64) half {
	if limbs[2]>>63 == 0 {
		return half{limbs: [2]uint64(limbs[:2])}
	}
	var zero [3]uint64
	subtractLimbs(&zero, &limbs)
	return half{limbs: [2]uint64(zero[:2]), negative: true}
}

// bitLen is the number's length in bits.
func (h *half) bitLen() int {
	if h.limbs[1] != 0 {
		return 64 + bits.Len64(h.limbs[1])
	}
	return bits.Len64(h.limbs[0])
}

// shortTerm is one product of a sum with a short scalar.
type shortTerm struct {
	limbs [2]uint64
	point bn254.G1Affine
}

// shortTerms cuts the scalars of terms, and drops those that are 0.
func shortTerms(terms []Term) shortList {
	out, longest := make([]shortTerm, 0, 2*len(terms)), 0
	for i := range terms {
		scalar := terms[i].Scalar.Bits()
		low, high := lattice.halve(&scalar)
		for j, h := range [...]half{low, high} {
			if h.limbs == [2]uint64{} {
				continue
			}
			t := shortTerm{limbs: h.limbs, point: terms[i].Point}
			if j == 1 {
				t.point.X.Mul(&t.point.X, &lattice.beta)
			}
			if h.negative {
				t.point.Y.Neg(&t.point.Y)
			}
			out, longest = append(out, t), max(longest, h.bitLen())
		}
	}
	return shortList{out, longest}
}
