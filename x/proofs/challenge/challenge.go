// Package challenge turns a sampled job into the statements that its proofs must prove. The chain and the worker build them
// from the same data by the same code, so that a proof cannot be about anything but the job.
package challenge

import (
	"errors"
	"fmt"

	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/statement"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// ErrTrace is wrapped when roots are missing, superfluous or of the wrong size.
var ErrTrace = errors.New("roots do not fit the program")

// Work is what is known of a job when it is submitted, as far as its proofs depend on it.
type Work struct {
	// Program is what is to be run.
	Program program.Program
	// Samples is the number of positions.
	Samples uint32
	// Inputs are the roots of the program's inputs, in its order.
	Inputs [][]byte
}

// Trace is everything the statements of a job are made of.
type Trace struct {
	Work
	// Claim names chain, job, attempt and worker.
	Claim program.Claim
	// Seed draws the positions.
	Seed [32]byte
	// Circuits verify the steps, one each; nil where the proof system has none.
	Circuits []string
	// Steps are the roots of the steps' outputs, in the program's order.
	Steps [][]byte
}

// Statements are one for each position, in the order drawn.
func Statements(t Trace) ([]program.Position, []statement.Statement, error) {
	shapes, err := t.Program.Shapes()
	if err != nil {
		return nil, nil, err
	}
	if err := t.check(); err != nil {
		return nil, nil, err
	}
	positions, err := program.Positions(t.Seed, t.Program, t.Samples)
	if err != nil {
		return nil, nil, err
	}
	statements := make([]statement.Statement, len(positions))
	for i, p := range positions {
		statements[i] = t.statement(uint32(i), p, shapes[p.Step])
	}
	return positions, statements, nil
}

func (t Trace) check() error {
	if len(t.Inputs) != len(t.Program.Inputs) || len(t.Steps) != len(t.Program.Steps) {
		return fmt.Errorf("%w: %d input and %d step roots, the program has %d inputs and %d steps",
			ErrTrace, len(t.Inputs), len(t.Steps), len(t.Program.Inputs), len(t.Program.Steps))
	}
	for _, roots := range [][][]byte{t.Inputs, t.Steps} {
		for i, root := range roots {
			if len(root) != tensor.RootSize {
				return fmt.Errorf("%w: root %d has %d bytes, must have %d", ErrTrace, i, len(root), tensor.RootSize)
			}
		}
	}
	return nil
}

func (t Trace) statement(index uint32, p program.Position, shape program.StepShape) statement.Statement {
	step := t.Program.Steps[p.Step]
	return statement.Statement{
		ChainID: t.Claim.ChainID, JobID: t.Claim.JobID, Attempt: t.Claim.Attempt, Worker: t.Claim.Worker,
		Seed: t.Seed, Index: index,
		RootX: t.root(shape.Input), RootW: t.root(program.Ref{Index: shape.Weight}), RootY: t.root(program.Ref{Step: true, Index: int(p.Step)}),
		Row: p.Row, Col: p.Col, K: shape.K, OutputCols: shape.N,
		Shift: step.Shift, Activation: step.Activation, OutputType: step.OutputType,
	}
}

func (t Trace) root(ref program.Ref) [tensor.RootSize]byte {
	if ref.Step {
		return [tensor.RootSize]byte(t.Steps[ref.Index])
	}
	return [tensor.RootSize]byte(t.Inputs[ref.Index])
}
