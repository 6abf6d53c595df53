package model

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/assaychain/assay/offchain-worker/formats/npy"
	"github.com/assaychain/assay/x/proofs/interpreter"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
)

func TestPrepareInput(t *testing.T) {
	network := small(t)
	input, err := network.PrepareInput(array(t, []int{2, 3}, []int8{-128, -1, 0, 1, 2, 127}))
	require.NoError(t, err)
	require.Equal(t, []int8{-128, -1, 0, 1, 2, 127}, input.Int8)

	input, err = network.PrepareInput(array(t, []int{1, 3, 1}, []uint8{0, 3, 255}))
	require.NoError(t, err)
	require.Equal(t, []int8{0, 1, 127}, input.Int8)
	require.Equal(t, tensor.Shape{Kind: program.TENSOR_KIND_PLAIN, Type: program.DATA_TYPE_INT8, Rows: 1, Cols: 3}, input.Shape)
}

func TestPrepareInputRefuses(t *testing.T) {
	for _, test := range []struct {
		name  string
		array *npy.Array
		want  string
	}{
		{"NaN", array(t, []int{1, 3}, []float32{0, 1, float32(math.NaN())}), "value at index [0 2] is NaN"},
		{"infinity", array(t, []int{1, 3}, []float64{math.Inf(-1), 1, 2}), "value at index [0 0] is -Inf"},
		{"float", array(t, []int{1, 3}, []float32{0, 1, 2}), "floats are refused; quantise them: numpy.clip(numpy.rint(a / scale), -128, 127).astype(numpy.int8), the network's input.scale being 0.5"},
		{"int64", array(t, []int{1, 3}, []int64{0, 1, 2}), "a.astype(numpy.int8)"},
		{"columns", array(t, []int{1, 4}, []int8{0, 1, 2, 3}), "gives 4 values a row, the network takes 3"},
		{"one dimension", array(t, []int{3}, []int8{0, 1, 2}), "a.reshape(1, -1)"},
		{"no rows", array(t, []int{0, 3}, []int8{}), "0 rows, must be 1 to 8192"},
		{"no columns", array(t, []int{1, 0}, []int8{}), "must be 1 to 4096"},
		{"too many rows", array(t, []int{8193, 3}, make([]int8, 8193*3)), "8193 rows, must be 1 to 8192; split"},
		{"wide row", array(t, []int{1, 4096, 2}, make([]int8, 8192)), "must be 1 to 4096"},
	} {
		_, err := small(t).PrepareInput(test.array)
		require.ErrorIs(t, err, ErrInput, test.name)
		require.ErrorContains(t, err, test.want, test.name)
	}
}

func TestMatmulIsTheProduct(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, n, k := rapid.IntRange(1, 6).Draw(t, "m"), rapid.IntRange(1, 6).Draw(t, "n"), rapid.IntRange(1, 40).Draw(t, "k")
		a := rapid.SliceOfN(rapid.Int8(), m*k, m*k).Draw(t, "a")
		b := rapid.SliceOfN(rapid.Int8(), k*n, k*n).Draw(t, "b")
		product, err := LowerMatmul(TreeLimits, array(t, []int{m, k}, a), array(t, []int{k, n}, b))
		require.NoError(t, err)
		outputs, err := interpreter.Run(product.Program, []*tensor.Tensor{product.Input, product.Weight.Tensor})
		require.NoError(t, err)
		result, err := Array(outputs[0])
		require.NoError(t, err)
		got, err := npy.Values[int32](result)
		require.NoError(t, err)
		require.Equal(t, []int{m, n}, result.Shape)
		for i, v := range got {
			want := int32(0)
			for j := range k {
				want += int32(a[i/n*k+j]) * int32(b[j*n+i%n])
			}
			require.Equal(t, want, v, "entry %d", i)
		}
	})
}

