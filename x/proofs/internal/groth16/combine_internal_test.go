package groth16

import (
	"math/big"
	"math/rand"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/stretchr/testify/require"
)

// naive multiplies by the number that a coefficient stands for.
func naive(p *bn254.G1Affine, c coefficient) (out bn254.G1Affine) {
	scalar := c.scalar()
	out.ScalarMultiplication(p, scalar.BigInt(new(big.Int)))
	return out
}

func draw(random *rand.Rand) coefficient {
	edges := []uint64{0, 1, 2, 3, 1 << 63, 1<<64 - 1}
	half := func() uint64 {
		if random.Intn(3) == 0 {
			return edges[random.Intn(len(edges))]
		}
		return random.Uint64()
	}
	return coefficient{half(), half()}
}

func point(random *rand.Rand) (p bn254.G1Affine) {
	if random.Intn(20) == 0 {
		return p
	}
	p.ScalarMultiplicationBase(big.NewInt(random.Int63n(50)))
	return p
}

// TestCoefficientsMultiply compares with the library, at the edges and for equal, opposite and infinite points.
func TestCoefficientsMultiply(t *testing.T) {
	random := rand.New(rand.NewSource(1))
	for range 300 {
		p, c := point(random), draw(random)
		product := c.times(&p)
		require.Equal(t, naive(&p, c), affine([]bn254.G1Jac{product})[0], "%v", c)
	}
}

func TestCombinationsAreSums(t *testing.T) {
	random := rand.New(rand.NewSource(2))
	for n := range 40 {
		points, powers := make([]bn254.G1Affine, n), make([]coefficient, n)
		var want bn254.G1Affine
		for i := range points {
			points[i], powers[i] = point(random), draw(random)
			product := naive(&points[i], powers[i])
			want.Add(&want, &product)
		}
		if n == 0 {
			continue
		}
		twice := combine(powers, points, points)
		require.Equal(t, []bn254.G1Affine{want, want}, affine(twice), n)
		products := multiply(points, powers)
		for i := range products {
			require.Equal(t, naive(&points[i], powers[i]), products[i], n)
		}
	}
}

// TestCoefficientsDiffer looks at what the injection rests on: λ² + λ + 1 = 0.
func TestCoefficientsDiffer(t *testing.T) {
	sum := fr.One()
	var square fr.Element
	sum.Add(&sum, &eigenvalue).Add(&sum, square.Square(&eigenvalue))
	require.True(t, sum.IsZero())
	require.False(t, eigenvalue.IsOne())
}
