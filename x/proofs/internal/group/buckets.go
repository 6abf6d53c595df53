package group

import "github.com/consensys/gnark-crypto/ecc/bn254"

const (
	// runPoints is about how many points are added up in one go: 512 KiB, which stay in a core's cache, and enough to share an
	// inversion.
	runPoints = 8192
	// maxBucketWidth bounds the digits, in bits.
	maxBucketWidth = 12
)

// bucketSum is the bucket method: for each window of a few bits of the scalars, points with the same digit are added first.
// Digits are -2^(width-1) to 2^(width-1), and those of one size share a bucket. Several sums go together, since what they add in
// one go shares inversions.
type bucketSum struct {
	lists          []bucketList
	width, windows int
	// buckets of a window; the first stays empty.
	buckets int
	// sums of all windows' buckets.
	sums []bn254.G1Affine
	room []int
	runs *Runs
}

// bucketList are the terms of one sum.
type bucketList struct {
	terms []shortTerm
	// windows are how many it has, first is the number of its first among all lists'.
	first, windows int
	// digits of the terms, one term's after the other's.
	digits []int16
}

// shortList are the terms of one sum with scalars of at most so many bits.
type shortList struct {
	terms   []shortTerm
	longest int
}

// sumBuckets adds each list up, with runs whose memory it may use.
func sumBuckets(lists []shortList, width int, runs *Runs) []bn254.G1Affine {
	s := bucketSum{width: width, buckets: 1<<(width-1) + 1, runs: runs}
	points := 0
	for _, of := range lists {
		list := bucketList{terms: of.terms, first: s.windows, windows: of.longest/width + 1}
		list.digits = make([]int16, list.windows*len(list.terms))
		for i := range list.terms {
			cut(list.digits[i*list.windows:][:list.windows], &list.terms[i].limbs, width)
		}
		s.windows += list.windows
		s.lists, points = append(s.lists, list), max(points, len(list.terms))
	}
	s.sums = make([]bn254.G1Affine, s.windows*s.buckets)
	group := max(1, runPoints/max(1, points))
	for from := 0; from < s.windows; from += group {
		s.fill(from, min(from+group, s.windows))
	}
	return s.totals()
}

// visit calls do for every digit but 0 in the windows from..to, with the number of its bucket among theirs.
func (s *bucketSum) visit(from, to int, do func(bucket int, t *shortTerm, negative bool)) {
	for l := range s.lists {
		list := &s.lists[l]
		low, high := max(from-list.first, 0), min(to-list.first, list.windows)
		if low >= high {
			continue
		}
		start := (list.first + low - from) * s.buckets
		for i := range list.terms {
			first := start
			for _, digit := range list.digits[i*list.windows+low : i*list.windows+high] {
				if digit != 0 {
					do(first+int(max(digit, -digit)), &list.terms[i], digit < 0)
				}
				first += s.buckets
			}
		}
	}
}

// fill adds up the buckets of the windows from..to.
func (s *bucketSum) fill(from, to int) {
	s.room = resize(s.room, (to-from)*s.buckets)
	clear(s.room)
	s.visit(from, to, func(bucket int, _ *shortTerm, _ bool) { s.room[bucket]++ })
	s.runs.Start(s.room)
	s.visit(from, to, func(bucket int, t *shortTerm, negative bool) { s.runs.Place(bucket, &t.point, negative) })
	s.runs.AddUp()
	for b := range s.room {
		if p := s.runs.Sum(b); p != nil {
			s.sums[from*s.buckets+b] = *p
		}
	}
}

// cut writes a scalar's digits, the lowest first. The highest window has fewer than width bits left, and so room for what the
// others carry over.
func cut(digits []int16, limbs *[2]uint64, width int) {
	low, high := limbs[0], limbs[1]
	mask, most, carry := uint64(1)<<width-1, 1<<(width-1), 0
	for number := range digits {
		digit := int(low&mask) + carry
		low, high = low>>width|high<<(64-width), high>>width
		if carry = 0; digit > most {
			digit -= 2 * most
			carry = 1
		}
		digits[number] = int16(digit)
	}
}

// totals weigh the buckets: Σ_b b·B_b is that of the pairs' sums B_2q + B_2q+1 twice, plus all B of odd number. As often as a
// window has bits this leaves the points that go with one bit, which are then added from the highest bit down.
func (s *bucketSum) totals() []bn254.G1Affine {
	bits := make([]bn254.G1Affine, s.windows*s.width)
	for bit := range s.width {
		s.split(bits, bit)
	}
	out := make([]bn254.G1Affine, len(s.lists))
	for l := range s.lists {
		own := bits[s.lists[l].first*s.width:][:s.lists[l].windows*s.width]
		var sum bn254.G1Jac
		for i := len(own) - 1; i >= 0; i-- {
			sum.DoubleAssign()
			sum.AddMixed(&own[i])
		}
		out[l].FromJacobian(&sum)
	}
	return out
}

// split takes the point of a bit off each window's buckets, and halves their number.
func (s *bucketSum) split(bits []bn254.G1Affine, bit int) {
	pairs := s.buckets/2 + 1
	// For each window a run for every pair, and one for the odd ones.
	s.room = resize(s.room, s.windows*(pairs+1))
	for i := range s.room {
		s.room[i] = 2
		if i%(pairs+1) == pairs {
			s.room[i] = pairs
		}
	}
	s.runs.Start(s.room)
	for i := range s.sums {
		if s.sums[i].IsInfinity() {
			continue
		}
		window, number := i/s.buckets*(pairs+1), i%s.buckets
		s.runs.Place(window+number/2, &s.sums[i], false)
		if number%2 == 1 {
			s.runs.Place(window+pairs, &s.sums[i], false)
		}
	}
	s.runs.AddUp()
	s.buckets = (s.buckets + 1) / 2
	s.sums = s.sums[:s.windows*s.buckets]
	for i := range s.sums {
		s.sums[i] = s.runs.sum(i/s.buckets*(pairs+1) + i%s.buckets)
	}
	for window := range s.windows {
		bits[window*s.width+bit] = s.runs.sum(window*(pairs+1) + pairs)
	}
}

// bucketWidth is the cheapest for n terms with scalars of so many bits: each window takes an addition for each term and three for each bucket.
func bucketWidth(n, bits int) int {
	best, bestCost := 0, 0
	for width := 3; width <= maxBucketWidth; width++ {
		cost := (bits/width + 1) * (n + 3<<(width-1))
		if best == 0 || cost < bestCost {
			best, bestCost = width, cost
		}
	}
	return best
}
