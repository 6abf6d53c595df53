package gemm

// word is the element of a right panel.
type word interface{ uint32 | uint64 }

// kernel is a micro-kernel with the packing that it needs; R is the element of its right panels.
type kernel[R word] struct {
	name string
	// rows and cols are the size of the tile.
	rows, cols int
	// leftSize and rightSize are the lengths of a panel for a depth.
	leftSize, rightSize func(depth int) int
	// packLeft and packRight fill a zeroed panel with the rows [from, from+count) of a matrix.
	packLeft  func(panel []uint32, m Matrix, from, count int)
	packRight func(panel []R, m Matrix, from, count int)
	// tile adds the product of a left and a right panel of a depth to a full tile of c.
	tile func(left []uint32, right []R, c []int32, stride int)
}

func (k *kernel[R]) Name() string           { return k.name }
func (k *kernel[R]) Tile() (rows, cols int) { return k.rows, k.cols }

func (k *kernel[R]) Product(a, b Matrix) Product {
	leftSize, rightSize := k.leftSize(a.Cols), k.rightSize(a.Cols)
	return &product[R]{
		kernel: k, a: a, b: b, leftSize: leftSize, rightSize: rightSize,
		left:  make([]uint32, ceilDiv(a.Rows, k.rows)*leftSize),
		right: make([]R, ceilDiv(b.Rows, k.cols)*rightSize),
	}
}

type product[R word] struct {
	kernel              *kernel[R]
	a, b                Matrix
	leftSize, rightSize int
	left                []uint32
	right               []R
}

func (p *product[R]) Panels() int {
	return ceilDiv(p.a.Rows, p.kernel.rows) + ceilDiv(p.b.Rows, p.kernel.cols)
}

func (p *product[R]) Pack(i int) {
	k := p.kernel
	if n := ceilDiv(p.a.Rows, k.rows); i >= n {
		from := (i - n) * k.cols
		k.packRight(p.rightPanel(from), p.b, from, min(k.cols, p.b.Rows-from))
		return
	}
	from := i * k.rows
	k.packLeft(p.leftPanel(from), p.a, from, min(k.rows, p.a.Rows-from))
}

func (p *product[R]) leftPanel(row int) []uint32 {
	i := row / p.kernel.rows
	return p.left[i*p.leftSize : (i+1)*p.leftSize]
}

func (p *product[R]) rightPanel(col int) []R {
	i := col / p.kernel.cols
	return p.right[i*p.rightSize : (i+1)*p.rightSize]
}

// Accumulate walks the columns in the outer loop: one right panel stays in the first-level cache while the left panels of
// the area's rows pass from the second level.
func (p *product[R]) Accumulate(area Area, c []int32, stride int) {
	k := p.kernel
	edge := make([]int32, k.rows*k.cols)
	for col := 0; col < area.Cols; col += k.cols {
		right := p.rightPanel(area.Col + col)
		for row := 0; row < area.Rows; row += k.rows {
			left, at := p.leftPanel(area.Row+row), c[row*stride+col:]
			rows, cols := min(k.rows, area.Rows-row), min(k.cols, area.Cols-col)
			if rows == k.rows && cols == k.cols {
				k.tile(left, right, at, stride)
				continue
			}
			clear(edge)
			k.tile(left, right, edge, k.cols)
			addEdge(at, stride, edge, Area{Rows: rows, Cols: cols}, k.cols)
		}
	}
}

// addEdge adds the part of a tile that lies within C.
func addEdge(c []int32, stride int, tile []int32, part Area, width int) {
	for row := range part.Rows {
		to, from := c[row*stride:row*stride+part.Cols], tile[row*width:]
		for i := range to {
			to[i] += from[i]
		}
	}
}
