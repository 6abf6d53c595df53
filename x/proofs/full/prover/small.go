package prover

import (
	"math/bits"

	"github.com/consensys/gnark-crypto/ecc/bn254"

	"github.com/assaychain/assay/x/proofs/internal/group"
)

// windows says how small scalars are cut into signed digits.
type windows struct {
	// width of a digit in bits; digits are -2^(width-1) to 2^(width-1).
	width int
	count int
	// bias is 2^(width-1) in every digit. Added to a scalar it makes each digit a plain one, from which it is taken off again.
	bias int64
}

func newWindows(width, count int) windows {
	w := windows{width: width, count: count}
	for range count {
		w.bias = w.bias<<width | 1<<(width-1)
	}
	return w
}

// windowsFor picks the cheapest cut for scalars of up to so many bits without their sign and n points: every window costs
// an addition for each point and two for each bucket, of which the latter cost about three times as much.
func windowsFor(magnitude, n int) windows {
	best, bestCost := windows{}, 0
	for width := 2; width <= 14; width++ {
		count := (magnitude + 1 + width - 1) / width
		cost := count * (n + 6<<(width-1))
		if bestCost == 0 || cost < bestCost {
			best, bestCost = newWindows(width, count), cost
		}
	}
	return best
}

// digit cuts digit number w off a scalar. The highest keeps whatever is left: at most 2^(width-1).
func (w windows) digit(scalar int32, number int) int {
	digit := (int64(scalar) + w.bias) >> (number * w.width)
	if number < w.count-1 {
		digit &= 1<<w.width - 1
	}
	return int(digit) - 1<<(w.width-1)
}

// magnitude is the length in bits of the largest absolute value.
func magnitude(values []int32) int {
	longest := 0
	for _, v := range values {
		longest = max(longest, bits.Len64(uint64(max(int64(v), -int64(v)))))
	}
	return longest
}

// smallSum sums points times small scalars up: for each window a bucket for every absolute digit. Points of a bucket are
// added in pairs, pairs of pairs and so on, in affine coordinates with one inversion for all pairs of a round, which comes to
// six multiplications an addition.
type smallSum struct {
	windows windows
	buckets [][]bn254.G1Affine
	runs    group.Runs
	room    []int
}

func newSmallSum(w windows) *smallSum {
	s := &smallSum{windows: w, buckets: make([][]bn254.G1Affine, w.count)}
	for i := range s.buckets {
		s.buckets[i] = make([]bn254.G1Affine, 1<<(w.width-1)+1)
	}
	return s
}

// add adds points times scalars of the same number.
func (s *smallSum) add(points []bn254.G1Affine, scalars []int32) {
	for number := range s.buckets {
		s.sort(points, scalars, number)
		s.runs.AddUp()
		for b := range s.buckets[number] {
			if p := s.runs.Sum(b); p != nil {
				s.buckets[number][b] = *p
			}
		}
	}
}

// sort lines points up by bucket, each after what the bucket holds; bucket 0 stays empty.
func (s *smallSum) sort(points []bn254.G1Affine, scalars []int32, number int) {
	buckets := s.buckets[number]
	s.room = resize(s.room, len(buckets))
	for b := range s.room {
		s.room[b] = 1
	}
	for _, v := range scalars {
		digit := s.windows.digit(v, number)
		s.room[max(digit, -digit)]++
	}
	s.room[0] = 0
	s.runs.Start(s.room)
	for b := 1; b < len(buckets); b++ {
		if !buckets[b].IsInfinity() {
			s.runs.Place(b, &buckets[b], false)
		}
	}
	for i, v := range scalars {
		if digit := s.windows.digit(v, number); digit > 0 {
			s.runs.Place(digit, &points[i], false)
		} else if digit < 0 {
			s.runs.Place(-digit, &points[i], true)
		}
	}
}

// total is the sum of all that was added.
func (s *smallSum) total() bn254.G1Jac {
	var total bn254.G1Jac
	for number := len(s.buckets) - 1; number >= 0; number-- {
		for range s.windows.width {
			total.DoubleAssign()
		}
		var running, sum bn254.G1Jac
		for b := len(s.buckets[number]) - 1; b > 0; b-- {
			running.AddMixed(&s.buckets[number][b])
			sum.AddAssign(&running)
		}
		total.AddAssign(&sum)
	}
	return total
}

func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
