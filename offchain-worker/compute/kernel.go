// Package compute runs programs on a machine's processors. A Kernel is one back end; whatever it runs on, it gives exactly
// the integers of the reference interpreter, and is tested against it before it is used.
package compute

import (
	"context"
	"errors"
	"fmt"

	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// MaxDepth is the longest inner dimension of a raw product, which int32 holds exactly: 2^16·2^14 = 2^30.
const MaxDepth = 1 << 16

var (
	// ErrShape is wrapped by every refusal of operands whose dimensions or lengths do not fit; nothing is computed.
	ErrShape = errors.New("operands do not fit")
	// ErrWrong is wrapped when a check finds a result that is not the exact one.
	ErrWrong = errors.New("wrong result")
)

// Progress is told how many multiply-accumulates of the total are done. Calls come one at a time, from any goroutine,
// with done rising to total. It must return quickly.
type Progress func(done, total uint64)

// Kernel is one back end. Its methods may be called at the same time; they return ctx.Err() soon after the context ends,
// within one tile band, and then give no result. progress may be nil.
type Kernel interface {
	// Name identifies the back end in the registry, logs and metrics: "cpu/avx2".
	Name() string
	// Product fills p.C, or fails with ErrShape.
	Product(ctx context.Context, p Product, progress Progress) error
	// Dense computes one step, or fails with ErrShape.
	Dense(ctx context.Context, d Dense, progress Progress) (*tensor.Tensor, error)
}

// Product is a raw int8 product C = A·Bᵀ, every matrix row major: A is M×K, B is N×K, C is M×N.
type Product struct {
	M, N, K int
	A, B    []int8
	C       []int32
}

// Validate refuses empty or too long dimensions and slices of other lengths.
func (p Product) Validate() error {
	const limit = 1 << 24
	switch {
	case p.M < 1 || p.N < 1 || p.M > limit || p.N > limit:
		return fmt.Errorf("%w: %d x %d entries, rows and columns must be 1 to %d", ErrShape, p.M, p.N, limit)
	case p.K < 1 || p.K > MaxDepth:
		return fmt.Errorf("%w: inner dimension %d, must be 1 to %d", ErrShape, p.K, MaxDepth)
	case len(p.A) != p.M*p.K:
		return fmt.Errorf("%w: A has %d values, must have %d x %d", ErrShape, len(p.A), p.M, p.K)
	case len(p.B) != p.N*p.K:
		return fmt.Errorf("%w: B has %d values, must have %d x %d", ErrShape, len(p.B), p.N, p.K)
	case len(p.C) != p.M*p.N:
		return fmt.Errorf("%w: C has %d entries, must have %d x %d", ErrShape, len(p.C), p.M, p.N)
	}
	return nil
}

// Work is the number of multiply-accumulates.
func (p Product) Work() uint64 { return uint64(p.M) * uint64(p.N) * uint64(p.K) }

// Dense is one step of a program with its operands.
type Dense struct {
	// X is plain int8, W a weight tensor with as many columns.
	X, W *tensor.Tensor
	// Step gives the shift, the activation and the output type; its names are not read.
	Step program.DenseStep
}

// Validate refuses operands of the wrong kind or size, and a step that requantises by a shift out of range.
func (d Dense) Validate() error {
	for _, t := range []*tensor.Tensor{d.X, d.W} {
		if t == nil {
			return fmt.Errorf("%w: X or W is missing", ErrShape)
		}
		if err := t.Validate(); err != nil {
			return fmt.Errorf("%w: %w", ErrShape, err)
		}
	}
	plain := d.X.Kind == program.TENSOR_KIND_PLAIN && d.X.Type == program.DATA_TYPE_INT8
	if !plain || d.W.Kind != program.TENSOR_KIND_WEIGHT {
		return fmt.Errorf("%w: X is a %s %s and W a %s, must be plain int8 and weight", ErrShape, d.X.Kind, d.X.Type, d.W.Kind)
	}
	if d.X.Cols != d.W.Cols {
		return fmt.Errorf("%w: X has %d columns, W has %d", ErrShape, d.X.Cols, d.W.Cols)
	}
	narrow := d.Step.OutputType == program.DATA_TYPE_INT8 && d.Step.Shift >= 1 && d.Step.Shift <= program.MaxShift
	wide := d.Step.OutputType == program.DATA_TYPE_INT32 && d.Step.Shift == 0
	if !narrow && !wide {
		return fmt.Errorf("%w: %s output with shift %d; int8 takes 1 to %d, int32 takes 0", ErrShape, d.Step.OutputType, d.Step.Shift, program.MaxShift)
	}
	return nil
}

// Work is the number of multiply-accumulates.
func (d Dense) Work() uint64 { return uint64(d.X.Rows) * uint64(d.W.Rows) * uint64(d.X.Cols) }
