package program

import (
	"bytes"
	"crypto/sha256"
	"fmt"
)

const (
	// MaxLayers bounds the layers of a model, as MaxSteps does the steps of the programs that run it.
	MaxLayers = MaxSteps
	// MaxModelWeights bounds the weights of a model: a circuit has every one of them as a constant, and whoever makes keys for it
	// or proves with them has them all in memory.
	MaxModelWeights = 1 << 20
	// MaxModelOutputs bounds the outputs of all layers of a model, each of which costs its circuit some ten constraints.
	MaxModelOutputs = 1 << 13
)

// modelDomain separates the hash of a model from every other one.
const modelDomain = "assay/model/v1"

// ModelOf is the model that a program is when its inputs have these roots, in the program's order: the first step reads the
// one plain input, every further step the output of the step before it. Programs that differ in names and in the rows of
// their input alone are of the same model. The error wraps ErrInvalid or ErrArgument.
func ModelOf(p Program, inputs [][]byte) (Model, error) {
	shapes, err := p.Shapes()
	if err != nil {
		return Model{}, err
	}
	if len(inputs) != len(p.Inputs) {
		return Model{}, fmt.Errorf("%w: %d roots, the program has %d inputs", ErrArgument, len(inputs), len(p.Inputs))
	}
	m := Model{Layers: make([]Layer, len(shapes))}
	for i, shape := range shapes {
		if shape.Input.Step != (i > 0) || (i > 0 && shape.Input.Index != i-1) {
			return Model{}, invalid("steps[%d].input is %q: in a model the first step reads the input and every other the step before it", i, p.Steps[i].Input)
		}
		step := p.Steps[i]
		m.Layers[i] = Layer{
			WeightRoot: inputs[shape.Weight], Rows: shape.N, Cols: shape.K,
			Shift: step.Shift, Activation: step.Activation, OutputType: step.OutputType,
		}
	}
	return m, m.Validate()
}

// Validate reports the first rule that the model breaks, naming the field and the limit; errors wrap ErrInvalid. Whether a root
// is canonical is for whoever knows the commitment to say.
func (m Model) Validate() error {
	if n := len(m.Layers); n < 1 || n > MaxLayers {
		return invalid("layers has %d layers, must have 1 to %d", n, MaxLayers)
	}
	var weights, outputs uint64
	for i := range m.Layers {
		if err := m.validateLayer(i); err != nil {
			return err
		}
		weights += uint64(m.Layers[i].Rows) * uint64(m.Layers[i].Cols)
		outputs += uint64(m.Layers[i].Rows)
	}
	if weights > MaxModelWeights {
		return invalid("layers have %d weights, must have at most %d", weights, MaxModelWeights)
	}
	if outputs > MaxModelOutputs {
		return invalid("layers have %d outputs, must have at most %d", outputs, MaxModelOutputs)
	}
	return nil
}

func (m Model) validateLayer(i int) error {
	layer, field := &m.Layers[i], place{"layers", i, ""}
	if len(layer.WeightRoot) != RootSize {
		return invalid("%s.weight_root has %d bytes, must have %d", field, len(layer.WeightRoot), RootSize)
	}
	if layer.Rows < 1 || layer.Rows > MaxCols {
		return invalid("%s.rows is %d, must be 1 to %d", field, layer.Rows, MaxCols)
	}
	if layer.Cols < 1 || layer.Cols > MaxInner {
		return invalid("%s.cols is %d, must be 1 to %d", field, layer.Cols, MaxInner)
	}
	if i > 0 && layer.Cols != m.Layers[i-1].Rows {
		return invalid("%s.cols is %d, must be the %d rows of the layer before", field, layer.Cols, m.Layers[i-1].Rows)
	}
	if i > 0 && m.Layers[i-1].OutputType != DATA_TYPE_INT8 {
		return invalid("layers[%d].output_type must be int8 (1), since a layer follows", i-1)
	}
	step := DenseStep{Shift: layer.Shift, Activation: layer.Activation, OutputType: layer.OutputType}
	if err := checkOutput(field, &step); err != nil {
		return err
	}
	if Folds(layer.OutputType, layer.Rows) != 1 {
		return invalid("%s.rows is %d, must be at most %d for int32 output: a row of a model is one leaf of its tree", field, layer.Rows, MaxCols32)
	}
	return nil
}

// Inputs are the columns of the model's input; the model must be valid.
func (m Model) Inputs() uint32 { return m.Layers[0].Cols }

// Outputs are the columns of the result; the model must be valid.
func (m Model) Outputs() uint32 { return m.Layers[len(m.Layers)-1].Rows }

// Hash identifies a valid model: SHA-256 of "assay/model/v1" and the length-prefixed canonical encoding.
func (m Model) Hash() ([sha256.Size]byte, error) {
	encoded, err := m.Encode()
	if err != nil {
		return [sha256.Size]byte{}, err
	}
	return sha256.Sum256(appendPrefixed([]byte(modelDomain), encoded)), nil
}

// Encode returns the canonical encoding of a valid model: what DecodeModel accepts and Hash covers.
func (m Model) Encode() ([]byte, error) {
	if err := m.Validate(); err != nil {
		return nil, err
	}
	return m.Marshal()
}

// DecodeModel parses and validates a model. It refuses more than MaxEncodedSize bytes, and every encoding but the canonical one.
func DecodeModel(encoded []byte) (Model, error) {
	if len(encoded) > MaxEncodedSize {
		return Model{}, fmt.Errorf("%w: %d bytes, must be at most %d", ErrEncoding, len(encoded), MaxEncodedSize)
	}
	var m Model
	if err := m.Unmarshal(encoded); err != nil {
		return Model{}, fmt.Errorf("%w: %w", ErrEncoding, err)
	}
	again, err := m.Encode()
	if err != nil {
		return Model{}, err
	}
	if !bytes.Equal(encoded, again) {
		return Model{}, fmt.Errorf("%w: the bytes differ from the model encoded again", ErrEncoding)
	}
	return m, nil
}
