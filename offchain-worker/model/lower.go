package model

import (
	"fmt"
	"strconv"

	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// The names of a program's tensors: the input, and the weights and outputs numbered by layer.
const (
	inputName    = "x"
	weightPrefix = "w"
	outputPrefix = "y"
)

// Weight is a weight tensor under the name that the program gives it.
type Weight struct {
	Name   string
	Tensor *tensor.Tensor
}

// Lower returns the program that runs the network on batchRows inputs at a time, 1 to 8192, and its weights in the order of the
// program's inputs after "x": "w0", "w1", and so on.
func (n *Network) Lower(batchRows int) (program.Program, []Weight, error) {
	if err := n.Validate(); err != nil {
		return program.Program{}, nil, err
	}
	lowered, err := n.program(batchRows)
	if err != nil {
		return program.Program{}, nil, err
	}
	if err := lowered.Validate(); err != nil {
		return program.Program{}, nil, fmt.Errorf("lower network: %w", err)
	}
	weights := make([]Weight, len(n.Layers))
	for i, layer := range n.Layers {
		weights[i] = Weight{Name: numbered(weightPrefix, i), Tensor: layer.Weight}
	}
	return lowered, weights, nil
}

// program builds the program without validating it.
func (n *Network) program(batchRows int) (program.Program, error) {
	if batchRows < 1 || batchRows > program.MaxDimension {
		return program.Program{}, fmt.Errorf("%w: %d rows in a batch, must be 1 to %d; split the input", ErrInput, batchRows, program.MaxDimension)
	}
	lowered := program.Program{Version: program.Version}
	lowered.Inputs = append(lowered.Inputs, program.Tensor{
		Name: inputName, Kind: program.TENSOR_KIND_PLAIN, Type: program.DATA_TYPE_INT8, Rows: uint32(batchRows), Cols: n.Layers[0].Weight.Cols,
	})
	input := inputName
	for i, layer := range n.Layers {
		step := program.DenseStep{
			Input: input, Weight: numbered(weightPrefix, i), Output: numbered(outputPrefix, i),
			Shift: layer.Shift, Activation: layer.Activation, OutputType: layer.Output,
		}
		lowered.Inputs = append(lowered.Inputs, program.Tensor{
			Name: step.Weight, Kind: program.TENSOR_KIND_WEIGHT, Type: program.DATA_TYPE_INT8, Rows: layer.Weight.Rows, Cols: layer.Weight.Cols,
		})
		lowered.Steps = append(lowered.Steps, step)
		input = step.Output
	}
	return lowered, nil
}

func numbered(prefix string, i int) string { return prefix + strconv.Itoa(i) }
