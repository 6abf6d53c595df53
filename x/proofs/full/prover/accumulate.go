package prover

import (
	"fmt"

	"github.com/assaychain/assay/x/proofs/full"
)

// Accumulate computes X·Wᵀ + bias for an X of m rows, M·N sums, in int32 arithmetic: with inner dimensions up to
// full.MaxDimension and biases below 2^30 nothing wraps. It is plain code for tests and small steps; devices have faster.
func (p *Prover) Accumulate(m uint32, x []int8, w Weights) ([]int32, error) {
	if m < 1 || m > full.MaxDimension || len(x) != int(m)*int(w.K) {
		return nil, fmt.Errorf("%w: %d values for %d rows of %d", full.ErrShape, len(x), m, w.K)
	}
	n, k := int(w.N), int(w.K)
	out := make([]int32, int(m)*n)
	p.share(int(m), func(from, to int) {
		for i := from * n; i < to*n; i++ {
			sum, row, weights := w.Bias[i%n], x[i/n*k:][:k], w.Values[i%n*k:][:k]
			for l, v := range row {
				sum += int32(v) * int32(weights[l])
			}
			out[i] = sum
		}
	})
	return out, nil
}
