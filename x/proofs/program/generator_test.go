package program_test

import (
	"fmt"

	"pgregory.net/rapid"

	"github.com/assaychain/assay/x/proofs/program"
)

// mlp is a two-step network: 64×256 images, 128 hidden units, 10 int32 logits.
func mlp() program.Program {
	return program.Program{
		Version: program.Version,
		Inputs: []program.Tensor{
			{Name: "images", Kind: program.TENSOR_KIND_PLAIN, Type: program.DATA_TYPE_INT8, Rows: 64, Cols: 256},
			{Name: "w1", Kind: program.TENSOR_KIND_WEIGHT, Type: program.DATA_TYPE_INT8, Rows: 128, Cols: 256},
			{Name: "w2", Kind: program.TENSOR_KIND_WEIGHT, Type: program.DATA_TYPE_INT8, Rows: 10, Cols: 128},
		},
		Steps: []program.DenseStep{
			{Input: "images", Weight: "w1", Output: "hidden", Shift: 24, Activation: program.ACTIVATION_RELU, OutputType: program.DATA_TYPE_INT8},
			{Input: "hidden", Weight: "w2", Output: "logits", Activation: program.ACTIVATION_IDENTITY, OutputType: program.DATA_TYPE_INT32},
		},
	}
}

// drawProgram draws a valid program: a chain of dense steps of random widths, whose last step may be int32.
func drawProgram(t *rapid.T) program.Program {
	steps := rapid.IntRange(1, program.MaxSteps).Draw(t, "steps")
	rows := rapid.Uint32Range(1, 300).Draw(t, "rows")
	width := rapid.Uint32Range(1, program.MaxInner)
	cols := width.Draw(t, "cols")
	p := program.Program{Version: program.Version, Inputs: []program.Tensor{
		{Name: "x", Kind: program.TENSOR_KIND_PLAIN, Type: program.DATA_TYPE_INT8, Rows: rows, Cols: cols},
	}}
	previous := "x"
	for i := range steps {
		next, name := width.Draw(t, "width"), fmt.Sprintf("w%d", i)
		last := i == steps-1 && rapid.Bool().Draw(t, "int32")
		if last {
			next = min(next, program.MaxCols32)
		}
		p.Inputs = append(p.Inputs, program.Tensor{
			Name: name, Kind: program.TENSOR_KIND_WEIGHT, Type: program.DATA_TYPE_INT8, Rows: next, Cols: cols,
		})
		step := program.DenseStep{
			Input: previous, Weight: name, Output: fmt.Sprintf("y%d", i),
			Shift:      rapid.Uint32Range(1, program.MaxShift).Draw(t, "shift"),
			Activation: rapid.SampledFrom([]program.Activation{program.ACTIVATION_IDENTITY, program.ACTIVATION_RELU}).Draw(t, "activation"),
			OutputType: program.DATA_TYPE_INT8,
		}
		if last {
			step.Shift, step.OutputType = 0, program.DATA_TYPE_INT32
		}
		p.Steps = append(p.Steps, step)
		previous, cols = step.Output, next
	}
	return p
}
