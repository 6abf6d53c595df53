package compute

import (
	"context"
	"fmt"

	"github.com/assaychain/assay/offchain-worker/compute/internal/gemm"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// bandRows is the height of a unit of work: a multiple of every engine's tile height, whose panels stay in the
// second-level cache, and short enough for a context to be heeded within a fraction of a second.
const bandRows = 96

// unitsPerThread is how many units each thread should find, so that threads end at about the same time.
const unitsPerThread = 4

// CPU computes on the machine's processor cores.
type CPU struct {
	engine  gemm.Engine
	threads int
}

var _ Kernel = (*CPU)(nil)

// CPUs returns a kernel for every instruction set that this processor has and this package knows, the fastest first; the
// last is plain Go and always there. Each computes on that many threads at a time, at least one.
func CPUs(threads int) ([]*CPU, error) {
	if threads < 1 {
		return nil, fmt.Errorf("threads is %d, must be at least 1", threads)
	}
	var kernels []*CPU
	for _, engine := range gemm.Engines() {
		kernels = append(kernels, &CPU{engine: engine, threads: threads})
	}
	return kernels, nil
}

// Name is "cpu/" and the instruction set.
func (c *CPU) Name() string { return "cpu/" + c.engine.Name() }

// Product computes p block by block along the inner dimension, so that it takes memory for one block's panels.
func (c *CPU) Product(ctx context.Context, p Product, progress Progress) error {
	if err := p.Validate(); err != nil {
		return err
	}
	clear(p.C)
	pool := newPool(ctx, c.threads, progress, p.Work())
	a := gemm.Matrix{Values: p.A, Rows: p.M, Cols: p.K, Stride: p.K}
	b := gemm.Matrix{Values: p.B, Rows: p.N, Cols: p.K, Stride: p.K}
	for _, block := range gemm.Blocks(a, b) {
		packed, err := c.pack(pool, block)
		if err != nil {
			return err
		}
		areas, depth := c.areas(p.M, p.N), uint64(block[0].Cols)
		err = pool.run(len(areas), func(i int) uint64 {
			area := areas[i]
			packed.Accumulate(area, p.C[area.Row*p.N+area.Col:], p.N)
			return uint64(area.Rows*area.Cols) * depth
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Dense computes d; each unit requantises its own accumulators while they are in the cache.
func (c *CPU) Dense(ctx context.Context, d Dense, progress Progress) (*tensor.Tensor, error) {
	if err := d.Validate(); err != nil {
		return nil, err
	}
	pool := newPool(ctx, c.threads, progress, d.Work())
	m, n, k := int(d.X.Rows), int(d.W.Rows), int(d.X.Cols)
	a := gemm.Matrix{Values: d.X.Int8, Rows: m, Cols: k, Stride: k}
	b := gemm.Matrix{Values: d.W.Int8, Rows: n, Cols: k, Stride: k}
	var packed []gemm.Product
	for _, block := range gemm.Blocks(a, b) {
		product, err := c.pack(pool, block)
		if err != nil {
			return nil, err
		}
		packed = append(packed, product)
	}
	out := newOutput(d)
	areas := c.areas(m, n)
	err := pool.run(len(areas), func(i int) uint64 {
		out.compute(areas[i], packed)
		return uint64(areas[i].Rows*areas[i].Cols) * uint64(k)
	})
	if err != nil {
		return nil, err
	}
	return out.tensor()
}

func (c *CPU) pack(pool *pool, block [2]gemm.Matrix) (gemm.Product, error) {
	packed := c.engine.Product(block[0], block[1])
	err := pool.run(packed.Panels(), func(i int) uint64 {
		packed.Pack(i)
		return 0
	})
	return packed, err
}

// areas cuts M×N entries in units: bands of rows, and, if there are too few of those for the threads, groups of columns.
func (c *CPU) areas(m, n int) []gemm.Area {
	_, tile := c.engine.Tile()
	bands := (m + bandRows - 1) / bandRows
	groups := max(1, c.threads*unitsPerThread/bands)
	width := (n + groups - 1) / groups
	width = (width + tile - 1) / tile * tile
	var areas []gemm.Area
	for row := 0; row < m; row += bandRows {
		for col := 0; col < n; col += width {
			areas = append(areas, gemm.Area{Row: row, Col: col, Rows: min(bandRows, m-row), Cols: min(width, n-col)})
		}
	}
	return areas
}
