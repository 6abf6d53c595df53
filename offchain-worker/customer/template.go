package customer

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/assaychain/assay/offchain-worker/blob"
	"github.com/assaychain/assay/offchain-worker/canary"
	"github.com/assaychain/assay/offchain-worker/formats/npy"
	"github.com/assaychain/assay/offchain-worker/model"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// Template makes orders of one kind.
type Template struct {
	// arrays are what it takes, by name; build turns as many into an order.
	arrays []named
	build  func(ctx context.Context, scheme blob.Scheme, arrays []*npy.Array) (*Order, error)
	// uniform are the shapes of arrays that are drawn evenly, of a template without files.
	uniform [][2]int
}

// named is an array with the name by which errors tell it.
type named struct {
	name  string
	array *npy.Array
}

// NetworkTemplate makes orders of a quantised network, on rows as those of an array.
func NetworkTemplate(modelPath, inputPath string) (*Template, error) {
	network, err := model.Load(modelPath)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrOrder, err)
	}
	input, err := readArray(inputPath)
	if err != nil {
		return nil, err
	}
	return &Template{arrays: []named{input}, build: func(ctx context.Context, scheme blob.Scheme, arrays []*npy.Array) (*Order, error) {
		return networkOrder(ctx, scheme, network, named{inputPath, arrays[0]})
	}}, nil
}

// MatmulTemplate makes orders of products of matrices as those of two arrays.
func MatmulTemplate(leftPath, rightPath string) (*Template, error) {
	left, err := readArray(leftPath)
	if err != nil {
		return nil, err
	}
	right, err := readArray(rightPath)
	if err != nil {
		return nil, err
	}
	return &Template{arrays: []named{left, right}, build: productOrder}, nil
}

// ProductTemplate makes orders of products of an m x k by a k x n matrix, committed to by trees.
func ProductTemplate(m, k, n int) (*Template, error) {
	if _, err := model.MatmulProgram(model.TreeLimits, m, n, k); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrOrder, err)
	}
	return &Template{uniform: [][2]int{{m, k}, {k, n}}, build: productOrder}, nil
}

func productOrder(ctx context.Context, scheme blob.Scheme, arrays []*npy.Array) (*Order, error) {
	return matmulOrder(ctx, scheme, arrays[0], arrays[1])
}

func readArray(path string) (named, error) {
	array, err := npy.ReadFile(path, model.MaxInputFileSize)
	if err != nil {
		return named{}, fmt.Errorf("%w: %w", ErrOrder, err)
	}
	return named{path, array}, nil
}

// Order is of the arrays themselves.
func (t *Template) Order(ctx context.Context, scheme blob.Scheme) (*Order, error) {
	arrays := make([]*npy.Array, len(t.arrays))
	for i, each := range t.arrays {
		arrays[i] = each.array
	}
	return t.build(ctx, scheme, arrays)
}

// Draw is an order of fresh arrays that look like the template's, so that no two are alike; see canary.Sample. rows is how many the first one
// has, 0 for as many as the template's.
func (t *Template) Draw(ctx context.Context, scheme blob.Scheme, random *rand.Rand, rows int) (*Order, error) {
	var arrays []*npy.Array
	for _, shape := range t.uniform {
		drawn := canary.Uniform(random, shape[0], shape[1])
		array, err := npy.New([]int{drawn.Rows, drawn.Cols}, drawn.Values)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrOrder, err)
		}
		arrays = append(arrays, array)
	}
	for i, each := range t.arrays {
		if i > 0 {
			rows = 0
		}
		array, err := drawArray(random, each.array, rows)
		if err != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrOrder, each.name, err)
		}
		arrays = append(arrays, array)
	}
	return t.build(ctx, scheme, arrays)
}

// Steps of a drawn value: the lowest bit of a pixel is dropped, so that it takes twice as many.
const (
	int8Step  = 1
	pixelStep = 2
)

// drawArray draws an array of the same type, as many columns and as many rows as wanted.
func drawArray(random *rand.Rand, array *npy.Array, rows int) (*npy.Array, error) {
	switch array.DType {
	case npy.Uint8:
		return drawOf[uint8](random, array, rows, pixelStep)
	case npy.Int8:
		return drawOf[int8](random, array, rows, int8Step)
	default:
		return nil, fmt.Errorf("descr %s: fresh values are drawn of int8 and uint8", array.DType)
	}
}

func drawOf[T int8 | uint8](random *rand.Rand, array *npy.Array, rows, step int) (*npy.Array, error) {
	values, err := npy.Values[T](array)
	if err != nil {
		return nil, err
	}
	if len(array.Shape) < 2 || len(values) == 0 {
		return nil, fmt.Errorf("shape %v: fresh values are drawn of two dimensions and more", array.Shape)
	}
	sample := canary.Sample[T]{Rows: array.Shape[0], Cols: len(values) / array.Shape[0], Values: values}
	drawn, err := sample.Draw(random, rows, step)
	if err != nil {
		return nil, err
	}
	return npy.New(append([]int{drawn.Rows}, array.Shape[1:]...), drawn.Values)
}

// Tensors are the inputs as a program takes them.
func (o *Order) Tensors() ([]*tensor.Tensor, error) {
	tensors := make([]*tensor.Tensor, len(o.Inputs))
	for i, input := range o.Inputs {
		declared := o.Program.Inputs[i]
		decoded, err := tensor.DecodeBlob(tensor.Shape{Kind: declared.Kind, Type: declared.Type, Rows: declared.Rows, Cols: declared.Cols}, input.Blob)
		if err != nil {
			return nil, fmt.Errorf("input %s: %w", input.Name, err)
		}
		tensors[i] = decoded
	}
	return tensors, nil
}
