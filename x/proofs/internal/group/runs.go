package group

import (
	"github.com/consensys/gnark-crypto/ecc/bn254"
)

// Runs add up the points of many buckets at once: in pairs, pairs of pairs and so on, which an Adder adds. The zero value is
// ready; its memory is used again.
type Runs struct {
	sorted  []bn254.G1Affine
	starts  []int
	lengths []int
	adder   Adder
	// places are where the sums of the adder's pairs go.
	places []int
}

// adderPairs is how many pairs are added in one go: enough to share an inversion, and 320 KiB, which stay in a core's cache.
const adderPairs = 1024

// Start empties all buckets and makes room for so many points in each.
func (r *Runs) Start(room []int) {
	r.starts, r.lengths = resize(r.starts, len(room)), resize(r.lengths, len(room))
	clear(r.lengths)
	total := 0
	for b, n := range room {
		r.starts[b] = total
		total += n
	}
	r.sorted = resize(r.sorted, total)
}

// Place puts a point or its negative into a bucket.
func (r *Runs) Place(bucket int, p *bn254.G1Affine, negate bool) {
	at := &r.sorted[r.starts[bucket]+r.lengths[bucket]]
	r.lengths[bucket]++
	*at = *p
	if negate {
		at.Y.Neg(&at.Y)
	}
}

// AddUp adds the points of each bucket up.
func (r *Runs) AddUp() {
	for r.halve() {
	}
}

// Sum is what AddUp left in a bucket, nil if it is empty.
func (r *Runs) Sum(bucket int) *bn254.G1Affine {
	if r.lengths[bucket] == 0 {
		return nil
	}
	return &r.sorted[r.starts[bucket]]
}

// sum is Sum with infinity for empty buckets.
func (r *Runs) sum(bucket int) (p bn254.G1Affine) {
	if sum := r.Sum(bucket); sum != nil {
		p = *sum
	}
	return p
}

// halve adds the points of each bucket in pairs and tells whether a bucket still has two.
func (r *Runs) halve() (more bool) {
	for b, length := range r.lengths {
		start := r.starts[b]
		run := r.sorted[start:]
		for i := 0; i+1 < length; i += 2 {
			r.adder.Push(&run[i], &run[i+1])
			if r.places = append(r.places, start+i/2); len(r.places) == adderPairs {
				r.flush()
			}
		}
	}
	r.flush()
	for b, length := range r.lengths {
		if length&1 == 1 {
			run := r.sorted[r.starts[b]:]
			run[length/2] = run[length-1]
		}
		r.lengths[b] = (length + 1) / 2
		more = more || r.lengths[b] > 1
	}
	return more
}

// flush puts the sums of the pairs in their places, of which the points have been read before.
func (r *Runs) flush() {
	r.adder.AddUp()
	for i, place := range r.places {
		r.sorted[place] = r.adder.Sum(i)
	}
	r.adder.Reset()
	r.places = r.places[:0]
}

// resize makes room for n, and for a few more, so that what is needed next hardly ever needs room anew.
func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, n+n/8)
	}
	return s[:n]
}
