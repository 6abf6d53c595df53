package model

import (
	"math"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/assaychain/assay/x/proofs/interpreter"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// randomFloat draws a float network of three outputs with one hidden ReLU layer.
func randomFloat(t *rapid.T, cols int) *FloatNetwork {
	layer := func(rows, cols int, activation program.Activation) FloatLayer {
		return FloatLayer{
			Rows: rows, Cols: cols, Activation: activation,
			Weight: rapid.SliceOfN(rapid.Float32Range(-2, 2), rows*cols, rows*cols).Draw(t, "weight"),
			Bias:   rapid.SliceOfN(rapid.Float32Range(-1, 1), rows, rows).Draw(t, "bias"),
		}
	}
	hidden := rapid.IntRange(1, 8).Draw(t, "hidden")
	return &FloatNetwork{
		Layers: []FloatLayer{layer(hidden, cols, program.ACTIVATION_RELU), layer(3, hidden, program.ACTIVATION_IDENTITY)},
		Notes:  map[string]string{},
	}
}

// The integer network's logits, times their scale, must be the float network's up to what rounding to 8 bits can cost: half a step
// of every weight and of every activation.
func TestQuantisedNetworkIsCloseToTheFloatNetwork(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const cols, rows, scale = 6, 20, 0.02
		float := randomFloat(t, cols)
		float.Layers[0].Bias[0] = 1 // A hidden unit that is active on the input 0 keeps the ranges positive.
		inputs := rapid.SliceOfN(rapid.Int8(), rows*cols, rows*cols).Draw(t, "inputs")
		inputs = append(inputs, make([]int8, cols)...)
		network, err := Quantise(float, Calibration{InputScale: scale, Inputs: inputs})
		require.NoError(t, err)
		logitScale, err := strconv.ParseFloat(network.Notes["output.scale"], 64)
		require.NoError(t, err)

		x, err := tensor.NewInt8(rows+1, cols, inputs)
		require.NoError(t, err)
		lowered, weights, err := network.Lower(rows + 1)
		require.NoError(t, err)
		outputs, err := interpreter.Run(lowered, []*tensor.Tensor{x, weights[0].Tensor, weights[1].Tensor})
		require.NoError(t, err)
		bound := errorBound(float, x, scale)
		for r := range rows + 1 {
			want := float.Forward(scaled(inputs[r*cols:(r+1)*cols], scale))[1]
			for c, v := range outputs[1].Int32[r*3 : (r+1)*3] {
				require.InDelta(t, want[c], float64(v)*logitScale, bound+logitScale, "row %d, logit %d", r, c)
			}
		}
	})
}

// errorBound is the worst case over the tensor's rows.
func errorBound(float *FloatNetwork, x *tensor.Tensor, scale float64) float64 {
	first, second := float.Layers[0], float.Layers[1]
	largest := 0.0
	for r := range int(x.Rows) {
		for _, h := range float.Forward(scaled(x.Int8[r*first.Cols:(r+1)*first.Cols], scale))[0] {
			largest = max(largest, float64(h))
		}
	}
	inputBound := 128 * scale * float64(first.Cols)
	hiddenError := inputBound*step(first)/2 + largest/int8Max + scale*step(first)
	perUnit := hiddenError*maxAbs(second.Weight) + (largest+hiddenError)*step(second)/2
	return float64(first.Rows) * perUnit
}

// step bounds the weights' unit: 1/127 of the largest weight, or what a bias of up to 1 needs over inputs in units of at least 1/127.
func step(layer FloatLayer) float64 {
	return max(maxAbs(layer.Weight), int8Max*int8Max/float64(program.MaxBias-1)) / int8Max
}

func scaled(values []int8, scale float64) []float32 {
	out := make([]float32, len(values))
	for i, v := range values {
		out[i] = float32(v) * float32(scale)
	}
	return out
}

func TestQuantiseUsesTheRangeOfItsNumbers(t *testing.T) {
	float := &FloatNetwork{Layers: []FloatLayer{
		{Rows: 3, Cols: 2, Weight: []float32{0.5, -1, 0.001, 0, 0, 0}, Bias: []float32{0, 0, 0.25}, Activation: program.ACTIVATION_RELU},
		{Rows: 2, Cols: 3, Weight: []float32{1, 0.5, 0, -2, 0, 0}, Bias: []float32{0, 0}, Activation: program.ACTIVATION_IDENTITY},
	}}
	network, err := Quantise(float, Calibration{InputScale: 1, Inputs: []int8{127, -127, 0, 0}})
	require.NoError(t, err)
	first, second := network.Layers[0], network.Layers[1]
	require.Equal(t, []int8{64, -127, 127, 0, 0, 0}, first.Weight.Int8, "each channel has its own scale")
	require.Equal(t, []int8{64, 32, 0, -127, 0, 0}, second.Weight.Int8, "the logits share one scale")
	require.Equal(t, []int32{0, 0, 32}, first.Weight.Bias, "a channel without weights takes the layer's scale: 0.25·127")
	largest := uint32(0)
	for _, m := range first.Weight.Multiplier {
		largest = max(largest, m)
	}
	require.GreaterOrEqual(t, largest, uint32(1<<30), "31 bits of multiplier are not used")
	require.Equal(t, []uint32{1, 1}, second.Weight.Multiplier)
	require.Zero(t, second.Shift)
	require.Equal(t, program.DATA_TYPE_INT32, second.Output)
}

