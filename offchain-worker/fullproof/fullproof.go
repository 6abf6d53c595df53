// Package fullproof commits to tensors and proves every entry of a job's steps, for the level of assurance full. Customers
// commit with it too, and check what they get. It works over a reference string on this machine, which "assayd circuits full"
// makes or imports and which must be that of the chain's key.
package fullproof

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"sync"

	"github.com/assaychain/assay/offchain-worker/blob"
	"github.com/assaychain/assay/x/proofs/full"
	"github.com/assaychain/assay/x/proofs/full/prover"
	"github.com/assaychain/assay/x/proofs/full/setup"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// weightsKept bounds the commitments to weights in memory, 160 bytes each.
const weightsKept = 1024

// Product asks for Sums = X·Wᵀ, all row major: Sums has M rows and N columns, X M rows and W N rows of K values.
type Product struct {
	M, N, K int
	X, W    []int8
	Sums    []int32
}

// Multiply fills the sums of a product.
type Multiply func(ctx context.Context, p Product) error

// Options of a System.
type Options struct {
	// Workers is how many cores to use, at least 1.
	Workers int
	// Memory of the machine in MiB; 0 where it isn't known, and then nothing is refused for it.
	Memory uint32
	// Multiply computes what a step requantises, which a proof needs besides its result; plain code does without one.
	Multiply Multiply
}

// System commits and proves over one reference string. It is safe for use by several goroutines.
type System struct {
	path    string
	options Options
	file    *setup.File
	prover  *prover.Prover

	mu sync.Mutex
	// weights keeps the three commitments behind the root of each weight tensor, so that a proof need not compute them again.
	weights map[blob.Root]full.WeightCommitments
}

var _ blob.Scheme = (*System)(nil)

// Open opens a reference string and works on it with so many cores, at least 1. The error of a missing file says how to make
// one. The points are not checked; see Verify.
func Open(path string, workers int) (*System, error) {
	return OpenWith(path, Options{Workers: workers})
}

// OpenWith is Open with options.
func OpenWith(path string, options Options) (*System, error) {
	file, err := setup.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("reference string: %w: make it with \"assayd circuits full develop\" on a development chain, or \"assayd circuits full import\"", err)
	}
	if err != nil {
		return nil, fmt.Errorf("reference string: %w", err)
	}
	p, err := prover.New(file, prover.Options{Workers: options.Workers})
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &System{path: path, options: options, file: file, prover: p, weights: make(map[blob.Root]full.WeightCommitments)}, nil
}

// Close closes the reference string.
func (s *System) Close() error { return s.file.Close() }

// Verify checks every point of the string: some 4 seconds of a core for 2^20 points. With a damaged one good inputs would look
// like others.
func (s *System) Verify(ctx context.Context) error { return s.file.Verify(ctx) }

// KeyHash is the SHA-256 of the string's verifying key, by which the chain names it.
func (s *System) KeyHash() [sha256.Size]byte { return s.file.Key().Hash() }

// CheckKey refuses a key of the chain that is not the string's.
func (s *System) CheckKey(hash []byte) error {
	if own := s.KeyHash(); string(own[:]) != string(hash) {
		return fmt.Errorf("%s is of the key %x, the chain's is %x: get the chain's reference string", s.path, own[:8], hash)
	}
	return nil
}

// Root reads a root: of a plain tensor the one encoding of a point, of a weight tensor any hash.
func (s *System) Root(kind program.TensorKind, raw []byte) (blob.Root, error) {
	if len(raw) != full.CommitmentSize {
		return blob.Root{}, fmt.Errorf("%w: %d bytes, want %d", blob.ErrRoot, len(raw), full.CommitmentSize)
	}
	if kind == program.TENSOR_KIND_WEIGHT {
		return blob.Root(raw), nil
	}
	if _, err := full.DecodeCommitment(full.Commitment(raw)); err != nil {
		return blob.Root{}, fmt.Errorf("%w: %w", blob.ErrRoot, err)
	}
	return blob.Root(raw), nil
}

// Commit computes a tensor's root: of a plain one its KZG commitment, of a weight tensor the hash of its three.
func (s *System) Commit(ctx context.Context, t *tensor.Tensor) (blob.Root, error) {
	if err := t.Validate(); err != nil {
		return blob.Root{}, err
	}
	switch {
	case t.Kind == program.TENSOR_KIND_WEIGHT:
		w, err := s.prover.CommitWeights(ctx, weightsOf(t))
		if err != nil {
			return blob.Root{}, err
		}
		s.remember(w.Root, w.Commitments)
		return w.Root, nil
	case t.Type == program.DATA_TYPE_INT32:
		c, err := s.prover.CommitY(ctx, t.Rows, t.Cols, t.Int32)
		return blob.Root(c), err
	default:
		c, err := s.prover.CommitX(ctx, t.Rows, t.Cols, t.Int8)
		return blob.Root(c), err
	}
}

func weightsOf(t *tensor.Tensor) prover.Weights {
	return prover.Weights{N: t.Rows, K: t.Cols, Values: t.Int8, Bias: t.Bias, Multiplier: t.Multiplier}
}

// remember keeps commitments; when there are too many it starts over, which costs time and nothing else.
func (s *System) remember(root blob.Root, c full.WeightCommitments) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.weights) >= weightsKept {
		clear(s.weights)
	}
	s.weights[root] = c
}

// committed joins a weight tensor with the commitments behind its root.
func (s *System) committed(ctx context.Context, t *tensor.Tensor, root blob.Root) (*prover.CommittedWeights, error) {
	s.mu.Lock()
	known, found := s.weights[root]
	s.mu.Unlock()
	if found {
		return prover.LoadWeights(weightsOf(t), known)
	}
	w, err := s.prover.CommitWeights(ctx, weightsOf(t))
	if err != nil {
		return nil, err
	}
	s.remember(w.Root, w.Commitments)
	return w, nil
}
