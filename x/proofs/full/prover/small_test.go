package prover

import (
	"math/rand/v2"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/stretchr/testify/require"
)

// TestSmallSum compares the bucket sums with the library's, for every cut and for points that cancel, double and repeat.
func TestSmallSum(t *testing.T) {
	file, p := open(t)
	random := rand.New(rand.NewPCG(7, 8))
	points := make([]point, 300)
	require.NoError(t, file.Read(points, 0))
	for i := 100; i < 200; i++ {
		points[i] = points[i-100]
		points[i+100].Neg(&points[i-100])
	}
	for width := 2; width <= 14; width++ {
		for _, bits := range []int{1, 7, 26, 31} {
			w := newWindows(width, (bits+width)/width)
			values, scalars := make([]int32, len(points)), make([]fr.Element, len(points))
			for i := range values {
				values[i] = int32(random.Uint32()) >> (31 - bits)
				scalars[i].SetInt64(int64(values[i]))
			}
			sum := newSmallSum(w)
			sum.add(points[:150], values[:150])
			sum.add(points[150:], values[150:])
			want, err := p.multiply(points, scalars)
			require.NoError(t, err)
			total := sum.total()
			var got point
			require.True(t, want.Equal(got.FromJacobian(&total)), "width %d, %d bits", width, bits)
		}
	}
}

// TestDigits holds that the digits of every scalar sum up to it, and lie in range.
func TestDigits(t *testing.T) {
	for width := 2; width <= 14; width++ {
		for _, v := range []int32{0, 1, -1, 127, -128, 1<<31 - 1, -1 << 31, 1 << 30, -12345678} {
			w := newWindows(width, (magnitude([]int32{v})+width)/width)
			sum := int64(0)
			for number := w.count - 1; number >= 0; number-- {
				digit := w.digit(v, number)
				require.LessOrEqual(t, max(digit, -digit), 1<<(width-1))
				sum = sum<<width + int64(digit)
			}
			require.Equal(t, int64(v), sum)
		}
	}
}

// TestTimes holds the product of a lifted factor with the ends of the range.
func TestTimes(t *testing.T) {
	var e fr.Element
	e.SetUint64(12345).Inverse(&e)
	lifted := lift(&e)
	for _, v := range []int32{0, 1, -1, -128, 1<<31 - 1, -1 << 31} {
		var want fr.Element
		want.SetInt64(int64(v)).Mul(&want, &e)
		require.Equal(t, want, times(&lifted, v))
	}
}
