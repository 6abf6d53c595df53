package interpreter_test

import (
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/assaychain/assay/x/proofs/interpreter"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
)

func plain(name string, rows, cols uint32) program.Tensor {
	return program.Tensor{Name: name, Kind: program.TENSOR_KIND_PLAIN, Type: program.DATA_TYPE_INT8, Rows: rows, Cols: cols}
}

func weight(name string, rows, cols uint32) program.Tensor {
	return program.Tensor{Name: name, Kind: program.TENSOR_KIND_WEIGHT, Type: program.DATA_TYPE_INT8, Rows: rows, Cols: cols}
}

func must(t require.TestingT, made *tensor.Tensor, err error) *tensor.Tensor {
	require.NoError(t, err)
	return made
}

// network is a 2×3 input through 3→2 int8 and 2→2 int32 steps, small enough to be computed by hand below.
func network(t *testing.T) (program.Program, []*tensor.Tensor) {
	p := program.Program{
		Version: program.Version,
		Inputs:  []program.Tensor{plain("x", 2, 3), weight("w1", 2, 3), weight("w2", 2, 2)},
		Steps: []program.DenseStep{
			{Input: "x", Weight: "w1", Output: "h", Shift: 2, Activation: program.ACTIVATION_RELU, OutputType: program.DATA_TYPE_INT8},
			{Input: "h", Weight: "w2", Output: "y", Activation: program.ACTIVATION_IDENTITY, OutputType: program.DATA_TYPE_INT32},
		},
	}
	x, err := tensor.NewInt8(2, 3, []int8{1, 2, 3, -128, 127, 0})
	must(t, x, err)
	w1, err := tensor.NewWeight(2, 3, tensor.Weights{Values: []int8{1, 1, 1, -1, 2, 5}, Bias: []int32{4, -3}, Multiplier: []uint32{1, 3}})
	must(t, w1, err)
	w2, err := tensor.NewWeight(2, 2, tensor.Weights{Values: []int8{10, -10, 1, 1}, Bias: []int32{0, -1000}, Multiplier: []uint32{1, 1}})
	must(t, w2, err)
	return p, []*tensor.Tensor{x, w1, w2}
}

// Row 0: acc = (6+4, 18-3) = (10, 15); (10+2)>>2 = 3, (45+2)>>2 = 11. Row 1: acc = (-1+4, 382-3) = (3, 379); (3+2)>>2 = 1,
// (1137+2)>>2 = 284, clamped to 127. Then (30-110, 14-1000) and (10-1270, 128-1000).
func TestRunByHand(t *testing.T) {
	p, inputs := network(t)
	outputs, err := interpreter.Run(p, inputs)
	require.NoError(t, err)
	require.Len(t, outputs, 2)
	require.Equal(t, []int8{3, 11, 1, 127}, outputs[0].Int8)
	require.Equal(t, []int32{-80, -986, -1260, -872}, outputs[1].Int32)
	require.Equal(t, tensor.Shape{Kind: program.TENSOR_KIND_PLAIN, Type: program.DATA_TYPE_INT32, Rows: 2, Cols: 2}, outputs[1].Shape)
}

func TestRunRefusesInputs(t *testing.T) {
	p, inputs := network(t)
	wide, err := tensor.NewInt8(2, 4, make([]int8, 8))
	require.NoError(t, err)
	broken := *inputs[1]
	broken.Multiplier = []uint32{0, 1}
	for name, tc := range map[string]struct {
		inputs []*tensor.Tensor
		want   string
	}{
		"too few":     {inputs[:2], "2 inputs given, the program declares 3"},
		"missing":     {[]*tensor.Tensor{nil, inputs[1], inputs[2]}, `inputs[0] "x" is missing`},
		"other shape": {[]*tensor.Tensor{wide, inputs[1], inputs[2]}, "of 2 x 4, the program declares"},
		"other kind":  {[]*tensor.Tensor{inputs[1], inputs[1], inputs[2]}, `inputs[0] "x" is a TENSOR_KIND_WEIGHT`},
		"multiplier":  {[]*tensor.Tensor{inputs[0], &broken, inputs[2]}, "multiplier 0"},
	} {
		_, err := interpreter.Run(p, tc.inputs)
		require.ErrorIs(t, err, interpreter.ErrInputs, name)
		require.ErrorContains(t, err, tc.want, name)
	}
	p.Steps[0].Shift = 0
	_, err = interpreter.Run(p, inputs)
	require.ErrorIs(t, err, program.ErrInvalid)
}

