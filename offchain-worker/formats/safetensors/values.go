package safetensors

import (
	"encoding/binary"
	"fmt"
)

// Number is a Go type whose values a tensor can hold.
type Number interface {
	int8 | uint8 | int32 | uint32 | int64 | uint64 | float32 | float64
}

// New makes a tensor from values in row-major order. It refuses a shape whose product is not len(values).
func New[T Number](shape []int, values []T) (*Tensor, error) {
	dtype := dtypeOf[T]()
	want, err := byteLength("", dtype, shape)
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
	return &Tensor{DType: dtype, Shape: append([]int{}, shape...), Data: data}, nil
}

// Values returns the elements in row-major order. It refuses a tensor of another element type and does not convert.
func Values[T Number](t *Tensor) ([]T, error) {
	if dtype := dtypeOf[T](); t.DType != dtype {
		return nil, fmt.Errorf("%w: the tensor holds %s, not %s", ErrMalformed, t.DType, dtype)
	}
	if err := t.check(""); err != nil {
		return nil, err
	}
	values := make([]T, len(t.Data)/t.DType.Size())
	if _, err := binary.Decode(t.Data, binary.LittleEndian, values); err != nil {
		return nil, fmt.Errorf("decode %s values: %w", t.DType, err)
	}
	return values, nil
}

func dtypeOf[T Number]() DType {
	var zero T
	switch any(zero).(type) {
	case int8:
		return I8
	case uint8:
		return U8
	case int32:
		return I32
	case uint32:
		return U32
	case int64:
		return I64
	case uint64:
		return U64
	case float32:
		return F32
	default:
		return F64
	}
}
