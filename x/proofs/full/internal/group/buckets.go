package group

import (
	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
)

// manyTerms is from where on buckets are cheaper than forms, which need a table for each term.
const manyTerms = 100

// sumBuckets is the bucket method: for each window of a few bits of the scalars, points with the same bits are added first.
func sumBuckets(terms []Term) bn254.G1Affine {
	scalars := make([][fr.Limbs]uint64, len(terms))
	for i := range terms {
		scalars[i] = terms[i].Scalar.Bits()
	}
	width := bucketWidth(len(terms))
	buckets := make([]bn254.G1Jac, 1<<width)
	var sum bn254.G1Jac
	for low := fr.Bits / width * width; low >= 0; low -= width {
		for range width {
			sum.DoubleAssign()
		}
		clear(buckets)
		for i := range terms {
			if digit := bitsAt(&scalars[i], low, width); digit != 0 {
				buckets[digit].AddMixed(&terms[i].Point)
			}
		}
		sum.AddAssign(weigh(buckets))
	}
	var out bn254.G1Affine
	out.FromJacobian(&sum)
	return out
}

// weigh is the sum of all buckets, each times its index.
func weigh(buckets []bn254.G1Jac) *bn254.G1Jac {
	var running, sum bn254.G1Jac
	for digit := len(buckets) - 1; digit > 0; digit-- {
		running.AddAssign(&buckets[digit])
		sum.AddAssign(&running)
	}
	return &sum
}

// bucketWidth is the cheapest for n terms: each window takes an addition for each term and two for each bucket, which cost
// about half as much again.
func bucketWidth(n int) int {
	best, bestCost := 0, 0
	for width := 2; width <= 12; width++ {
		cost := (fr.Bits/width + 1) * (n + 3<<width)
		if best == 0 || cost < bestCost {
			best, bestCost = width, cost
		}
	}
	return best
}

// bitsAt reads so many bits of a number, from bit low on.
func bitsAt(limbs *[fr.Limbs]uint64, low, width int) uint64 {
	limb, shift := low/64, low%64
	value := limbs[limb] >> shift
	if shift+width > 64 && limb+1 < fr.Limbs {
		value |= limbs[limb+1] << (64 - shift)
	}
	return value & (1<<width - 1)
}
