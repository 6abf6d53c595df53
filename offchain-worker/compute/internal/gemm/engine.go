package gemm

// MaxDepth is the longest exact inner dimension: 65,536·128·128 = 2^30 fits an int32 with room for a bias.
const MaxDepth = 1 << 16

// blockDepth is the inner dimension of a block. A right panel of a block takes 32 KiB in both vector engines, two thirds
// of the first-level cache of current server cores.
const blockDepth = 1024

// Matrix is a view of int8 rows that lie Stride values apart.
type Matrix struct {
	Values             []int8
	Rows, Cols, Stride int
}

// row returns the values of a row in the view.
func (m Matrix) row(r int) []int8 {
	return m.Values[r*m.Stride : r*m.Stride+m.Cols]
}

// columns is the view of the columns [from, to).
func (m Matrix) columns(from, to int) Matrix {
	return Matrix{Values: m.Values[from:], Rows: m.Rows, Cols: to - from, Stride: m.Stride}
}

// Area is a rectangle of C, from a row and a column on.
type Area struct {
	Row, Col, Rows, Cols int
}

// Engine makes products for one micro-kernel.
type Engine interface {
	// Name is the instruction set: "portable", "avx2", "avx512-vnni".
	Name() string
	// Tile is the size of the micro-kernel's tile. Areas begin at multiples of it.
	Tile() (rows, cols int)
	// Product allocates the panels for A·Bᵀ over one block of the inner dimension. Nothing is packed yet.
	Product(a, b Matrix) Product
}

// Product is one block of A·Bᵀ. All panels must be packed, each once, before anything is accumulated. Different panels, and
// areas that do not overlap, may be worked on at the same time.
type Product interface {
	// Panels is the number of panels of both operands together.
	Panels() int
	// Pack copies panel i, from 0 to Panels()-1.
	Pack(i int)
	// Accumulate adds the product to the area of C; c begins at the area's first entry and has rows stride apart.
	Accumulate(area Area, c []int32, stride int)
}

// Blocks cuts A·Bᵀ (A of M×K, B of N×K, contiguous rows) along the inner dimension. The sum of all blocks' products is the
// product; each holds its panels only once it is made, so that the memory for a very long inner dimension is bounded.
func Blocks(a, b Matrix) [][2]Matrix {
	var blocks [][2]Matrix
	for from := 0; from < a.Cols; from += blockDepth {
		to := min(from+blockDepth, a.Cols)
		blocks = append(blocks, [2]Matrix{a.columns(from, to), b.columns(from, to)})
	}
	return blocks
}

// ceilDiv is the number of parts of size d that cover n.
func ceilDiv(n, d int) int { return (n + d - 1) / d }
