package opening_test

import (
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/proofs/circuits/opening"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/statement"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// TestValuesMustBeBytes commits elements whose bytes carry into each other, which would give other values for the same root.
func TestValuesMustBeBytes(t *testing.T) {
	s := system(t, testClass)
	for name, change := range map[string]func(f *forgery){
		"x byte 256":      func(f *forgery) { f.a.X.Bytes[0] = 256 },
		"x byte negative": func(f *forgery) { f.a.X.Bytes[0] = -1 },
		"w byte 256":      func(f *forgery) { f.a.W.Bytes[7] = 256 },
		"x carries": func(f *forgery) {
			f.a.X.Bytes[0] = new(big.Int).Add(number(f.a.X.Bytes[0]), big.NewInt(256))
			f.a.X.Bytes[1] = new(big.Int).Sub(number(f.a.X.Bytes[1]), big.NewInt(1))
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := forge(t, int32Spec(12))
			change(f)
			f.recommitX()
			f.recommitW(f.trailer())
			f.output(t)
			f.redigest(t)
			require.Error(t, solve(s, f.a))
		})
	}
}

// TestTrailerRanges commits weights whose bias or multiplier no weight tensor has.
func TestTrailerRanges(t *testing.T) {
	s := system(t, testClass)
	pack := func(bias, multiplier int64) *big.Int {
		out := new(big.Int).Lsh(big.NewInt(multiplier), 32)
		return out.Add(out, big.NewInt(bias+1<<31))
	}
	for name, c := range map[string]struct {
		bias, multiplier int64
		accepted         bool
	}{
		"largest":             {tensor.MaxBias - 1, tensor.MaxMultiplier - 1, true},
		"smallest":            {1 - tensor.MaxBias, 1, true},
		"bias too small":      {-tensor.MaxBias, 1, false},
		"bias too large":      {tensor.MaxBias, 1, false},
		"multiplier 0":        {0, 0, false},
		"multiplier too big":  {0, tensor.MaxMultiplier, false},
		"bias borrows a unit": {1<<31 + 5, 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			f := forge(t, int32Spec(13))
			f.o.W.Bias = int32(c.bias)
			set(f.a.W.Bias[:], big.NewInt(c.bias+tensor.MaxBias))
			set(f.a.W.Multiplier[:], big.NewInt(c.multiplier))
			f.recommitX()
			f.recommitW(pack(c.bias, c.multiplier))
			if c.bias < 1<<31 {
				f.output(t)
			}
			f.redigest(t)
			if err := solve(s, f.a); c.accepted {
				require.NoError(t, err)
			} else {
				require.Error(t, err)
			}
		})
	}
}

// TestEntryMustBeCanonical commits elements of Y that pack more than 31 bytes, and decompositions with other bytes.
func TestEntryMustBeCanonical(t *testing.T) {
	s := system(t, testClass)
	f := forge(t, int32Spec(14))
	f.recommitX()
	f.recommitW(f.trailer())
	f.output(t)
	honest := new(big.Int)
	for i := range f.a.Y.Bytes {
		honest.Add(honest, new(big.Int).Lsh(number(f.a.Y.Bytes[i]), uint(8*i)))
	}
	f.redigest(t)
	require.NoError(t, solve(s, f.a))
	f.recommitY(t, new(big.Int).Add(honest, new(big.Int).Lsh(big.NewInt(1), 248)))
	f.redigest(t)
	require.Error(t, solve(s, f.a))
	f.recommitY(t, honest)
	f.redigest(t)
	f.a.Y.Bytes[11] = new(big.Int).Add(number(f.a.Y.Bytes[11]), big.NewInt(256))
	f.a.Y.Bytes[12] = new(big.Int).Sub(number(f.a.Y.Bytes[12]), big.NewInt(1))
	require.Error(t, solve(s, f.a))
}

// TestSelectorsMustBeBits keeps the position word and splits it into other numbers.
func TestSelectorsMustBeBits(t *testing.T) {
	s := system(t, testClass)
	for i := range statement.PositionBits - 1 {
		f := forge(t, int8Spec(15))
		bits := f.a.Statement.Position[:]
		bits[i] = new(big.Int).Add(number(bits[i]), big.NewInt(2))
		bits[i+1] = new(big.Int).Sub(number(bits[i+1]), big.NewInt(1))
		require.Error(t, solve(s, f.a), "bit %d", i)
	}
}

// TestDivisionHasOneAnswer moves a unit between quotient and remainder, and clamps where nothing is to be clamped.
func TestDivisionHasOneAnswer(t *testing.T) {
	s := system(t, testClass)
	spec := int8Spec(16)
	spec.Shift = 12
	for _, change := range []int64{-2, -1, 1, 2} {
		f := forge(t, spec)
		quotient := big.NewInt(change)
		power := int64(1) << spec.Shift
		remainder := new(big.Int)
		for i := range f.a.Requant.Remainder {
			remainder.Add(remainder, new(big.Int).Lsh(number(f.a.Requant.Remainder[i]), uint(8*i)))
		}
		remainder.Sub(remainder, big.NewInt(change*power))
		set(f.a.Requant.Remainder[:], remainder)
		set(f.a.Requant.Gap[:], new(big.Int).Sub(big.NewInt(power-1), remainder))
		if change > 0 {
			set(f.a.Requant.Over[:], quotient)
		} else {
			set(f.a.Requant.Under[:], quotient.Neg(quotient))
		}
		require.Error(t, solve(s, f.a))
	}
	f := forge(t, spec)
	for i := range f.a.Requant.Over {
		f.a.Requant.Over[i], f.a.Requant.Under[i] = 1, 1
	}
	require.Error(t, solve(s, f.a))
}

// TestKindsDoNotMix opens a weight row as X's row and an int8 row as an int32 one.
func TestKindsDoNotMix(t *testing.T) {
	s := system(t, testClass)
	f := forge(t, int32Spec(17))
	root, path := commit(rowLeaf(tensor.TagWeight, f.s.K, elementsOf(f.a.X.Bytes), new(big.Int)), f.s.Row)
	f.s.RootX, f.a.X.Path = root.Bytes(), path
	f.redigest(t)
	require.Error(t, solve(s, f.a))

	g := forge(t, int8Spec(18))
	g.s.OutputType, g.s.Shift = program.DATA_TYPE_INT32, 0
	a, err := opening.Assign(testClass, g.s, g.o)
	require.NoError(t, err)
	require.Error(t, solve(s, a))
}
