package model

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/assaychain/assay/offchain-worker/formats/safetensors"
	"github.com/assaychain/assay/x/proofs/interpreter"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// small is a 3-2-2 network with a ReLU hidden layer, small enough to be computed by hand.
func small(t require.TestingT) *Network {
	first, err := tensor.NewWeight(2, 3, tensor.Weights{Values: []int8{1, 1, 1, -1, 2, 5}, Bias: []int32{4, -3}, Multiplier: []uint32{1, 3}})
	require.NoError(t, err)
	second, err := tensor.NewWeight(2, 2, tensor.Weights{Values: []int8{10, -10, 1, 1}, Bias: []int32{0, -1000}, Multiplier: []uint32{1, 1}})
	require.NoError(t, err)
	return &Network{
		Layers: []Layer{
			{Weight: first, Shift: 2, Activation: program.ACTIVATION_RELU, Output: program.DATA_TYPE_INT8},
			{Weight: second, Activation: program.ACTIVATION_IDENTITY, Output: program.DATA_TYPE_INT32},
		},
		Notes: map[string]string{"input.scale": "0.5"},
	}
}

func smallFile(t require.TestingT) *safetensors.File {
	file, err := small(t).File()
	require.NoError(t, err)
	return file
}

func TestSaveAndLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "small.safetensors")
	require.NoError(t, small(t).Save(path))
	loaded, err := Load(path)
	require.NoError(t, err)
	require.Equal(t, small(t), loaded)
	require.Equal(t, 3, loaded.Inputs())
	require.Equal(t, 2, loaded.Outputs())

	first, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, loaded.Save(path))
	second, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, first, second, "saving is not deterministic")

	_, err = Load(path + ".missing")
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestLoadRefusesEveryTruncation(t *testing.T) {
	whole, err := smallFile(t).Encode()
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "cut.safetensors")
	for n := range whole {
		require.NoError(t, os.WriteFile(path, whole[:n], 0o600))
		_, err := Load(path)
		require.ErrorIs(t, err, safetensors.ErrMalformed, "%d bytes", n)
	}
}

func TestMultipliersMayBeSigned(t *testing.T) {
	file := smallFile(t)
	file.Tensors["layers.0.multiplier"] = stored(t, []int{2}, []int32{1, 3})
	loaded, err := FromFile(file)
	require.NoError(t, err)
	require.Equal(t, small(t), loaded)
	file.Tensors["layers.0.multiplier"] = stored(t, []int{2}, []int32{1, -3})
	_, err = FromFile(file)
	require.ErrorContains(t, err, "layers.0.multiplier[1] is -3, must be 1 to 2^31-1")
}