func TestQuantiseRefuses(t *testing.T) {
	good := func() *FloatNetwork {
		return &FloatNetwork{Layers: []FloatLayer{
			{Rows: 1, Cols: 1, Weight: []float32{1}, Bias: []float32{0}, Activation: program.ACTIVATION_RELU},
			{Rows: 1, Cols: 1, Weight: []float32{1}, Bias: []float32{0}, Activation: program.ACTIVATION_IDENTITY},
		}}
	}
	calibration := Calibration{InputScale: 1, Inputs: []int8{1}}
	_, err := Quantise(good(), calibration)
	require.NoError(t, err)
	_, err = Quantise(&FloatNetwork{}, calibration)
	require.ErrorContains(t, err, "at least one layer")
	_, err = Quantise(good(), Calibration{Inputs: []int8{1}})
	require.ErrorContains(t, err, "positive input scale")
	_, err = Quantise(good(), Calibration{InputScale: 1})
	require.ErrorContains(t, err, "0 calibration values")
	_, err = Quantise(good(), Calibration{InputScale: 1, Inputs: []int8{-1}})
	require.ErrorContains(t, err, "positive activation")
	linear := good()
	linear.Layers[0].Activation = program.ACTIVATION_IDENTITY
	_, err = Quantise(linear, calibration)
	require.ErrorContains(t, err, "must end in ReLU")
	biased := good()
	biased.Layers[1].Bias[0] = float32(math.Inf(1))
	_, err = Quantise(biased, calibration)
	require.ErrorContains(t, err, "layer 1: ")
	require.ErrorContains(t, err, "bias of channel 0 is not a finite number")
}

func TestQuantiseMakesRoomForALargeBias(t *testing.T) {
	float := &FloatNetwork{Layers: []FloatLayer{
		{Rows: 1, Cols: 1, Weight: []float32{1}, Bias: []float32{0}, Activation: program.ACTIVATION_RELU},
		{Rows: 2, Cols: 1, Weight: []float32{1e-9, 0}, Bias: []float32{1, -3}, Activation: program.ACTIVATION_IDENTITY},
	}}
	network, err := Quantise(float, Calibration{InputScale: 1, Inputs: []int8{1}})
	require.NoError(t, err)
	last := network.Layers[1]
	require.Equal(t, []int8{0, 0}, last.Weight.Int8)
	require.Equal(t, []int32{(program.MaxBias - 1) / 3, 1 - program.MaxBias}, last.Weight.Bias)
}

func TestFloatFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "float.safetensors")
	network := &FloatNetwork{
		Layers: []FloatLayer{
			{Rows: 2, Cols: 3, Weight: []float32{1, 0, 0, 0, 1, 0}, Bias: []float32{0, 0.5}, Activation: program.ACTIVATION_RELU},
			{Rows: 2, Cols: 2, Weight: []float32{1, 0, 0, 1}, Bias: []float32{0, 0}, Activation: program.ACTIVATION_IDENTITY},
		},
		Notes: map[string]string{"input.scale": "0.5"},
	}
	require.NoError(t, network.Save(path))
	loaded, err := LoadFloat(path)
	require.NoError(t, err)
	require.Equal(t, network, loaded)
	require.Equal(t, [][]float32{{4, 0}, {4, 0}}, loaded.Forward([]float32{4, -1, 9}))

	// Logits are (0.5·p0, 0.5·p1 + 0.5): rows 0 and 1 are right, row 2 is not.
	images, labels := array(t, []int{3, 3}, []uint8{4, 0, 0, 0, 9, 9, 9, 1, 0}), array(t, []int{3}, []uint8{0, 1, 1})
	score, err := EvaluateFloat(path, images, labels)
	require.NoError(t, err)
	require.Equal(t, Score{Correct: 2, Total: 3}, score)
	_, err = EvaluateFloat(path, array(t, []int{1, 2}, []uint8{1, 2}), labels)
	require.ErrorContains(t, err, "gives 2 values a row, the network takes 3")

	network.Layers[1].Bias[1] = float32(math.NaN())
	require.NoError(t, network.Save(path))
	_, err = LoadFloat(path)
	require.ErrorContains(t, err, "layers.1.bias: value 1 is NaN")
	network.Layers[1] = FloatLayer{Rows: 1, Cols: 3, Weight: make([]float32, 3), Bias: make([]float32, 1), Activation: program.ACTIVATION_IDENTITY}
	require.NoError(t, network.Save(path))
	_, err = LoadFloat(path)
	require.ErrorContains(t, err, "do not chain")
	require.NoError(t, small(t).Save(path))
	_, err = LoadFloat(path)
	require.ErrorContains(t, err, `must be "assay-dense-float-v1"`)
}
