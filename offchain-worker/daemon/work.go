package daemon

import (
	"context"
	"fmt"

	"github.com/assaychain/assay/offchain-worker/compute"
	"github.com/assaychain/assay/offchain-worker/machine"
	"github.com/assaychain/assay/offchain-worker/prover"
	"github.com/assaychain/assay/offchain-worker/runner"
	"github.com/assaychain/assay/x/proofs/circuits/opening"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/statement"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// executor runs programs on the machine's devices.
type executor struct{ machine *machine.Machine }

var _ runner.Executor = executor{}

// Execute returns the output of every step, computed on the device.
func (e executor) Execute(ctx context.Context, device []byte, p program.Program, inputs []*tensor.Tensor) ([]*tensor.Tensor, error) {
	return compute.Execute(ctx, e.machine.Kernel(device), compute.Job{Program: p, Inputs: inputs}, nil)
}

// opener turns openings of tensors into proofs.
type opener struct{ prover *prover.Prover }

var _ runner.Prover = opener{}

// Prove commits to each tensor once, opens the positions and proves them.
func (o opener) Prove(ctx context.Context, openings []runner.Opening) ([][]byte, error) {
	trees := make(map[*tensor.Tensor]*tensor.Tree)
	tasks := make([]prover.Task, len(openings))
	for i := range openings {
		task, err := open(ctx, trees, &openings[i])
		if err != nil {
			return nil, fmt.Errorf("position %d: %w", i, err)
		}
		tasks[i] = task
	}
	return o.prover.ProveAll(ctx, tasks)
}

func open(ctx context.Context, trees map[*tensor.Tensor]*tensor.Tree, o *runner.Opening) (prover.Task, error) {
	if err := checkCircuit(o); err != nil {
		return prover.Task{}, err
	}
	for _, t := range []*tensor.Tensor{o.X, o.W, o.Y} {
		if _, done := trees[t]; done {
			continue
		}
		tree, err := prover.CommitTensor(ctx, t)
		if err != nil {
			return prover.Task{}, err
		}
		trees[t] = tree
	}
	s := &o.Statement
	x, err := tensor.OpenRow(o.X, trees[o.X], s.Row)
	if err != nil {
		return prover.Task{}, fmt.Errorf("open x: %w", err)
	}
	w, err := tensor.OpenRow(o.W, trees[o.W], s.Col)
	if err != nil {
		return prover.Task{}, fmt.Errorf("open w: %w", err)
	}
	y, err := tensor.OpenEntry(o.Y, trees[o.Y], s.Row, s.Col)
	if err != nil {
		return prover.Task{}, fmt.Errorf("open y: %w", err)
	}
	return prover.Task{Statement: s, Openings: opening.Openings{X: x, W: w, Y: y}}, nil
}

// checkCircuit refuses a position that the chain verifies under another circuit than the prover would use.
func checkCircuit(o *runner.Opening) error {
	class, err := statement.ClassFor(o.Statement.K)
	if err != nil {
		return err
	}
	if own := statement.CircuitID(class); o.Circuit != own {
		return fmt.Errorf("the chain asks for circuit %q, this worker proves k = %d with %q: upgrade it", o.Circuit, o.Statement.K, own)
	}
	return nil
}