func TestMatmulRefuses(t *testing.T) {
	good := array(t, []int{2, 3}, make([]int8, 6))
	for _, test := range []struct {
		name string
		a, b *npy.Array
		want string
	}{
		{"inner dimensions", good, good, "A is [2, 3] and B is [2, 3]"},
		{"NaN", array(t, []int{1, 1}, []float64{math.NaN()}), good, "A: value at index [0 0] is NaN"},
		{"floats", good, array(t, []int{3, 1}, make([]float32, 3)), "B has descr <f4, must be |i1"},
		{"uint8", array(t, []int{2, 3}, make([]uint8, 6)), good, "A has descr |u1, must be |i1"},
		{"dimensions", array(t, []int{6}, make([]int8, 6)), good, "A has shape [6], must have two dimensions"},
		{"k too large", array(t, []int{1, 4097}, make([]int8, 4097)), array(t, []int{4097, 1}, make([]int8, 4097)), "rows of B) is 4097, must be 1 to 4096"},
		{"empty", array(t, []int{0, 3}, []int8{}), array(t, []int{3, 1}, make([]int8, 3)), "m (rows of A) is 0"},
	} {
		_, err := LowerMatmul(TreeLimits, test.a, test.b)
		require.ErrorIs(t, err, ErrInput, test.name)
		require.ErrorContains(t, err, test.want, test.name)
	}
	_, err := MatmulProgram(TreeLimits, 8193, 1, 1)
	require.ErrorContains(t, err, "m (rows of A) is 8193, must be 1 to 8192")
	_, err = MatmulProgram(TreeLimits, 1, 1681, 1)
	require.ErrorContains(t, err, "n (columns of B) is 1681, must be a multiple of 2 from 1681 on; add columns of zeros")
	_, err = MatmulProgram(TreeLimits, 1, 8190, 1)
	require.ErrorContains(t, err, "n (columns of B) is 8190, must be a multiple of 8 from 6721 on")
	_, err = MatmulProgram(TreeLimits, 1, 8193, 1)
	require.ErrorContains(t, err, "n (columns of B) is 8193, must be 1 to 8192")
	for _, n := range []int{1, 1680, 1682, 8192} {
		product, err := MatmulProgram(TreeLimits, 8192, n, 4096)
		require.NoError(t, err)
		require.NoError(t, product.CheckTrees(), "what passes here the chain takes")
	}
	_, err = MatmulProgram(WholeLimits, 8192, 8192, 8192)
	require.NoError(t, err)
	_, err = MatmulProgram(WholeLimits, 8192, 8193, 8192)
	require.ErrorContains(t, err, "n (columns of B) is 8193, must be 1 to 8192")
}

func TestArrayOfInt8AndWeights(t *testing.T) {
	plain, err := tensor.NewInt8(1, 2, []int8{-1, 1})
	require.NoError(t, err)
	result, err := Array(plain)
	require.NoError(t, err)
	require.Equal(t, npy.Int8, result.DType)
	_, err = Array(small(t).Layers[0].Weight)
	require.ErrorIs(t, err, ErrInput)
}

func TestAccuracy(t *testing.T) {
	logits, err := tensor.NewInt32(3, 3, []int32{5, 5, 1, -3, -2, -1, 0, 9, 0})
	require.NoError(t, err)
	score, err := Accuracy(logits, array(t, []int{3}, []uint8{0, 2, 0}))
	require.NoError(t, err)
	require.Equal(t, Score{Correct: 2, Total: 3}, score)
	require.Equal(t, "66.7% (2 of 3)", score.String())

	_, err = Accuracy(logits, array(t, []int{2}, []uint8{0, 2}))
	require.ErrorContains(t, err, "2 labels for 3 rows")
	_, err = Accuracy(logits, array(t, []int{3}, []uint8{0, 2, 3}))
	require.ErrorContains(t, err, "label 3 of row 2, there are 3 classes")
	_, err = Accuracy(logits, array(t, []int{3}, []int8{0, 1, 2}))
	require.ErrorContains(t, err, "labels")
	narrow, err := tensor.NewInt8(1, 2, []int8{1, 2})
	require.NoError(t, err)
	_, err = Accuracy(narrow, array(t, []int{1}, []uint8{0}))
	require.ErrorIs(t, err, ErrInput)
}

func array[T npy.Number](t require.TestingT, shape []int, values []T) *npy.Array {
	made, err := npy.New(shape, values)
	require.NoError(t, err)
	return made
}