func TestRefusedNetworks(t *testing.T) {
	set := func(name string, value *safetensors.Tensor) func(*safetensors.File) {
		return func(f *safetensors.File) { f.Tensors[name] = value }
	}
	drop := func(name string) func(*safetensors.File) {
		return func(f *safetensors.File) { delete(f.Tensors, name); delete(f.Metadata, name) }
	}
	note := func(name, value string) func(*safetensors.File) {
		return func(f *safetensors.File) { f.Metadata[name] = value }
	}
	for _, test := range []struct {
		name   string
		change func(*safetensors.File)
		want   string
	}{
		{"float weights", set("layers.0.weight", stored(t, []int{2, 3}, make([]float32, 6))), "layers.0.weight is F32, must be I8; quantise"},
		{"uint8 weights", set("layers.1.weight", stored(t, []int{2, 2}, make([]uint8, 4))), "layers.1.weight is U8, must be I8"},
		{"float network", note("format", "pt"), `"format" is "pt", must be "assay-dense-v1"; a network of floats must be quantised`},
		{"no format", drop("format"), `must be "assay-dense-v1"`},
		{"shapes do not chain", set("layers.1.weight", stored(t, []int{2, 3}, make([]int8, 6))), "layers.1.weight has 3 columns, but layers.0.weight has 2 rows"},
		{"K too large", set("layers.0.weight", stored(t, []int{2, 4097}, make([]int8, 8194))), "[2, 4097]; the rows must be 1 to 4096 and the columns (inner dimension K) 1 to 4096"},
		{"too many rows", set("layers.0.weight", stored(t, []int{4097, 1}, make([]int8, 4097))), "rows must be 1 to 4096"},
		{"no rows", set("layers.0.weight", stored(t, []int{0, 3}, []int8{})), "rows must be 1 to 4096"},
		{"one dimension", set("layers.0.weight", stored(t, []int{6}, make([]int8, 6))), "must have 2 dimensions"},
		{"missing weight", drop("layers.0.weight"), "tensor layers.0.weight is missing"},
		{"missing bias", drop("layers.1.bias"), "tensor layers.1.bias is missing"},
		{"missing multiplier", drop("layers.0.multiplier"), "tensor layers.0.multiplier is missing"},
		{"long bias", set("layers.0.bias", stored(t, []int{3}, make([]int32, 3))), "layers.0.bias has 3 values, must have 2"},
		{"short multiplier", set("layers.0.multiplier", stored(t, []int{1}, []uint32{1})), "layers.0.multiplier has 1 values, must have 2"},
		{"bias type", set("layers.0.bias", stored(t, []int{2}, make([]int64, 2))), "layers.0.bias is I64, must be I32"},
		{"multiplier type", set("layers.0.multiplier", stored(t, []int{2}, make([]float32, 2))), "layers.0.multiplier is F32, must be U32"},
		{"bias range", set("layers.0.bias", stored(t, []int{2}, []int32{0, 1 << 30})), "layers.0: row 1"},
		{"multiplier 0", set("layers.0.multiplier", stored(t, []int{2}, []uint32{1, 0})), "multiplier 0"},
		{"multiplier range", set("layers.0.multiplier", stored(t, []int{2}, []uint32{1, 1 << 31})), "multiplier 2147483648"},
		{"no shift", drop("layers.0.shift"), `metadata "layers.0.shift" is missing`},
		{"shift 0 for int8", note("layers.0.shift", "0"), "shift is 0, must be 1 to 48"},
		{"shift 49", note("layers.0.shift", "49"), "must be 1 to 48"},
		{"shift text", note("layers.0.shift", "2.0"), `"2.0", must be 1 to 48`},
		{"shift for int32", note("layers.1.shift", "1"), "must be 0 for int32"},
		{"activation", note("layers.0.activation", "gelu"), `"gelu", must be identity or relu`},
		{"output", note("layers.1.output", "float32"), `"float32", must be int8 or int32`},
		{"int32 in the middle", func(f *safetensors.File) {
			f.Metadata["layers.0.output"], f.Metadata["layers.0.shift"] = "int32", "0"
		}, "layers.0.output is int32; only the last"},
		{"extra tensor", set("embedding", stored(t, []int{1}, []int8{1})), `tensor "embedding" belongs to no layer`},
		{"gap in the layers", set("layers.3.bias", stored(t, []int{1}, []int32{1})), `tensor "layers.3.bias" belongs to no layer`},
		{"metadata of no layer", note("layers.2.shift", "1"), `metadata "layers.2.shift" belongs to no layer`},
	} {
		file := smallFile(t)
		test.change(file)
		_, err := FromFile(file)
		require.ErrorIs(t, err, ErrNetwork, test.name)
		require.ErrorContains(t, err, test.want, test.name)
	}
}

func TestSeventeenLayersAreRefused(t *testing.T) {
	layer := Layer{Weight: small(t).Layers[1].Weight, Shift: 1, Activation: program.ACTIVATION_RELU, Output: program.DATA_TYPE_INT8}
	network := &Network{Notes: map[string]string{}}
	for range program.MaxSteps {
		network.Layers = append(network.Layers, layer)
	}
	file, err := network.File()
	require.NoError(t, err)
	loaded, err := FromFile(file)
	require.NoError(t, err)
	require.Equal(t, network, loaded)

	network.Layers = append(network.Layers, layer)
	_, err = network.File()
	require.ErrorContains(t, err, "17 layers, must have 1 to 16")
	for _, name := range []string{"weight", "bias", "multiplier", "shift", "activation", "output"} {
		from, to := "layers.15."+name, "layers.16."+name
		if text, found := file.Metadata[from]; found {
			file.Metadata[to] = text
			continue
		}
		file.Tensors[to] = file.Tensors[from]
	}
	_, err = FromFile(file)
	require.ErrorContains(t, err, "more than 16 layers")
}

