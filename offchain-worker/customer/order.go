// Package customer is the customer's side of a job: it turns files into an order, submits it, serves its inputs, follows it
// through its states, fetches and verifies the result, claims one that does not arrive, and keeps what it needs to go on
// after a crash.
package customer

import (
	"context"
	"errors"
	"fmt"

	"github.com/assaychain/assay/offchain-worker/blob"
	"github.com/assaychain/assay/offchain-worker/formats/npy"
	"github.com/assaychain/assay/offchain-worker/model"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// ErrOrder is wrapped by every refusal of files that make no job; nothing was sent.
var ErrOrder = errors.New("not a job")

// Order is a computation ready to be submitted.
type Order struct {
	Program program.Program
	// Inputs are the program's, in its order.
	Inputs []Input
	// Summary describes the computation in one line.
	Summary string
}

// Input is a tensor of an order as workers fetch it.
type Input struct {
	Name string
	Root blob.Root
	Blob []byte
}

// NetworkOrder reads a quantised network and the array of its inputs, and commits to both by a scheme.
func NetworkOrder(ctx context.Context, scheme blob.Scheme, modelPath, inputPath string) (*Order, error) {
	template, err := NetworkTemplate(modelPath, inputPath)
	if err != nil {
		return nil, err
	}
	return template.Order(ctx, scheme)
}

func networkOrder(ctx context.Context, scheme blob.Scheme, network *model.Network, from named) (*Order, error) {
	input, err := network.PrepareInput(from.array)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrOrder, from.name, err)
	}
	lowered, weights, err := network.Lower(int(input.Rows))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrOrder, err)
	}
	tensors := []*tensor.Tensor{input}
	for _, weight := range weights {
		tensors = append(tensors, weight.Tensor)
	}
	summary := fmt.Sprintf("network of %d layers, %d to %d, on %d inputs", len(network.Layers), network.Inputs(), network.Outputs(), input.Rows)
	return newOrder(ctx, scheme, lowered, tensors, summary)
}

// MatmulOrder reads two int8 matrices and commits to both by a scheme; the result is their exact product.
func MatmulOrder(ctx context.Context, scheme blob.Scheme, leftPath, rightPath string) (*Order, error) {
	template, err := MatmulTemplate(leftPath, rightPath)
	if err != nil {
		return nil, err
	}
	return template.Order(ctx, scheme)
}

func matmulOrder(ctx context.Context, scheme blob.Scheme, left, right *npy.Array) (*Order, error) {
	limits := model.WholeLimits
	if _, trees := scheme.(blob.Merkle); trees {
		limits = model.TreeLimits
	}
	product, err := model.LowerMatmul(limits, left, right)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrOrder, err)
	}
	summary := fmt.Sprintf("matrix product of %d x %d by %d x %d", left.Shape[0], left.Shape[1], right.Shape[0], right.Shape[1])
	return newOrder(ctx, scheme, product.Program, []*tensor.Tensor{product.Input, product.Weight.Tensor}, summary)
}

func newOrder(ctx context.Context, scheme blob.Scheme, p program.Program, tensors []*tensor.Tensor, summary string) (*Order, error) {
	order := &Order{Program: p, Summary: summary}
	for i, t := range tensors {
		root, err := scheme.Commit(ctx, t)
		if err != nil {
			return nil, fmt.Errorf("input %s: %w", p.Inputs[i].Name, err)
		}
		order.Inputs = append(order.Inputs, Input{Name: p.Inputs[i].Name, Root: root, Blob: tensor.EncodeBlob(t)})
	}
	return order, nil
}

// ResultShape is the shape of a program's result.
func ResultShape(p program.Program) (tensor.Shape, error) {
	declared, err := p.Result()
	return tensor.Shape{Kind: declared.Kind, Type: declared.Type, Rows: declared.Rows, Cols: declared.Cols}, err
}
