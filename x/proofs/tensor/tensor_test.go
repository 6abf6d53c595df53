package tensor_test

import (
	"bytes"
	"encoding/hex"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// drawTensor makes a small tensor of any kind, with columns around the sizes at which the layout changes.
func drawTensor(t *rapid.T) *tensor.Tensor {
	kind := rapid.IntRange(0, 2).Draw(t, "kind")
	rows := rapid.Uint32Range(1, 40).Draw(t, "rows")
	edges := []uint32{105, 106, 256, 257, 300, 496, 497, 1024, 1025, 1680}
	if kind != 2 {
		edges = append(edges, 1682, 3364, 4096, 8192)
	}
	cols := rapid.OneOf(rapid.Uint32Range(1, 64), rapid.SampledFrom(edges)).Draw(t, "cols")
	seed := rapid.Uint32().Draw(t, "seed")
	next := func() uint32 {
		seed = seed*1664525 + 1013904223
		return seed ^ seed>>13
	}
	var out *tensor.Tensor
	var err error
	if kind == 0 {
		values := make([]int32, rows*cols)
		for i := range values {
			values[i] = int32(next())
		}
		out, err = tensor.NewInt32(rows, cols, values)
		require.NoError(t, err)
		return out
	}
	values := make([]int8, rows*cols)
	for i := range values {
		values[i] = int8(next())
	}
	if kind == 1 {
		out, err = tensor.NewInt8(rows, cols, values)
		require.NoError(t, err)
		return out
	}
	weights := tensor.Weights{Values: values}
	for range rows {
		weights.Bias = append(weights.Bias, int32(next()%tensor.MaxBias))
		weights.Multiplier = append(weights.Multiplier, 1+next()%(tensor.MaxMultiplier-1))
	}
	out, err = tensor.NewWeight(rows, cols, weights)
	require.NoError(t, err)
	return out
}

func TestBlobRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := drawTensor(t)
		blob := tensor.EncodeBlob(x)
		require.Len(t, blob, int(x.BlobSize()))
		again, err := tensor.DecodeBlob(x.Shape, blob)
		require.NoError(t, err)
		require.Equal(t, x, again)
		for _, wrong := range [][]byte{blob[:len(blob)-1], append(bytes.Clone(blob), 0), {}} {
			_, err := tensor.DecodeBlob(x.Shape, wrong)
			require.ErrorIs(t, err, tensor.ErrValue)
		}
	})
}

// TestRootBindsEveryByte changes one byte of a blob and wants another root, unless the byte makes the tensor invalid.
func TestRootBindsEveryByte(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := drawTensor(t)
		root, err := tensor.Root(x)
		require.NoError(t, err)
		blob := tensor.EncodeBlob(x)
		at := rapid.IntRange(0, len(blob)-1).Draw(t, "at")
		blob[at] ^= byte(rapid.IntRange(1, 255).Draw(t, "flip"))
		changed, err := tensor.DecodeBlob(x.Shape, blob)
		if err != nil {
			require.ErrorIs(t, err, tensor.ErrValue)
			return
		}
		other, err := tensor.Root(changed)
		require.NoError(t, err)
		require.NotEqual(t, root, other)
	})
}

// TestOpeningsShowTheirValues opens a row or an entry anywhere, and refuses it at any other place or with any other value.
func TestOpeningsShowTheirValues(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := drawTensor(t)
		tree, err := tensor.NewTree(x.RowDigests())
		require.NoError(t, err)
		root := tree.Root()
		row := rapid.Uint32Range(0, x.Rows-1).Draw(t, "row")
		col := rapid.Uint32Range(0, x.Cols-1).Draw(t, "col")
		if x.Type == program.DATA_TYPE_INT8 && x.Folds() == 1 {
			requireRow(t, x, tree, row)
		}
		if x.Kind == program.TENSOR_KIND_WEIGHT {
			_, err := tensor.OpenEntry(x, tree, row, col)
			require.ErrorIs(t, err, tensor.ErrShape)
			return
		}
		opening, err := tensor.OpenEntry(x, tree, row, col)
		require.NoError(t, err)
		got, value, err := opening.Entry(x.Shape, row, col)
		require.NoError(t, err)
		require.Equal(t, root, got)
		require.Equal(t, at(x, row, col), value)
		if _, _, err := opening.Entry(x.Shape, row^1, col); err == nil && !twins(x, row, col) {
			t.Fatal("opened at another row")
		}
		if other := (col + x.Cols/x.Folds()) % x.Cols; other != col {
			if _, _, err := opening.Entry(x.Shape, row, other); err == nil && !alike(x, row, col, other) {
				t.Fatal("opened in another part of the row")
			}
		}
		if _, _, err := opening.Entry(x.Shape, x.Rows, col); err == nil {
			t.Fatal("opened beyond the last row")
		}
		wider := x.Shape
		wider.Cols--
		if _, _, err := opening.Entry(wider, row, 0); err == nil {
			t.Fatal("opened in a tensor of other columns")
		}
	})
}

