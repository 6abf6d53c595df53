package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"

	"github.com/assaychain/assay/offchain-worker/compute"
	"github.com/assaychain/assay/offchain-worker/formats/npy"
	"github.com/assaychain/assay/offchain-worker/model"
	"github.com/assaychain/assay/x/proofs/interpreter"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// sameBits runs a network here, by the reference interpreter and by the machine's best kernel, and compares both with what
// the chain's job returned.
func sameBits(ctx context.Context, network, images, result string) error {
	p, inputs, err := lower(network, images)
	if err != nil {
		return err
	}
	reference, err := interpreter.Run(p, inputs)
	if err != nil {
		return err
	}
	kernels, err := compute.NewCPURegistry(ctx, runtime.GOMAXPROCS(0))
	if err != nil {
		return err
	}
	kernel, err := kernels.Kernel("")
	if err != nil {
		return err
	}
	computed, err := compute.Execute(ctx, kernel, compute.Job{Program: p, Inputs: inputs}, nil)
	if err != nil {
		return err
	}
	array, err := npy.ReadFile(result, maxResult)
	if err != nil {
		return err
	}
	proven, err := npy.Values[int32](array)
	if err != nil {
		return err
	}
	last := len(reference) - 1
	if !slices.Equal(proven, reference[last].Int32) {
		return errors.New("the job's result differs from the reference interpreter's")
	}
	if !slices.Equal(proven, computed[last].Int32) {
		return fmt.Errorf("the job's result differs from that of kernel %s", kernel.Name())
	}
	return nil
}

// lower turns a network and its input into a program and tensors.
func lower(network, images string) (program.Program, []*tensor.Tensor, error) {
	loaded, err := model.Load(network)
	if err != nil {
		return program.Program{}, nil, err
	}
	array, err := npy.ReadFile(images, maxResult)
	if err != nil {
		return program.Program{}, nil, err
	}
	input, err := loaded.PrepareInput(array)
	if err != nil {
		return program.Program{}, nil, err
	}
	p, weights, err := loaded.Lower(int(input.Rows))
	if err != nil {
		return program.Program{}, nil, err
	}
	inputs := []*tensor.Tensor{input}
	for _, w := range weights {
		inputs = append(inputs, w.Tensor)
	}
	return p, inputs, nil
}
