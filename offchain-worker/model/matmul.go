package model

import (
	"fmt"

	"github.com/assaychain/assay/offchain-worker/formats/npy"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// Product is a matrix product ready to be submitted.
type Product struct {
	Program program.Program
	// Input is A; Weight is the transpose of B under bias 0 and multiplier 1.
	Input  *tensor.Tensor
	Weight Weight
}

// Limits are the largest dimensions of a product A·B, with A [M, K] and B [K, N], and whether commitment trees must hold it.
type Limits struct {
	M, N, K int
	Trees   bool
}

var (
	// TreeLimits are what commitment trees hold: rows of more than 1680 int32 values in 2, 4 or 8 equal parts, so that such an N must be a
	// multiple of that (program.Folds).
	TreeLimits = Limits{program.MaxDimension, program.MaxDimension, program.MaxInner, true}
	// WholeLimits are those of the level full, which has no trees.
	WholeLimits = Limits{program.MaxDimension, program.MaxDimension, program.MaxDimension, false}
)

// MatmulProgram returns the program of A·B with A [m, k] and B [k, n] within limits, exact in int32. Its inputs are "x" (A) and "w0" (B
// transposed), its output "y0".
func MatmulProgram(limits Limits, m, n, k int) (program.Program, error) {
	for _, dim := range []struct {
		name         string
		value, limit int
	}{{"m (rows of A)", m, limits.M}, {"n (columns of B)", n, limits.N}, {"k (columns of A, rows of B)", k, limits.K}} {
		if dim.value < 1 || dim.value > dim.limit {
			return program.Program{}, fmt.Errorf("%w: %s is %d, must be 1 to %d; split the product", ErrInput, dim.name, dim.value, dim.limit)
		}
	}
	if folds := int(program.Folds(program.DATA_TYPE_INT32, uint32(n))); limits.Trees && n%folds != 0 {
		return program.Program{}, fmt.Errorf("%w: n (columns of B) is %d, must be a multiple of %d from %d on; add columns of zeros",
			ErrInput, n, folds, folds/2*program.MaxCols32+1)
	}
	product := program.Program{
		Version: program.Version,
		Inputs: []program.Tensor{
			{Name: inputName, Kind: program.TENSOR_KIND_PLAIN, Type: program.DATA_TYPE_INT8, Rows: uint32(m), Cols: uint32(k)},
			{Name: numbered(weightPrefix, 0), Kind: program.TENSOR_KIND_WEIGHT, Type: program.DATA_TYPE_INT8, Rows: uint32(n), Cols: uint32(k)},
		},
		Steps: []program.DenseStep{{
			Input: inputName, Weight: numbered(weightPrefix, 0), Output: numbered(outputPrefix, 0),
			Activation: program.ACTIVATION_IDENTITY, OutputType: program.DATA_TYPE_INT32,
		}},
	}
	if err := product.Validate(); err != nil {
		return program.Program{}, fmt.Errorf("matrix product: %w", err)
	}
	return product, nil
}

// LowerMatmul turns two int8 matrices into the program of their product within limits and its tensors.
func LowerMatmul(limits Limits, a, b *npy.Array) (*Product, error) {
	left, err := matrix("A", a)
	if err != nil {
		return nil, err
	}
	right, err := matrix("B", b)
	if err != nil {
		return nil, err
	}
	m, k, n := a.Shape[0], a.Shape[1], b.Shape[1]
	if b.Shape[0] != k {
		return nil, fmt.Errorf("%w: A is [%d, %d] and B is [%d, %d]; A must have as many columns as B has rows", ErrInput, m, k, b.Shape[0], n)
	}
	lowered, err := MatmulProgram(limits, m, n, k)
	if err != nil {
		return nil, err
	}
	input, err := tensor.NewInt8(uint32(m), uint32(k), left)
	if err != nil {
		return nil, fmt.Errorf("%w: A: %w", ErrInput, err)
	}
	weight, err := tensor.NewWeight(uint32(n), uint32(k), plainWeights(right, k, n))
	if err != nil {
		return nil, fmt.Errorf("%w: B: %w", ErrInput, err)
	}
	return &Product{Program: lowered, Input: input, Weight: Weight{Name: numbered(weightPrefix, 0), Tensor: weight}}, nil
}

// plainWeights transposes B [k, n] and gives each of its columns bias 0 and multiplier 1.
func plainWeights(b []int8, k, n int) tensor.Weights {
	weights := tensor.Weights{Values: make([]int8, n*k), Bias: make([]int32, n), Multiplier: make([]uint32, n)}
	for row := range k {
		for col := range n {
			weights.Values[col*k+row] = b[row*n+col]
		}
	}
	for col := range n {
		weights.Multiplier[col] = 1
	}
	return weights
}
