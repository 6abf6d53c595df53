package tensor

import (
	"encoding/binary"
	"fmt"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/assaychain/assay/x/proofs/program"
)

const (
	// PerElement8 and PerElement32 are how many values an element packs.
	PerElement8, PerElement32 = 31, 7
	// TrailerSlot is where a weight row's digest takes its bias and multiplier.
	TrailerSlot = Width - 1
	// dataSlots is how many slots of a row's digest can hold data: all but the header.
	dataSlots = Width - 1
)

// Layout says how a row's elements enter its digest.
type Layout struct {
	// PerElement is how many values an element packs.
	PerElement uint32
	// Elements is how many elements the values fill.
	Elements uint32
	// Chunks is how many of them, taken 16 at a time from the front and zero filled, enter as a chunk's digest. The other
	// elements follow in the slots themselves.
	Chunks uint32
	// Header is the first element of the digest: tag + 256*columns.
	Header uint64
}

// LayoutOf gives the layout of a row of a valid shape, folded. The chunks of int8 rows depend on the circuit class that covers the row (256,
// 1024 or 4096 columns), not on the row itself, and leave the trailer's slot free.
func LayoutOf(s Shape) Layout {
	s = s.Folded()
	if s.Type == program.DATA_TYPE_INT32 {
		elements := ceilDiv(s.Cols, PerElement32)
		chunks := uint32(0)
		if elements > dataSlots {
			chunks = ceilDiv(elements-dataSlots, Width-1)
		}
		return Layout{PerElement32, elements, chunks, header(TagInt32, s.Cols)}
	}
	tag := uint64(TagInt8)
	if s.Kind == program.TENSOR_KIND_WEIGHT {
		tag = TagWeight
	}
	return Layout{PerElement8, ceilDiv(s.Cols, PerElement8), chunks8(s.Cols), header(tag, s.Cols)}
}

// chunks8 leaves 14, 12 and 6 slots for the 9, 34-32 and 133-128 elements that the widest row of each class keeps.
func chunks8(cols uint32) uint32 {
	switch {
	case cols <= 256:
		return 0
	case cols <= 1024:
		return 2
	default:
		return 8
	}
}

func header(tag uint64, cols uint32) uint64 { return tag + 256*uint64(cols) }

func ceilDiv(a, b uint32) uint32 { return (a + b - 1) / b }

// Location is where an entry of a plain row lies in the digest of its leaf.
type Location struct {
	// Slot of the row's digest, 1 to 15.
	Slot uint32
	// Inline is true when the slot is the element itself, false when it is the digest of the element's chunk.
	Inline bool
	// Element is the index in the chunk, 0 to 15; 0 when inline.
	Element uint32
	// Value is the index in the element: 0 to 30 for int8, 0 to 6 for int32.
	Value uint32
}

// Locate finds a column of a plain row.
func Locate(s Shape, col uint32) (Location, error) {
	if s.Kind != program.TENSOR_KIND_PLAIN {
		return Location{}, fmt.Errorf("%w: entries are opened in plain tensors, not in %s", ErrShape, s.Kind)
	}
	if err := s.ValidateTree(); err != nil {
		return Location{}, err
	}
	if col >= s.Cols {
		return Location{}, fmt.Errorf("%w: col %d of %d", ErrPosition, col, s.Cols)
	}
	_, col = s.Leaf(0, col)
	layout := LayoutOf(s)
	element, value := col/layout.PerElement, col%layout.PerElement
	if chunk := element / Width; chunk < layout.Chunks {
		return Location{Slot: 1 + chunk, Element: element % Width, Value: value}, nil
	}
	slot := 1 + layout.Chunks + element - Width*layout.Chunks
	return Location{Slot: slot, Inline: true, Value: value}, nil
}

// Pack8 packs up to 31 values into an element as bytes v+128, first value least significant.
func Pack8(values []int8) fr.Element {
	var raw [fr.Bytes]byte
	for i, v := range values[:min(len(values), PerElement8)] {
		raw[fr.Bytes-1-i] = byte(int16(v) + 128)
	}
	return element(raw)
}

// Pack32 packs up to 7 values into an element as 32-bit words v+2^31, first value least significant.
func Pack32(values []int32) fr.Element {
	var raw [fr.Bytes]byte
	for i, v := range values[:min(len(values), PerElement32)] {
		end := fr.Bytes - 4*i
		binary.BigEndian.PutUint32(raw[end-4:end], uint32(int64(v)+1<<31))
	}
	return element(raw)
}

// Trailer packs a weight row's bias and multiplier: (bias + 2^31) + multiplier*2^32.
func Trailer(bias int32, multiplier uint32) fr.Element {
	return fr.NewElement(uint64(int64(bias)+1<<31) | uint64(multiplier)<<32)
}

// element reads 32 big-endian bytes of which the first is 0, hence below the modulus.
func element(raw [fr.Bytes]byte) fr.Element {
	var e fr.Element
	e.SetBytes(raw[:])
	return e
}

// rowElements packs one row, without its trailer.
func (t *Tensor) rowElements(row, per uint32) []fr.Element {
	out := make([]fr.Element, 0, ceilDiv(t.Cols, per))
	start, end := int(row*t.Cols), int((row+1)*t.Cols)
	for i := start; i < end; i += int(per) {
		if t.Type == program.DATA_TYPE_INT32 {
			out = append(out, Pack32(t.Int32[i:min(i+int(per), end)]))
			continue
		}
		out = append(out, Pack8(t.Int8[i:min(i+int(per), end)]))
	}
	return out
}
