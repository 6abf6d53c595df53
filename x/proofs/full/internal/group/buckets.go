package group

import (
	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
)

// manyTerms is from where on buckets are cheaper than forms, which need a table for each term.
const manyTerms = 60

// runPoints is about how many points are added up in one go: 512 KiB, which stay in a core's cache, and enough to share an
// inversion.
const runPoints = 8192

// bucketSum is the bucket method: for each window of a few bits of the scalars, points with the same digit are added first.
// Digits are -2^(width-1) to 2^(width-1), and those of one size share a bucket.
type bucketSum struct {
	terms          []Term
	width, windows int
	// digits of the terms, one term's after the other's.
	digits []int16
	// buckets of a window; the first stays empty.
	buckets int
	room    []int
	runs    Runs
}

func sumBuckets(terms []Term) bn254.G1Affine {
	s := bucketSum{terms: terms, width: bucketWidth(len(terms))}
	s.windows, s.buckets = fr.Bits/s.width+1, 1<<(s.width-1)+1
	s.digits = make([]int16, s.windows*len(terms))
	for i := range terms {
		cut(s.digits[i*s.windows:][:s.windows], terms[i].Scalar.Bits(), s.width)
	}
	group := max(1, runPoints/len(terms))
	var sum bn254.G1Jac
	for to := s.windows; to > 0; to -= min(to, group) {
		s.add(&sum, max(0, to-group), to)
	}
	var out bn254.G1Affine
	out.FromJacobian(&sum)
	return out
}

// add shifts the sum by the windows from..to, and adds theirs.
func (s *bucketSum) add(sum *bn254.G1Jac, from, to int) {
	s.room = resize(s.room, (to-from)*s.buckets)
	clear(s.room)
	s.each(from, to, func(bucket, _ int, _ bool) { s.room[bucket]++ })
	s.runs.Start(s.room)
	s.each(from, to, func(bucket, term int, negative bool) { s.runs.Place(bucket, &s.terms[term].Point, negative) })
	s.runs.AddUp()
	for number := to - 1; number >= from; number-- {
		for range s.width {
			sum.DoubleAssign()
		}
		sum.AddAssign(s.weigh((number - from) * s.buckets))
	}
}

// each visits every digit that is not 0 in the windows from..to.
func (s *bucketSum) each(from, to int, visit func(bucket, term int, negative bool)) {
	for i := range s.terms {
		for number, digit := range s.digits[i*s.windows+from : i*s.windows+to] {
			if digit > 0 {
				visit(number*s.buckets+int(digit), i, false)
			} else if digit < 0 {
				visit(number*s.buckets-int(digit), i, true)
			}
		}
	}
}

// cut writes a scalar's digits, the lowest first. The highest window has fewer than width bits left, and so room for what the
// others carry over.
func cut(digits []int16, limbs [fr.Limbs]uint64, width int) {
	carry := 0
	for number := range digits {
		digit := int(bitsAt(&limbs, number*width, width)) + carry
		if carry = 0; digit > 1<<(width-1) {
			digit -= 1 << width
			carry = 1
		}
		digits[number] = int16(digit)
	}
}

// weigh is the sum of a window's buckets, each times its number.
func (s *bucketSum) weigh(first int) *bn254.G1Jac {
	var running, sum bn254.G1Jac
	for b := s.buckets - 1; b > 0; b-- {
		if p := s.runs.Sum(first + b); p != nil {
			running.AddMixed(p)
		}
		sum.AddAssign(&running)
	}
	return &sum
}

// bucketWidth is the cheapest for n terms: each window takes an addition for each term and two for each bucket, which cost
// between two and three times as much.
func bucketWidth(n int) int {
	best, bestCost := 0, 0
	for width := 3; width <= 12; width++ {
		cost := (fr.Bits/width + 1) * (n + 5<<(width-1))
		if best == 0 || cost < bestCost {
			best, bestCost = width, cost
		}
	}
	return best
}

// bitsAt reads so many bits of a number, from bit low on; beyond its end they are 0.
func bitsAt(limbs *[fr.Limbs]uint64, low, width int) uint64 {
	limb, shift := low/64, low%64
	value := limbs[limb] >> shift
	if shift+width > 64 && limb+1 < fr.Limbs {
		value |= limbs[limb+1] << (64 - shift)
	}
	return value & (1<<width - 1)
}
