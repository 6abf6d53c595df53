package compute

import (
	"context"

	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// Processor computes programs on this machine's processor, whose kernel was tested at the start.
type Processor struct{ kernel Kernel }

// NewProcessor tests the kernels of the processor with so many threads and takes the preferred one.
func NewProcessor(ctx context.Context, threads int) (Processor, error) {
	registry, err := NewCPURegistry(ctx, threads)
	if err != nil {
		return Processor{}, err
	}
	kernel, err := registry.Kernel("")
	return Processor{kernel}, err
}

// Execute gives the outputs of all steps, in order, bit for bit those of the reference interpreter.
func (p Processor) Execute(ctx context.Context, of program.Program, inputs []*tensor.Tensor) ([]*tensor.Tensor, error) {
	return Execute(ctx, p.kernel, Job{Program: of, Inputs: inputs}, nil)
}
