// Package interpreter is the meaning of a program: every step computed entry by entry, in plain integer arithmetic, in
// the order of its definition. It is written to be read, not to be fast; every kernel and every circuit has to agree
// with it bit for bit.
package interpreter

import (
	"errors"
	"fmt"

	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// ErrInputs is wrapped by every refusal of inputs that are not those a program declares; the message names the input.
var ErrInputs = errors.New("inputs do not fit the program")

// Run computes a program on inputs given in the order of their declaration, and returns the output of every step; the
// last one is the result. It fails on an invalid program (program.ErrInvalid) and on inputs of other shapes or with
// values out of range (ErrInputs).
func Run(p program.Program, inputs []*tensor.Tensor) ([]*tensor.Tensor, error) {
	shapes, err := Bind(p, inputs)
	if err != nil {
		return nil, err
	}
	outputs := make([]*tensor.Tensor, len(shapes))
	for i, shape := range shapes {
		x := inputs[shape.Input.Index]
		if shape.Input.Step {
			x = outputs[shape.Input.Index]
		}
		if outputs[i], err = dense(x, inputs[shape.Weight], &p.Steps[i]); err != nil {
			return nil, fmt.Errorf("steps[%d]: %w", i, err)
		}
	}
	return outputs, nil
}

// Bind checks that inputs are those that the program declares, and returns the resolved steps.
func Bind(p program.Program, inputs []*tensor.Tensor) ([]program.StepShape, error) {
	shapes, err := p.Shapes()
	if err != nil {
		return nil, err
	}
	if len(inputs) != len(p.Inputs) {
		return nil, fmt.Errorf("%w: %d inputs given, the program declares %d", ErrInputs, len(inputs), len(p.Inputs))
	}
	for i, input := range inputs {
		declared := p.Inputs[i]
		if input == nil {
			return nil, fmt.Errorf("%w: inputs[%d] %q is missing", ErrInputs, i, declared.Name)
		}
		want := tensor.Shape{Kind: declared.Kind, Type: declared.Type, Rows: declared.Rows, Cols: declared.Cols}
		if input.Shape != want {
			return nil, fmt.Errorf("%w: inputs[%d] %q is a %s %s of %d x %d, the program declares a %s %s of %d x %d", ErrInputs, i, declared.Name,
				input.Kind, input.Type, input.Rows, input.Cols, want.Kind, want.Type, want.Rows, want.Cols)
		}
		if err := input.Validate(); err != nil {
			return nil, fmt.Errorf("%w: inputs[%d] %q: %w", ErrInputs, i, declared.Name, err)
		}
	}
	return shapes, nil
}

// dense computes one step on tensors that fit.
func dense(x, w *tensor.Tensor, step *program.DenseStep) (*tensor.Tensor, error) {
	k := int(x.Cols)
	entries := make([]int32, 0, int(x.Rows)*int(w.Rows))
	for r := range int(x.Rows) {
		for c := range int(w.Rows) {
			channel := Channel{Weights: w.Int8[c*k : (c+1)*k], Bias: w.Bias[c], Multiplier: w.Multiplier[c]}
			entries = append(entries, Entry(x.Int8[r*k:(r+1)*k], channel, step))
		}
	}
	if step.OutputType == program.DATA_TYPE_INT32 {
		return tensor.NewInt32(x.Rows, w.Rows, entries)
	}
	narrow := make([]int8, len(entries))
	for i, v := range entries {
		narrow[i] = int8(v)
	}
	return tensor.NewInt8(x.Rows, w.Rows, narrow)
}

// Channel is one row of a weight tensor, which makes one column of a step's output.
type Channel struct {
	Weights    []int8
	Bias       int32
	Multiplier uint32
}

// Entry computes one entry of a step's output from a row of X and a row of W, of the same length, at most
// program.MaxDimension. Values of W's trailer must be in range; the step must be valid.
func Entry(x []int8, w Channel, step *program.DenseStep) int32 {
	acc := w.Bias
	for k, v := range x {
		acc += int32(v) * int32(w.Weights[k])
	}
	if step.OutputType == program.DATA_TYPE_INT32 {
		return program.Activate(acc, step.Activation)
	}
	return int32(program.Requant(acc, w.Multiplier, step.Shift, step.Activation))
}
