package opening_test

import (
	"math/big"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/consensys/gnark/frontend"
	"github.com/stretchr/testify/require"
)

// TestPaddingMustBeZero commits rows that go on past column k, in the last element and after it. The padding would change
// the dot product by a freely chosen amount.
func TestPaddingMustBeZero(t *testing.T) {
	s := system(t, testClass)
	for name, change := range map[string]func(f *forgery){
		"x, last element": func(f *forgery) { f.a.X.Bytes[50] = 1 },
		"x, its top byte": func(f *forgery) { f.a.X.Bytes[61] = 255 },
		"x, next element": func(f *forgery) { f.a.X.Bytes[62] = 200 },
		"x, last column":  func(f *forgery) { f.a.X.Bytes[63] = 1 },
		"w, last element": func(f *forgery) { f.a.W.Bytes[50] = 1 },
		"w, next element": func(f *forgery) { f.a.W.Bytes[62] = 128 },
		"both, cancelled": func(f *forgery) { f.a.X.Bytes[62], f.a.W.Bytes[63] = 128, 128 },
		"last moved": func(f *forgery) {
			f.a.X.Bytes[63] = 1
			f.a.Padding.Last = []frontend.Variable{0, 0, 1}
		},
		"two last": func(f *forgery) {
			f.a.X.Bytes[62] = 1
			f.a.Padding.Last = []frontend.Variable{1, -1, 1}
		},
		"no last": func(f *forgery) {
			f.a.X.Bytes[62] = 1
			f.a.Padding.Last = []frontend.Variable{0, 0, 0}
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := forge(t, int32Spec(11))
			change(f)
			f.recommitX()
			f.recommitW(f.trailer())
			f.output(t)
			f.redigest(t)
			set(f.a.Padding.GapX[:], f.gap(f.a.X.Bytes))
			set(f.a.Padding.GapW[:], f.gap(f.a.W.Bytes))
			require.Error(t, solve(s, f.a))
		})
	}
}

// TestShortRowsHaveALastElement leaves the selector empty where the last element is the first, whose index adds nothing.
func TestShortRowsHaveALastElement(t *testing.T) {
	spec := int32Spec(19)
	spec.K = 20
	f := forge(t, spec)
	f.a.X.Bytes[40] = 9
	f.a.Padding.Last = []frontend.Variable{0, 0, 0}
	f.recommitX()
	f.recommitW(f.trailer())
	f.output(t)
	f.redigest(t)
	highest := new(big.Int).Sub(powerOf256(20), big.NewInt(1))
	set(f.a.Padding.GapX[:], highest)
	set(f.a.Padding.GapW[:], highest)
	require.Error(t, solve(system(t, testClass), f.a))
}

func powerOf256(n uint) *big.Int { return new(big.Int).Lsh(big.NewInt(1), 8*n) }

// TestLastMustBeBits searches padding for which a selector of other numbers than bits meets every equation: with
// (c, 1-2c, c) the index is right, the sum is 1, and c solves the equation on what follows the last element.
func TestLastMustBeBits(t *testing.T) {
	f := forge(t, int32Spec(20))
	x, w := elementsOf(f.a.X.Bytes), elementsOf(f.a.W.Bytes)
	highest := new(big.Int).Sub(powerOf256(uint(f.s.K-31)), big.NewInt(1))
	for i := range 1 << 16 {
		x[2], w[2] = big.NewInt(int64(1+i%255)), big.NewInt(int64(i/255))
		first, second := new(big.Int).Add(x[1], w[1]), new(big.Int).Add(x[2], w[2])
		c := new(big.Int).Sub(second, first)
		c.Mul(second, c.ModInverse(c, fr.Modulus())).Mod(c, fr.Modulus())
		middle := new(big.Int).Sub(big.NewInt(1), new(big.Int).Lsh(c, 1))
		last := []*big.Int{c, middle, c}
		gapX, gapW := difference(highest, last, x), difference(highest, last, w)
		if gapX.BitLen() > 248 || gapW.BitLen() > 248 {
			continue
		}
		f.a.X.Bytes[62], f.a.W.Bytes[62] = x[2], w[2]
		f.a.Padding.Last = []frontend.Variable{c, middle, c}
		set(f.a.Padding.GapX[:], gapX)
		set(f.a.Padding.GapW[:], gapW)
		f.recommitX()
		f.recommitW(f.trailer())
		f.output(t)
		f.redigest(t)
		require.Error(t, solve(system(t, testClass), f.a))
		return
	}
	t.Fatal("no forged padding found")
}

// difference is a - <b, c> in the field.
func difference(a *big.Int, b, c []*big.Int) *big.Int {
	out := new(big.Int).Set(a)
	for i := range b {
		out.Sub(out, new(big.Int).Mul(b[i], c[i]))
	}
	return out.Mod(out, fr.Modulus())
}

// TestActivationMustBeABit opens column 2 of Y instead of column 3 and makes up for it in the position word with an
// activation of 1/64, whose only other effect is that the lowest output is -126.
func TestActivationMustBeABit(t *testing.T) {
	for seed := uint64(21); ; seed++ {
		spec := int8Spec(seed)
		spec.Shift = 24
		f := forge(t, spec)
		y := int64(f.at.Y.Int8[f.s.Row*spec.N+f.s.Col])
		if y < -126 || y == 127 {
			continue
		}
		element := big.NewInt((y + 128) << 16)
		f.recommitY(t, element)
		f.redigest(t)
		set(f.a.Y.Bytes[:], element)
		set(f.a.Requant.Above[:], big.NewInt(y+126))
		const value, relu = 57, 63
		require.Equal(t, []int64{1, 1}, []int64{number(f.a.Statement.Position[value]).Int64(), number(f.a.Statement.Position[value+1]).Int64()})
		f.a.Statement.Position[value] = 0
		f.a.Statement.Position[relu] = new(big.Int).ModInverse(big.NewInt(64), fr.Modulus())
		require.Error(t, solve(system(t, testClass), f.a))
		return
	}
}

// gap is the difference that the padding's range check is about; negative ones wrap, as a prover would have it.
func (f *forgery) gap(bytes []frontend.Variable) *big.Int {
	element := elementsOf(bytes)[(f.s.K-1)/31]
	bound := new(big.Int).Lsh(big.NewInt(1), uint(8*(f.s.K-31*((f.s.K-1)/31))))
	out := bound.Sub(bound, element)
	return out.Mod(out.Sub(out, big.NewInt(1)), fr.Modulus())
}
