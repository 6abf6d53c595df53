package daemon

import (
	"context"

	"github.com/assaychain/assay/offchain-worker/compute"
	"github.com/assaychain/assay/offchain-worker/machine"
	"github.com/assaychain/assay/offchain-worker/runner"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// executor runs programs on the machine's devices.
type executor struct{ machine *machine.Machine }

var _ runner.Executor = executor{}

// Execute returns the output of every step, computed on the device.
func (e executor) Execute(ctx context.Context, device []byte, p program.Program, inputs []*tensor.Tensor) ([]*tensor.Tensor, error) {
	return compute.Execute(ctx, e.machine.Kernel(device), compute.Job{Program: p, Inputs: inputs}, nil)
}
