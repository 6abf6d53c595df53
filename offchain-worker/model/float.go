package model

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"strconv"

	"github.com/assaychain/assay/offchain-worker/formats/npy"
	"github.com/assaychain/assay/offchain-worker/formats/safetensors"
	"github.com/assaychain/assay/x/proofs/program"
)

// FloatFormat is the value of the metadata key "format" of a float32 network: layers.<i>.weight F32 [N, K], layers.<i>.bias F32 [N]
// and the metadata layers.<i>.activation. It exists to be quantised and to be compared with; no job runs it.
const FloatFormat = "assay-dense-float-v1"

// inputScaleKey is the metadata key under which a network says what its inputs are multiplied by.
const inputScaleKey = "input.scale"

// FloatLayer is one dense layer of a float32 network: act(W·x + b).
type FloatLayer struct {
	// Rows and Cols are the outputs and the inputs.
	Rows, Cols int
	// Weight is row major, a row for each output; Bias holds one value a row.
	Weight, Bias []float32
	// Activation is applied to the sum.
	Activation program.Activation
}

// FloatNetwork is a chain of float32 dense layers.
type FloatNetwork struct {
	Layers []FloatLayer
	// Notes is the metadata that the format does not define.
	Notes map[string]string
}

// LoadFloat reads a float32 network from a safetensors file.
func LoadFloat(path string) (*FloatNetwork, error) {
	file, err := safetensors.ReadFile(path, 4*MaxFileSize)
	if err != nil {
		return nil, fmt.Errorf("load float network: %w", err)
	}
	network, err := floatFromFile(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return network, nil
}

func floatFromFile(file *safetensors.File) (*FloatNetwork, error) {
	if format := file.Metadata[formatKey]; format != FloatFormat {
		return nil, fmt.Errorf("%w: metadata %q is %q, must be %q", ErrNetwork, formatKey, clip(format), FloatFormat)
	}
	reader := &layerReader{file: file, used: map[string]bool{}, known: map[string]bool{formatKey: true}}
	network := &FloatNetwork{}
	for i := 0; i == 0 || reader.has(i); i++ {
		layer, err := reader.floatLayer(i)
		if err != nil {
			return nil, err
		}
		if i > 0 && layer.Cols != network.Layers[i-1].Rows {
			return nil, fmt.Errorf("%w: layers.%d.weight has %d columns, but layers.%d.weight has %d rows; the layers do not chain", ErrNetwork, i, layer.Cols, i-1, network.Layers[i-1].Rows)
		}
		network.Layers = append(network.Layers, layer)
	}
	notes, err := reader.rest()
	network.Notes = notes
	return network, err
}

func (r *layerReader) floatLayer(i int) (FloatLayer, error) {
	raw, err := r.tensor(key(i, weightName), 2, safetensors.F32)
	if err != nil {
		return FloatLayer{}, err
	}
	layer := FloatLayer{Rows: raw.Shape[0], Cols: raw.Shape[1]}
	if layer.Weight, err = safetensors.Values[float32](raw); err != nil {
		return layer, fmt.Errorf("%w: %s: %w", ErrNetwork, key(i, weightName), err)
	}
	if layer.Bias, err = channels[float32](r, key(i, biasName), layer.Rows, safetensors.F32); err != nil {
		return layer, err
	}
	if err := errors.Join(checkFinite(key(i, weightName), layer.Weight), checkFinite(key(i, biasName), layer.Bias)); err != nil {
		return layer, err
	}
	layer.Activation, err = choice(r, key(i, activationKey), activations, "identity or relu")
	return layer, err
}

func checkFinite(name string, values []float32) error {
	for at, v := range values {
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			return fmt.Errorf("%w: %s: value %d is %v; only finite numbers are accepted", ErrNetwork, name, at, v)
		}
	}
	return nil
}

// Save writes the network to a safetensors file that LoadFloat reads; the same network gives the same bytes.
func (n *FloatNetwork) Save(path string) error {
	file := &safetensors.File{Metadata: map[string]string{}, Tensors: map[string]*safetensors.Tensor{}}
	maps.Copy(file.Metadata, n.Notes)
	file.Metadata[formatKey] = FloatFormat
	for i, layer := range n.Layers {
		var err error
		file.Metadata[key(i, activationKey)] = nameOf(activations, layer.Activation)
		if file.Tensors[key(i, weightName)], err = safetensors.New([]int{layer.Rows, layer.Cols}, layer.Weight); err != nil {
			return fmt.Errorf("layer %d: weight: %w", i, err)
		}
		if file.Tensors[key(i, biasName)], err = safetensors.New([]int{layer.Rows}, layer.Bias); err != nil {
			return fmt.Errorf("layer %d: bias: %w", i, err)
		}
	}
	if err := safetensors.WriteFile(path, file); err != nil {
		return fmt.Errorf("save float network: %w", err)
	}
	return nil
}

// Forward returns the outputs of every layer for one input, whose length must be the first layer's columns. Products are rounded
// before they are added, so that processors with and without fused multiply-add compute the same bits.
func (n *FloatNetwork) Forward(input []float32) [][]float32 {
	outputs := make([][]float32, len(n.Layers))
	for i := range n.Layers {
		outputs[i] = n.Layers[i].forward(input)
		input = outputs[i]
	}
	return outputs
}

func (l *FloatLayer) forward(input []float32) []float32 {
	output := make([]float32, l.Rows)
	for r := range output {
		sum := l.Bias[r]
		for c, w := range l.Weight[r*l.Cols : (r+1)*l.Cols] {
			sum += float32(w * input[c])
		}
		if l.Activation == program.ACTIVATION_RELU {
			sum = max(sum, 0)
		}
		output[r] = sum
	}
	return output
}

// EvaluateFloat returns the accuracy of the float network in a file on uint8 images and uint8 labels, pixels scaled by the
// network's own input.scale.
func EvaluateFloat(path string, images, labels *npy.Array) (Score, error) {
	network, err := LoadFloat(path)
	if err != nil {
		return Score{}, err
	}
	scale, err := strconv.ParseFloat(network.Notes[inputScaleKey], 32)
	if err != nil {
		return Score{}, fmt.Errorf("%s: %w: metadata %q must be a number: %w", path, ErrNetwork, inputScaleKey, err)
	}
	rows, cols, err := flatten(images.Shape)
	if err != nil {
		return Score{}, err
	}
	if cols != network.Layers[0].Cols {
		return Score{}, fmt.Errorf("%w: shape %v gives %d values a row, the network takes %d", ErrInput, images.Shape, cols, network.Layers[0].Cols)
	}
	pixels, err := npy.Values[uint8](images)
	if err != nil {
		return Score{}, fmt.Errorf("images: %w", err)
	}
	var logits []float32
	input := make([]float32, cols)
	for r := range rows {
		for c := range input {
			input[c] = float32(pixels[r*cols+c]) * float32(scale)
		}
		outputs := network.Forward(input)
		logits = append(logits, outputs[len(outputs)-1]...)
	}
	return score(logits, rows, labels)
}
