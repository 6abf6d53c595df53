package full

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"github.com/assaychain/assay/x/proofs/internal/group"
)

const (
	// MaxLinks and MaxInputs bound a chain, as x/proofs/program bounds a program.
	MaxLinks, MaxInputs = 16, 32

	// chainDomain starts the digest of every link.
	chainDomain = "assay/full/chain/v1"
)

// Input is a plain int8 tensor that a chain reads.
type Input struct {
	// Rows and Cols are 1 to MaxDimension.
	Rows, Cols uint32
	Commitment Commitment
}

// Link is a step of a chain.
type Link struct {
	// Operand is the number of the tensor that is X: inputs count first, then the outputs of the links before this one.
	Operand int
	// N is the number of rows of W, and Weights its root. K is the operand's number of columns, M that of its rows.
	N       uint32
	Weights [sha256.Size]byte
	// Int32 tells that the output are the sums themselves, X·Wᵀ + bias, which no link may read. Then Shift is 0 and Relu false.
	Int32 bool
	// Shift and Relu are those of a Step.
	Shift uint32
	Relu  bool
	// Output commits to the result.
	Output Commitment
}

// Chain claims that every link's output is what its weights make of its operand. All fields are the verifier's.
type Chain struct {
	// Digest binds the proof to its place: chain, job, attempt, worker, seed and whatever else the verifier names in it.
	Digest [sha256.Size]byte
	Inputs []Input
	Links  []Link
}

// claim is what a link says: one of the two is set.
type claim struct {
	step    *Step
	product *Statement
}

// LinkDigest is the digest of the proof of a link: SHA-256(domain | the chain's digest | the link's number in 4 bytes big
// endian).
func LinkDigest(chain [sha256.Size]byte, link int) [sha256.Size]byte {
	b := append([]byte(chainDomain), chain[:]...)
	return sha256.Sum256(binary.BigEndian.AppendUint32(b, uint32(link)))
}

// Validate refuses chains that no proof exists for. It does not decode the commitments.
func (c *Chain) Validate() error {
	_, err := c.claims()
	return err
}

// claims resolves the operands.
func (c *Chain) claims() ([]claim, error) {
	if n := len(c.Inputs); n < 1 || n > MaxInputs {
		return nil, fmt.Errorf("%w: %d inputs, want 1..%d", ErrStatement, n, MaxInputs)
	}
	if n := len(c.Links); n < 1 || n > MaxLinks {
		return nil, fmt.Errorf("%w: %d links, want 1..%d", ErrStatement, n, MaxLinks)
	}
	tensors := append([]Input{}, c.Inputs...)
	out := make([]claim, len(c.Links))
	for i := range c.Links {
		link := &c.Links[i]
		if link.Operand < 0 || link.Operand >= len(tensors) {
			return nil, fmt.Errorf("%w: link %d: operand %d, want 0..%d", ErrStatement, i, link.Operand, len(tensors)-1)
		}
		if from := link.Operand - len(c.Inputs); from >= 0 && c.Links[from].Int32 {
			return nil, fmt.Errorf("%w: link %d: operand %d is int32, which no link may read", ErrStatement, i, link.Operand)
		}
		x := tensors[link.Operand]
		var err error
		if out[i], err = link.claim(LinkDigest(c.Digest, i), x); err != nil {
			return nil, fmt.Errorf("link %d: %w", i, err)
		}
		tensors = append(tensors, Input{x.Rows, link.N, link.Output})
	}
	return out, nil
}

// claim is what a link says of its operand.
func (l *Link) claim(digest [sha256.Size]byte, x Input) (claim, error) {
	if !l.Int32 {
		s := &Step{
			Digest: digest, M: x.Rows, N: l.N, K: x.Cols, Weights: l.Weights, X: x.Commitment, Z: l.Output, Shift: l.Shift, Relu: l.Relu,
		}
		return claim{step: s}, s.Validate()
	}
	if l.Shift != 0 || l.Relu {
		return claim{}, fmt.Errorf("%w: an int32 output has no shift and no activation", ErrStatement)
	}
	s := &Statement{Digest: digest, N: l.N, K: x.Cols, Weights: l.Weights, Products: []Product{{x.Rows, x.Commitment, l.Output}}}
	return claim{product: s}, s.Validate()
}

func (c claim) size() int {
	if c.step != nil {
		return StepProofSize(*c.step)
	}
	return ProofSize(c.product.Shape())
}

func (c claim) units() uint64 {
	if c.step != nil {
		return StepUnits(*c.step)
	}
	return Units(c.product.Shape(), len(c.product.Products))
}

func (c claim) reduce(key *VerifyingKey, proof []byte, known *group.Known) (*obligation, error) {
	if c.step != nil {
		return reduceStep(key, c.step, proof, known)
	}
	return reduce(key, c.product, proof, known)
}

// ChainProofSize is the exact length of a chain's proof, that of its links' proofs together; 0 for an invalid chain.
func ChainProofSize(c Chain) int {
	claims, err := c.claims()
	if err != nil {
		return 0
	}
	size := 0
	for _, claim := range claims {
		size += claim.size()
	}
	return size
}

// ChainUnits is the cost of verifying a chain in the units of Units, 0 for an invalid chain: the sum of the links', though
// their final equations are settled together.
func ChainUnits(c Chain) uint64 {
	claims, err := c.claims()
	if err != nil {
		return 0
	}
	var units uint64
	for _, claim := range claims {
		units += claim.units()
	}
	return units
}
