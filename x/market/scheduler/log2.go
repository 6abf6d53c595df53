package scheduler

import (
	"math/bits"

	"cosmossdk.io/math"
)

const (
	// fraction is the number of bits behind the point of a logarithm.
	fraction = 16
	// tableBits of the mantissa choose a line of the table, the next interpolate.
	tableBits = 8
	// restBits interpolate between two lines.
	restBits = 16
)

// octaves is log2(1 + i/256) in units of 2^-16, rounded down.
var octaves = tabulate()

// tabulate computes the table by squaring: each squaring of a mantissa yields one more bit of its logarithm. Products of 32
// bits fit 64, and the lower bits that are cut off are far below 2^-16.
func tabulate() (table [1<<tableBits + 1]int64) {
	for i := range table {
		mantissa := uint64(1)<<31 + uint64(i)<<(31-tableBits)
		if i == 1<<tableBits {
			table[i] = Octave
			continue
		}
		for range fraction {
			mantissa = mantissa * mantissa >> 31
			table[i] <<= 1
			if mantissa >= 1<<32 {
				table[i]++
				mantissa >>= 1
			}
		}
	}
	return table
}

// log2 is the logarithm to the base 2 in units of 2^-16, by a table and straight lines between its entries: it never falls
// when x rises, and is off by less than 2^-15. That of 0 counts as that of 1.
func log2(x uint64) int64 {
	if x == 0 {
		return 0
	}
	exponent := bits.Len64(x) - 1
	mantissa := x << (63 - exponent) << 1
	line := mantissa >> (64 - tableBits)
	rest := int64(mantissa << tableBits >> (64 - restBits))
	low, high := octaves[line], octaves[line+1]
	return int64(exponent)*Octave + low + (high-low)*rest>>restBits
}

// log2Int is log2 of an amount of any size; of one that is not positive, or not given, 0.
func log2Int(x math.Int) int64 {
	if x.IsNil() || !x.IsPositive() {
		return 0
	}
	if x.IsUint64() {
		return log2(x.Uint64())
	}
	whole := x.BigInt()
	shift := whole.BitLen() - 64
	return int64(shift)*Octave + log2(whole.Rsh(whole, uint(shift)).Uint64())
}

// ratio is log2 of a/b, from 0 up: 0 where b is 0 or more than a. Below 2^32 nothing overflows.
func ratio(a, b uint64) int64 {
	if b == 0 || a <= b {
		return 0
	}
	return log2(a<<fraction/b) - fraction*Octave
}

// add and mul stop at the largest number.
func add(a, b uint64) uint64 {
	sum, carry := bits.Add64(a, b, 0)
	if carry != 0 {
		return ^uint64(0)
	}
	return sum
}

func mul(a, b uint64) uint64 {
	high, low := bits.Mul64(a, b)
	if high != 0 {
		return ^uint64(0)
	}
	return low
}
