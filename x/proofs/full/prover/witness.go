package prover

import (
	"fmt"

	"github.com/assaychain/assay/x/proofs/full"
)

// witness are the columns of a step's argument over all 2^variables indices, padding too.
type witness struct {
	// z is the result as the argument sees it, direction where the clamp cuts off.
	z, direction []int32
	// digits of the remainders, then of the excesses.
	digits [][]int32
	// digitCounts and signCounts tell how often each row of a table is looked up.
	digitCounts, signCounts []int32
}

// requantiser decomposes the entries of one step.
type requantiser struct {
	layout full.StepLayout
	shift  uint32
	low    int64
}

func newRequantiser(s *full.Step) requantiser {
	r := requantiser{layout: s.Layout(), shift: s.Shift, low: -128}
	if s.Relu {
		r.low = 0
	}
	return r
}

// entry is what an accumulator comes to: the result, its direction, the lifted remainder and the excess.
type entry struct {
	z, direction      int64
	remainder, excess uint64
}

// split decomposes (acc·multiplier + 2^(shift-1)) >> shift; in padding both numbers are 0 and nothing is rounded.
func (r requantiser) split(acc int32, multiplier uint32, padding bool) entry {
	p := int64(acc) * int64(multiplier)
	if !padding {
		p += 1 << (r.shift - 1)
	}
	v := p >> r.shift
	e := entry{z: min(max(v, r.low), 127), remainder: uint64(p-v<<r.shift) << r.layout.Lift}
	switch e.z {
	case 127:
		e.direction, e.excess = 1, uint64(v-127)
	case r.low:
		e.direction, e.excess = -1, uint64(r.low-v)
	}
	return e
}

// decompose fills the columns from the accumulators, M rows of N, and the multipliers.
func (p *Prover) decompose(s *full.Step, acc []int32, multiplier []uint32) (*witness, error) {
	r := newRequantiser(s)
	l, m, n := r.layout, int(s.M), int(s.N)
	if len(acc) != m*n {
		return nil, fmt.Errorf("%w: %d accumulators for %d x %d entries", full.ErrShape, len(acc), m, n)
	}
	size := 1 << l.Variables(full.TensorY)
	w := &witness{z: make([]int32, size), direction: make([]int32, size), digits: make([][]int32, l.Digits())}
	for i := range w.digits {
		w.digits[i] = make([]int32, size)
	}
	p.share(size, func(from, to int) {
		for i := from; i < to; i++ {
			row, col := i>>l.N, i&(1<<l.N-1)
			if row < m && col < n {
				w.set(l, i, r.split(acc[row*n+col], multiplier[col], false))
			} else {
				w.set(l, i, r.split(0, 0, true))
			}
		}
	})
	w.count(l, r.low)
	return w, nil
}

func (w *witness) set(l full.StepLayout, i int, e entry) {
	w.z[i], w.direction[i] = int32(e.z), int32(e.direction)
	for d := range w.digits {
		from := &e.remainder
		if d >= l.Remainders {
			from = &e.excess
		}
		w.digits[d][i] = int32(*from & (1<<l.Width - 1))
		*from >>= l.Width
	}
}

func (w *witness) count(l full.StepLayout, low int64) {
	w.digitCounts, w.signCounts = make([]int32, 1<<l.Width), make([]int32, 1<<l.Signs)
	for _, column := range w.digits {
		for _, v := range column {
			w.digitCounts[v]++
		}
	}
	for _, z := range w.z {
		w.signCounts[int64(z)-low]++
	}
}

// join puts digits together again; what they stand for is below 2^62.
func (w *witness) join(i, from, to, width int) int64 {
	var out int64
	for d := to - 1; d >= from; d-- {
		out = out<<width + int64(w.digits[d][i])
	}
	return out
}
