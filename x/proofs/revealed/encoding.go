package revealed

import (
	"encoding/binary"
	"fmt"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/assaychain/assay/x/proofs/statement"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// The sizes of an encoding's parts in bytes. With field elements big endian and canonical, integers little endian:
//
//	row of X: K values ‖ path
//	row of W: K values ‖ bias, 4 ‖ multiplier, 4 ‖ path
//	entry of Y: slots 1 to 15 of the digest of its leaf ‖ chunk, 16 elements, if rows of Y have chunks ‖ path
//
// A path is, for each of four levels from the leaf up, the 16 children of the node passed. Slot 0 follows from the shape.
// A chunk that the entry does not lie in is all zero.
const (
	pathSize    = tensor.Depth * tensor.Width * fr.Bytes
	trailerSize = 8
	slotsSize   = (tensor.Width - 1) * fr.Bytes
	chunkSize   = tensor.Width * fr.Bytes
)

// MaxSize is the size of the largest opening there is: of rows of MaxCols values, with a chunk.
const MaxSize = 2*tensor.MaxCols + trailerSize + slotsSize + chunkSize + 3*pathSize

// Size is the exact length in bytes of an opening for an inner dimension and the shape of Y, of which the rows don't matter.
func Size(k uint32, y tensor.Shape) int {
	size := 2*int(k) + trailerSize + slotsSize + 3*pathSize
	if tensor.LayoutOf(y).Chunks > 0 {
		size += chunkSize
	}
	return size
}

// Encode returns the one encoding of an opening that shows its statement; it refuses any other opening, as Check and
// Decode do.
func Encode(s *statement.Statement, o Opening) ([]byte, error) {
	if err := Check(s, o); err != nil {
		return nil, err
	}
	location, err := tensor.Locate(s.OutputShape(), s.Col)
	if err != nil {
		return nil, err
	}
	if err := checkParts(o, location); err != nil {
		return nil, err
	}
	return Marshal(s, o), nil
}

// Marshal is the encoding alone, of an opening with all of its parts, whatever it shows: for those who try to cheat.
func Marshal(s *statement.Statement, o Opening) []byte {
	out := make([]byte, 0, Size(s.K, s.OutputShape()))
	out = appendPath(appendValues(out, o.X.Values), o.X.Path)
	out = appendValues(out, o.W.Values)
	out = binary.LittleEndian.AppendUint32(out, uint32(o.W.Bias))
	out = appendPath(binary.LittleEndian.AppendUint32(out, o.W.Multiplier), o.W.Path)
	out = appendElements(out, o.Y.Slots[1:])
	if tensor.LayoutOf(s.OutputShape()).Chunks > 0 {
		out = appendElements(out, o.Y.Chunk[:])
	}
	return appendPath(out, o.Y.Path)
}

func appendValues(out []byte, values []int8) []byte {
	for _, v := range values {
		out = append(out, byte(v))
	}
	return out
}

func appendElements(out []byte, elements []fr.Element) []byte {
	for i := range elements {
		raw := elements[i].Bytes()
		out = append(out, raw[:]...)
	}
	return out
}

func appendPath(out []byte, path tensor.Path) []byte {
	for level := range path {
		out = appendElements(out, path[level][:])
	}
	return out
}

// Decode reads an opening for a statement. It refuses every encoding but the one of Encode: another length, elements that
// are not below the field's modulus, a bias or multiplier out of range, a chunk that the entry does not lie in. It does not
// tell whether the opening shows anything.
func Decode(s *statement.Statement, raw []byte) (Opening, error) {
	if err := s.Validate(); err != nil {
		return Opening{}, err
	}
	y := s.OutputShape()
	if want := Size(s.K, y); len(raw) != want {
		return Opening{}, fmt.Errorf("%w: %d bytes: it must have %d", ErrLength, len(raw), want)
	}
	location, err := tensor.Locate(y, s.Col)
	if err != nil {
		return Opening{}, err
	}
	r := &reader{rest: raw}
	o := Opening{X: &tensor.RowOpening{}, W: &tensor.RowOpening{}, Y: &tensor.EntryOpening{}}
	o.X.Values = r.values(s.K)
	r.path(&o.X.Path)
	o.W.Values = r.values(s.K)
	o.W.Bias, o.W.Multiplier = int32(r.word()), r.word()
	r.path(&o.W.Path)
	o.Y.Slots[0] = fr.NewElement(tensor.LayoutOf(y).Header)
	r.elements(o.Y.Slots[1:])
	if tensor.LayoutOf(y).Chunks > 0 {
		r.elements(o.Y.Chunk[:])
	}
	r.path(&o.Y.Path)
	if r.failed {
		return Opening{}, fmt.Errorf("%w: a field element is not below the modulus", ErrEncoding)
	}
	return o, checkParts(o, location)
}

// checkParts refuses values that no tensor holds, and a chunk that nothing is read from.
func checkParts(o Opening, location tensor.Location) error {
	if err := tensor.CheckTrailer(o.W.Bias, o.W.Multiplier); err != nil {
		return fmt.Errorf("%w: %w", ErrEncoding, err)
	}
	if location.Inline && o.Y.Chunk != [tensor.Width]fr.Element{} {
		return fmt.Errorf("%w: a chunk that the entry does not lie in must be all zero", ErrEncoding)
	}
	return nil
}

// reader takes an encoding of the right length apart.
type reader struct {
	rest   []byte
	failed bool
}

func (r *reader) take(n int) []byte {
	part := r.rest[:n]
	r.rest = r.rest[n:]
	return part
}

func (r *reader) values(n uint32) []int8 {
	values := make([]int8, n)
	for i, b := range r.take(int(n)) {
		values[i] = int8(b)
	}
	return values
}

func (r *reader) word() uint32 { return binary.LittleEndian.Uint32(r.take(4)) }

func (r *reader) elements(into []fr.Element) {
	for i := range into {
		if err := into[i].SetBytesCanonical(r.take(fr.Bytes)); err != nil {
			r.failed = true
		}
	}
}

func (r *reader) path(into *tensor.Path) {
	for level := range into {
		r.elements(into[level][:])
	}
}
