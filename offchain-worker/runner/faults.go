package runner

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/assaychain/assay/x/proofs/tensor"
)

// Faults make a worker misbehave, to show what the chain does about it. They only work on development chains.
type Faults struct {
	// CorruptPercent of each step's output entries is changed before the commitment, at least one if above 0.
	CorruptPercent uint
	// FlipEntry changes the last entry of the result in its lowest bit, proves what can be proven of it, and answers a dispute of it by a
	// proof of the right one.
	FlipEntry bool
	// DropProof never proves.
	DropProof bool
	// Late delays the end of each run, so that the commitment comes after its deadline.
	Late time.Duration
	// WithholdOutput does not publish results.
	WithholdOutput bool
	// IgnoreClaims does not answer the claim of an undelivered result.
	IgnoreClaims bool
}

// Active tells whether any fault is set.
func (f Faults) Active() bool { return f != Faults{} }

// DevelopmentChain tells whether a chain id is one on which faults may be used.
func DevelopmentChain(chainID string) bool {
	return strings.HasPrefix(chainID, "assay-local-") || strings.HasPrefix(chainID, "assay-test-")
}

// faulty is the dense kind with faults.
type faulty struct {
	*Dense
	faults Faults
}

var _ Kind = (*faulty)(nil)

// WithFaults makes a kind misbehave. It refuses any chain but development ones, and percentages above 100.
func WithFaults(dense *Dense, faults Faults, chainID string) (Kind, error) {
	if !faults.Active() {
		return dense, nil
	}
	if !DevelopmentChain(chainID) {
		return nil, fmt.Errorf("faults are refused on chain %q: its id must start with assay-local- or assay-test-", chainID)
	}
	if faults.CorruptPercent > 100 {
		return nil, fmt.Errorf("corrupt percent is %d, must be at most 100", faults.CorruptPercent)
	}
	return &faulty{Dense: dense, faults: faults}, nil
}

// Run corrupts the outputs, and waits, after the honest run.
func (f *faulty) Run(ctx context.Context, a Assignment) (Trace, error) {
	trace, err := f.Dense.Run(ctx, a)
	if err != nil {
		return trace, err
	}
	if f.faults.Late > 0 {
		if err := wait(ctx, f.faults.Late); err != nil {
			return trace, err
		}
	}
	switch {
	case f.faults.CorruptPercent > 0:
		return f.corrupt(ctx, a, trace, func(outputs []*tensor.Tensor) {
			for i := range outputs {
				outputs[i] = flip(outputs[i], f.faults.CorruptPercent)
			}
		})
	case f.faults.FlipEntry:
		return f.corrupt(ctx, a, trace, func(outputs []*tensor.Tensor) {
			last := len(outputs) - 1
			outputs[last] = flipLast(outputs[last])
		})
	default:
		return trace, nil
	}
}

func (f *faulty) corrupt(ctx context.Context, a Assignment, honest Trace, change func([]*tensor.Tensor)) (Trace, error) {
	shapes, err := a.Spec.Program.Shapes()
	if err != nil {
		return Trace{}, err
	}
	outputs, err := f.outputs(ctx, a, shapes, honest.StepRoots)
	if err != nil {
		return Trace{}, err
	}
	change(outputs)
	roots, err := f.store(ctx, a, outputs)
	return Trace{StepRoots: roots, Shadow: honest.StepRoots}, err
}

// flip changes a share of a tensor's entries, evenly spread, in a copy.
func flip(t *tensor.Tensor, percent uint) *tensor.Tensor {
	out := *t
	out.Int8 = append([]int8(nil), t.Int8...)
	out.Int32 = append([]int32(nil), t.Int32...)
	cells := len(t.Int8) + len(t.Int32)
	count := max(1, cells*int(percent)/100)
	for i := range count {
		cell := i * cells / count
		switch {
		case len(out.Int8) > 0:
			out.Int8[cell] ^= 1
		case out.Int32[cell] == math.MaxInt32:
			out.Int32[cell]--
		default:
			out.Int32[cell]++
		}
	}
	return &out
}

// flipLast changes a tensor's last entry in its lowest bit, in a copy.
func flipLast(t *tensor.Tensor) *tensor.Tensor {
	out := *t
	out.Int8, out.Int32 = append([]int8(nil), t.Int8...), append([]int32(nil), t.Int32...)
	if n := len(out.Int8); n > 0 {
		out.Int8[n-1] ^= 1
	} else {
		out.Int32[len(out.Int32)-1] ^= 1
	}
	return &out
}

// Prove tries to get away with a corrupted result: what can't be proven of it is replaced by a proof of the right one,
// which is well formed and about another statement.
func (f *faulty) Prove(ctx context.Context, a Assignment, trace Trace, challenge Challenge) ([][]byte, error) {
	if f.faults.DropProof {
		return nil, ErrWithheld
	}
	provable := f.faults.FlipEntry && f.faults.CorruptPercent == 0 && challenge.Dispute == nil
	if len(trace.Shadow) == 0 || sameBytes(trace.Shadow, trace.StepRoots) || provable {
		return f.Dense.Prove(ctx, a, trace, challenge)
	}
	return f.Dense.Prove(ctx, a, Trace{StepRoots: trace.Shadow}, challenge)
}

// Publish keeps the result to itself.
func (f *faulty) Publish(ctx context.Context, a Assignment, trace Trace) error {
	if f.faults.WithholdOutput {
		return ErrWithheld
	}
	return f.Dense.Publish(ctx, a, trace)
}

// Seal does not answer.
func (f *faulty) Seal(ctx context.Context, a Assignment, trace Trace) ([]byte, error) {
	if f.faults.IgnoreClaims {
		return nil, ErrWithheld
	}
	return f.Dense.Seal(ctx, a, trace)
}

// Open does not answer either.
func (f *faulty) Open(ctx context.Context, a Assignment, trace Trace, point []byte) ([]byte, error) {
	if f.faults.IgnoreClaims {
		return nil, ErrWithheld
	}
	return f.Dense.Open(ctx, a, trace, point)
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

func sameBytes(a, b [][]byte) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !bytes.Equal(a[i], b[i]) {
			return false
		}
	}
	return true
}
