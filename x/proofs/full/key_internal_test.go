package full

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestPowers holds that the key has the power of x that each length of a block needs.
func TestPowers(t *testing.T) {
	for logarithm := range maxLogBlock + 1 {
		require.Equal(t, uint32(1)<<logarithm, Exponent(power(logarithm)))
	}
	require.Equal(t, KeyPointsG2-1, power(maxLogBlock))
	require.EqualValues(t, 3, Exponent(cubeAt))
	largest := Shape{MaxDimension, MaxDimension, MaxDimension}.Layout()
	require.Equal(t, maxLogBlock, largest.Block)
	require.Equal(t, maxLogBlock, largest.Small)
}
