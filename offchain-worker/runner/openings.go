package runner

import (
	"context"
	"fmt"

	"github.com/assaychain/assay/offchain-worker/blob"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/statement"
	"github.com/assaychain/assay/x/proofs/tensor"

	markettypes "github.com/assaychain/assay/x/market/types"
)

// openings makes the statements of a challenge about a trace with these roots.
func (d *Dense) openings(ctx context.Context, a Assignment, roots [][]byte, challenge Challenge) ([]Opening, error) {
	positions, err := program.Positions(challenge.Seed, a.Spec.Program, a.Spec.Samples)
	if err != nil {
		return nil, err
	}
	if err := checkPositions(positions, challenge.Positions); err != nil {
		return nil, err
	}
	inputs, err := d.inputs(ctx, a)
	if err != nil {
		return nil, err
	}
	shapes, err := a.Spec.Program.Shapes()
	if err != nil {
		return nil, err
	}
	outputs, err := d.outputs(a, shapes, roots)
	if err != nil {
		return nil, err
	}
	openings := make([]Opening, len(positions))
	for i, position := range positions {
		shape := shapes[position.Step]
		o := Opening{Circuit: challenge.Positions[i].Circuit, W: inputs[shape.Weight], Y: outputs[position.Step]}
		rootX := a.Spec.Inputs[shape.Input.Index].Root
		o.X = inputs[shape.Input.Index]
		if shape.Input.Step {
			rootX, o.X = roots[shape.Input.Index], outputs[shape.Input.Index]
		}
		o.Statement = statementOf(a, challenge.Seed, shape, position)
		o.Statement.Index = uint32(i)
		o.Statement.RootX, o.Statement.RootW = [tensor.RootSize]byte(rootX), [tensor.RootSize]byte(a.Spec.Inputs[shape.Weight].Root)
		o.Statement.RootY = [tensor.RootSize]byte(roots[position.Step])
		openings[i] = o
	}
	return openings, nil
}

// statementOf is what is proven at a position, without its index and roots.
func statementOf(a Assignment, seed [32]byte, shape program.StepShape, position program.Position) statement.Statement {
	step := a.Spec.Program.Steps[position.Step]
	return statement.Statement{
		ChainID: a.ChainID, JobID: a.Job.Id, Attempt: a.Job.Attempt, Worker: a.Operator, Seed: seed,
		Row: position.Row, Col: position.Col, K: shape.K, OutputCols: shape.N,
		Shift: step.Shift, Activation: step.Activation, OutputType: step.OutputType,
	}
}

// outputs loads the outputs of every step under their roots.
func (d *Dense) outputs(a Assignment, shapes []program.StepShape, roots [][]byte) ([]*tensor.Tensor, error) {
	if len(roots) != len(shapes) {
		return nil, fmt.Errorf("trace has %d steps, the program %d", len(roots), len(shapes))
	}
	outputs := make([]*tensor.Tensor, len(shapes))
	for i, shape := range shapes {
		root, err := blob.ParseRoot(roots[i])
		if err != nil {
			return nil, err
		}
		if outputs[i], err = d.load(a.Job.Id, shapeOf(shape.Output), root); err != nil {
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
