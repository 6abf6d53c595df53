package runner

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/assaychain/assay/offchain-worker/blob"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"

	markettypes "github.com/assaychain/assay/x/market/types"
)

// Executor computes programs.
type Executor interface {
	// Execute returns the output of every step, equal to the reference interpreter's. device is the id of the registered device
	// that the chain assigned.
	Execute(ctx context.Context, device []byte, p program.Program, inputs []*tensor.Tensor) ([]*tensor.Tensor, error)
}

// Fetcher brings blobs in.
type Fetcher interface {
	Fetch(ctx context.Context, request blob.Request) ([]byte, *tensor.Tensor, error)
}

// Publisher makes a result known to whoever asks for the job.
type Publisher interface {
	Publish(chainID string, job uint64, root blob.Root) error
}

var _ Publisher = (*blob.ResultIndex)(nil)

// DenseConfig is what the kind works with; every field is required.
type DenseConfig struct {
	// Work holds inputs and outputs while a job needs them, Results the published results.
	Work, Results *blob.Store
	Index         Publisher
	Fetcher       Fetcher
	Executor      Executor
	Provers       *Provers
}

// Dense is the kind of jobs under the PROOF policy: programs of dense steps, checked by opening proofs.
type Dense struct {
	config DenseConfig

	mu sync.Mutex
	// tensors keeps what jobs in work have loaded and verified.
	tensors map[blob.Root]*tensor.Tensor
	// pinned are the blobs that each job holds.
	pinned map[uint64]map[blob.Root]struct{}
}

var _ Kind = (*Dense)(nil)

// NewDense makes the kind.
func NewDense(config DenseConfig) (*Dense, error) {
	if config.Work == nil || config.Results == nil || config.Index == nil || config.Fetcher == nil ||
		config.Executor == nil || config.Provers == nil {
		return nil, errors.New("dense kind: stores, index, fetcher, executor and provers are all required")
	}
	return &Dense{
		config: config, tensors: make(map[blob.Root]*tensor.Tensor), pinned: make(map[uint64]map[blob.Root]struct{}),
	}, nil
}

// Policy is PROOF.
func (d *Dense) Policy() markettypes.VerificationPolicy { return markettypes.VERIFICATION_POLICY_PROOF }

// Prepare fetches what is not here yet and verifies all of it.
func (d *Dense) Prepare(ctx context.Context, a Assignment) error {
	if len(a.Spec.Inputs) != len(a.Spec.Program.Inputs) {
		return fmt.Errorf("job names %d inputs, its program %d", len(a.Spec.Inputs), len(a.Spec.Program.Inputs))
	}
	scheme, err := d.config.Provers.For(a.Spec.Assurance)
	if err != nil {
		return err
	}
	if err := scheme.Check(a); err != nil {
		return err
	}
	for i, input := range a.Spec.Inputs {
		root, err := scheme.Root(a.Spec.Program.Inputs[i].Kind, input.Root)
		if err != nil {
			return &InputError{Index: uint32(i), Err: err}
		}
		if err := d.bring(ctx, a, scheme, i, root); err != nil {
			return err
		}
	}
	return nil
}

func (d *Dense) bring(ctx context.Context, a Assignment, scheme blob.Scheme, index int, root blob.Root) error {
	d.pin(a.Job.Id, root)
	shape := shapeOf(a.Spec.Program.Inputs[index])
	if _, err := d.load(ctx, a.Job.Id, scheme, shape, root); err == nil || ctx.Err() != nil {
		return ctx.Err()
	}
	// What is here and does not verify is damaged: it must go, or Put would keep it.
	if err := d.config.Work.Delete(root); err != nil {
		return err
	}
	raw, t, err := d.config.Fetcher.Fetch(ctx, blob.Request{Root: root, Shape: shape, Locators: a.Spec.Inputs[index].Locators, Scheme: scheme})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return &InputError{Index: uint32(index), Err: err}
	}
	if err := d.config.Work.Put(root, raw); err != nil {
		return err
	}
	d.keep(root, t)
	return nil
}

// Run executes the program and stores every step's output.
func (d *Dense) Run(ctx context.Context, a Assignment) (Trace, error) {
	inputs, err := d.inputs(ctx, a)
	if err != nil {
		return Trace{}, err
	}
	outputs, err := d.config.Executor.Execute(ctx, a.Job.Device, a.Spec.Program, inputs)
	if err != nil {
		return Trace{}, err
	}
	roots, err := d.store(ctx, a, outputs)
	return Trace{StepRoots: roots}, err
}

// store keeps tensors under their roots for a job.
func (d *Dense) store(ctx context.Context, a Assignment, outputs []*tensor.Tensor) ([][]byte, error) {
	scheme, err := d.config.Provers.For(a.Spec.Assurance)
	if err != nil {
		return nil, err
	}
	roots := make([][]byte, len(outputs))
	for i, output := range outputs {
		root, err := scheme.Commit(ctx, output)
		if err != nil {
			return nil, err
		}
		d.pin(a.Job.Id, root)
		if err := d.config.Work.Put(root, tensor.EncodeBlob(output)); err != nil {
			return nil, err
		}
		d.keep(root, output)
		roots[i] = root[:]
	}
	return roots, nil
}