// twins says whether the row and its neighbour hold the same values, or the same in the part that has the column: what opens the one then
// truly opens the other.
func twins(x *tensor.Tensor, row, col uint32) bool {
	if row^1 >= x.Rows {
		return false
	}
	one, _ := x.Leaf(row, col)
	other, _ := x.Leaf(row^1, col)
	return x.RowDigest(one) == x.RowDigest(other)
}

// alike says whether two columns of a row lie in parts with the same values.
func alike(x *tensor.Tensor, row, col, other uint32) bool {
	one, _ := x.Leaf(row, col)
	two, _ := x.Leaf(row, other)
	return x.RowDigest(one) == x.RowDigest(two)
}

func requireRow(t *rapid.T, x *tensor.Tensor, tree *tensor.Tree, row uint32) {
	opening, err := tensor.OpenRow(x, tree, row)
	require.NoError(t, err)
	got, err := opening.Root(x.Kind, row)
	require.NoError(t, err)
	require.Equal(t, tree.Root(), got)
	if !twins(x, row, 0) {
		_, err = opening.Root(x.Kind, row^1)
		require.ErrorIs(t, err, tensor.ErrRoot)
	}
	changed := *opening
	changed.Values = append([]int8{}, opening.Values...)
	changed.Values[0] ^= 1
	_, err = changed.Root(x.Kind, row)
	require.ErrorIs(t, err, tensor.ErrRoot)
}

func at(x *tensor.Tensor, row, col uint32) int32 {
	if x.Type == program.DATA_TYPE_INT32 {
		return x.Int32[row*x.Cols+col]
	}
	return int32(x.Int8[row*x.Cols+col])
}

// TestLocationsAreDistinct walks every column of every width at which the layout changes: no two share a place, and all
// places exist.
func TestLocationsAreDistinct(t *testing.T) {
	for _, typ := range []program.DataType{program.DATA_TYPE_INT8, program.DATA_TYPE_INT32} {
		for _, cols := range []uint32{1, 105, 106, 111, 112, 224, 256, 257, 1024, 1025, 1575, 1680, 1682, 3360, 3364, 4096, 4098, 6728, 8192} {
			s := tensor.Shape{Kind: program.TENSOR_KIND_PLAIN, Type: typ, Rows: 1, Cols: cols}
			if s.ValidateTree() != nil {
				continue
			}
			layout := tensor.LayoutOf(s)
			type place struct {
				leaf uint32
				at   tensor.Location
			}
			seen := map[place]bool{}
			for col := range cols {
				l, err := tensor.Locate(s, col)
				require.NoError(t, err)
				leaf, at := s.Leaf(5, col)
				row, again := s.Unfold(leaf, at)
				require.Equal(t, []uint32{5, col}, []uint32{row, again})
				require.False(t, seen[place{leaf, l}], "%+v", l)
				seen[place{leaf, l}] = true
				require.Less(t, at, s.Folded().Cols)
				require.Equal(t, 5*s.Folds()+col/s.Folded().Cols, leaf)
				require.True(t, l.Slot >= 1 && l.Slot < tensor.Width && l.Element < tensor.Width && l.Value < layout.PerElement)
				require.Equal(t, l.Slot > layout.Chunks, l.Inline)
			}
			_, err := tensor.Locate(s, cols)
			require.ErrorIs(t, err, tensor.ErrPosition)
		}
	}
}

// TestLayoutFitsEveryWidth checks that a row's elements fit its slots, and a weight's leave the trailer's slot free.
func TestLayoutFitsEveryWidth(t *testing.T) {
	for cols := uint32(1); cols <= tensor.MaxDimension; cols++ {
		for _, s := range []tensor.Shape{
			{Kind: program.TENSOR_KIND_PLAIN, Type: program.DATA_TYPE_INT8, Rows: 1, Cols: cols},
			{Kind: program.TENSOR_KIND_WEIGHT, Type: program.DATA_TYPE_INT8, Rows: 1, Cols: cols},
			{Kind: program.TENSOR_KIND_PLAIN, Type: program.DATA_TYPE_INT32, Rows: 1, Cols: cols},
		} {
			if s.ValidateTree() != nil {
				require.Greater(t, cols, uint32(tensor.MaxCols32))
				continue
			}
			l := tensor.LayoutOf(s)
			inline := max(0, int(l.Elements)-tensor.Width*int(l.Chunks))
			room := tensor.Width - 1 - int(l.Chunks)
			if s.Kind == program.TENSOR_KIND_WEIGHT {
				room--
			}
			require.LessOrEqual(t, inline, room, "%+v", s)
		}
	}
}

