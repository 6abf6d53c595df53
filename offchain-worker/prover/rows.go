package prover

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/consensys/gnark/constraint"

	"github.com/assaychain/assay/x/proofs/circuits/model"
	"github.com/assaychain/assay/x/proofs/setup"
	"github.com/assaychain/assay/x/proofs/statement"
	"github.com/assaychain/assay/x/proofs/tensor"
	"github.com/assaychain/assay/x/proofs/verify"
)

// maxLoadedModels bounds the models whose keys and circuits are kept in memory, of which the largest take a few hundred MB each.
const maxLoadedModels = 4

// RowTask is a statement about a row to prove and what shows it.
type RowTask struct {
	Statement *statement.Row
	Openings  model.Openings
}

// modelCircuit is what proving a model takes.
type modelCircuit struct {
	system   constraint.ConstraintSystem
	key      *setup.ProvingKey
	verifier *verify.RowVerifier
}

// ModelKeyHash is the hash of a model's verifying key, to be compared with the chain's before work is taken. It compiles nothing.
func (p *Prover) ModelKeyHash(hash [32]byte) ([32]byte, error) {
	_, raw, err := p.keys.LoadModelVerifyingKey(statement.ModelCircuitID(hash))
	if err != nil {
		return [32]byte{}, err
	}
	verifier, err := verify.NewRows(hash, raw)
	if err != nil {
		return [32]byte{}, err
	}
	return verifier.KeyHash(), nil
}

// ProveRows makes the proof of every statement in the chain's encoding, verify.ProofSize bytes each, and verifies them before
// returning them. It refuses rows that do not show the claim. A proof once started is not interrupted.
func (p *Prover) ProveRows(ctx context.Context, network *model.Network, tasks []RowTask) ([][]byte, error) {
	c, err := p.modelFor(network)
	if err != nil {
		return nil, err
	}
	proofs := make([][]byte, len(tasks))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(cap(p.slots))
	for i, task := range tasks {
		group.Go(func() (err error) {
			if proofs[i], err = p.proveRow(ctx, c, network, task); err != nil {
				return fmt.Errorf("draw %d: %w", i, err)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return proofs, c.check(tasks, proofs)
}

func (p *Prover) proveRow(ctx context.Context, c *modelCircuit, network *model.Network, task RowTask) ([]byte, error) {
	if task.Statement == nil {
		return nil, errors.New("prove: no statement")
	}
	full, err := network.Witness(task.Statement, task.Openings)
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
	return c.key.Prove(c.system, full)
}

// check verifies own proofs.
func (c *modelCircuit) check(tasks []RowTask, proofs [][]byte) error {
	rows := make([]verify.Row, len(tasks))
	for i := range tasks {
		rows[i] = verify.Row{Statement: tasks[i].Statement, Proof: proofs[i]}
	}
	if err := errors.Join(c.verifier.Rows(rows)...); err != nil {
		return fmt.Errorf("own proof refused; the keys do not fit each other: %w", err)
	}
	return nil
}

// modelFor loads the keys of a network and compiles its circuit. Callers that come meanwhile wait for it.
func (p *Prover) modelFor(network *model.Network) (*modelCircuit, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c, ok := p.models[network.Hash()]; ok {
		return c, nil
	}
	c, err := p.loadModel(network)
	if err != nil {
		return nil, err
	}
	if len(p.models) >= maxLoadedModels {
		clear(p.models)
	}
	p.models[network.Hash()] = c
	return c, nil
}

func (p *Prover) loadModel(network *model.Network) (*modelCircuit, error) {
	id := statement.ModelCircuitID(network.Hash())
	entry, key, raw, err := p.keys.LoadModelKeys(id)
	if err != nil {
		return nil, err
	}
	verifier, err := verify.NewRows(network.Hash(), raw)
	if err != nil {
		return nil, err
	}
	system, err := model.Compile(network)
	if err != nil {
		return nil, err
	}
	sum, err := model.Checksum(system)
	if err != nil {
		return nil, err
	}
	if got := hex.EncodeToString(sum[:]); got != entry.CircuitSHA256 {
		return nil, fmt.Errorf("%w: %s was made for circuit %s, the network compiles to %s", setup.ErrStale, id, entry.CircuitSHA256, got)
	}
	return &modelCircuit{system, key, verifier}, nil
}

// Rows opens rows of an input and of all outputs.
type Rows struct {
	x       *tensor.Tensor
	treeX   *tensor.Tree
	outputs []*tensor.Tree
}

// CommitRows commits to an int8 input and to the outputs of every step, on all cores.
func CommitRows(ctx context.Context, x *tensor.Tensor, outputs []*tensor.Tensor) (*Rows, error) {
	treeX, err := CommitTensor(ctx, x)
	if err != nil {
		return nil, err
	}
	rows := &Rows{x: x, treeX: treeX}
	for _, output := range outputs {
		tree, err := CommitTensor(ctx, output)
		if err != nil {
			return nil, err
		}
		rows.outputs = append(rows.outputs, tree)
	}
	return rows, nil
}

// Open opens a row.
func (r *Rows) Open(row uint32) (o model.Openings, err error) {
	opened, err := tensor.OpenRow(r.x, r.treeX, row)
	if err != nil {
		return o, err
	}
	o.X, o.PathX = opened.Values, opened.Path
	for _, tree := range r.outputs {
		path, err := tree.Path(row)
		if err != nil {
			return o, err
		}
		o.Paths = append(o.Paths, path)
	}
	return o, nil
}
