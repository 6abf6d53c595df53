package group

import (
	"math/big"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func (h *half) number() *big.Int {
	n := new(big.Int).SetUint64(h.limbs[1])
	n.Lsh(n, 64).Add(n, new(big.Int).SetUint64(h.limbs[0]))
	if h.negative {
		n.Neg(n)
	}
	return n
}

// TestMultiply compares products with the library's, of equal, opposite and infinite points too.
func TestMultiply(t *testing.T) {
	_, _, generator, _ := bn254.Generators()
	eigenvalue, _ := new(big.Int).SetString("4407920970296243842393367215006156084916469457145843978461", 10)
	part := rapid.OneOf(rapid.Uint64(), rapid.SampledFrom([]uint64{0, 1, 2, 3, 4, 1 << 63, 1<<64 - 1}))
	rapid.Check(t, func(r *rapid.T) {
		points, scalars := make([]bn254.G1Affine, rapid.IntRange(0, 40).Draw(r, "points")), [][2]uint64(nil)
		for i := range points {
			points[i].ScalarMultiplication(&generator, big.NewInt(rapid.Int64Range(-3, 3).Draw(r, "point")))
			scalars = append(scalars, [2]uint64{part.Draw(r, "low"), part.Draw(r, "high")})
		}
		for i, product := range Multiply(points, scalars) {
			number := new(big.Int).SetUint64(scalars[i][1])
			number.Mul(number, eigenvalue).Add(number, new(big.Int).SetUint64(scalars[i][0]))
			var want bn254.G1Affine
			want.ScalarMultiplication(&points[i], number)
			require.True(t, want.Equal(&product))
			again := certain(bn254.G1Affine{X: product.Y, Y: product.Y}, halvesOf(&points[i], scalars[i]))
			require.True(t, want.Equal(&again))
		}
	})
}

// TestHalves holds low + high·λ = scalar and the length of the halves, for the scalars next to where the rounding turns too.
func TestHalves(t *testing.T) {
	eigenvalue, _ := new(big.Int).SetString("4407920970296243842393367215006156084916469457145843978461", 10)
	_, _, generator, _ := bn254.Generators()
	moved := generator
	moved.X.Mul(&moved.X, &lattice.beta)
	var want bn254.G1Affine
	want.ScalarMultiplication(&generator, eigenvalue)
	require.True(t, want.Equal(&moved))

	modulus := fr.Modulus()
	long, _ := new(big.Int).SetString(longSide, 10)
	rapid.Check(t, func(r *rapid.T) {
		number := new(big.Int).SetBytes(rapid.SliceOfN(rapid.Byte(), 0, 32).Draw(r, "scalar"))
		if multiple := rapid.Int64Range(0, 1<<40).Draw(r, "turn"); multiple%2 == 1 {
			// Near (n + 1/2)·r/side.
			side := rapid.SampledFrom([]*big.Int{long, new(big.Int).SetUint64(shortSide)}).Draw(r, "side")
			number.Mul(modulus, big.NewInt(multiple)).Div(number, new(big.Int).Lsh(side, 1))
		}
		number.Add(number, big.NewInt(rapid.Int64Range(-2, 2).Draw(r, "offset"))).Mod(number, modulus)
		var scalar fr.Element
		scalar.SetBigInt(number)
		limbs := scalar.Bits()
		low, high := lattice.halve(&limbs)
		require.LessOrEqual(t, low.bitLen(), 127)
		require.LessOrEqual(t, high.bitLen(), 127)
		sum := new(big.Int).Mul(high.number(), eigenvalue)
		require.Zero(t, number.Cmp(sum.Add(sum, low.number()).Mod(sum, modulus)), "%d", number)
	})
}
