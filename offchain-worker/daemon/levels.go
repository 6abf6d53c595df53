package daemon

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/assaychain/assay/offchain-worker/blob"
	"github.com/assaychain/assay/offchain-worker/fullproof"
	"github.com/assaychain/assay/offchain-worker/prover"
	"github.com/assaychain/assay/offchain-worker/runner"
	markettypes "github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/circuits/opening"
	"github.com/assaychain/assay/x/proofs/revealed"
	"github.com/assaychain/assay/x/proofs/statement"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// provers are the levels of assurance that this worker can prove; full is nil without a reference string.
func provers(p *prover.Prover, full *fullproof.System, log *slog.Logger) (*runner.Provers, error) {
	levels := &runner.Provers{}
	if err := levels.Register(markettypes.ASSURANCE_SAMPLED, sampled{prover: p}); err != nil {
		return nil, err
	}
	if err := levels.Register(markettypes.ASSURANCE_REVEALED, shown{}); err != nil {
		return nil, err
	}
	if err := levels.Register(markettypes.ASSURANCE_MODEL, whole{prover: p}); err != nil {
		return nil, err
	}
	if full != nil {
		if err := levels.Register(markettypes.ASSURANCE_FULL, everything{full, log}); err != nil {
			return nil, err
		}
	}
	levels.Seal()
	return levels, nil
}

// drawn is what the levels of drawn positions have in common: Poseidon2 trees of any tensor.
type drawn struct{ blob.Merkle }

// Check refuses nothing.
func (drawn) Check(runner.Assignment) error { return nil }

// sampled proves openings in zero knowledge.
type sampled struct {
	drawn
	prover *prover.Prover
}

var _ runner.Prover = sampled{}

// Prove commits to each tensor once, opens the positions and proves them.
func (s sampled) Prove(ctx context.Context, evidence runner.Evidence) ([][]byte, error) {
	openings, err := evidence.Openings()
	if err != nil {
		return nil, err
	}
	for i := range openings {
		if err := checkCircuit(&openings[i]); err != nil {
			return nil, fmt.Errorf("position %d: %w", i, err)
		}
	}
	tasks, err := tasksOf(ctx, openings)
	if err != nil {
		return nil, err
	}
	return s.prover.ProveAll(ctx, tasks)
}

// shown hands openings in as they are.
type shown struct{ drawn }

var _ runner.Prover = shown{}

// Prove commits to each tensor once and opens the positions; each opening is checked as the chain will.
func (shown) Prove(ctx context.Context, evidence runner.Evidence) ([][]byte, error) {
	openings, err := evidence.Openings()
	if err != nil {
		return nil, err
	}
	tasks, err := tasksOf(ctx, openings)
	if err != nil {
		return nil, err
	}
	proofs := make([][]byte, len(tasks))
	for i, task := range tasks {
		if proofs[i], err = revealed.Encode(task.Statement, task.Openings); err != nil {
			return nil, fmt.Errorf("position %d: %w", i, err)
		}
	}
	return proofs, nil
}

// everything proves all entries of all steps.
type everything struct {
	*fullproof.System
	log *slog.Logger
}

var (
	_ runner.Prover = everything{}
	_ runner.Opener = everything{}
)

// Check refuses what the reference string is too short for, or the machine's memory too small.
func (e everything) Check(a runner.Assignment) error { return e.CheckWork(a.Work()) }

// Prove proves every step, and tells of each; each proof is verified as the chain will.
func (e everything) Prove(ctx context.Context, evidence runner.Evidence) ([][]byte, error) {
	claim, start := evidence.Trace.Claim, time.Now()
	return e.System.Prove(ctx, evidence.Trace, evidence.Inputs, evidence.Outputs, func(proven, steps int) {
		e.log.Info("step proven", "job", claim.JobID, "attempt", claim.Attempt, "step", proven, "of", steps, "seconds", int(time.Since(start).Seconds()))
	})
}

// tasksOf opens every position, with one commitment tree a tensor.
func tasksOf(ctx context.Context, openings []runner.Opening) ([]prover.Task, error) {
	trees := make(map[*tensor.Tensor]*tensor.Tree)
	tasks := make([]prover.Task, len(openings))
	for i := range openings {
		task, err := open(ctx, trees, &openings[i])
		if err != nil {
			return nil, fmt.Errorf("position %d: %w", i, err)
		}
		tasks[i] = task
	}
	return tasks, nil
}

func open(ctx context.Context, trees map[*tensor.Tensor]*tensor.Tree, o *runner.Opening) (prover.Task, error) {
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
