package runner

import (
	"context"
	"errors"
	"fmt"

	"github.com/assaychain/assay/x/proofs/challenge"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/statement"
	"github.com/assaychain/assay/x/proofs/tensor"

	markettypes "github.com/assaychain/assay/x/market/types"
)

// Evidence is all there is to prove a sampled result with.
type Evidence struct {
	// Trace is what the chain asks about.
	Trace challenge.Trace
	// Inputs are the program's inputs, Outputs its steps' outputs, whose roots the trace names.
	Inputs, Outputs []*tensor.Tensor
}

// Opening is one entry to be proven: a statement with the tensors whose roots it names.
type Opening struct {
	// Circuit proves it: "opening-1024"; empty at a level without circuits.
	Circuit   string
	Statement statement.Statement
	X, W, Y   *tensor.Tensor
}

// Openings are the entries that the seed draws, in the order drawn.
func (e Evidence) Openings() ([]Opening, error) {
	positions, statements, err := challenge.Statements(e.Trace)
	if err != nil {
		return nil, err
	}
	shapes, err := e.Trace.Program.Shapes()
	if err != nil {
		return nil, err
	}
	openings := make([]Opening, len(statements))
	for i, position := range positions {
		shape := shapes[position.Step]
		o := Opening{Statement: statements[i], X: e.Inputs[shape.Input.Index], W: e.Inputs[shape.Weight], Y: e.Outputs[position.Step]}
		if shape.Input.Step {
			o.X = e.Outputs[shape.Input.Index]
		}
		if int(position.Step) < len(e.Trace.Circuits) {
			o.Circuit = e.Trace.Circuits[position.Step]
		}
		openings[i] = o
	}
	return openings, nil
}

// evidence gathers what a result with these roots is proven with.
func (d *Dense) evidence(ctx context.Context, a Assignment, roots [][]byte, seed [32]byte) (Evidence, error) {
	inputs, err := d.inputs(ctx, a)
	if err != nil {
		return Evidence{}, err
	}
	shapes, err := a.Spec.Program.Shapes()
	if err != nil {
		return Evidence{}, err
	}
	outputs, err := d.outputsAgain(ctx, a, shapes, roots)
	if err != nil {
		return Evidence{}, err
	}
	return Evidence{Trace: a.trace(roots, seed), Inputs: inputs, Outputs: outputs}, nil
}

// trace is what the chain asks about a result with these roots.
func (a Assignment) trace(roots [][]byte, seed [32]byte) challenge.Trace {
	trace := challenge.Trace{
		Work:  a.Work(),
		Claim: a.Claim(), Seed: seed, Circuits: a.Job.Circuits, Steps: roots,
	}
	return trace
}

// outputsAgain loads the outputs, or computes them again where the disk has lost one since: what was committed to must be provable
// until the job is closed.
func (d *Dense) outputsAgain(ctx context.Context, a Assignment, shapes []program.StepShape, roots [][]byte) ([]*tensor.Tensor, error) {
	outputs, err := d.outputs(ctx, a, shapes, roots)
	if err == nil {
		return outputs, nil
	}
	trace, again := d.Run(ctx, a)
	if again != nil || !sameBytes(trace.StepRoots, roots) {
		return nil, errors.Join(err, again)
	}
	return d.outputs(ctx, a, shapes, roots)
}

// outputs loads the outputs of every step under their roots.
func (d *Dense) outputs(ctx context.Context, a Assignment, shapes []program.StepShape, roots [][]byte) ([]*tensor.Tensor, error) {
	if len(roots) != len(shapes) {
		return nil, fmt.Errorf("trace has %d steps, the program %d", len(roots), len(shapes))
	}
	scheme, err := d.config.Provers.For(a.Spec.Assurance)
	if err != nil {
		return nil, err
	}
	outputs := make([]*tensor.Tensor, len(shapes))
	for i, shape := range shapes {
		root, err := scheme.Root(program.TENSOR_KIND_PLAIN, roots[i])
		if err != nil {
			return nil, err
		}
		if outputs[i], err = d.load(ctx, a.Job.Id, scheme, shapeOf(shape.Output), root); err != nil {
			return nil, fmt.Errorf("output of step %d: %w", i, err)
		}
	}
	return outputs, nil
}

// checkPositions compares the positions drawn here with those that the node shows.
func checkPositions(own []program.Position, shown []markettypes.Position) error {
	if len(own) != len(shown) {
		return fmt.Errorf("node shows %d positions, the seed gives %d", len(shown), len(own))
	}
	for i, p := range own {
		if p.Step != shown[i].Step || p.Row != shown[i].Row || p.Col != shown[i].Col {
			return fmt.Errorf("node shows position %d as %v, the seed gives %v", i, shown[i], p)
		}
	}
	return nil
}
