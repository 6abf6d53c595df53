package opening_test

import (
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/proofs/circuits/opening"
	"github.com/assaychain/assay/x/proofs/circuits/opening/openingtest"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/statement"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// TestTallAndWideSteps opens entries around where a level of the tree ends, and in every part of a folded row, of steps of as many rows of X,
// or of W, as a tensor may have.
func TestTallAndWideSteps(t *testing.T) {
	s := system(t, testClass)
	for _, c := range []struct {
		m, n    uint32
		output  program.DataType
		entries [][2]uint32
	}{
		{8192, 1, program.DATA_TYPE_INT8, [][2]uint32{{15, 0}, {16, 0}, {255, 0}, {256, 0}, {4095, 0}, {4096, 0}, {8191, 0}}},
		{2, 8192, program.DATA_TYPE_INT8, [][2]uint32{{0, 0}, {0, 4095}, {0, 4096}, {1, 4095}, {1, 4096}, {1, 8191}}},
		{2, 8192, program.DATA_TYPE_INT32, [][2]uint32{{0, 1023}, {0, 1024}, {0, 8191}, {1, 0}, {1, 4096}, {1, 7167}, {1, 8191}}},
		{3, 1682, program.DATA_TYPE_INT32, [][2]uint32{{0, 840}, {0, 841}, {2, 1681}}},
	} {
		spec := openingtest.Spec{Seed: 40, M: c.m, N: c.n, K: 3, Activation: program.ACTIVATION_RELU, OutputType: c.output}
		if c.output == program.DATA_TYPE_INT8 {
			spec.Shift = 20
		}
		step, err := openingtest.Draw(spec)
		require.NoError(t, err)
		for _, at := range c.entries {
			requireProvable(t, s, testClass, step, at[0], at[1])
		}
	}
}

// farthest is a provable claim about the last entry of the largest output there is, at the last leaf of the fullest tree.
func farthest(t *testing.T) (*forgery, *statement.Public) {
	f := forge(t, int32Spec(41))
	f.s.Row, f.s.Col, f.s.OutputCols = tensor.MaxDimension-1, tensor.MaxDimension-1, tensor.MaxDimension
	f.recommitX()
	f.recommitW(f.trailer())
	f.output(t)
	f.redigest(t)
	public, err := f.s.Public()
	require.NoError(t, err)
	require.EqualValues(t, tensor.MaxLeaves-1, public.Position>>32&0xffff)
	f.a.Statement.OutputCols = public.OutputCols
	setPosition(f.a, public.Position)
	require.NoError(t, solve(system(t, testClass), f.a))
	return f, public
}

// compressed hashes assigned values.
func compressed(values [tensor.Width]any) fr.Element {
	var in [tensor.Width]fr.Element
	for i, v := range values {
		in[i].SetBigInt(number(v))
	}
	return tensor.Compress(in)
}

func setPosition(a *opening.Circuit, position uint64) {
	for i := range a.Statement.Position {
		a.Statement.Position[i] = position >> i & 1
	}
}

// TestEveryBitOfAnIndexIsBound claims, by an honest digest, the farthest entry with one bit of the row, of the column or of the leaf changed:
// none is left unused.
func TestEveryBitOfAnIndexIsBound(t *testing.T) {
	f, public := farthest(t)
	for bit := range statement.RowBits + statement.ColBits + statement.LeafBits {
		changed := *public
		changed.Position ^= 1 << bit
		f.a.Digest = changed.Digest()
		setPosition(f.a, changed.Position)
		require.Error(t, solve(system(t, testClass), f.a), "bit %d", bit)
	}
}

// TestPartsOfARowAreNotInterchangeable commits to an output whose folded rows have the entry in another part, or in the same part of the row
// before, than the one that the claim is about.
func TestPartsOfARowAreNotInterchangeable(t *testing.T) {
	for name, leaf := range map[string]uint32{"part before": 1<<16 - 2, "first part": 1<<16 - 8, "row before": 1<<16 - 9, "row as leaf": 8191} {
		t.Run(name, func(t *testing.T) {
			f, public := farthest(t)
			slots := [tensor.Width]any{tensor.LayoutOf(f.s.OutputShape()).Header}
			for i, slot := range f.a.Y.Slots {
				slots[1+i] = slot
			}
			root, path := commit(compressed(slots), leaf)
			changed := *public
			changed.RootY = root
			f.a.Y.Path, f.a.Digest = path, changed.Digest()
			require.Error(t, solve(system(t, testClass), f.a))
			setPosition(f.a, public.Position&^(0xffff<<32)|uint64(leaf)<<32)
			changed.Position = public.Position&^(0xffff<<32) | uint64(leaf)<<32
			f.a.Digest = changed.Digest()
			require.NoError(t, solve(system(t, testClass), f.a), "what the chain never asks for: the leaf follows from row and column")
		})
	}
}
