// Package model turns what a customer has on disk into what the chain proves: networks in safetensors files and matrices in .npy
// files become programs over int8 tensors.
//
// # The format assay-dense-v1
//
// A quantised dense network is a safetensors file with, for each layer i from 0 without a gap, at most 16 of them:
//
//	layers.<i>.weight      I8  [N, K]        int8 weights, row n for output channel n; K at most 1024
//	layers.<i>.bias        I32 [N]           |bias| < 2^30
//	layers.<i>.multiplier  U32 or I32 [N]    1 to 2^31-1; 1 where the output is int32, which does not read it
//
// and the metadata
//
//	format                 "assay-dense-v1"
//	layers.<i>.activation  "identity" or "relu"
//	layers.<i>.output      "int8" or "int32"; only the last layer may be int32
//	layers.<i>.shift       decimal, 1 to 48 for int8 output, 0 for int32
//
// Layer i computes act(requant(X·Wᵀ + bias)) exactly as program.DenseStep says, and layer i+1 reads what it computed. No other
// tensors are allowed. Other metadata is documentation for people: by custom input.scale and input.zero say which real number
// an input value v stands for, scale·(v - zero), and output.scale the same for a logit.
package model

import (
	"errors"
	"fmt"

	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// Errors of this package, for errors.Is. The text around them names the tensor or the file's field, and the limit.
var (
	// ErrNetwork: the file is not a network of the format.
	ErrNetwork = errors.New("invalid network")
	// ErrInput: the array is not an input that the network or the product takes.
	ErrInput = errors.New("invalid input array")
)

// Layer is one dense layer of a quantised network.
type Layer struct {
	// Weight holds the weights with the biases and multipliers of the output channels: a row for each, a column for each input.
	Weight *tensor.Tensor
	// Shift is the rounding right shift in bits: 1 to 48 for int8 output, 0 for int32.
	Shift uint32
	// Activation is applied after requantisation.
	Activation program.Activation
	// Output is the type of the layer's result.
	Output program.DataType
}

// Network is a chain of dense layers.
type Network struct {
	Layers []Layer
	// Notes is the metadata that the format does not define, such as input.scale.
	Notes map[string]string
}

// Inputs returns the columns of the network's input.
func (n *Network) Inputs() int { return int(n.Layers[0].Weight.Cols) }

// Outputs returns the columns of the network's result.
func (n *Network) Outputs() int { return int(n.Layers[len(n.Layers)-1].Weight.Rows) }

// Validate refuses networks that the chain could not run on a single row, naming the layer and the limit.
func (n *Network) Validate() error {
	if len(n.Layers) < 1 || len(n.Layers) > program.MaxSteps {
		return fmt.Errorf("%w: %d layers, must have 1 to %d", ErrNetwork, len(n.Layers), program.MaxSteps)
	}
	for i := range n.Layers {
		if err := n.checkLayer(i); err != nil {
			return err
		}
	}
	lowered, err := n.program(1)
	if err != nil {
		return err
	}
	if err := lowered.Validate(); err != nil {
		return fmt.Errorf("%w: %w", ErrNetwork, err)
	}
	return nil
}

// checkLayer says in the file's terms what the program's own validation would say in its own.
func (n *Network) checkLayer(i int) error {
	weight := n.Layers[i].Weight
	if weight == nil || weight.Kind != program.TENSOR_KIND_WEIGHT {
		return fmt.Errorf("%w: layers.%d.weight is missing", ErrNetwork, i)
	}
	if weight.Cols > program.MaxInner {
		return fmt.Errorf("%w: layers.%d.weight has %d columns; the inner dimension must be at most %d", ErrNetwork, i, weight.Cols, program.MaxInner)
	}
	if err := weight.Validate(); err != nil {
		return fmt.Errorf("%w: layers.%d: %w", ErrNetwork, i, err)
	}
	if i == 0 {
		return nil
	}
	before := n.Layers[i-1]
	if before.Output != program.DATA_TYPE_INT8 {
		return fmt.Errorf("%w: layers.%d.output is int32; only the last layer's may be", ErrNetwork, i-1)
	}
	if weight.Cols != before.Weight.Rows {
		return fmt.Errorf("%w: layers.%d.weight has %d columns, but layers.%d.weight has %d rows; the layers do not chain", ErrNetwork, i, weight.Cols, i-1, before.Weight.Rows)
	}
	return nil
}
