package model

import (
	"fmt"

	"github.com/assaychain/assay/offchain-worker/formats/npy"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// MaxInputFileSize is the largest .npy file worth reading as an operand, in bytes: 8192 × 8192 int8 values and a header.
const MaxInputFileSize = program.MaxDimension*program.MaxDimension + 1<<16

// PrepareInput turns an array of inputs, the first dimension counting them, into the network's input tensor. int8 values are taken
// as they are; uint8 pixels p become p>>1, so that 0 to 255 maps to 0 to 127; floats are refused, because only the customer knows
// their scale. Further dimensions are flattened in row-major order: 28 × 28 images fit a network of 784 inputs.
func (n *Network) PrepareInput(array *npy.Array) (*tensor.Tensor, error) {
	if err := array.CheckFinite(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInput, err)
	}
	rows, cols, err := flatten(array.Shape)
	if err != nil {
		return nil, err
	}
	if cols != n.Inputs() {
		return nil, fmt.Errorf("%w: shape %v gives %d values a row, the network takes %d", ErrInput, array.Shape, cols, n.Inputs())
	}
	values, err := n.int8Inputs(array)
	if err != nil {
		return nil, err
	}
	input, err := tensor.NewInt8(uint32(rows), uint32(cols), values)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInput, err)
	}
	return input, nil
}

func (n *Network) int8Inputs(array *npy.Array) ([]int8, error) {
	switch array.DType {
	case npy.Int8:
		return npy.Values[int8](array)
	case npy.Uint8:
		pixels, err := npy.Values[uint8](array)
		if err != nil {
			return nil, err
		}
		return HalvePixels(pixels), nil
	case npy.Float32, npy.Float64:
		return nil, fmt.Errorf("%w: descr %s: floats are refused; quantise them: numpy.clip(numpy.rint(a / scale), -128, 127).astype(numpy.int8)%s", ErrInput, array.DType, n.scaleAdvice())
	default:
		return nil, fmt.Errorf("%w: descr %s: must be int8, or uint8 pixels; if the values fit, convert with a.astype(numpy.int8)", ErrInput, array.DType)
	}
}

func (n *Network) scaleAdvice() string {
	if scale := n.Notes[inputScaleKey]; scale != "" {
		return ", the network's input.scale being " + clip(scale)
	}
	return ""
}

// HalvePixels maps pixels 0 to 255 to int8 values 0 to 127 by dropping the lowest bit.
func HalvePixels(pixels []uint8) []int8 {
	values := make([]int8, len(pixels))
	for i, p := range pixels {
		values[i] = int8(p >> 1)
	}
	return values
}

// flatten returns the rows of an array of at least two dimensions, 1 to 8192, and the values of each.
func flatten(shape []int) (rows, cols int, err error) {
	if len(shape) < 2 {
		return 0, 0, fmt.Errorf("%w: shape %v: needs two dimensions; make a single input a row with a.reshape(1, -1)", ErrInput, shape)
	}
	if shape[0] < 1 || shape[0] > program.MaxDimension {
		return 0, 0, fmt.Errorf("%w: shape %v: %d rows, must be 1 to %d; split the input", ErrInput, shape, shape[0], program.MaxDimension)
	}
	cols = 1
	for _, dim := range shape[1:] {
		if dim < 1 || dim > program.MaxCols/cols {
			return 0, 0, fmt.Errorf("%w: shape %v: the values of a row must be 1 to %d", ErrInput, shape, program.MaxCols)
		}
		cols *= dim
	}
	return shape[0], cols, nil
}

// matrix takes an operand of a product, which must be int8 already: no other reading of it is exact.
func matrix(name string, array *npy.Array) ([]int8, error) {
	if err := array.CheckFinite(); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrInput, name, err)
	}
	if array.DType != npy.Int8 {
		return nil, fmt.Errorf("%w: %s has descr %s, must be |i1; if the values are whole numbers from -128 to 127, convert with a.astype(numpy.int8)", ErrInput, name, array.DType)
	}
	if len(array.Shape) != 2 {
		return nil, fmt.Errorf("%w: %s has shape %v, must have two dimensions", ErrInput, name, array.Shape)
	}
	return npy.Values[int8](array)
}

// Array returns a plain tensor, such as a job's result, as an array of the same type.
func Array(t *tensor.Tensor) (*npy.Array, error) {
	shape := []int{int(t.Rows), int(t.Cols)}
	if t.Kind != program.TENSOR_KIND_PLAIN {
		return nil, fmt.Errorf("%w: a weight tensor is no array", ErrInput)
	}
	if t.Type == program.DATA_TYPE_INT32 {
		return npy.New(shape, t.Int32)
	}
	return npy.New(shape, t.Int8)
}
