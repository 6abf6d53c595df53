package program_test

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/assaychain/assay/x/proofs/program"
)

// requantBig is the definition over integers without a size.
func requantBig(acc int32, multiplier, shift uint32, activation program.Activation) int8 {
	v := new(big.Int).Mul(big.NewInt(int64(acc)), big.NewInt(int64(multiplier)))
	v.Add(v, new(big.Int).Lsh(big.NewInt(1), uint(shift-1)))
	v.Div(v, new(big.Int).Lsh(big.NewInt(1), uint(shift))) // Euclidean: floor for a positive divisor
	low := big.NewInt(-128)
	if activation == program.ACTIVATION_RELU {
		low = big.NewInt(0)
	}
	if v.Cmp(low) < 0 {
		v = low
	}
	if v.Cmp(big.NewInt(127)) > 0 {
		return 127
	}
	return int8(v.Int64())
}

func TestRequantEqualsDefinitionAtExtremes(t *testing.T) {
	accs := []int32{math.MinInt32, math.MinInt32 + 1, -1 << 24, -129, -128, -127, -2, -1, 0, 1, 2, 126, 127, 128, 1 << 24, math.MaxInt32 - 1, math.MaxInt32}
	for _, acc := range accs {
		for _, multiplier := range []uint32{1, 2, 3, 1 << 15, 1<<30 + 1, program.MaxMultiplier - 1} {
			for shift := uint32(1); shift <= program.MaxShift; shift++ {
				for _, activation := range []program.Activation{program.ACTIVATION_IDENTITY, program.ACTIVATION_RELU} {
					require.Equal(t, requantBig(acc, multiplier, shift, activation), program.Requant(acc, multiplier, shift, activation),
						"acc %d multiplier %d shift %d activation %d", acc, multiplier, shift, activation)
				}
			}
		}
	}
}

func TestRequantEqualsDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		acc := rapid.Int32().Draw(t, "acc")
		multiplier := rapid.Uint32Range(1, program.MaxMultiplier-1).Draw(t, "multiplier")
		shift := rapid.Uint32Range(1, program.MaxShift).Draw(t, "shift")
		activation := rapid.SampledFrom([]program.Activation{program.ACTIVATION_IDENTITY, program.ACTIVATION_RELU}).Draw(t, "activation")
		require.Equal(t, requantBig(acc, multiplier, shift, activation), program.Requant(acc, multiplier, shift, activation))
	})
}

func TestRequantIdentity(t *testing.T) {
	for v := int32(-300); v <= 300; v++ {
		require.Equal(t, int8(min(max(v, -128), 127)), program.Requant(v, 2, 1, program.ACTIVATION_IDENTITY), "multiplier 2 and shift 1 only clamp")
	}
}

func TestRequantRoundsHalvesUp(t *testing.T) {
	for acc, want := range map[int32]int8{1: 1, 3: 2, -1: 0, -3: -1, 5: 3, -5: -2} {
		require.Equal(t, want, program.Requant(acc, 1, 1, program.ACTIVATION_IDENTITY), "acc %d", acc)
	}
}

func TestActivate(t *testing.T) {
	for _, v := range []int32{math.MinInt32, -1, 0, 1, math.MaxInt32} {
		require.Equal(t, v, program.Activate(v, program.ACTIVATION_IDENTITY))
		require.Equal(t, max(v, 0), program.Activate(v, program.ACTIVATION_RELU))
	}
}
