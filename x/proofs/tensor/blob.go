package tensor

import (
	"encoding/binary"
	"fmt"

	"github.com/assaychain/assay/x/proofs/program"
)

// EncodeBlob is the file form of a tensor, row major: int8 values as bytes, int32 values little endian, and for a weight
// its biases and then its multipliers, both little endian, after the values. It has exactly Shape.BlobSize bytes.
func EncodeBlob(t *Tensor) []byte {
	out := make([]byte, 0, t.BlobSize())
	for _, v := range t.Int8 {
		out = append(out, byte(v))
	}
	for _, v := range t.Int32 {
		out = binary.LittleEndian.AppendUint32(out, uint32(v))
	}
	for _, v := range t.Bias {
		out = binary.LittleEndian.AppendUint32(out, uint32(v))
	}
	for _, v := range t.Multiplier {
		out = binary.LittleEndian.AppendUint32(out, v)
	}
	return out
}

// DecodeBlob reads a blob of a known shape. It refuses any other length, and biases and multipliers out of range.
func DecodeBlob(shape Shape, blob []byte) (*Tensor, error) {
	if err := shape.Validate(); err != nil {
		return nil, err
	}
	if uint64(len(blob)) != shape.BlobSize() {
		return nil, fmt.Errorf("%w: blob has %d bytes, a %s %s tensor of %d x %d has %d",
			ErrValue, len(blob), shape.Kind, shape.Type, shape.Rows, shape.Cols, shape.BlobSize())
	}
	t := &Tensor{Shape: shape}
	if shape.Type == program.DATA_TYPE_INT32 {
		t.Int32 = words[int32](blob)
		return checked(t)
	}
	cells := shape.cells()
	t.Int8 = make([]int8, cells)
	for i, b := range blob[:cells] {
		t.Int8[i] = int8(b)
	}
	if shape.Kind == program.TENSOR_KIND_WEIGHT {
		split := cells + 4*int(shape.Rows)
		t.Bias = words[int32](blob[cells:split])
		t.Multiplier = words[uint32](blob[split:])
	}
	return checked(t)
}

func words[T int32 | uint32](raw []byte) []T {
	out := make([]T, len(raw)/4)
	for i := range out {
		out[i] = T(binary.LittleEndian.Uint32(raw[4*i:]))
	}
	return out
}
