// Package prover makes the proofs that a worker submits: it commits to tensors on all cores, opens the sampled positions
// and proves them with the keys of a directory that circuits setup filled.
package prover

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"

	"github.com/consensys/gnark/constraint"
	"golang.org/x/sync/errgroup"

	"github.com/assaychain/assay/x/proofs/circuits/opening"
	"github.com/assaychain/assay/x/proofs/setup"
	"github.com/assaychain/assay/x/proofs/statement"
	"github.com/assaychain/assay/x/proofs/verify"
)

// Task is a statement to prove and the openings that show it.
type Task struct {
	Statement *statement.Statement
	Openings  opening.Openings
}

// Prover proves openings. It loads the key and compiles the circuit of a class when it is first asked for it, and may be
// used concurrently.
type Prover struct {
	keys *setup.Keys
	// slots bounds how many proofs are made at a time: each keeps all cores busy for most of its run.
	slots chan struct{}

	mu     sync.Mutex
	loaded map[uint32]*circuit
	// models are by the hash of the model.
	models map[[32]byte]*modelCircuit
}

// circuit is what proving a class takes.
type circuit struct {
	system   constraint.ConstraintSystem
	key      *setup.ProvingKey
	verifier *verify.Verifier
}

// New reads the manifest of a directory of keys.
func New(keyDir string) (*Prover, error) {
	keys, err := setup.Open(keyDir)
	if err != nil {
		return nil, err
	}
	atOnce := max(1, (runtime.GOMAXPROCS(0)+1)/2)
	return &Prover{keys: keys, slots: make(chan struct{}, atOnce), loaded: map[uint32]*circuit{}, models: map[[32]byte]*modelCircuit{}}, nil
}

// KeyHash is the hash of the verifying key for an inner dimension, to be compared with the chain's before work is taken.
func (p *Prover) KeyHash(k uint32) ([32]byte, error) {
	c, err := p.circuitFor(k)
	if err != nil {
		return [32]byte{}, err
	}
	return c.verifier.KeyHash(), nil
}

// Prove makes the proof of a statement in the chain's encoding, verify.ProofSize bytes, and verifies it before returning
// it. It refuses openings that do not show the claim. A proof once started is not interrupted.
func (p *Prover) Prove(ctx context.Context, task Task) ([]byte, error) {
	if task.Statement == nil {
		return nil, errors.New("prove: no statement")
	}
	full, err := opening.Witness(task.Statement, task.Openings)
	if err != nil {
		return nil, err
	}
	c, err := p.circuitFor(task.Statement.K)
	if err != nil {
		return nil, err
	}
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	case <-ctx.Done():
		return nil, fmt.Errorf("prove: %w", ctx.Err())
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("prove: %w", err)
	}
	proof, err := c.key.Prove(c.system, full)
	if err != nil {
		return nil, err
	}
	opened := []verify.Opening{{Statement: task.Statement, Proof: proof}}
	if err := c.verifier.Openings(opened)[0]; err != nil {
		return nil, fmt.Errorf("own proof refused; the keys do not fit each other: %w", err)
	}
	return proof, nil
}

// ProveAll proves all tasks, in their order, and stops at the first failure.
func (p *Prover) ProveAll(ctx context.Context, tasks []Task) ([][]byte, error) {
	proofs := make([][]byte, len(tasks))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(cap(p.slots))
	for i, task := range tasks {
		group.Go(func() (err error) {
			if proofs[i], err = p.Prove(ctx, task); err != nil {
				return fmt.Errorf("position %d: %w", i, err)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return proofs, nil
}

// circuitFor loads the circuit that covers an inner dimension. Callers that come meanwhile wait for it.
func (p *Prover) circuitFor(k uint32) (*circuit, error) {
	class, err := statement.ClassFor(k)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if c, ok := p.loaded[class]; ok {
		return c, nil
	}
	c, err := p.load(class)
	if err != nil {
		return nil, err
	}
	p.loaded[class] = c
	return c, nil
}

func (p *Prover) load(class uint32) (*circuit, error) {
	id := statement.CircuitID(class)
	raw, err := p.keys.LoadVerifyingKey(id)
	if err != nil {
		return nil, err
	}
	verifier, err := verify.New(class, raw)
	if err != nil {
		return nil, err
	}
	key, err := p.keys.LoadProvingKey(id)
	if err != nil {
		return nil, err
	}
	system, err := opening.Compile(class)
	if err != nil {
		return nil, err
	}
	return &circuit{system, key, verifier}, nil
}
