package gemm_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/assaychain/assay/offchain-worker/compute/internal/gemm"
)

func random(r *rand.Rand, rows, cols int) gemm.Matrix {
	m := gemm.Matrix{Values: make([]int8, rows*cols), Rows: rows, Cols: cols, Stride: cols}
	for i := range m.Values {
		m.Values[i] = int8(r.Uint32())
	}
	return m
}

func dot(a, b gemm.Matrix, row, col int) (sum int32) {
	for k := range a.Cols {
		sum += int32(a.Values[row*a.Stride+k]) * int32(b.Values[col*b.Stride+k])
	}
	return sum
}

// Each engine adds to an area inside of a larger C, whatever the sizes, and touches nothing around it.
func TestAccumulateStaysInItsArea(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, engine := range gemm.Engines() {
		rows, cols := engine.Tile()
		for _, depth := range []int{1, 2, 3, 4, 5, 63, 1024, 1025} {
			for _, size := range [][2]int{{rows, cols}, {2*rows + 1, cols}, {rows, 2*cols + 1}, {3*rows - 1, 3*cols - 1}} {
				t.Run(fmt.Sprintf("%s/%d/%v", engine.Name(), depth, size), func(t *testing.T) {
					checkArea(t, engine, random(r, size[0], depth), random(r, size[1], depth))
				})
			}
		}
	}
}

const untouched = 1 << 29

func checkArea(t *testing.T, engine gemm.Engine, a, b gemm.Matrix) {
	rows, cols := engine.Tile()
	area := gemm.Area{Row: rows, Col: cols, Rows: a.Rows - rows, Cols: b.Rows - cols}
	if area.Rows == 0 || area.Cols == 0 {
		area = gemm.Area{Rows: a.Rows, Cols: b.Rows}
	}
	stride := area.Cols + 3
	c := make([]int32, (area.Rows+1)*stride)
	for i := range c {
		c[i] = untouched
	}
	for _, block := range gemm.Blocks(a, b) {
		product := engine.Product(block[0], block[1])
		for i := range product.Panels() {
			product.Pack(i)
		}
		product.Accumulate(area, c, stride)
	}
	for i, got := range c {
		row, col, want := i/stride, i%stride, int32(untouched)
		if row < area.Rows && col < area.Cols {
			want += dot(a, b, area.Row+row, area.Col+col)
		}
		if got != want {
			t.Fatalf("entry (%d, %d) of the area is %d, must be %d", row, col, got, want)
		}
	}
}