// entryBig is the definition over integers without a size.
func entryBig(x []int8, w interpreter.Channel, step *program.DenseStep) int64 {
	v := big.NewInt(int64(w.Bias))
	for k := range x {
		v.Add(v, new(big.Int).Mul(big.NewInt(int64(x[k])), big.NewInt(int64(w.Weights[k]))))
	}
	low, high := big.NewInt(-1<<31), big.NewInt(1<<31-1)
	if step.OutputType == program.DATA_TYPE_INT8 {
		v.Mul(v, big.NewInt(int64(w.Multiplier)))
		v.Add(v, new(big.Int).Lsh(big.NewInt(1), uint(step.Shift-1)))
		v.Div(v, new(big.Int).Lsh(big.NewInt(1), uint(step.Shift)))
		low, high = big.NewInt(-128), big.NewInt(127)
	}
	if step.Activation == program.ACTIVATION_RELU {
		low = big.NewInt(0)
	}
	if v.Cmp(low) < 0 {
		v = low
	}
	if v.Cmp(high) > 0 {
		v = high
	}
	return v.Int64()
}

func TestEntryEqualsDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.IntRange(1, program.MaxInner).Draw(t, "k")
		values := rapid.SliceOfN(rapid.OneOf(rapid.Int8(), rapid.Just(int8(-128)), rapid.Just(int8(127))), k, k)
		step := &program.DenseStep{
			Activation: rapid.SampledFrom([]program.Activation{program.ACTIVATION_IDENTITY, program.ACTIVATION_RELU}).Draw(t, "activation"),
			OutputType: rapid.SampledFrom([]program.DataType{program.DATA_TYPE_INT8, program.DATA_TYPE_INT32}).Draw(t, "type"),
		}
		if step.OutputType == program.DATA_TYPE_INT8 {
			step.Shift = rapid.Uint32Range(1, program.MaxShift).Draw(t, "shift")
		}
		w := interpreter.Channel{
			Weights:    values.Draw(t, "w"),
			Bias:       rapid.Int32Range(-program.MaxBias+1, program.MaxBias-1).Draw(t, "bias"),
			Multiplier: rapid.Uint32Range(1, program.MaxMultiplier-1).Draw(t, "multiplier"),
		}
		x := values.Draw(t, "x")
		require.Equal(t, entryBig(x, w, step), int64(interpreter.Entry(x, w, step)))
	})
}

// Every product at its extreme and the bias at its limit is where an accumulator of 32 bits would wrap first.
func TestEntryAtExtremes(t *testing.T) {
	for _, x := range []int8{-128, 127} {
		for _, w := range []int8{-128, 127} {
			for _, bias := range []int32{-program.MaxBias + 1, 0, program.MaxBias - 1} {
				row, weights := make([]int8, program.MaxInner), make([]int8, program.MaxInner)
				for i := range row {
					row[i], weights[i] = x, w
				}
				channel := interpreter.Channel{Weights: weights, Bias: bias, Multiplier: program.MaxMultiplier - 1}
				for _, step := range []*program.DenseStep{
					{OutputType: program.DATA_TYPE_INT32, Activation: program.ACTIVATION_IDENTITY},
					{OutputType: program.DATA_TYPE_INT8, Activation: program.ACTIVATION_IDENTITY, Shift: 1},
					{OutputType: program.DATA_TYPE_INT8, Activation: program.ACTIVATION_RELU, Shift: program.MaxShift},
				} {
					require.Equal(t, entryBig(row, channel, step), int64(interpreter.Entry(row, channel, step)))
				}
			}
		}
	}
}
