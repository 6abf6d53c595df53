package model

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/assaychain/assay/offchain-worker/formats/safetensors"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// Format is the value of the metadata key "format" of a quantised network.
const Format = "assay-dense-v1"

// MaxFileSize is the largest network file read, in bytes: 16 layers of 4096 × 4096 weights with their trailers, and the header.
const MaxFileSize = program.MaxSteps*(program.MaxCols*program.MaxInner+8*program.MaxCols) + safetensors.MaxHeaderLength + 8

// formatKey is the metadata key that names the format.
const formatKey = "format"

// The names of a layer's tensors and metadata, after "layers.<i>.".
const (
	weightName     = "weight"
	biasName       = "bias"
	multiplierName = "multiplier"
	shiftKey       = "shift"
	activationKey  = "activation"
	outputKey      = "output"
)

var activations = map[string]program.Activation{
	"identity": program.ACTIVATION_IDENTITY,
	"relu":     program.ACTIVATION_RELU,
}

var outputs = map[string]program.DataType{
	"int8":  program.DATA_TYPE_INT8,
	"int32": program.DATA_TYPE_INT32,
}

// Load reads a quantised network from a safetensors file.
func Load(path string) (*Network, error) {
	file, err := safetensors.ReadFile(path, MaxFileSize)
	if err != nil {
		return nil, fmt.Errorf("load network: %w", err)
	}
	network, err := FromFile(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return network, nil
}

// FromFile takes a quantised network from the contents of a safetensors file.
func FromFile(file *safetensors.File) (*Network, error) {
	if format := file.Metadata[formatKey]; format != Format {
		return nil, fmt.Errorf("%w: metadata %q is %q, must be %q; a network of floats must be quantised to int8 first", ErrNetwork, formatKey, clip(format), Format)
	}
	reader := &layerReader{file: file, used: map[string]bool{}, known: map[string]bool{formatKey: true}}
	network := &Network{}
	for i := 0; i == 0 || reader.has(i); i++ {
		if i == program.MaxSteps {
			return nil, fmt.Errorf("%w: more than %d layers", ErrNetwork, program.MaxSteps)
		}
		layer, err := reader.layer(i)
		if err != nil {
			return nil, err
		}
		network.Layers = append(network.Layers, layer)
	}
	notes, err := reader.rest()
	if err != nil {
		return nil, err
	}
	network.Notes = notes
	return network, network.Validate()
}

// layerReader takes layers from a file and remembers what it took.
type layerReader struct {
	file *safetensors.File
	// used holds the names of the tensors read, known the metadata keys.
	used, known map[string]bool
}

// has tells whether the file has any tensor of layer i.
func (r *layerReader) has(i int) bool {
	for _, name := range []string{weightName, biasName, multiplierName} {
		if r.file.Tensors[key(i, name)] != nil {
			return true
		}
	}
	return false
}

func (r *layerReader) layer(i int) (Layer, error) {
	var layer Layer
	weight, err := r.weight(i)
	if err != nil {
		return layer, err
	}
	layer.Weight = weight
	if layer.Activation, err = choice(r, key(i, activationKey), activations, "identity or relu"); err != nil {
		return layer, err
	}
	if layer.Output, err = choice(r, key(i, outputKey), outputs, "int8 or int32"); err != nil {
		return layer, err
	}
	layer.Shift, err = r.shift(i)
	return layer, err
}

// weight reads the three tensors of a layer and checks that their lengths agree.
func (r *layerReader) weight(i int) (*tensor.Tensor, error) {
	raw, err := r.tensor(key(i, weightName), 2, safetensors.I8)
	if err != nil {
		return nil, err
	}
	rows, cols := raw.Shape[0], raw.Shape[1]
	if rows < 1 || rows > program.MaxCols || cols < 1 || cols > program.MaxInner {
		return nil, fmt.Errorf("%w: %s has shape [%d, %d]; the rows must be 1 to %d and the columns (inner dimension K) 1 to %d", ErrNetwork, key(i, weightName), rows, cols, program.MaxCols, program.MaxInner)
	}
	var parts tensor.Weights
	if parts.Values, err = safetensors.Values[int8](raw); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrNetwork, key(i, weightName), err)
	}
	if parts.Bias, err = channels[int32](r, key(i, biasName), rows, safetensors.I32); err != nil {
		return nil, err
	}
	if parts.Multiplier, err = r.multipliers(i, rows); err != nil {
		return nil, err
	}
	weight, err := tensor.NewWeight(uint32(rows), uint32(cols), parts)
	if err != nil {
		return nil, fmt.Errorf("%w: layers.%d: %w", ErrNetwork, i, err)
	}
	return weight, nil
}

