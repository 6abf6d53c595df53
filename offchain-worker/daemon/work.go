package daemon

import (
	"context"
	"fmt"
	"time"

	"github.com/assaychain/assay/offchain-worker/compute"
	"github.com/assaychain/assay/offchain-worker/prover"
	"github.com/assaychain/assay/offchain-worker/runner"
	"github.com/assaychain/assay/x/proofs/circuits/opening"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/statement"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// executor runs programs on a kernel.
type executor struct{ kernel compute.Kernel }

var _ runner.Executor = executor{}

// Execute returns the output of every step.
func (e executor) Execute(ctx context.Context, p program.Program, inputs []*tensor.Tensor) ([]*tensor.Tensor, error) {
	return compute.Execute(ctx, e.kernel, compute.Job{Program: p, Inputs: inputs}, nil)
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
