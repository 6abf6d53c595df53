package model

import (
	"fmt"
	"maps"
	"strconv"

	"github.com/assaychain/assay/offchain-worker/formats/safetensors"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// Save writes a valid network to a safetensors file that Load reads; the same network gives the same bytes.
func (n *Network) Save(path string) error {
	file, err := n.File()
	if err != nil {
		return err
	}
	if err := safetensors.WriteFile(path, file); err != nil {
		return fmt.Errorf("save network: %w", err)
	}
	return nil
}

// File returns a valid network as the contents of a safetensors file.
func (n *Network) File() (*safetensors.File, error) {
	if err := n.Validate(); err != nil {
		return nil, err
	}
	file := &safetensors.File{Metadata: map[string]string{}, Tensors: map[string]*safetensors.Tensor{}}
	maps.Copy(file.Metadata, n.Notes)
	file.Metadata[formatKey] = Format
	for i, layer := range n.Layers {
		file.Metadata[key(i, shiftKey)] = strconv.FormatUint(uint64(layer.Shift), 10)
		file.Metadata[key(i, activationKey)] = nameOf(activations, layer.Activation)
		file.Metadata[key(i, outputKey)] = nameOf(outputs, layer.Output)
		if err := addTensors(file, i, layer.Weight); err != nil {
			return nil, err
		}
	}
	return file, nil
}

func addTensors(file *safetensors.File, i int, weight *tensor.Tensor) error {
	rows, cols := int(weight.Rows), int(weight.Cols)
	var err error
	if file.Tensors[key(i, weightName)], err = safetensors.New([]int{rows, cols}, weight.Int8); err != nil {
		return fmt.Errorf("layer %d: %w", i, err)
	}
	if file.Tensors[key(i, biasName)], err = safetensors.New([]int{rows}, weight.Bias); err != nil {
		return fmt.Errorf("layer %d: %w", i, err)
	}
	if file.Tensors[key(i, multiplierName)], err = safetensors.New([]int{rows}, weight.Multiplier); err != nil {
		return fmt.Errorf("layer %d: %w", i, err)
	}
	return nil
}

// nameOf is the inverse of a table of names.
func nameOf[T program.Activation | program.DataType](names map[string]T, value T) string {
	for name, candidate := range names {
		if candidate == value {
			return name
		}
	}
	return ""
}
