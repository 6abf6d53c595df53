package full

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/consensys/gnark-crypto/ecc/bn254"

	"github.com/assaychain/assay/x/proofs/full/internal/transcript"
	"github.com/assaychain/assay/x/proofs/internal/group"
)

const (
	// CommitmentSize is the length of a commitment to a tensor, and of a weight tensor's root, in bytes.
	CommitmentSize = group.G1Size

	// Domain starts every transcript. It changes with every change of the protocol.
	Domain     = "assay/full/v1"
	rootDomain = "assay/full/weights/v1"
)

// ErrStatement is wrapped by every refusal of a statement; the message names the field and the limit.
var ErrStatement = errors.New("invalid statement")

// Commitment stands for a tensor: a compressed point of G1. See the package's README for what it commits to.
type Commitment [CommitmentSize]byte

// DecodeCommitment refuses bytes that are not the canonical encoding of a point. The zero tensor's is the point at infinity.
func DecodeCommitment(raw [CommitmentSize]byte) (bn254.G1Affine, error) {
	return decodeCommitment(raw, nil)
}

func decodeCommitment(raw [CommitmentSize]byte, known *group.Known) (bn254.G1Affine, error) {
	p, err := known.DecodeG1(raw[:])
	if err != nil {
		return p, fmt.Errorf("%w: commitment: %w", ErrStatement, err)
	}
	return p, nil
}

// WeightCommitments are the three commitments of a weight tensor of N rows and K columns.
type WeightCommitments struct {
	// Values commits to the N×K weights, Bias to the vector of N biases, Multiplier to that of N multipliers.
	Values, Bias, Multiplier Commitment
}

// Root is what names a weight tensor: SHA-256(domain | N | K | values | bias | multiplier), numbers in 4 bytes big endian.
func (w WeightCommitments) Root(n, k uint32) [sha256.Size]byte {
	b := []byte(rootDomain)
	b = binary.BigEndian.AppendUint32(b, n)
	b = binary.BigEndian.AppendUint32(b, k)
	b = append(b, w.Values[:]...)
	b = append(b, w.Bias[:]...)
	return sha256.Sum256(append(b, w.Multiplier[:]...))
}

// Product is one matrix product of a statement.
type Product struct {
	// M is the number of rows of X and Y.
	M uint32
	// X and Y commit to the operand and to the result.
	X, Y Commitment
}

// Statement claims Y[i][j] = Σ_k X[i][k]·W[j][k] + bias[j] for every entry of every product. All fields are the verifier's.
type Statement struct {
	// Digest binds the proof to its place: chain, job, attempt, worker, seed and whatever else the verifier names in it.
	Digest [sha256.Size]byte
	// N and K are the rows and columns of W.
	N, K uint32
	// Weights is the root of W.
	Weights [sha256.Size]byte
	// Products over W, 1 to MaxProducts.
	Products []Product
}

// Shape is that of the argument: M is the largest of the products.
func (s *Statement) Shape() Shape {
	out := Shape{N: s.N, K: s.K}
	for i := range s.Products {
		out.M = max(out.M, s.Products[i].M)
	}
	return out
}

// Validate refuses statements that no proof exists for. It does not decode the commitments.
func (s *Statement) Validate() error {
	if n := len(s.Products); n < 1 || n > MaxProducts {
		return fmt.Errorf("%w: %d products, want 1..%d", ErrStatement, n, MaxProducts)
	}
	for i := range s.Products {
		if err := (Shape{s.Products[i].M, s.N, s.K}).Validate(); err != nil {
			return fmt.Errorf("%w: product %d: %w", ErrStatement, i, err)
		}
	}
	return nil
}

// Start is the transcript after everything that is known before the first challenge: key, statement and the commitments of
// the weights.
func Start(key [sha256.Size]byte, s *Statement, w WeightCommitments) *transcript.Transcript {
	t := transcript.New(Domain)
	t.Absorb("key", key[:])
	t.Absorb("statement", s.Digest[:])
	t.Absorb("weights", s.Weights[:])
	t.Absorb("shape", binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, s.N), s.K))
	t.Absorb("products", binary.BigEndian.AppendUint32(nil, uint32(len(s.Products))))
	for i := range s.Products {
		p := &s.Products[i]
		t.Absorb("rows", binary.BigEndian.AppendUint32(nil, p.M))
		t.Absorb("x", p.X[:])
		t.Absorb("y", p.Y[:])
	}
	t.Absorb("values", w.Values[:])
	t.Absorb("bias", w.Bias[:])
	t.Absorb("multiplier", w.Multiplier[:])
	return t
}