// goldenTensors are small tensors with fixed contents.
func goldenTensors(t *testing.T) map[string]*tensor.Tensor {
	int8s := make([]int8, 3*300)
	int32s := make([]int32, 2*150)
	for i := range int8s {
		int8s[i] = int8(7*i + i/256)
	}
	for i := range int32s {
		int32s[i] = int32(i*i*100_003) - 1<<30
	}
	plain, err := tensor.NewInt8(3, 300, int8s)
	require.NoError(t, err)
	weight, err := tensor.NewWeight(18, 50, tensor.Weights{
		Values: int8s, Bias: append(make([]int32, 16), -5, tensor.MaxBias-1),
		Multiplier: append(bytesOf(16), 1, tensor.MaxMultiplier-1),
	})
	require.NoError(t, err)
	wide, err := tensor.NewInt32(2, 150, int32s)
	require.NoError(t, err)
	one, err := tensor.NewInt8(1, 1, []int8{-128})
	require.NoError(t, err)
	folded := make([]int32, 3*5000)
	for i := range folded {
		folded[i] = int32(i * i * 7)
	}
	parts, err := tensor.NewInt32(3, 5000, folded)
	require.NoError(t, err)
	return map[string]*tensor.Tensor{"int8 3x300": plain, "weight 18x50": weight, "int32 2x150": wide, "int8 1x1": one, "int32 3x5000": parts}
}

func bytesOf(n int) []uint32 {
	out := make([]uint32, n)
	for i := range out {
		out[i] = uint32(i + 1)
	}
	return out
}

// TestGoldenRoots pins the commitment: a change makes every root on a network void.
func TestGoldenRoots(t *testing.T) {
	golden := map[string]string{
		"int8 1x1":     "221d2866a053f58a72691b16586dd8aa05dfe4307d7080370d23dcf08244b3e3",
		"int8 3x300":   "2bfaf5852cf770f54f34b8669aca9ba22e990cb5bfcb69b9e7274463fa222dc2",
		"int32 2x150":  "2ec8f9df998bdfca5975d0f851eb22659eecde057d82d084ead90a39b287d680",
		"int32 3x5000": "27e1c9f4ffe060bb9392daa6306b10c84830dec5320667877c106ee622c0fe3f",
		"weight 18x50": "1ba1c613454622a251c9434efb8fdc41d82fa84e46780f8d1ecbc3b977878925",
	}
	for name, x := range goldenTensors(t) {
		root, err := tensor.Root(x)
		require.NoError(t, err)
		require.Equal(t, golden[name], hex.EncodeToString(tensor.EncodeRoot(root)), name)
	}
}

// TestRootByHand spells the commitment out for the 1 by 1 tensor that holds -127.
func TestRootByHand(t *testing.T) {
	var row [tensor.Width]fr.Element
	row[0].SetUint64(tensor.TagInt8 + 256*1)
	row[1].SetUint64(1)
	node := tensor.Compress(row)
	var empty fr.Element
	for range tensor.Depth {
		children := [tensor.Width]fr.Element{node}
		var siblings [tensor.Width]fr.Element
		for i := range siblings {
			siblings[i] = empty
		}
		copy(children[1:], siblings[1:])
		node, empty = tensor.Compress(children), tensor.Compress(siblings)
	}
	x, err := tensor.NewInt8(1, 1, []int8{-127})
	require.NoError(t, err)
	root, err := tensor.Root(x)
	require.NoError(t, err)
	require.Equal(t, node, root)
}

func TestParseRootTakesOneFormOnly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		raw := rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "raw")
		root, err := tensor.ParseRoot(raw)
		if err != nil {
			require.ErrorIs(t, err, tensor.ErrRoot)
			return
		}
		require.Equal(t, raw, tensor.EncodeRoot(root))
	})
	modulus := fr.Modulus().FillBytes(make([]byte, 32))
	_, err := tensor.ParseRoot(modulus)
	require.ErrorContains(t, err, "not below the field's modulus")
	modulus[31]--
	_, err = tensor.ParseRoot(modulus)
	require.NoError(t, err)
	for _, length := range []int{0, 31, 33} {
		_, err = tensor.ParseRoot(make([]byte, length))
		require.ErrorContains(t, err, "want 32")
	}
}

func TestCompressions(t *testing.T) {
	plain := func(rows, cols uint32) tensor.Shape {
		return tensor.Shape{Kind: program.TENSOR_KIND_PLAIN, Type: program.DATA_TYPE_INT8, Rows: rows, Cols: cols}
	}
	require.EqualValues(t, 1+4, tensor.Compressions(plain(1, 10)))
	require.EqualValues(t, 17*3+2+1+1+1, tensor.Compressions(plain(17, 1000)))
	require.EqualValues(t, 4096+256+16+1+1, tensor.Compressions(plain(4096, 16)))
	require.EqualValues(t, 2*9+1+1+1+1, tensor.Compressions(plain(1, 8192)))
	widest := plain(8192, 8192)
	widest.Type = program.DATA_TYPE_INT32
	require.EqualValues(t, 65536*10+4096+256+16+1, tensor.Compressions(widest))
}

// BenchmarkCompression gives the time of a compression, from which the gas and the units of hashing are set.
func BenchmarkCompression(b *testing.B) {
	var in [tensor.Width]fr.Element
	for b.Loop() {
		in[1] = tensor.Compress(in)
	}
}
