package compute

import (
	"context"
	"fmt"

	"github.com/assaychain/assay/x/proofs/interpreter"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// Execute runs a whole program on a kernel and returns the output of every step, in order, bit for bit those of
// interpreter.Run. Inputs come in the order of their declaration; it refuses what the interpreter refuses. progress, which
// may be nil, counts the multiply-accumulates of the whole program.
func Execute(ctx context.Context, kernel Kernel, job Job, progress Progress) ([]*tensor.Tensor, error) {
	shapes, err := interpreter.Bind(job.Program, job.Inputs)
	if err != nil {
		return nil, err
	}
	total, before := job.Program.Work(), uint64(0)
	outputs := make([]*tensor.Tensor, len(shapes))
	for i, shape := range shapes {
		x := job.Inputs[shape.Input.Index]
		if shape.Input.Step {
			x = outputs[shape.Input.Index]
		}
		dense := Dense{X: x, W: job.Inputs[shape.Weight], Step: job.Program.Steps[i]}
		outputs[i], err = kernel.Dense(ctx, dense, since(before, total, progress))
		if err != nil {
			return nil, fmt.Errorf("steps[%d] on %s: %w", i, kernel.Name(), err)
		}
		before += shape.Work()
	}
	return outputs, nil
}

// Job is a program with its inputs in the order of their declaration.
type Job struct {
	Program program.Program
	Inputs  []*tensor.Tensor
}

// since counts a step's progress within the program's.
func since(before, total uint64, progress Progress) Progress {
	if progress == nil {
		return nil
	}
	return func(done, _ uint64) { progress(before+done, total) }
}
