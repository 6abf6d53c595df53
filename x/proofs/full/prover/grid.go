package prover

import (
	"fmt"
	"math/bits"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/assaychain/assay/x/proofs/full"
)

// grid is a tensor as it is committed: entry (i, j) stands at index i·2^log + j. One of int8, int32 and field is set.
type grid struct {
	rows, cols int
	log        int
	int8       []int8
	int32      []int32
	// field are elements that are not in Montgomery form, as the small numbers aren't: so lifted weights fit both.
	field []fr.Element
}

func newGrid(rows, cols uint32, values8 []int8, values32 []int32) (*grid, error) {
	if rows < 1 || rows > full.MaxDimension || cols < 1 || cols > full.MaxDimension {
		return nil, fmt.Errorf("%w: a tensor of %d x %d, want 1..%d each", full.ErrShape, rows, cols, full.MaxDimension)
	}
	if want := int(rows) * int(cols); len(values8)+len(values32) != want {
		return nil, fmt.Errorf("%w: %d values for a tensor of %d x %d", full.ErrShape, len(values8)+len(values32), rows, cols)
	}
	return &grid{rows: int(rows), cols: int(cols), log: bits.Len32(cols - 1), int8: values8, int32: values32}, nil
}

// length is one more than the last index of an entry.
func (g *grid) length() int { return (g.rows-1)<<g.log + g.cols }

// copyTo fills dst with the values from index from on; what lies between and after the rows is 0.
func (g *grid) copyTo(dst []int32, from int) {
	clear(dst)
	g.segments(from, from+len(dst), func(at, row, col, n int) {
		part := dst[at-from:]
		if g.int32 != nil {
			copy(part, g.int32[row*g.cols+col:][:n])
			return
		}
		for i, v := range g.int8[row*g.cols+col:][:n] {
			part[i] = int32(v)
		}
	})
}

// segments calls visit for each run of entries of one row within [from, to): its index, row, first column and length.
func (g *grid) segments(from, to int, visit func(at, row, col, n int)) {
	for at := from; at < to; {
		row, col := at>>g.log, at&(1<<g.log-1)
		if row >= g.rows {
			return
		}
		next := (row + 1) << g.log
		if n := min(g.cols-col, to-at); n > 0 {
			visit(at, row, col, n)
		}
		at = next
	}
}
