// Package prover commits to tensors and makes the proofs that x/proofs/full verifies. It runs on a worker's machine, never in
// a block: it uses several cores and reads a reference string that may be larger than the memory.
package prover

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/consensys/gnark-crypto/ecc/bn254"

	"github.com/assaychain/assay/x/proofs/full"
)

// Source gives the points [x^i] of a reference string. Several goroutines read at once. *setup.File is one.
type Source interface {
	// Read fills dst with the points from number from on.
	Read(dst []bn254.G1Affine, from int) error
	// Len is the number of points.
	Len() int
	// Key is the verifying key.
	Key() *full.VerifyingKey
}

// Options of a prover.
type Options struct {
	// Workers is how many cores to use, at least 1.
	Workers int
	// Progress, if set, is called with the points handled so far, from several goroutines. A commitment handles one for each
	// index of its tensor, a proof one for each index of its largest tensor.
	Progress func(points uint64)
}

// Prover commits and proves over one reference string. It is safe for use by several goroutines.
type Prover struct {
	source   Source
	workers  int
	progress func(uint64)
	handled  atomic.Uint64
}

// New makes a prover.
func New(source Source, options Options) (*Prover, error) {
	if options.Workers < 1 {
		return nil, fmt.Errorf("workers is %d, want at least 1", options.Workers)
	}
	return &Prover{source: source, workers: options.Workers, progress: options.Progress}, nil
}

func (p *Prover) advance(points int) {
	if handled := p.handled.Add(uint64(points)); p.progress != nil {
		p.progress(handled)
	}
}

// Weights are a weight tensor of N rows and K columns, row major.
type Weights struct {
	N, K   uint32
	Values []int8
	// Bias and Multiplier have N entries.
	Bias       []int32
	Multiplier []uint32
}

// CommittedWeights are weights with what commits to them. They are read-only.
type CommittedWeights struct {
	Weights
	Commitments full.WeightCommitments
	// Root is what a statement names.
	Root   [sha256.Size]byte
	values *grid
}

// Product is a product over some weights with the commitments to its tensors.
type Product struct {
	// M is the number of rows of X and of Y.
	M uint32
	// X has M·K entries, Y has M·N, row major.
	X []int8
	Y []int32
	// CommitX and CommitY are what Prover.CommitX and CommitY gave.
	CommitX, CommitY full.Commitment
}

// ErrWrong is returned when what was to be proven is not so: a wrong entry of Y, or a commitment to other values.
var ErrWrong = errors.New("the product is not what was to be proven")

// Prove proves products over the same weights in one proof, for the digest that the verifier will use. It verifies the proof
// before it returns it. Besides the operands it takes some 500 MiB at most, whatever their size.
func (p *Prover) Prove(ctx context.Context, digest [sha256.Size]byte, w *CommittedWeights, products []Product) (*full.Claimed, error) {
	statement := full.Statement{Digest: digest, N: w.N, K: w.K, Weights: w.Root}
	for _, product := range products {
		statement.Products = append(statement.Products, full.Product{M: product.M, X: product.CommitX, Y: product.CommitY})
	}
	if err := statement.Validate(); err != nil {
		return nil, err
	}
	a, err := p.begin(&statement, w, products)
	if err != nil {
		return nil, err
	}
	if err := a.prove(ctx); err != nil {
		return nil, err
	}
	out := &full.Claimed{Statement: statement, Proof: full.EncodeProof(a.proof)}
	if err := full.Verify(p.source.Key(), statement, out.Proof); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrWrong, err)
	}
	return out, nil
}
