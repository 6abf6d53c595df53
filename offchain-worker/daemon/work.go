package daemon

import (
	"context"
	"fmt"
	"time"

	"github.com/assaychain/assay/offchain-worker/compute"
	"github.com/assaychain/assay/offchain-worker/runner"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// executor runs programs on a kernel.
type executor struct{ kernel compute.Kernel }

var _ runner.Executor = executor{}

// Execute returns the output of every step.
func (e executor) Execute(ctx context.Context, p program.Program, inputs []*tensor.Tensor) ([]*tensor.Tensor, error) {
	return compute.Execute(ctx, e.kernel, compute.Job{Program: p, Inputs: inputs}, nil)
}

const (
	// measureSize is the side of the square product that speed is measured with.
	measureSize = 384
	// measureTime is how long it is repeated for.
	measureTime = 150 * time.Millisecond
)

// Measure is a kernel's speed in multiply-accumulates a second.
func Measure(ctx context.Context, kernel compute.Kernel) (float64, error) {
	values := make([]int8, measureSize*measureSize)
	for i := range values {
		values[i] = int8(i*7 + i/measureSize)
	}
	product := compute.Product{
		M: measureSize, N: measureSize, K: measureSize, A: values, B: values, C: make([]int32, measureSize*measureSize),
	}
	start, work := time.Now(), uint64(0)
	for time.Since(start) < measureTime {
		if err := kernel.Product(ctx, product, nil); err != nil {
			return 0, fmt.Errorf("measure %s: %w", kernel.Name(), err)
		}
		work += product.Work()
	}
	return float64(work) / time.Since(start).Seconds(), nil
}
