package circuits

import (
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/statement"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// What the parts of a model's circuit cost in constraints; the README of package model says what they are.
const (
	compression = 555
	pathChecks  = 16 * tensor.Depth
	byteTable   = 258
	// byteBits is what a byte of a remainder holds.
	byteBits = 8
	// clamp is a side on which an output can be clamped, with as many bytes as trained weights need mostly.
	clamp = 2 + 2
	// int32Clamp is a value of 4 bytes and 31 bits, the bytes that it may fall short by, the sum and the clamp.
	int32Clamp = 5 + 4 + 1 + 2
	// firstRoots is how many roots the digest's first compression takes; a second one takes all others.
	firstRoots = 9
)

// ModelConstraints estimates the constraints of the circuit of a program that is a model, from its shapes alone: those that depend on
// the weights, which are few, are taken as a trained network has them. The error wraps program.ErrInvalid.
func ModelConstraints(p program.Program) (uint64, error) {
	shapes, err := p.Shapes()
	if err != nil {
		return 0, err
	}
	inputs := tensor.Shape{Kind: program.TENSOR_KIND_PLAIN, Type: program.DATA_TYPE_INT8, Rows: 1, Cols: shapes[0].K}
	total := byteTable + statement.RowBits + uint64(inputs.Cols) + opened(inputs) + digests(len(shapes)+1)*compression
	for i := range shapes {
		step := &p.Steps[i]
		row := tensor.Shape{Kind: program.TENSOR_KIND_PLAIN, Type: step.OutputType, Rows: 1, Cols: shapes[i].N}
		total += opened(row) + uint64(row.Cols)*anOutput(step)
	}
	return total, nil
}

// opened is a row with its chunks and its path.
func opened(row tensor.Shape) uint64 {
	return uint64(1+tensor.LayoutOf(row).Chunks+tensor.Depth)*compression + pathChecks
}

// digests is how many compressions hash so many roots.
func digests(roots int) uint64 {
	if roots <= firstRoots {
		return 1
	}
	return 2
}

// anOutput is one output of a layer.
func anOutput(step *program.DenseStep) uint64 {
	relu := step.Activation == program.ACTIVATION_RELU
	if step.OutputType == program.DATA_TYPE_INT32 {
		if relu {
			return int32Clamp
		}
		return 0
	}
	constraints := 1 + uint64(step.Shift+byteBits-1)/byteBits + 1 + 2*clamp
	if step.Shift%byteBits > 0 {
		constraints++
	}
	if relu {
		constraints++
	}
	return constraints
}
