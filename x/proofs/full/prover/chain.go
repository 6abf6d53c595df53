package prover

import (
	"context"
	"crypto/sha256"
	"fmt"

	"github.com/assaychain/assay/x/proofs/full"
)

// Input is an int8 tensor in the clear with its commitment.
type Input struct {
	// Rows·Cols values, row major.
	Rows, Cols uint32
	Values     []int8
	Commitment full.Commitment
}

// Link is a step of a chain in the clear.
type Link struct {
	// Operand counts as that of full.Link.
	Operand int
	Weights *CommittedWeights
	// Accumulators are X·Wᵀ + bias, row major.
	Accumulators []int32
	// Int32 tells that they are the output. Otherwise Output is what Shift and Relu make of them.
	Int32  bool
	Output []int8
	Shift  uint32
	Relu   bool
	// Commitment is to the output: what CommitX gave for Output, or CommitY for Accumulators.
	Commitment full.Commitment
}

// ProvenChain is a chain with the proof of it.
type ProvenChain struct {
	Chain full.Chain
	Proof []byte
}

// ProveChain proves a chain, link after link, for the digest that the verifier will use. It verifies each proof before it goes
// on, and says which link is not what was to be proven.
func (p *Prover) ProveChain(ctx context.Context, digest [sha256.Size]byte, inputs []Input, links []Link) (*ProvenChain, error) {
	out := &ProvenChain{Chain: chainOf(digest, inputs, links)}
	if err := out.Chain.Validate(); err != nil {
		return nil, err
	}
	tensors := append([]Input{}, inputs...)
	for i := range links {
		x, link := tensors[links[i].Operand], &links[i]
		proof, err := p.proveLink(ctx, full.LinkDigest(digest, i), x, link)
		if err != nil {
			return nil, fmt.Errorf("link %d: %w", i, err)
		}
		out.Proof = append(out.Proof, proof...)
		tensors = append(tensors, Input{Rows: x.Rows, Cols: link.Weights.N, Values: link.Output, Commitment: link.Commitment})
	}
	if err := full.VerifyChain(p.source.Key(), out.Chain, out.Proof); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrWrong, err)
	}
	return out, nil
}

func chainOf(digest [sha256.Size]byte, inputs []Input, links []Link) full.Chain {
	c := full.Chain{Digest: digest}
	for _, in := range inputs {
		c.Inputs = append(c.Inputs, full.Input{Rows: in.Rows, Cols: in.Cols, Commitment: in.Commitment})
	}
	for i := range links {
		l := &links[i]
		c.Links = append(c.Links, full.Link{
			Operand: l.Operand, N: l.Weights.N, Weights: l.Weights.Root, Int32: l.Int32, Shift: l.Shift, Relu: l.Relu, Output: l.Commitment,
		})
	}
	return c
}

func (p *Prover) proveLink(ctx context.Context, digest [sha256.Size]byte, x Input, l *Link) ([]byte, error) {
	if l.Weights.K != x.Cols {
		return nil, fmt.Errorf("%w: weights of %d columns for an operand of %d", full.ErrShape, l.Weights.K, x.Cols)
	}
	if l.Int32 {
		product := Product{M: x.Rows, X: x.Values, Y: l.Accumulators, CommitX: x.Commitment, CommitY: l.Commitment}
		claimed, err := p.Prove(ctx, digest, l.Weights, []Product{product})
		if err != nil {
			return nil, err
		}
		return claimed.Proof, nil
	}
	proven, err := p.ProveStep(ctx, digest, l.Weights, Step{
		M: x.Rows, X: x.Values, Accumulators: l.Accumulators, Shift: l.Shift, Relu: l.Relu, CommitX: x.Commitment, CommitZ: l.Commitment,
	})
	if err != nil {
		return nil, err
	}
	return proven.Proof, nil
}