// inputs loads all inputs of a job, and fetches again those that the disk has lost.
func (d *Dense) inputs(ctx context.Context, a Assignment) ([]*tensor.Tensor, error) {
	if err := d.Prepare(ctx, a); err != nil {
		return nil, err
	}
	scheme, err := d.config.Provers.For(a.Spec.Assurance)
	if err != nil {
		return nil, err
	}
	inputs := make([]*tensor.Tensor, len(a.Spec.Inputs))
	for i, input := range a.Spec.Inputs {
		root, err := scheme.Root(a.Spec.Program.Inputs[i].Kind, input.Root)
		if err != nil {
			return nil, err
		}
		if inputs[i], err = d.load(ctx, a.Job.Id, scheme, shapeOf(a.Spec.Program.Inputs[i]), root); err != nil {
			return nil, fmt.Errorf("input %d: %w", i, err)
		}
	}
	return inputs, nil
}

// Commit binds the roots to chain, job, attempt and worker.
func (d *Dense) Commit(a Assignment, trace Trace) ([]byte, error) {
	commitment, err := program.CommitmentHash(a.Claim(), trace.StepRoots)
	return commitment[:], err
}

// Prove proves the result as the job's level of assurance demands. The positions are drawn again here, so that a lying node
// wastes no work.
func (d *Dense) Prove(ctx context.Context, a Assignment, trace Trace, challenge Challenge) ([][]byte, error) {
	prover, err := d.config.Provers.For(a.Spec.Assurance)
	if err != nil {
		return nil, err
	}
	if challenge.Dispute == nil {
		positions, err := drawn(prover, a.trace(trace.StepRoots, challenge.Seed))
		if err != nil {
			return nil, err
		}
		if err := checkPositions(positions, challenge.Positions); err != nil {
			return nil, err
		}
	}
	evidence, err := d.evidence(ctx, a, trace.StepRoots, challenge.Seed)
	if err != nil {
		return nil, err
	}
	if challenge.Dispute != nil {
		if evidence, err = evidence.narrow(challenge.Dispute); err != nil {
			return nil, err
		}
	}
	return prover.Prove(ctx, evidence)
}

// Publish copies the result to where customers find it.
func (d *Dense) Publish(ctx context.Context, a Assignment, trace Trace) error {
	t, root, err := d.result(ctx, a, trace)
	if err != nil {
		return err
	}
	if err := d.config.Results.Put(root, tensor.EncodeBlob(t)); err != nil {
		return err
	}
	return d.config.Index.Publish(a.ChainID, a.Job.Id, root)
}

// Seal closes the result in a box to the job's delivery key.
func (d *Dense) Seal(ctx context.Context, a Assignment, trace Trace) ([]byte, error) {
	t, _, err := d.result(ctx, a, trace)
	if err != nil {
		return nil, err
	}
	return blob.Seal(tensor.EncodeBlob(t), a.Job.ResultKey(a.Spec))
}

// Open opens the result's root at a point.
func (d *Dense) Open(ctx context.Context, a Assignment, trace Trace, point []byte) ([]byte, error) {
	prover, err := d.config.Provers.For(a.Spec.Assurance)
	if err != nil {
		return nil, err
	}
	opener, can := prover.(Opener)
	if !can {
		return nil, fmt.Errorf("assurance %s has no openings at points", a.Spec.Assurance.Word())
	}
	t, root, err := d.result(ctx, a, trace)
	if err != nil {
		return nil, err
	}
	return opener.Open(ctx, t, root, point)
}

// resultTree is the result as a blob, with its commitment tree.
func (d *Dense) resultTree(ctx context.Context, a Assignment, trace Trace) ([]byte, *tensor.Tree, error) {
	t, _, err := d.result(ctx, a, trace)
	if err != nil {
		return nil, nil, err
	}
	tree, err := blob.Tree(t)
	return tensor.EncodeBlob(t), tree, err
}

// result is the last step's output, computed again where the disk has lost it since.
func (d *Dense) result(ctx context.Context, a Assignment, trace Trace) (*tensor.Tensor, blob.Root, error) {
	if len(trace.StepRoots) == 0 {
		return nil, blob.Root{}, errors.New("the job has no outputs")
	}
	scheme, err := d.config.Provers.For(a.Spec.Assurance)
	if err != nil {
		return nil, blob.Root{}, err
	}
	root, err := scheme.Root(program.TENSOR_KIND_PLAIN, trace.StepRoots[len(trace.StepRoots)-1])
	if err != nil {
		return nil, root, err
	}
	declared, err := a.Spec.Program.Result()
	if err != nil {
		return nil, root, err
	}
	t, err := d.load(ctx, a.Job.Id, scheme, shapeOf(declared), root)
	if err == nil {
		return t, root, nil
	}
	shapes, err := a.Spec.Program.Shapes()
	if err != nil {
		return nil, root, err
	}
	outputs, err := d.outputsAgain(ctx, a, shapes, trace.StepRoots)
	if err != nil {
		return nil, root, fmt.Errorf("result: %w", err)
	}
	return outputs[len(outputs)-1], root, nil
}

func shapeOf(t program.Tensor) tensor.Shape {
	return tensor.Shape{Kind: t.Kind, Type: t.Type, Rows: t.Rows, Cols: t.Cols}
}
