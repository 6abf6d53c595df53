package tensor_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/proofs/tensor"
)

// TestWideRowsAreTheirParts: a tensor whose rows take several leaves has the root of the same values in shorter rows, and no other part of it
// is opened than the one that an entry lies in.
func TestWideRowsAreTheirParts(t *testing.T) {
	values := make([]int8, 3*8192)
	for i := range values {
		values[i] = int8(i*i>>3 + i/4096)
	}
	wide, err := tensor.NewInt8(3, 8192, values)
	require.NoError(t, err)
	parts, err := tensor.NewInt8(6, 4096, values)
	require.NoError(t, err)
	root, err := tensor.Root(wide)
	require.NoError(t, err)
	same, err := tensor.Root(parts)
	require.NoError(t, err)
	require.Equal(t, same, root)
	require.Equal(t, parts.Shape, wide.Shape.Folded())
	require.Equal(t, parts.Shape, parts.Shape.Folded())
	require.Equal(t, wide.RowDigests()[5], wide.RowDigest(5))
	require.EqualValues(t, 4096, tensor.RowBytes(wide.Shape))

	tree, err := tensor.NewTree(wide.RowDigests())
	require.NoError(t, err)
	opening, err := tensor.OpenEntry(wide, tree, 2, 5000)
	require.NoError(t, err)
	got, value, err := opening.Entry(wide.Shape, 2, 5000)
	require.NoError(t, err)
	require.Equal(t, root, got)
	require.EqualValues(t, values[2*8192+5000], value)
	got, value, err = opening.Entry(parts.Shape, 5, 904)
	require.NoError(t, err)
	require.Equal(t, root, got)
	require.EqualValues(t, values[2*8192+5000], value)
	for _, other := range [][2]uint32{{2, 904}, {1, 5000}, {0, 5000}} {
		_, _, err := opening.Entry(wide.Shape, other[0], other[1])
		require.ErrorIs(t, err, tensor.ErrRoot)
	}
	_, err = tensor.OpenRow(wide, tree, 1)
	require.ErrorContains(t, err, "a row of 8192 columns is not opened whole")
	whole := tensor.RowOpening{Values: values[:8192], Path: opening.Path}
	_, err = whole.Root(plain, 0)
	require.ErrorContains(t, err, "a row of 8192 columns is not opened whole")
	digest, err := tensor.DigestRow(wide.Shape, tensor.EncodeBlob(wide)[3*4096:4*4096])
	require.NoError(t, err)
	require.Equal(t, wide.RowDigest(3), digest)
}

// TestLastLeafOfTheFullestTree opens the last entry of a tree that has no empty leaf, of which no level is padding.
func TestLastLeafOfTheFullestTree(t *testing.T) {
	leaves := (&tensor.Tensor{Shape: tensor.Shape{Kind: plain, Type: int8t, Rows: 1, Cols: 1}, Int8: []int8{5}}).RowDigests()
	for len(leaves) < tensor.MaxLeaves {
		leaves = append(leaves, leaves...)
	}
	leaves[tensor.MaxLeaves-1].SetUint64(7)
	tree, err := tensor.NewTree(leaves)
	require.NoError(t, err)
	path, err := tree.Path(tensor.MaxLeaves - 1)
	require.NoError(t, err)
	root, ok := path.Climb(tensor.MaxLeaves-1, leaves[tensor.MaxLeaves-1])
	require.True(t, ok)
	require.Equal(t, tree.Root(), root)
	for _, other := range []uint32{0, tensor.MaxLeaves - 2, 4095, 1<<31 | (tensor.MaxLeaves - 1)} {
		_, ok = path.Climb(other, leaves[tensor.MaxLeaves-1])
		require.False(t, ok, other)
	}
	_, err = tensor.NewTree(append(leaves, leaves[0]))
	require.ErrorContains(t, err, "rows 65537 not in 1..65536")
}
