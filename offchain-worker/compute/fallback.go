package compute

import (
	"context"
	"errors"

	"github.com/assaychain/assay/x/proofs/tensor"
)

// Fallback computes on one kernel, and again on another what the first fails at: results are the same on every kernel, so
// a job is late at worst. First should be Checked, or a wrong result is no failure.
type Fallback struct {
	First, Second Kernel
	// Failed is told each failure of the first; may be nil.
	Failed func(err error)
}

var _ Kernel = (*Fallback)(nil)

// Name is the first kernel's.
func (f *Fallback) Name() string { return f.First.Name() }

// Product computes p.
func (f *Fallback) Product(ctx context.Context, p Product, progress Progress) error {
	progress = rising(progress)
	if err := f.First.Product(ctx, p, progress); !f.goesOn(ctx, err) {
		return err
	}
	return f.Second.Product(ctx, p, progress)
}

// Dense computes d.
func (f *Fallback) Dense(ctx context.Context, d Dense, progress Progress) (*tensor.Tensor, error) {
	progress = rising(progress)
	out, err := f.First.Dense(ctx, d, progress)
	if !f.goesOn(ctx, err) {
		return out, err
	}
	return f.Second.Dense(ctx, d, progress)
}

// goesOn tells whether the second kernel should try what the first ended with err.
func (f *Fallback) goesOn(ctx context.Context, err error) bool {
	if err == nil || errors.Is(err, ErrShape) || ctx.Err() != nil {
		return false
	}
	if f.Failed != nil {
		f.Failed(err)
	}
	return true
}

// rising leaves out the progress that was told before.
func rising(progress Progress) Progress {
	if progress == nil {
		return nil
	}
	var told uint64
	return func(done, total uint64) {
		if done > told {
			told = done
			progress(done, total)
		}
	}
}
