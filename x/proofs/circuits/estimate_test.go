package circuits_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/proofs/circuits"
	"github.com/assaychain/assay/x/proofs/program"
)

// chain is a program of dense steps of these widths: int8 with relu, and a last one of int32.
func chain(last program.Activation, widths ...uint32) program.Program {
	p := program.Program{Version: program.Version, Inputs: []program.Tensor{
		{Name: "x", Kind: program.TENSOR_KIND_PLAIN, Type: program.DATA_TYPE_INT8, Rows: 1, Cols: widths[0]},
	}}
	input := "x"
	for i, n := range widths[1:] {
		step := program.DenseStep{
			Input: input, Weight: fmt.Sprintf("w%d", i), Output: fmt.Sprintf("y%d", i),
			Shift: 30, Activation: program.ACTIVATION_RELU, OutputType: program.DATA_TYPE_INT8,
		}
		if i == len(widths)-2 {
			step.Shift, step.Activation, step.OutputType = 0, last, program.DATA_TYPE_INT32
		}
		p.Inputs = append(p.Inputs, program.Tensor{
			Name: step.Weight, Kind: program.TENSOR_KIND_WEIGHT, Type: program.DATA_TYPE_INT8, Rows: n, Cols: widths[i],
		})
		p.Steps, input = append(p.Steps, step), step.Output
	}
	return p
}

// TestModelConstraintsAreEstimated compares with sums made by hand; package model compares with compiled circuits.
func TestModelConstraintsAreEstimated(t *testing.T) {
	const fixed = 258 + 16
	for _, c := range []struct {
		program program.Program
		want    uint64
	}{
		{chain(program.ACTIVATION_IDENTITY, 784, 128, 10), fixed + 784 + 18*555 + 3*64 + 128*16},
		{chain(program.ACTIVATION_RELU, 8, 4, 2), fixed + 8 + 16*555 + 3*64 + 4*16 + 2*12},
		{chain(program.ACTIVATION_IDENTITY, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8), fixed + 8 + (10*5+2)*555 + 10*64 + 8*8*16},
	} {
		got, err := circuits.ModelConstraints(c.program)
		require.NoError(t, err)
		require.Equal(t, c.want, got)
	}
	got, err := circuits.ModelConstraints(chain(program.ACTIVATION_IDENTITY, 784, 128, 10))
	require.NoError(t, err)
	require.InEpsilon(t, 13_540, got, 0.25, "what the demonstration's network compiles to, by BENCHMARKS.md")
	_, err = circuits.ModelConstraints(program.Program{})
	require.ErrorIs(t, err, program.ErrInvalid)
}
