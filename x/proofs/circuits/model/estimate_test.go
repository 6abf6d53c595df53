package model_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/proofs/circuits"
	"github.com/assaychain/assay/x/proofs/circuits/model/modeltest"
	"github.com/assaychain/assay/x/proofs/program"
)

// TestConstraintsAreEstimated compares what prices follow from with what networks compile to: random ones, one whose openings are
// most of it and one whose outputs are.
func TestConstraintsAreEstimated(t *testing.T) {
	relu, identity := program.ACTIVATION_RELU, program.ACTIVATION_IDENTITY
	specs := []modeltest.Spec{
		{Seed: 1, Rows: 1, Inputs: 784, Layers: []modeltest.Layer{
			{Outputs: 128, Shift: 9, Activation: relu, OutputType: program.DATA_TYPE_INT8},
			{Outputs: 10, Activation: identity, OutputType: program.DATA_TYPE_INT32},
		}},
		{Seed: 2, Rows: 1, Inputs: 16, Layers: []modeltest.Layer{
			{Outputs: 2000, Shift: 9, Activation: identity, OutputType: program.DATA_TYPE_INT8},
			{Outputs: 10, Activation: relu, OutputType: program.DATA_TYPE_INT32},
		}},
		modeltest.Tiny(1),
	}
	for seed := range uint64(*networks) {
		specs = append(specs, randomSpec(seed))
	}
	for i, spec := range specs {
		c := compile(t, spec)
		estimate, err := circuits.ModelConstraints(c.Program)
		require.NoError(t, err)
		compiled := c.system.GetNbConstraints()
		t.Logf("network %d: %d constraints, estimated %d", i, compiled, estimate)
		require.InEpsilon(t, compiled, estimate, 0.25, "network %d", i)
	}
}
