package model

import (
	"fmt"
	"math"
	"strconv"

	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// Calibration says how the quantised network will be fed, and on what to measure the ranges of its activations.
type Calibration struct {
	// InputScale is the real number that an input step of 1 stands for; an input value of 0 stands for 0.
	InputScale float64
	// Inputs holds the calibration inputs, row major, as many columns as the network takes. They must not be test data.
	Inputs []int8
}

// int8Max bounds quantised weights and activations symmetrically: -127 to 127.
const int8Max = 127

// Quantise makes the integer network that approximates a float network whose hidden layers all end in ReLU.
//
// Hidden layers get int8 weights scaled by the largest weight of each output channel, int32 biases in units of input scale times
// weight scale, and int8 outputs in units of 1/127 of the largest activation seen in calibration; the ratio of those units is the
// channel's fixed-point multiplier, of up to 31 bits under one shift a layer. The last layer gets one weight scale for all
// channels and int32 output, so that its logits compare as they are. A bias that would not fit in its weights' unit raises that
// unit: beside such a bias the weights are too small to matter that precisely.
func Quantise(float *FloatNetwork, calibration Calibration) (*Network, error) {
	ranges, err := activationRanges(float, calibration)
	if err != nil {
		return nil, err
	}
	network := &Network{Notes: map[string]string{"input.scale": formatScale(calibration.InputScale), "input.zero": "0"}}
	scale := calibration.InputScale
	last := len(float.Layers) - 1
	for i := range float.Layers {
		q := layerQuantiser{layer: &float.Layers[i], inputScale: scale}
		if i < last {
			q.outputScale = ranges[i] / int8Max
		}
		layer, err := q.quantise()
		if err != nil {
			return nil, fmt.Errorf("layer %d: %w", i, err)
		}
		network.Layers = append(network.Layers, layer)
		if scale = q.outputScale; i == last {
			network.Notes["output.scale"] = formatScale(q.inputScale * q.largest())
		}
	}
	return network, network.Validate()
}

// activationRanges returns the largest output of every hidden layer over the calibration inputs.
func activationRanges(float *FloatNetwork, calibration Calibration) ([]float64, error) {
	if len(float.Layers) == 0 || calibration.InputScale <= 0 {
		return nil, fmt.Errorf("%w: quantising needs at least one layer and a positive input scale", ErrNetwork)
	}
	cols := float.Layers[0].Cols
	if len(calibration.Inputs) == 0 || len(calibration.Inputs)%cols != 0 {
		return nil, fmt.Errorf("%w: %d calibration values are not whole rows of %d", ErrInput, len(calibration.Inputs), cols)
	}
	hidden := len(float.Layers) - 1
	ranges := make([]float64, hidden)
	input := make([]float32, cols)
	for start := 0; start < len(calibration.Inputs); start += cols {
		for c := range input {
			input[c] = float32(calibration.Inputs[start+c]) * float32(calibration.InputScale)
		}
		for i, output := range float.Forward(input)[:hidden] {
			for _, v := range output {
				ranges[i] = max(ranges[i], float64(v))
			}
		}
	}
	for i, largest := range ranges {
		if float.Layers[i].Activation != program.ACTIVATION_RELU || largest <= 0 || math.IsInf(largest, 0) {
			return nil, fmt.Errorf("%w: hidden layer %d must end in ReLU and have a finite, positive activation on the calibration inputs", ErrNetwork, i)
		}
	}
	return ranges, nil
}

// layerQuantiser quantises one layer. Scales are the real numbers that an integer step of 1 stands for; an outputScale of 0 asks
// for int32 output.
type layerQuantiser struct {
	layer                   *FloatLayer
	inputScale, outputScale float64
}

func (q *layerQuantiser) quantise() (Layer, error) {
	result := Layer{Activation: q.layer.Activation, Output: program.DATA_TYPE_INT32}
	parts := tensor.Weights{Multiplier: make([]uint32, q.layer.Rows)}
	if q.outputScale > 0 {
		result.Output = program.DATA_TYPE_INT8
		result.Shift = q.shift()
	}
	for r := range q.layer.Rows {
		scale := q.weightScale(r)
		for _, w := range q.row(r) {
			parts.Values = append(parts.Values, int8(math.Round(float64(w)/scale)))
		}
		bias := math.Round(float64(q.layer.Bias[r]) / (q.inputScale * scale))
		if !(math.Abs(bias) < program.MaxBias) {
			return Layer{}, fmt.Errorf("%w: bias of channel %d is not a finite number", ErrNetwork, r)
		}
		parts.Bias = append(parts.Bias, int32(bias))
		multiplier := 1.0
		if q.outputScale > 0 {
			multiplier = max(1, math.Round(math.Ldexp(q.ratio(r), int(result.Shift))))
		}
		if multiplier >= program.MaxMultiplier {
			return Layer{}, fmt.Errorf("%w: activations of channel %d are too small for its weights", ErrNetwork, r)
		}
		parts.Multiplier[r] = uint32(multiplier)
	}
	weight, err := tensor.NewWeight(uint32(q.layer.Rows), uint32(q.layer.Cols), parts)
	result.Weight = weight
	return result, err
}

// shift returns the largest shift under which every channel's multiplier stays below 2^31.
func (q *layerQuantiser) shift() uint32 {
	largest := 0.0
	for r := range q.layer.Rows {
		largest = max(largest, q.ratio(r))
	}
	shift := uint32(program.MaxShift)
	for shift > 1 && math.Round(math.Ldexp(largest, int(shift))) >= program.MaxMultiplier {
		shift--
	}
	return shift
}

// ratio is how many output steps an accumulator step of channel r is worth.
func (q *layerQuantiser) ratio(r int) float64 {
	return q.inputScale * q.weightScale(r) / q.outputScale
}

// weightScale is the channel's own with int8 output, and the layer's with int32 output or if the channel's weights are all 0.
func (q *layerQuantiser) weightScale(r int) float64 {
	if own := maxAbs(q.row(r)); q.outputScale > 0 && own > 0 {
		return max(own/int8Max, q.biasScale(q.layer.Bias[r:r+1]))
	}
	return q.largest()
}

// largest is the weight scale of the whole layer.
func (q *layerQuantiser) largest() float64 {
	if scale := max(maxAbs(q.layer.Weight)/int8Max, q.biasScale(q.layer.Bias)); scale > 0 {
		return scale
	}
	return 1
}

// biasScale is the least weight scale under which the biases fit in their int32.
func (q *layerQuantiser) biasScale(biases []float32) float64 {
	return maxAbs(biases) / (q.inputScale * (program.MaxBias - 1))
}

func (q *layerQuantiser) row(r int) []float32 {
	return q.layer.Weight[r*q.layer.Cols : (r+1)*q.layer.Cols]
}

func maxAbs(values []float32) float64 {
	largest := 0.0
	for _, v := range values {
		largest = max(largest, math.Abs(float64(v)))
	}
	return largest
}

func formatScale(scale float64) string { return strconv.FormatFloat(scale, 'g', -1, 64) }