// multipliers reads them as U32, or as I32, which more tools can write.
func (r *layerReader) multipliers(i, rows int) ([]uint32, error) {
	name := key(i, multiplierName)
	if found := r.file.Tensors[name]; found == nil || found.DType != safetensors.I32 {
		return channels[uint32](r, name, rows, safetensors.U32)
	}
	signed, err := channels[int32](r, name, rows, safetensors.I32)
	if err != nil {
		return nil, err
	}
	values := make([]uint32, len(signed))
	for c, v := range signed {
		if v < 1 {
			return nil, fmt.Errorf("%w: %s[%d] is %d, must be 1 to 2^31-1", ErrNetwork, name, c, v)
		}
		values[c] = uint32(v)
	}
	return values, nil
}

// channels reads a tensor with one value for each of a layer's output channels.
func channels[T safetensors.Number](r *layerReader, name string, rows int, dtype safetensors.DType) ([]T, error) {
	raw, err := r.tensor(name, 1, dtype)
	if err != nil {
		return nil, err
	}
	if raw.Shape[0] != rows {
		return nil, fmt.Errorf("%w: %s has %d values, must have %d, one for each row of the weight", ErrNetwork, name, raw.Shape[0], rows)
	}
	values, err := safetensors.Values[T](raw)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrNetwork, name, err)
	}
	return values, nil
}

// tensor takes a tensor that must exist, with this type and this many dimensions.
func (r *layerReader) tensor(name string, dims int, dtype safetensors.DType) (*safetensors.Tensor, error) {
	found := r.file.Tensors[name]
	if found == nil {
		return nil, fmt.Errorf("%w: tensor %s is missing", ErrNetwork, name)
	}
	r.used[name] = true
	if found.DType != dtype {
		return nil, fmt.Errorf("%w: %s is %s, must be %s; quantise the network first", ErrNetwork, name, found.DType, dtype)
	}
	if len(found.Shape) != dims {
		return nil, fmt.Errorf("%w: %s has shape %v, must have %d dimensions", ErrNetwork, name, found.Shape, dims)
	}
	return found, nil
}

func (r *layerReader) metadata(name string) (string, error) {
	value, found := r.file.Metadata[name]
	if !found {
		return "", fmt.Errorf("%w: metadata %q is missing", ErrNetwork, name)
	}
	r.known[name] = true
	return value, nil
}

func choice[T any](r *layerReader, name string, choices map[string]T, allowed string) (T, error) {
	text, err := r.metadata(name)
	if err != nil {
		var none T
		return none, err
	}
	value, found := choices[text]
	if !found {
		return value, fmt.Errorf("%w: metadata %q is %q, must be %s", ErrNetwork, name, clip(text), allowed)
	}
	return value, nil
}

func (r *layerReader) shift(i int) (uint32, error) {
	name := key(i, shiftKey)
	text, err := r.metadata(name)
	if err != nil {
		return 0, err
	}
	shift, err := strconv.ParseUint(text, 10, 32)
	if err != nil || shift > program.MaxShift {
		return 0, fmt.Errorf("%w: metadata %q is %q, must be 1 to %d for int8 output and 0 for int32", ErrNetwork, name, clip(text), program.MaxShift)
	}
	return uint32(shift), nil
}

// rest refuses tensors and layer metadata that no layer took, and returns the other metadata.
func (r *layerReader) rest() (map[string]string, error) {
	for _, name := range r.file.Names() {
		if !r.used[name] {
			return nil, fmt.Errorf("%w: tensor %q belongs to no layer; layers are numbered from 0 without a gap", ErrNetwork, clip(name))
		}
	}
	notes := map[string]string{}
	for name, value := range r.file.Metadata {
		if r.known[name] {
			continue
		}
		if strings.HasPrefix(name, "layers.") {
			return nil, fmt.Errorf("%w: metadata %q belongs to no layer", ErrNetwork, clip(name))
		}
		notes[name] = value
	}
	return notes, nil
}

// key names a tensor or a metadata string of layer i.
func key(i int, name string) string { return fmt.Sprintf("layers.%d.%s", i, name) }

// clip bounds what an error message quotes from a file.
func clip(text string) string {
	if len(text) <= 64 {
		return text
	}
	return text[:64] + "..."
}