// Row 0: acc = (6+4, 18-3) = (10, 15); (10+2)>>2 = 3, (45+2)>>2 = 11. Row 1: acc = (3, 379); 1 and 284, clamped to 127.
func TestLowerByHand(t *testing.T) {
	lowered, weights, err := small(t).Lower(2)
	require.NoError(t, err)
	require.Equal(t, []string{"w0", "w1"}, []string{weights[0].Name, weights[1].Name})
	require.Equal(t, "x", lowered.Inputs[0].Name)
	require.Equal(t, "y1", lowered.Steps[1].Output)
	x, err := tensor.NewInt8(2, 3, []int8{1, 2, 3, -128, 127, 0})
	require.NoError(t, err)
	outputs, err := interpreter.Run(lowered, []*tensor.Tensor{x, weights[0].Tensor, weights[1].Tensor})
	require.NoError(t, err)
	require.Equal(t, []int8{3, 11, 1, 127}, outputs[0].Int8)
	require.Equal(t, []int32{30 - 110, 14 - 1000, 10 - 1270, 128 - 1000}, outputs[1].Int32)
}

func TestLowerRefusesBatches(t *testing.T) {
	for _, rows := range []int{-1, 0, program.MaxDimension + 1} {
		_, _, err := small(t).Lower(rows)
		require.ErrorIs(t, err, ErrInput, rows)
		require.ErrorContains(t, err, strconv.Itoa(rows)+" rows in a batch, must be 1 to 8192")
	}
	_, _, err := (&Network{}).Lower(1)
	require.ErrorIs(t, err, ErrNetwork)
	_, _, err = (&Network{Layers: []Layer{{}}}).Lower(1)
	require.ErrorIs(t, err, ErrNetwork)
}

func TestRandomNetworksSurviveTheFile(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cols := rapid.IntRange(1, 8).Draw(t, "inputs")
		network := &Network{Notes: map[string]string{}}
		for range rapid.IntRange(1, 4).Draw(t, "layers") {
			rows := rapid.IntRange(1, 8).Draw(t, "rows")
			weight, err := tensor.NewWeight(uint32(rows), uint32(cols), tensor.Weights{
				Values:     rapid.SliceOfN(rapid.Int8(), rows*cols, rows*cols).Draw(t, "values"),
				Bias:       rapid.SliceOfN(rapid.Int32Range(1-program.MaxBias, program.MaxBias-1), rows, rows).Draw(t, "bias"),
				Multiplier: rapid.SliceOfN(rapid.Uint32Range(1, program.MaxMultiplier-1), rows, rows).Draw(t, "multiplier"),
			})
			require.NoError(t, err)
			network.Layers = append(network.Layers, Layer{
				Weight: weight, Shift: rapid.Uint32Range(1, program.MaxShift).Draw(t, "shift"),
				Activation: program.Activation(rapid.IntRange(1, 2).Draw(t, "activation")), Output: program.DATA_TYPE_INT8,
			})
			cols = rows
		}
		file, err := network.File()
		require.NoError(t, err)
		encoded, err := file.Encode()
		require.NoError(t, err)
		decoded, err := safetensors.Decode(encoded)
		require.NoError(t, err)
		loaded, err := FromFile(decoded)
		require.NoError(t, err)
		require.Equal(t, network, loaded)
	})
}

// FuzzFromFile looks for panics, and for files that load but do not lower.
func FuzzFromFile(f *testing.F) {
	whole, err := smallFile(f).Encode()
	require.NoError(f, err)
	f.Add(whole)
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := safetensors.Decode(data)
		if err != nil {
			return
		}
		network, err := FromFile(file)
		if err != nil {
			require.ErrorIs(t, err, ErrNetwork)
			return
		}
		_, _, err = network.Lower(1)
		require.NoError(t, err)
	})
}

// stored makes a tensor of a file.
func stored[T safetensors.Number](t require.TestingT, shape []int, values []T) *safetensors.Tensor {
	made, err := safetensors.New(shape, values)
	require.NoError(t, err)
	return made
}
