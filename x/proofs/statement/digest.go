package statement

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// contextDomain separates this hash from every other one of the chain.
const contextDomain = "assay/opening/v1"

// The elements of the digest after its tag, in this order. The circuit recomputes the digest from the same ones.
const (
	fieldContext0 = iota + 1
	fieldContext1
	fieldRootX
	fieldRootW
	fieldRootY
	fieldPosition
	fieldInner
	fieldOutputCols
	fieldLastElement
	fieldLastBound
	fieldHalf
	fieldIndex
)

// Bit offsets in the position word, which packs the small parts of a statement: each fits below the next.
const (
	// RowBits, ColBits and LeafBits are the widths of the indices of a row of X, of a row of W and of a leaf of Y: what the tree holds.
	RowBits, ColBits   = 16, 16
	LeafBits           = 16
	offsetCol          = RowBits
	offsetLeaf         = offsetCol + ColBits
	offsetSlot         = offsetLeaf + LeafBits
	offsetInline       = offsetSlot + SlotBits
	offsetElement      = offsetInline + 1
	offsetValue        = offsetElement + ElementBits
	offsetInt32        = offsetValue + ValueBits
	offsetRelu         = offsetInt32 + 1
	PositionBits       = offsetRelu + 1
	SlotBits           = 4
	ElementBits        = 4
	ValueBits          = 5
	bytesPerElement    = tensor.PerElement8
	contextHalfInBytes = sha256.Size / 2
)

// Public are the field elements that the digest of a statement hashes, computed by the chain so that the circuit need not
// derive them.
type Public struct {
	// Context0 and Context1 are the halves of the hash of chain, job, attempt, worker and seed.
	Context0, Context1 fr.Element
	// RootX, RootW and RootY are the roots.
	RootX, RootW, RootY fr.Element
	// Position packs, from bit 0: row (16 bits), col (16), the leaf of Y that has the entry (16), then where the entry lies in
	// that leaf: slot (4), inline (1), element (4), value (5), then whether Y is int32 (1) and whether the activation is relu
	// (1): 64 bits.
	Position uint64
	// Inner is k, OutputCols the columns of Y, or where its rows are folded those of a leaf.
	Inner, OutputCols uint32
	// LastElement is the index of the element that packs column k-1 of X and W: (k-1)/31.
	LastElement uint32
	// LastBound is 256^(bytes used in that element): what the element stays below because the rest is padding.
	LastBound fr.Element
	// Half is 2^(shift-1), and 1 for int32 output.
	Half uint64
	// Index is the number of the position.
	Index uint32
}

// Public derives the digest's inputs from a statement, which it validates.
func (s *Statement) Public() (*Public, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	position, err := s.position()
	if err != nil {
		return nil, err
	}
	last := (s.K - 1) / bytesPerElement
	p := &Public{
		Position: position, Inner: s.K, OutputCols: s.OutputShape().Folded().Cols, LastElement: last,
		LastBound: powerOf256(s.K - bytesPerElement*last), Half: 1, Index: s.Index,
	}
	if s.Shift > 0 {
		p.Half = 1 << (s.Shift - 1)
	}
	context := s.context()
	p.Context0.SetBytes(context[:contextHalfInBytes])
	p.Context1.SetBytes(context[contextHalfInBytes:])
	if err := p.setRoots(s); err != nil {
		return nil, err
	}
	return p, nil
}

func (p *Public) setRoots(s *Statement) (err error) {
	if p.RootX, err = tensor.ParseRoot(s.RootX[:]); err != nil {
		return fmt.Errorf("%w: root x: %w", ErrStatement, err)
	}
	if p.RootW, err = tensor.ParseRoot(s.RootW[:]); err != nil {
		return fmt.Errorf("%w: root w: %w", ErrStatement, err)
	}
	if p.RootY, err = tensor.ParseRoot(s.RootY[:]); err != nil {
		return fmt.Errorf("%w: root y: %w", ErrStatement, err)
	}
	return nil
}

// Digest is the public input of the proof.
func (p *Public) Digest() fr.Element {
	var in [tensor.Width]fr.Element
	in[0] = fr.NewElement(tensor.TagStatement)
	in[fieldContext0], in[fieldContext1] = p.Context0, p.Context1
	in[fieldRootX], in[fieldRootW], in[fieldRootY] = p.RootX, p.RootW, p.RootY
	in[fieldPosition] = fr.NewElement(p.Position)
	in[fieldInner] = fr.NewElement(uint64(p.Inner))
	in[fieldOutputCols] = fr.NewElement(uint64(p.OutputCols))
	in[fieldLastElement] = fr.NewElement(uint64(p.LastElement))
	in[fieldLastBound] = p.LastBound
	in[fieldHalf] = fr.NewElement(p.Half)
	in[fieldIndex] = fr.NewElement(uint64(p.Index))
	return tensor.Compress(in)
}

// Digest is the public input of the statement's proof, big endian and canonical.
func (s *Statement) Digest() ([DigestSize]byte, error) {
	p, err := s.Public()
	if err != nil {
		return [DigestSize]byte{}, err
	}
	digest := p.Digest()
	return digest.Bytes(), nil
}

// position packs the small parts.
func (s *Statement) position() (uint64, error) {
	location, err := tensor.Locate(s.OutputShape(), s.Col)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", ErrStatement, err)
	}
	leaf, _ := s.OutputShape().Leaf(s.Row, s.Col)
	return uint64(s.Row) |
		uint64(s.Col)<<offsetCol |
		uint64(leaf)<<offsetLeaf |
		uint64(location.Slot)<<offsetSlot |
		bit(location.Inline)<<offsetInline |
		uint64(location.Element)<<offsetElement |
		uint64(location.Value)<<offsetValue |
		bit(s.OutputType == program.DATA_TYPE_INT32)<<offsetInt32 |
		bit(s.Activation == program.ACTIVATION_RELU)<<offsetRelu, nil
}

func bit(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// context hashes what a proof is for.
func (s *Statement) context() [sha256.Size]byte {
	return contextOf(contextDomain, program.Claim{ChainID: s.ChainID, JobID: s.JobID, Attempt: s.Attempt, Worker: s.Worker}, s.Seed)
}

// contextOf hashes what a proof is for. Every variable-length part carries its length, so that no two contexts share bytes.
func contextOf(domain string, claim program.Claim, seed [32]byte) [sha256.Size]byte {
	b := []byte(domain)
	b = binary.BigEndian.AppendUint32(b, uint32(len(claim.ChainID)))
	b = append(b, claim.ChainID...)
	b = binary.BigEndian.AppendUint64(b, claim.JobID)
	b = binary.BigEndian.AppendUint32(b, claim.Attempt)
	b = binary.BigEndian.AppendUint32(b, uint32(len(claim.Worker)))
	b = append(b, claim.Worker...)
	return sha256.Sum256(append(b, seed[:]...))
}

// powerOf256 is 256^n for n up to 31, below the modulus.
func powerOf256(n uint32) fr.Element {
	var raw [fr.Bytes]byte
	raw[fr.Bytes-1-n] = 1
	var e fr.Element
	e.SetBytes(raw[:])
	return e
}
