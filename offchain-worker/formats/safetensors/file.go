// Package safetensors reads and writes the safetensors format: named dense tensors behind a JSON header.
//
// A file is an 8-byte little-endian header length, the header, and a byte buffer. The header is one JSON object: each key names a
// tensor with dtype, shape and data_offsets [begin, end) into the buffer, and the optional key __metadata__ maps strings to strings.
// The reader is strict: every byte of the buffer belongs to exactly one tensor, every length is checked before it is used, and a
// key that appears twice is refused, so that no two readers can see different networks in one file.
package safetensors

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
)

// Errors of this package, for errors.Is. The text around them names the tensor, the field and the limit.
var (
	// ErrMalformed: the file is not a safetensors file, or its header and its buffer do not agree.
	ErrMalformed = errors.New("malformed safetensors file")
	// ErrTooLarge: the file, its header or its number of tensors exceeds a limit.
	ErrTooLarge = errors.New("safetensors file too large")
)

// Limits of what the reader accepts and the writer makes.
const (
	// MaxHeaderLength is the largest header, in bytes.
	MaxHeaderLength = 1 << 20
	// MaxDims is the largest number of dimensions of a tensor.
	MaxDims = 8
	// MaxTensors is the largest number of tensors in a file.
	MaxTensors = 4096
)

// metadataKey is the one key of the header that names no tensor.
const metadataKey = "__metadata__"

// DType is the element type of a tensor, spelled as in the header.
type DType string

// The element types of the format. This package carries all of them as bytes; the typed accessors know the integers and F32.
const (
	Bool   DType = "BOOL"
	U8     DType = "U8"
	I8     DType = "I8"
	F8E5M2 DType = "F8_E5M2"
	F8E4M3 DType = "F8_E4M3"
	U16    DType = "U16"
	I16    DType = "I16"
	F16    DType = "F16"
	BF16   DType = "BF16"
	U32    DType = "U32"
	I32    DType = "I32"
	F32    DType = "F32"
	U64    DType = "U64"
	I64    DType = "I64"
	F64    DType = "F64"
)

// Size returns the bytes of one element, 0 for an unknown type.
func (d DType) Size() int {
	switch d {
	case Bool, U8, I8, F8E5M2, F8E4M3:
		return 1
	case U16, I16, F16, BF16:
		return 2
	case U32, I32, F32:
		return 4
	case U64, I64, F64:
		return 8
	default:
		return 0
	}
}

// Tensor is one dense tensor in row-major order.
type Tensor struct {
	DType DType
	// Shape holds the dimensions, outermost first; empty for a single value. A dimension may be 0.
	Shape []int
	// Data holds the elements, little-endian: exactly DType.Size() times the product of Shape bytes.
	Data []byte
}

// File is the contents of a safetensors file.
type File struct {
	// Metadata holds the strings under __metadata__; nil and empty are the same.
	Metadata map[string]string
	// Tensors holds the tensors by name.
	Tensors map[string]*Tensor
}

// Names returns the names of the tensors in ascending order.
func (f *File) Names() []string {
	return slices.Sorted(maps.Keys(f.Tensors))
}

// check verifies that the data has the length that type and shape ask for.
func (t *Tensor) check(name string) error {
	want, err := byteLength(name, t.DType, t.Shape)
	if err != nil {
		return err
	}
	if want != len(t.Data) {
		return fmt.Errorf("%w: tensor %q: shape %v of %s needs %d bytes, data has %d", ErrMalformed, name, t.Shape, t.DType, want, len(t.Data))
	}
	return nil
}

// byteLength returns the bytes of a tensor's data; it refuses unknown types, negative dimensions and products that overflow.
func byteLength(name string, dtype DType, shape []int) (int, error) {
	if dtype.Size() == 0 {
		return 0, fmt.Errorf("%w: tensor %q: unknown dtype %q", ErrMalformed, clip(name), clip(string(dtype)))
	}
	if len(shape) > MaxDims {
		return 0, fmt.Errorf("%w: tensor %q: shape has %d dimensions, at most %d", ErrTooLarge, clip(name), len(shape), MaxDims)
	}
	total := dtype.Size()
	for _, dim := range shape {
		if dim < 0 {
			return 0, fmt.Errorf("%w: tensor %q: shape %v has a negative dimension", ErrMalformed, clip(name), shape)
		}
		if dim > 0 && total > math.MaxInt/dim {
			return 0, fmt.Errorf("%w: tensor %q: shape %v: the product overflows", ErrTooLarge, clip(name), shape)
		}
		total *= dim
	}
	return total, nil
}

// clip bounds what an error message quotes from a file.
func clip(text string) string {
	if len(text) <= 64 {
		return text
	}
	return text[:64] + "..."
}
