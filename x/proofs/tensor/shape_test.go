package tensor_test

import (
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
)

const (
	plain  = program.TENSOR_KIND_PLAIN
	weight = program.TENSOR_KIND_WEIGHT
	int8t  = program.DATA_TYPE_INT8
	int32t = program.DATA_TYPE_INT32
)

func TestShapesAreRefusedByField(t *testing.T) {
	for name, c := range map[string]struct {
		shape  tensor.Shape
		reason string
	}{
		"no kind":       {tensor.Shape{0, int8t, 1, 1}, "kind"},
		"no type":       {tensor.Shape{plain, 0, 1, 1}, "type"},
		"weight int32":  {tensor.Shape{weight, int32t, 1, 1}, "use plain int8"},
		"no rows":       {tensor.Shape{plain, int8t, 0, 1}, "rows 0 not in 1..65536"},
		"too many rows": {tensor.Shape{plain, int8t, 65_537, 1}, "rows 65537 not in 1..65536"},
		"no cols":       {tensor.Shape{plain, int8t, 1, 0}, "cols 0 not in 1..8192"},
		"cols":          {tensor.Shape{plain, int8t, 1, 8193}, "cols 8193 not in 1..8192"},
		"wide int8":     {tensor.Shape{plain, int8t, 1, 4097}, "cols 4097 is no multiple of 2"},
		"many leaves":   {tensor.Shape{plain, int32t, 8193, 8192}, "rows 8193 not in 1..8192"},
		"too many cols": {tensor.Shape{weight, int8t, 1, 4097}, "cols 4097 not in 1..4096"},
		"wide int32":    {tensor.Shape{plain, int32t, 1, 1681}, "cols 1681 is no multiple of 2"},
	} {
		t.Run(name, func(t *testing.T) {
			require.ErrorIs(t, c.shape.ValidateTree(), tensor.ErrShape)
			require.ErrorContains(t, c.shape.ValidateTree(), c.reason)
			_, err := tensor.Root(&tensor.Tensor{Shape: c.shape})
			require.ErrorIs(t, err, tensor.ErrShape)
			_, err = tensor.Locate(c.shape, 0)
			require.ErrorIs(t, err, tensor.ErrShape)
			if c.shape.Rows == 1 && c.shape.Cols > 1680 && c.shape.Cols <= tensor.MaxDimension {
				require.NoError(t, c.shape.Validate(), "a blob, and no tree")
				whole := &tensor.Tensor{Shape: c.shape, Int8: make([]int8, c.shape.Cols), Int32: make([]int32, c.shape.Cols)}
				require.PanicsWithError(t, c.shape.ValidateTree().Error(), func() { whole.RowDigest(0) })
				require.PanicsWithError(t, c.shape.ValidateTree().Error(), func() { whole.RowDigests() })
				return
			}
			require.ErrorIs(t, c.shape.Validate(), tensor.ErrShape)
			_, err = tensor.DecodeBlob(c.shape, nil)
			require.ErrorIs(t, err, tensor.ErrShape)
		})
	}
}

func TestContentsAreRefusedByField(t *testing.T) {
	_, err := tensor.NewInt8(2, 2, make([]int8, 3))
	require.ErrorContains(t, err, "3 int8 and 0 int32 values, want 4 and 0 for 2 x 2")
	_, err = tensor.NewInt32(2, 2, make([]int32, 5))
	require.ErrorIs(t, err, tensor.ErrValue)
	_, err = tensor.NewWeight(1, 1, tensor.Weights{Values: []int8{1}})
	require.ErrorContains(t, err, "0 biases and 0 multipliers, want 1")
	for _, bias := range []int32{tensor.MaxBias, -tensor.MaxBias, -1 << 31} {
		_, err = tensor.NewWeight(1, 1, tensor.Weights{Values: []int8{1}, Bias: []int32{bias}, Multiplier: []uint32{1}})
		require.ErrorContains(t, err, "row 0: invalid tensor contents: bias")
	}
	for _, multiplier := range []uint32{0, tensor.MaxMultiplier, 1<<32 - 1} {
		_, err = tensor.NewWeight(1, 1, tensor.Weights{Values: []int8{1}, Bias: []int32{0}, Multiplier: []uint32{multiplier}})
		require.ErrorContains(t, err, "multiplier")
	}
}

func TestTreesAreRefused(t *testing.T) {
	_, err := tensor.RootFromRowDigests(nil)
	require.ErrorIs(t, err, tensor.ErrShape)
	x, err := tensor.NewInt8(2, 2, make([]int8, 4))
	require.NoError(t, err)
	tree, err := tensor.NewTree(x.RowDigests())
	require.NoError(t, err)
	_, err = tensor.OpenRow(x, tree, 2)
	require.ErrorIs(t, err, tensor.ErrPosition)
	_, err = tree.Path(2)
	require.ErrorIs(t, err, tensor.ErrPosition)
	_, err = tensor.OpenEntry(x, tree, 0, 2)
	require.ErrorIs(t, err, tensor.ErrPosition)
	other, err := tensor.NewTree(x.RowDigests()[:1])
	require.NoError(t, err)
	_, err = tensor.OpenRow(x, other, 0)
	require.ErrorContains(t, err, "a tree of 1 rows for a tensor of 2")
	wide, err := tensor.NewInt32(1, 1, []int32{5})
	require.NoError(t, err)
	_, err = tensor.OpenRow(wide, other, 0)
	require.ErrorIs(t, err, tensor.ErrShape)
	path, err := tree.Path(0)
	require.NoError(t, err)
	_, ok := path.Climb(tensor.MaxLeaves, x.RowDigest(0))
	require.False(t, ok)
}

func TestRowsAreNotInterchangeable(t *testing.T) {
	x, err := tensor.NewInt8(2, 2, []int8{1, 2, 3, 4})
	require.NoError(t, err)
	swapped, err := tensor.NewInt8(2, 2, []int8{3, 4, 1, 2})
	require.NoError(t, err)
	flat, err := tensor.NewInt8(1, 4, []int8{1, 2, 3, 4})
	require.NoError(t, err)
	seen := map[fr.Element]bool{}
	for _, each := range []*tensor.Tensor{x, swapped, flat} {
		root, err := tensor.Root(each)
		require.NoError(t, err)
		require.False(t, seen[root])
		seen[root] = true
	}
}

// BenchmarkRoot is the sequential commitment of a 256 by 1024 int8 tensor.
func BenchmarkRoot(b *testing.B) {
	x, err := tensor.NewInt8(256, 1024, make([]int8, 256*1024))
	require.NoError(b, err)
	b.SetBytes(256 * 1024)
	for b.Loop() {
		_, err := tensor.Root(x)
		require.NoError(b, err)
	}
}
