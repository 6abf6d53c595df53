package compute

import (
	"context"

	"github.com/assaychain/assay/offchain-worker/compute/internal/gemm"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// Multiplier is the part of a Kernel that multiplies.
type Multiplier func(ctx context.Context, p Product, progress Progress) error

// DenseByProduct computes a step with one product: what a back end that only multiplies implements Kernel.Dense with. The
// accumulators, four bytes an entry, are in memory at once, and are requantised on one thread.
func DenseByProduct(ctx context.Context, multiply Multiplier, d Dense, progress Progress) (*tensor.Tensor, error) {
	if err := d.Validate(); err != nil {
		return nil, err
	}
	p := d.product()
	p.C = make([]int32, p.M*p.N)
	if err := multiply(ctx, p, progress); err != nil {
		return nil, err
	}
	out := newOutput(d)
	if err := out.accept(ctx, 1, area{}, p); err != nil {
		return nil, err
	}
	return out.tensor()
}

// product is a step's product, without room for its result.
func (d Dense) product() Product {
	return Product{M: int(d.X.Rows), N: int(d.W.Rows), K: int(d.X.Cols), A: d.X.Int8, B: d.W.Int8}
}

// output collects the entries of a step.
type output struct {
	dense  Dense
	narrow []int8
	wide   []int32
	cols   int
}

func newOutput(d Dense) *output {
	entries := int(d.X.Rows) * int(d.W.Rows)
	o := &output{dense: d, cols: int(d.W.Rows)}
	if d.Step.OutputType == program.DATA_TYPE_INT32 {
		o.wide = make([]int32, entries)
	} else {
		o.narrow = make([]int8, entries)
	}
	return o
}

func (o *output) tensor() (*tensor.Tensor, error) {
	if o.wide != nil {
		return tensor.NewInt32(o.dense.X.Rows, o.dense.W.Rows, o.wide)
	}
	return tensor.NewInt8(o.dense.X.Rows, o.dense.W.Rows, o.narrow)
}

// compute fills one area: accumulators that start from the biases, all blocks of the product, then the end of the step.
func (o *output) compute(area gemm.Area, packed []gemm.Product) {
	acc := make([]int32, area.Rows*area.Cols)
	bias := o.dense.W.Bias[area.Col : area.Col+area.Cols]
	for row := range area.Rows {
		copy(acc[row*area.Cols:], bias)
	}
	for _, product := range packed {
		product.Accumulate(area, acc, area.Cols)
	}
	for row := range area.Rows {
		at := (area.Row+row)*o.cols + area.Col
		o.finish(at, area.Col, acc[row*area.Cols:(row+1)*area.Cols])
	}
}

// accept fills one area from a product that begins there; it adds the biases to part.C.
func (o *output) accept(ctx context.Context, threads int, at area, part Product) error {
	bias := o.dense.W.Bias[at.col : at.col+part.N]
	return newPool(ctx, threads, nil, 0).run(part.M, func(row int) uint64 {
		acc := part.C[row*part.N : (row+1)*part.N]
		for i, b := range bias {
			acc[i] += b
		}
		o.finish((at.row+row)*o.cols+at.col, at.col, acc)
		return 0
	})
}

// finish writes part of a row, from entry at on, whose first column is col.
func (o *output) finish(at, col int, acc []int32) {
	shift, activation := o.dense.Step.Shift, o.dense.Step.Activation
	if o.wide != nil {
		for i, v := range acc {
			o.wide[at+i] = program.Activate(v, activation)
		}
		return
	}
	multiplier, out := o.dense.W.Multiplier[col:col+len(acc)], o.narrow[at:at+len(acc)]
	for i, v := range acc {
		out[i] = program.Requant(v, multiplier[i], shift, activation)
	}
}
