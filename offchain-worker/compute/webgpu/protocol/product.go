package protocol

import (
	"encoding/binary"
	"unicode/utf8"
	"unsafe"
)

// Load brings a panel to the device.
type Load struct {
	// Side is 0 for A and 1 for B.
	Side uint8
	// Rows and Stride are the panel's size in values; Stride is a multiple of four and at most MaxStride.
	Rows, Stride uint32
	// Values are Rows x Stride int8 values, row major, at most MaxPanel bytes. When received, they are valid until the next message is.
	Values []byte
}

func (Load) kind() byte { return kindLoad }
func (m Load) head() []byte {
	b := binary.LittleEndian.AppendUint32([]byte{m.Side}, m.Rows)
	return binary.LittleEndian.AppendUint32(b, m.Stride)
}
func (m Load) tail() []byte { return m.Values }

func decodeLoad(b []byte) (Message, error) {
	m := Load{Side: b[0], Rows: binary.LittleEndian.Uint32(b[1:]), Stride: binary.LittleEndian.Uint32(b[5:]), Values: b[loadHead:]}
	if m.Side > 1 || m.Stride == 0 || m.Stride%word != 0 || m.Stride > MaxStride {
		return nil, malformed("panel of side %d with rows of %d values", m.Side, m.Stride)
	}
	if uint64(len(m.Values)) != uint64(m.Rows)*uint64(m.Stride) {
		return nil, malformed("panel of %d bytes, must have %d x %d", len(m.Values), m.Rows, m.Stride)
	}
	return m, nil
}

// Multiply adds the products of rows Row to Row+Rows of A with rows Col to Col+Cols of B to the block's entries, which start
// from zero if From is 0.
type Multiply struct {
	// Rows x Cols is at least 1 and at most MaxEntries.
	Row, Col, Rows, Cols uint32
	// From and To bound the part of the inner dimension in words of four values, From below To.
	From, To uint32
}

func (Multiply) kind() byte   { return kindMultiply }
func (Multiply) tail() []byte { return nil }
func (m Multiply) head() []byte {
	var b []byte
	for _, v := range []uint32{m.Row, m.Col, m.Rows, m.Cols, m.From, m.To} {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	return b
}

func decodeMultiply(b []byte) (Message, error) {
	at := func(i int) uint32 { return binary.LittleEndian.Uint32(b[4*i:]) }
	m := Multiply{Row: at(0), Col: at(1), Rows: at(2), Cols: at(3), From: at(4), To: at(5)}
	if entries := uint64(m.Rows) * uint64(m.Cols); entries == 0 || entries > MaxEntries {
		return nil, malformed("block of %d x %d entries, must be 1 to %d", m.Rows, m.Cols, MaxEntries)
	}
	if m.Row > MaxPanel || m.Col > MaxPanel || m.From >= m.To || m.To > MaxStride/word {
		return nil, malformed("block at row %d, column %d, words %d to %d", m.Row, m.Col, m.From, m.To)
	}
	return m, nil
}

// Entries are those of a block, row major, int32 values of four bytes. When received, they are valid until the next message is.
type Entries struct{ Raw []byte }

func (Entries) kind() byte     { return kindEntries }
func (Entries) head() []byte   { return nil }
func (m Entries) tail() []byte { return m.Raw }

// littleEndian tells whether this machine's integers have the protocol's byte order, as nearly all have.
var littleEndian = binary.NativeEndian.Uint16([]byte{1, 0}) == 1

// Int32s are the entries as numbers. Where the machine's memory allows they are Raw itself, valid as long.
func (m Entries) Int32s() []int32 {
	start := unsafe.Pointer(unsafe.SliceData(m.Raw))
	if littleEndian && uintptr(start)%unsafe.Alignof(int32(0)) == 0 {
		return unsafe.Slice((*int32)(start), len(m.Raw)/4)
	}
	return m.decoded()
}

func (m Entries) decoded() []int32 {
	out := make([]int32, len(m.Raw)/4)
	for i := range out {
		out[i] = int32(binary.LittleEndian.Uint32(m.Raw[4*i:]))
	}
	return out
}

// Bytes is the memory of int8 values, which a Load sends as it is.
func Bytes(values []int8) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(values))), len(values))
}

// decode makes the message of a kind from its body, whose length is within the kind's limits.
func decode(kind byte, b []byte) (Message, error) {
	switch kind {
	case kindHello:
		return decodeHello(b)
	case kindOpen:
		return Open{Adapter: binary.LittleEndian.Uint32(b)}, nil
	case kindLoad:
		return decodeLoad(b)
	case kindMultiply:
		return decodeMultiply(b)
	case kindRead:
		return Read{}, nil
	case kindDone:
		return Done{}, nil
	case kindEntries:
		if len(b)%4 != 0 {
			return nil, malformed("entries of %d bytes, must be a multiple of 4", len(b))
		}
		return Entries{Raw: b}, nil
	case kindFailed:
		if !utf8.Valid(b) {
			return nil, malformed("a reason that is not UTF-8")
		}
		return Failed{Reason: string(b)}, nil
	}
	return nil, malformed("kind %d", kind)
}
