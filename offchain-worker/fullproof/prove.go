package fullproof

import (
	"context"
	"crypto/sha256"
	"fmt"

	"github.com/assaychain/assay/offchain-worker/blob"
	"github.com/assaychain/assay/x/proofs/challenge"
	"github.com/assaychain/assay/x/proofs/full"
	"github.com/assaychain/assay/x/proofs/full/prover"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// Progress is told after each step how many of a job's are proven.
type Progress func(proven, steps int)

// Prove proves every step of a trace, in their order, from the program's inputs and its steps' outputs; told may be nil. Each proof is
// verified before the next is begun, and all together as the chain will; the error wraps prover.ErrWrong where an output is not what
// its step makes of its operand, or not the trace's.
func (s *System) Prove(ctx context.Context, trace challenge.Trace, inputs, outputs []*tensor.Tensor, told Progress) ([][]byte, error) {
	chain, err := challenge.FullStatement(trace)
	if err != nil {
		return nil, err
	}
	proofs := make([][]byte, len(chain.Links))
	for i := range proofs {
		if proofs[i], err = s.ProveStep(ctx, trace, i, inputs, outputs); err != nil {
			return nil, err
		}
		if told != nil {
			told(i+1, len(proofs))
		}
	}
	joined, err := full.JoinChainProofs(chain, proofs)
	if err != nil {
		return nil, err
	}
	if err := full.VerifyChain(s.file.Key(), chain, joined); err != nil {
		return nil, fmt.Errorf("%w: %w", prover.ErrWrong, err)
	}
	return proofs, nil
}

// ProveStep proves one step of a trace, from 0 on, from the tensors that Prove takes; of the outputs it reads that of the step, and that
// of the step whose output it reads. The error names the step.
func (s *System) ProveStep(ctx context.Context, trace challenge.Trace, step int, inputs, outputs []*tensor.Tensor) ([]byte, error) {
	chain, err := challenge.FullStatement(trace)
	if err != nil {
		return nil, err
	}
	shapes, err := trace.Program.Shapes()
	if err != nil {
		return nil, err
	}
	shape := shapes[step]
	p := proving{link: &chain.Links[step], digest: full.LinkDigest(chain.Digest, step), w: inputs[shape.Weight], y: outputs[step]}
	if p.x, p.commitX = inputs[shape.Input.Index], full.Commitment(trace.Inputs[shape.Input.Index]); shape.Input.Step {
		p.x, p.commitX = outputs[shape.Input.Index], full.Commitment(trace.Steps[shape.Input.Index])
	}
	proof, err := s.proveStep(ctx, p)
	if err != nil {
		return nil, fmt.Errorf("step %d: %w", step, err)
	}
	return proof, nil
}

// proving is a step in the clear with its link.
type proving struct {
	link    *full.Link
	digest  [sha256.Size]byte
	x, w, y *tensor.Tensor
	commitX full.Commitment
}

func (s *System) proveStep(ctx context.Context, p proving) ([]byte, error) {
	w, err := s.committed(ctx, p.w, p.link.Weights)
	if err != nil {
		return nil, fmt.Errorf("weights: %w", err)
	}
	if p.link.Int32 {
		product := prover.Product{M: p.x.Rows, X: p.x.Int8, Y: p.y.Int32, CommitX: p.commitX, CommitY: p.link.Output}
		claimed, err := s.prover.Prove(ctx, p.digest, w, []prover.Product{product})
		if err != nil {
			return nil, err
		}
		return claimed.Proof, nil
	}
	sums, err := s.accumulate(ctx, p.x, w.Weights)
	if err != nil {
		return nil, fmt.Errorf("sums: %w", err)
	}
	proven, err := s.prover.ProveStep(ctx, p.digest, w, prover.Step{
		M: p.x.Rows, X: p.x.Int8, Accumulators: sums, Shift: p.link.Shift, Relu: p.link.Relu, CommitX: p.commitX, CommitZ: p.link.Output,
	})
	if err != nil {
		return nil, err
	}
	return proven.Proof, nil
}

// accumulate computes X·Wᵀ + bias. Nothing checks the sums but the proof, which wrong ones don't give.
func (s *System) accumulate(ctx context.Context, x *tensor.Tensor, w prover.Weights) ([]int32, error) {
	if s.options.Multiply == nil {
		return s.prover.Accumulate(x.Rows, x.Int8, w)
	}
	sums := make([]int32, int(x.Rows)*int(w.N))
	product := Product{M: int(x.Rows), N: int(w.N), K: int(w.K), X: x.Int8, W: w.Values, Sums: sums}
	if err := s.options.Multiply(ctx, product); err != nil {
		return nil, err
	}
	for i := range sums {
		sums[i] += w.Bias[i%int(w.N)]
	}
	return sums, nil
}

// Open opens the root of a plain tensor at a point of 32 bytes.
func (s *System) Open(ctx context.Context, t *tensor.Tensor, root blob.Root, point []byte) ([]byte, error) {
	if t.Kind != program.TENSOR_KIND_PLAIN || len(point) != full.ScalarSize {
		return nil, fmt.Errorf("a tensor of %s and a point of %d bytes: it takes %s and %d", t.Kind, len(point), program.TENSOR_KIND_PLAIN, full.ScalarSize)
	}
	committed := prover.Committed{M: t.Rows, N: t.Cols, Values: t.Int32, Commitment: full.Commitment(root)}
	if t.Type == program.DATA_TYPE_INT8 {
		committed.Values = make([]int32, len(t.Int8))
		for i, v := range t.Int8 {
			committed.Values[i] = int32(v)
		}
	}
	return s.prover.Open(ctx, committed, [full.ScalarSize]byte(point))
}
