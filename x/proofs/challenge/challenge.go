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
	// Seed draws the positions, unless they are named.
	Seed [32]byte
	// Named are the positions of a trace that is asked about by name, Samples of them; nil where the seed draws them.
	Named []program.Position
	// Circuits verify the steps, one each; nil where the proof system has none.
	Circuits []string
	// Steps are the roots of the steps' outputs, in the program's order.
	Steps [][]byte
}

// Dispute narrows the trace of a proven result down to the one entry that its number-th dispute names, counted from 1. Proofs of it
// are of the same form as those of drawn positions, and of other statements: the seed is the dispute's own.
func (t Trace) Dispute(number uint32, at program.Position) (Trace, error) {
	if err := program.CheckPosition(t.Program, at); err != nil {
		return Trace{}, err
	}
	t.Seed = program.DisputeSeed(t.Seed, number)
	t.Samples, t.Named = 1, []program.Position{at}
	return t, nil
}

// Positions are those that the trace is asked about: named, or drawn from the seed.
func (t Trace) Positions() ([]program.Position, error) {
	if t.Named == nil {
		return program.Positions(t.Seed, t.Program, t.Samples)
	}
	if len(t.Named) != int(t.Samples) {
		return nil, fmt.Errorf("%w: %d positions are named, samples is %d", ErrTrace, len(t.Named), t.Samples)
	}
	for _, at := range t.Named {
		if err := program.CheckPosition(t.Program, at); err != nil {
			return nil, err
		}
	}
	return t.Named, nil
}

// Statements are one for each position, in their order.
func Statements(t Trace) ([]program.Position, []statement.Statement, error) {
	shapes, err := t.Program.Shapes()
	if err != nil {
		return nil, nil, err
	}
	if err := t.check(); err != nil {
		return nil, nil, err
	}
	positions, err := t.Positions()
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
