package model_test

import (
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/proofs/circuits/model"
	"github.com/assaychain/assay/x/proofs/circuits/model/modeltest"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// TestAgreesWithTheInterpreter solves rows of random networks whose outputs the interpreter computed and whose commitments
// package tensor made, and wants every output next to a right one to be refused.
func TestAgreesWithTheInterpreter(t *testing.T) {
	rows := 0
	for seed := range uint64(*networks) {
		c := compile(t, randomSpec(seed))
		require.Equal(t, 2, c.system.GetNbPublicVariables(), "the constant and the digest")
		m := c.Inputs[0].Rows
		for _, row := range []uint32{0, m / 2, m - 1} {
			require.NoError(t, c.solve(c.assign(t, row)), "network %d row %d", seed, row)
			rows++
		}
		c.requireWrongOutputsRefused(t, uint32(seed)%m)
	}
	require.Positive(t, rows)
	t.Logf("%d networks, %d rows", *networks, rows)
}

// requireWrongOutputsRefused commits to one wrong entry in each layer's output.
func (c compiled) requireWrongOutputsRefused(t *testing.T, row uint32) {
	t.Helper()
	for layer, honest := range c.Outputs {
		wrong := *honest
		col := row % wrong.Cols
		if wrong.Type == program.DATA_TYPE_INT32 {
			wrong.Int32 = append([]int32{}, wrong.Int32...)
			wrong.Int32[row*wrong.Cols+col] ^= 1
		} else {
			wrong.Int8 = append([]int8{}, wrong.Int8...)
			wrong.Int8[row*wrong.Cols+col] ^= 1
		}
		c.Outputs[layer] = &wrong
		require.NoError(t, c.Commit())
		s, o, err := c.At(row)
		require.NoError(t, err)
		require.ErrorIs(t, c.Network.Check(s, o), model.ErrOpenings)
		assignment, err := c.Network.Assign(s, o)
		require.NoError(t, err)
		require.Error(t, c.solve(assignment), "layer %d", layer)
		if len(assignment.Layers[layer].Channels[col].Value) > 0 {
			// The witness says what the commitment does, and explains it as clamped.
			explain(&assignment.Layers[layer].Channels[col], c, layer, row)
			require.Error(t, c.solve(assignment), "layer %d, clamped", layer)
		}
		c.Outputs[layer] = honest
		require.NoError(t, c.Commit())
	}
}

// explain sets the witness's value to the committed one and moves the difference into the clamp.
func explain(channel *model.Channel, c compiled, layer int, row uint32) {
	out := c.Outputs[layer]
	col := row % out.Cols
	step := c.Program.Steps[layer]
	low := int64(0)
	value := int64(0)
	if out.Type == program.DATA_TYPE_INT32 {
		value = int64(out.Int32[row*out.Cols+col])
	} else {
		value = int64(out.Int8[row*out.Cols+col])
	}
	if step.Activation == program.ACTIVATION_IDENTITY {
		low = -128
	}
	before := read(channel.Value)
	set(channel.Value, big.NewInt(value-low))
	delta := new(big.Int).Sub(big.NewInt(value-low), before)
	if delta.Sign() > 0 && len(channel.Under) > 0 {
		set(channel.Under, new(big.Int).Add(read(channel.Under), delta))
	} else if len(channel.Over) > 0 {
		set(channel.Over, new(big.Int).Sub(read(channel.Over), delta))
	}
}

// TestEveryShiftAndClamp solves a single wide layer at every shift, with extreme weights.
func TestEveryShiftAndClamp(t *testing.T) {
	clamped, total := 0, 0
	for shift := uint32(1); shift <= program.MaxShift; shift += max(1, program.MaxShift/uint32(*networks)) {
		c := compile(t, modeltest.Spec{Seed: uint64(shift), Rows: 6, Inputs: 20, Extreme: true, Layers: []modeltest.Layer{
			{Outputs: 12, Shift: shift, Activation: program.Activation(1 + shift%2), OutputType: program.DATA_TYPE_INT8},
		}})
		require.NoError(t, c.solve(c.assign(t, shift%6)), "shift %d", shift)
		for _, v := range c.Outputs[0].Int8 {
			total++
			if v == 127 || v == -128 {
				clamped++
			}
		}
	}
	t.Logf("%d outputs, %d clamped", total, clamped)
	require.Greater(t, clamped, total/20)
	require.Less(t, clamped, total*19/20)
}

// TestCompilationIsDeterministic wants one checksum from one network and another from any other: a bias is enough.
func TestCompilationIsDeterministic(t *testing.T) {
	c := compileTiny(t)
	first, err := model.Checksum(c.system)
	require.NoError(t, err)
	described, _, err := model.Describe(compile(t, modeltest.Tiny(9)).Network)
	require.NoError(t, err)
	require.Equal(t, described.SHA256, hexOf(first), "the number of rows is not the model's")
	require.Equal(t, "90957571ea551981bde11130c59735f86397229085ea9d31f298ec0acbdcec05", described.SHA256, "keys made for the old circuit are void")

	other := *c.Inputs[1]
	other.Bias = append([]int32{}, other.Bias...)
	other.Bias[2]++
	network, err := model.NewNetwork(c.Program, []*tensor.Tensor{nil, &other, c.Inputs[2]})
	require.NoError(t, err)
	changed, _, err := model.Describe(network)
	require.NoError(t, err)
	require.NotEqual(t, described.SHA256, changed.SHA256)
	require.NotEqual(t, described.ID, changed.ID)
}

// TestWeightsOfZero: a layer that ignores its inputs is a constant of the circuit.
func TestWeightsOfZero(t *testing.T) {
	c := compileTiny(t)
	blank := *c.Inputs[1]
	blank.Int8 = make([]int8, len(blank.Int8))
	run, err := modeltest.Of(c.Program, []*tensor.Tensor{c.Inputs[0], &blank, c.Inputs[2]})
	require.NoError(t, err)
	system, err := model.Compile(run.Network)
	require.NoError(t, err)
	constant := compiled{run, system}
	require.NoError(t, constant.solve(constant.assign(t, 11)))
	constant.requireWrongOutputsRefused(t, 11)
}

func TestNetworksAreRefused(t *testing.T) {
	c := compileTiny(t)
	_, err := model.NewNetwork(c.Program, c.Inputs[:2])
	require.ErrorIs(t, err, model.ErrNetwork)
	_, err = model.NewNetwork(c.Program, []*tensor.Tensor{nil, c.Inputs[2], c.Inputs[1]})
	require.ErrorContains(t, err, "weight tensor")
	_, err = model.NewNetwork(program.Program{}, nil)
	require.ErrorIs(t, err, model.ErrNetwork)
	forked := c.Program
	forked.Steps = append([]program.DenseStep{}, c.Program.Steps...)
	forked.Steps = append(forked.Steps, program.DenseStep{
		Input: "x", Weight: "w0", Output: "z", Shift: 3, Activation: program.ACTIVATION_RELU, OutputType: program.DATA_TYPE_INT8,
	})
	_, err = model.NewNetwork(forked, c.Inputs)
	require.ErrorContains(t, err, "the step before it")

	s, o, err := c.At(1)
	require.NoError(t, err)
	o.X = o.X[1:]
	_, err = c.Network.Assign(s, o)
	require.ErrorIs(t, err, model.ErrOpenings)
	_, err = c.Network.Witness(s, o)
	require.ErrorIs(t, err, model.ErrOpenings)
}
