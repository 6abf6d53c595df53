package statement

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// rowDomain separates the context of a row from that of an entry.
const rowDomain = "assay/row/v1"

// Row claims one row of every step of a model: that it is what the model computes from the same row of X. It is made on behalf
// of one attempt of one worker at one job.
type Row struct {
	// Claim and Seed bind the proof to its place, so that none can be replayed or copied.
	Claim program.Claim
	// Seed is the challenge seed that drew the row.
	Seed [32]byte
	// Index counts the rows drawn from the seed from 0.
	Index uint32
	// Model is the hash of the model, hence of its layers and of the roots of their weights.
	Model [sha256.Size]byte
	// RootX commits to the plain int8 input: 32 bytes, canonical.
	RootX [tensor.RootSize]byte
	// Steps commit to the outputs of the model's layers, in order: 1 to 16 of them.
	Steps [][tensor.RootSize]byte
	// Row of X and of every output.
	Row uint32
}

// firstRoots is how many of the outputs' roots the first half of the digest has room for.
const firstRoots = tensor.Width - 8

// RowPublic are the field elements that the digest of a Row hashes.
type RowPublic struct {
	// Context0 and Context1 are the halves of the hash of chain, job, attempt, worker and seed; Model0 and Model1 those of the
	// model's hash.
	Context0, Context1, Model0, Model1 fr.Element
	// RootX and Steps are the roots.
	RootX fr.Element
	Steps []fr.Element
	// Row is the row's number, Index that of the draw.
	Row, Index uint32
}

// Public derives the digest's inputs from a statement, which it validates.
func (s *Row) Public() (*RowPublic, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	p := &RowPublic{Row: s.Row, Index: s.Index, Steps: make([]fr.Element, len(s.Steps))}
	context := contextOf(rowDomain, s.Claim, s.Seed)
	p.Context0.SetBytes(context[:contextHalfInBytes])
	p.Context1.SetBytes(context[contextHalfInBytes:])
	p.Model0, p.Model1 = ModelHalves(s.Model)
	var err error
	if p.RootX, err = tensor.ParseRoot(s.RootX[:]); err != nil {
		return nil, fmt.Errorf("%w: root x: %w", ErrStatement, err)
	}
	for i := range s.Steps {
		if p.Steps[i], err = tensor.ParseRoot(s.Steps[i][:]); err != nil {
			return nil, fmt.Errorf("%w: root of step %d: %w", ErrStatement, i, err)
		}
	}
	return p, nil
}

// Validate refuses statements that no proof exists for.
func (s *Row) Validate() error {
	if err := checkClaim(s.Claim.ChainID, s.Claim.Worker); err != nil {
		return err
	}
	if n := len(s.Steps); n < 1 || n > program.MaxLayers {
		return refuse("%d steps, want 1..%d", n, program.MaxLayers)
	}
	if s.Row >= tensor.MaxDimension {
		return refuse("row %d not below %d", s.Row, tensor.MaxDimension)
	}
	return nil
}

// ModelHalves are the two elements that stand for a model's hash.
func ModelHalves(hash [sha256.Size]byte) (first, second fr.Element) {
	first.SetBytes(hash[:contextHalfInBytes])
	second.SetBytes(hash[contextHalfInBytes:])
	return first, second
}

// Digest is the public input of the proof:
//
//	compress(5, context0, context1, model0, model1, row, index, x, step 1 … step 8)
//
// with zeros for the steps that there are not, and for models of more than 8 layers the compression of 6, that, and the other
// steps. How many there are follows from the model.
func (p *RowPublic) Digest() fr.Element {
	var in [tensor.Width]fr.Element
	in[0] = fr.NewElement(tensor.TagRow)
	in[1], in[2], in[3], in[4] = p.Context0, p.Context1, p.Model0, p.Model1
	in[5], in[6] = fr.NewElement(uint64(p.Row)), fr.NewElement(uint64(p.Index))
	in[7] = p.RootX
	copied := copy(in[tensor.Width-firstRoots:], p.Steps)
	first := tensor.Compress(in)
	if copied == len(p.Steps) {
		return first
	}
	var rest [tensor.Width]fr.Element
	rest[0], rest[1] = fr.NewElement(tensor.TagRowRest), first
	copy(rest[2:], p.Steps[copied:])
	return tensor.Compress(rest)
}

// Digest is the public input of the statement's proof, big endian and canonical.
func (s *Row) Digest() ([DigestSize]byte, error) {
	p, err := s.Public()
	if err != nil {
		return [DigestSize]byte{}, err
	}
	digest := p.Digest()
	return digest.Bytes(), nil
}

// modelIDBytes is how much of a model's hash its circuit's usual id has.
const modelIDBytes = 16

// ModelCircuitID is the usual name of a model's circuit in the registry of verifying keys: "model-" and half of the model's hash.
func ModelCircuitID(model [sha256.Size]byte) string {
	return "model-" + hex.EncodeToString(model[:modelIDBytes])
}
