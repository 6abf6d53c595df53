package offload

import (
	"context"
	"errors"
	"fmt"

	"github.com/assaychain/assay/offchain-worker/compute"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// ErrClosed is returned by a kernel whose device was closed.
var ErrClosed = errors.New("device is closed")

// Kernel is a compute back end on a device. Calls that come at the same time take turns.
type Kernel struct {
	name string
	plan plan
	// turn holds the device while nobody uses it; closed for good once the device is.
	turn chan Device
}

var _ compute.Kernel = (*Kernel)(nil)

// NewKernel makes a kernel of a device, which it owns from then on. It refuses limits that don't hold one tile of the deepest product.
func NewKernel(name string, device Device, limits Limits) (*Kernel, error) {
	const depth = compute.MaxDepth
	if limits.Tile < 1 || limits.PanelBytes/depth < limits.Tile || limits.Entries < limits.Tile*limits.Tile {
		return nil, fmt.Errorf("%s: panels of %d bytes and %d entries are too small for tiles of %d", name, limits.PanelBytes, limits.Entries, limits.Tile)
	}
	kernel := &Kernel{name: name, plan: plan{limits: limits, pace: newPace()}, turn: make(chan Device, 1)}
	kernel.turn <- device
	return kernel, nil
}

// Name is what the back end called the device.
func (k *Kernel) Name() string { return k.name }

// Product fills p.C on the device.
func (k *Kernel) Product(ctx context.Context, p compute.Product, progress compute.Progress) error {
	if err := p.Validate(); err != nil {
		return err
	}
	sink := func(at area, entries []int32) {
		for row := range at.rows {
			copy(p.C[(at.row+row)*p.N+at.col:], entries[row*at.cols:(row+1)*at.cols])
		}
	}
	return k.run(ctx, operands{m: p.M, n: p.N, k: p.K, a: p.A, b: p.B}, sink, since(p.Work(), progress))
}

// Dense multiplies on the device and ends the step here, block by block.
func (k *Kernel) Dense(ctx context.Context, d compute.Dense, progress compute.Progress) (*tensor.Tensor, error) {
	if err := d.Validate(); err != nil {
		return nil, err
	}
	m, n := int(d.X.Rows), int(d.W.Rows)
	out := newOutput(d)
	ops := operands{m: m, n: n, k: int(d.X.Cols), a: d.X.Int8, b: d.W.Int8}
	if err := k.run(ctx, ops, out.finish, since(d.Work(), progress)); err != nil {
		return nil, err
	}
	return out.tensor()
}

// Close frees the device after the call in work, if any. Later calls fail with ErrClosed.
func (k *Kernel) Close() error {
	device, open := <-k.turn
	if !open {
		return nil
	}
	close(k.turn)
	return device.Close()
}

func (k *Kernel) run(ctx context.Context, ops operands, sink func(area, []int32), report func(uint64)) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case device, open := <-k.turn:
		if !open {
			return fmt.Errorf("%s: %w", k.name, ErrClosed)
		}
		defer func() { k.turn <- device }()
		r := run{operands: ops, plan: k.plan, device: device, sink: sink, report: report}
		if err := r.product(ctx); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return fmt.Errorf("%s: %w", k.name, err)
		}
		return nil
	}
}

func since(total uint64, progress compute.Progress) func(uint64) {
	if progress == nil {
		return nil
	}
	return func(done uint64) { progress(done, total) }
}

// output collects the entries of a step.
type output struct {
	dense  compute.Dense
	narrow []int8
	wide   []int32
	cols   int
}

func newOutput(d compute.Dense) *output {
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

// finish adds the biases to an area's sums and ends the step.
func (o *output) finish(at area, sums []int32) {
	bias := o.dense.W.Bias[at.col : at.col+at.cols]
	for row := range at.rows {
		acc := sums[row*at.cols : (row+1)*at.cols]
		first := (at.row+row)*o.cols + at.col
		if o.wide != nil {
			o.activate(first, acc, bias)
		} else {
			o.requantise(first, acc, bias, o.dense.W.Multiplier[at.col:at.col+at.cols])
		}
	}
}

func (o *output) activate(first int, acc, bias []int32) {
	for i, v := range acc {
		o.wide[first+i] = program.Activate(v+bias[i], o.dense.Step.Activation)
	}
}

func (o *output) requantise(first int, acc, bias []int32, multiplier []uint32) {
	for i, v := range acc {
		o.narrow[first+i] = program.Requant(v+bias[i], multiplier[i], o.dense.Step.Shift, o.dense.Step.Activation)
	}
}
