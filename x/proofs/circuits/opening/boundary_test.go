package opening_test

import (
	"flag"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/proofs/circuits/opening/openingtest"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// edges are quotients around both clamps, around zero, and far out.
var edges = []int64{-1 << 20, -130, -129, -128, -127, -1, 0, 1, 126, 127, 128, 1 << 20}

// trailersFor gives, for each edge, a bias and a multiplier whose product divided by 2^shift is the edge or lies half a unit
// above it, and the largest product of each sign.
func trailersFor(shift uint32, half bool) (bias []int32, multiplier []uint32) {
	power := min(shift, 30)
	for _, edge := range edges {
		m, b := int64(1)<<power, edge<<(shift-power)
		if half {
			if power == shift {
				m, b = m/2, 2*b+1
			} else {
				b += 1 << (shift - power - 1)
			}
		}
		if b <= -tensor.MaxBias || b >= tensor.MaxBias {
			continue
		}
		bias, multiplier = append(bias, int32(b)), append(multiplier, uint32(m))
	}
	bias = append(bias, tensor.MaxBias-1, 1-tensor.MaxBias)
	return bias, append(multiplier, tensor.MaxMultiplier-1, tensor.MaxMultiplier-1)
}

// TestRequantisationBoundaries solves entries at every shift on both sides of both clamps, on ties, and at the largest
// products, with and without relu. The accumulator is the bias: both operands are zero.
func TestRequantisationBoundaries(t *testing.T) {
	s := system(t, testClass)
	for shift := uint32(1); shift <= program.MaxShift; shift++ {
		spec := openingtest.Spec{
			M: 1, K: 1, Shift: shift, OutputType: program.DATA_TYPE_INT8, Activation: program.Activation(1 + shift%2),
		}
		bias, multiplier := trailersFor(shift, shift/2%2 == 1)
		spec.N = uint32(len(bias))
		weights := tensor.Weights{Values: make([]int8, spec.N), Bias: bias, Multiplier: multiplier}
		step, err := openingtest.Build(spec, []int8{0}, weights)
		require.NoError(t, err)
		require.Contains(t, step.Output(), int32(127))
		for col := range spec.N {
			if testing.Short() && (col+shift)%5 != 0 {
				continue
			}
			requireProvable(t, s, testClass, step, 0, col)
		}
	}
}

var everyWidth = flag.Bool("wide", false, "every boundary of the classes 2048 and 4096, instead of one each")

// TestInnerBoundaries solves rows that end at, before and after an element, a chunk of 16 elements and a class, whose last
// entry is in the dot product: with padding, without, and in a chunk of its own.
func TestInnerBoundaries(t *testing.T) {
	for class, inner := range map[uint32][]uint32{
		256:  {1, 31, 32, 247, 248, 249, 255, 256},
		1024: {257, 464, 465, 466, 495, 496, 497, 511, 512, 991, 992, 993, 1023, 1024},
		2048: {1025, 1488, 1489, 2047, 2048},
		4096: {2049, 3968, 3969, 4095, 4096},
	} {
		if class > 1024 && !*everyWidth {
			inner = inner[len(inner)-1:]
		}
		s := system(t, class)
		for _, k := range inner {
			for _, extreme := range []bool{false, true} {
				step, err := openingtest.Draw(openingtest.Spec{
					Seed: uint64(k), M: 3, N: 4, K: k, OutputType: program.DATA_TYPE_INT32, Activation: program.ACTIVATION_IDENTITY, Extreme: extreme,
				})
				require.NoError(t, err)
				requireProvable(t, s, class, step, 1, 2)
				require.Equal(t, interpret(step, 1, 2), step.Output()[1*4+2])
				step.X.Int8[2*k-1]++
				require.NotEqual(t, interpret(step, 1, 2), step.Output()[1*4+2], "the last column counts")
			}
		}
	}
}

// TestInt32Boundaries solves the largest accumulators of the widest class.
func TestInt32Boundaries(t *testing.T) {
	const k = 4096
	s := system(t, k)
	x, w := make([]int8, 2*k), make([]int8, 2*k)
	for i := range k {
		x[i], x[k+i], w[i], w[k+i] = -128, 127, -128, 127
	}
	for _, activation := range []program.Activation{program.ACTIVATION_IDENTITY, program.ACTIVATION_RELU} {
		spec := openingtest.Spec{M: 2, N: 2, K: k, OutputType: program.DATA_TYPE_INT32, Activation: activation}
		weights := tensor.Weights{Values: w, Bias: []int32{tensor.MaxBias - 1, 1 - tensor.MaxBias}, Multiplier: []uint32{1, 1}}
		step, err := openingtest.Build(spec, x, weights)
		require.NoError(t, err)
		require.Equal(t, int32(tensor.MaxBias-1+k*128*128), step.Output()[0])
		for entry := range uint32(4) {
			requireProvable(t, s, k, step, entry/2, entry%2)
		}
	}
}
