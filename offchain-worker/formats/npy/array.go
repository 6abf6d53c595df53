// Package npy reads and writes NumPy's .npy files: one array of fixed-width numbers in row-major order.
//
// It is strict, because its input comes from a customer's disk and ends in a paid job: a file is either exactly what its header
// says or refused with the field that is wrong. The layout is that of NumPy's format description (numpy.lib.format): the magic
// "\x93NUMPY", a version (1.0, 2.0 or 3.0), a little-endian header length (2 bytes in version 1, 4 after), a Python dictionary
// with the keys descr, fortran_order and shape, and then the values.
package npy

import (
	"encoding/binary"
	"fmt"
	"math"
)

// DType is the element type of an array, spelled as NumPy spells it in the header.
type DType string

// The element types this package reads and writes; multi-byte types are little-endian.
const (
	Int8    DType = "|i1"
	Uint8   DType = "|u1"
	Int32   DType = "<i4"
	Int64   DType = "<i8"
	Float32 DType = "<f4"
	Float64 DType = "<f8"
)

// MaxDims is the largest number of dimensions of an array, NumPy's own limit up to version 1.
const MaxDims = 32

// Size returns the bytes of one element, 0 for a type this package does not know.
func (d DType) Size() int {
	switch d {
	case Int8, Uint8:
		return 1
	case Int32, Float32:
		return 4
	case Int64, Float64:
		return 8
	default:
		return 0
	}
}

// Float tells whether the elements are floating-point numbers.
func (d DType) Float() bool { return d == Float32 || d == Float64 }

// Array is a dense array in row-major order.
type Array struct {
	// DType is the element type.
	DType DType
	// Shape holds the dimensions, outermost first; empty for a single value. A dimension may be 0.
	Shape []int
	// Data holds the elements in row-major order, little-endian: exactly DType.Size() times the product of Shape bytes.
	Data []byte
}

// Number is a Go type whose values an array can hold.
type Number interface {
	int8 | uint8 | int32 | int64 | float32 | float64
}

// New makes an array of the given shape from values in row-major order. It refuses a shape whose product is not len(values).
func New[T Number](shape []int, values []T) (*Array, error) {
	dtype := dtypeOf[T]()
	want, err := byteLength(dtype, shape)
	if err != nil {
		return nil, err
	}
	if want != len(values)*dtype.Size() {
		return nil, fmt.Errorf("%w: shape %v does not hold %d values", ErrMalformed, shape, len(values))
	}
	data, err := binary.Append(make([]byte, 0, want), binary.LittleEndian, values)
	if err != nil {
		return nil, fmt.Errorf("encode %s values: %w", dtype, err)
	}
	return &Array{DType: dtype, Shape: append([]int{}, shape...), Data: data}, nil
}

// Values returns the elements in row-major order. It refuses an array of another element type and does not convert.
func Values[T Number](a *Array) ([]T, error) {
	if dtype := dtypeOf[T](); a.DType != dtype {
		return nil, fmt.Errorf("%w: descr: the array holds %s, not %s", ErrUnsupported, a.DType, dtype)
	}
	if err := a.check(); err != nil {
		return nil, err
	}
	values := make([]T, len(a.Data)/a.DType.Size())
	if _, err := binary.Decode(a.Data, binary.LittleEndian, values); err != nil {
		return nil, fmt.Errorf("decode %s values: %w", a.DType, err)
	}
	return values, nil
}

// Len returns the number of elements.
func (a *Array) Len() int {
	if a.DType.Size() == 0 {
		return 0
	}
	return len(a.Data) / a.DType.Size()
}

// NonFiniteError says where an array first holds a value that is not a number or infinite.
type NonFiniteError struct {
	// Index is the position of the value, one number a dimension.
	Index []int
	// Value is NaN, +Inf or -Inf.
	Value float64
}

// Error names the value and its index.
func (e *NonFiniteError) Error() string {
	return fmt.Sprintf("value at index %v is %v: only finite numbers are accepted", e.Index, e.Value)
}

// CheckFinite returns a *NonFiniteError for the first NaN or infinity, nil where there is none. Integers are always finite.
func (a *Array) CheckFinite() error {
	if !a.DType.Float() {
		return nil
	}
	for i := range a.Len() {
		if v := a.floatAt(i); math.IsNaN(v) || math.IsInf(v, 0) {
			return &NonFiniteError{Index: a.unravel(i), Value: v}
		}
	}
	return nil
}

func (a *Array) floatAt(i int) float64 {
	if a.DType == Float32 {
		return float64(math.Float32frombits(binary.LittleEndian.Uint32(a.Data[4*i:])))
	}
	return math.Float64frombits(binary.LittleEndian.Uint64(a.Data[8*i:]))
}

// unravel turns a row-major position into one index a dimension.
func (a *Array) unravel(position int) []int {
	index := make([]int, len(a.Shape))
	for d := len(a.Shape) - 1; d >= 0; d-- {
		index[d] = position % a.Shape[d]
		position /= a.Shape[d]
	}
	return index
}

// check verifies that the data has the length that the type and the shape ask for.
func (a *Array) check() error {
	want, err := byteLength(a.DType, a.Shape)
	if err != nil {
		return err
	}
	if want != len(a.Data) {
		return fmt.Errorf("%w: shape %v of %s needs %d bytes of data, there are %d", ErrMalformed, a.Shape, a.DType, want, len(a.Data))
	}
	return nil
}

// byteLength returns the bytes of an array's data; it refuses negative dimensions and products that overflow.
func byteLength(dtype DType, shape []int) (int, error) {
	if dtype.Size() == 0 {
		return 0, fmt.Errorf("%w: descr %q: %s", ErrUnsupported, string(dtype), supported)
	}
	if len(shape) > MaxDims {
		return 0, fmt.Errorf("%w: shape: %d dimensions, at most %d", ErrUnsupported, len(shape), MaxDims)
	}
	total := dtype.Size()
	for i, dim := range shape {
		if dim < 0 {
			return 0, fmt.Errorf("%w: shape: dimension %d is %d, must not be negative", ErrMalformed, i, dim)
		}
		if dim > 0 && total > math.MaxInt/dim {
			return 0, fmt.Errorf("%w: shape %v: the product overflows", ErrTooLarge, shape)
		}
		total *= dim
	}
	return total, nil
}

func dtypeOf[T Number]() DType {
	var zero T
	switch any(zero).(type) {
	case int8:
		return Int8
	case uint8:
		return Uint8
	case int32:
		return Int32
	case int64:
		return Int64
	case float32:
		return Float32
	default:
		return Float64
	}
}
