package program_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/proofs/program"
)

func TestDisputeSeedsDiffer(t *testing.T) {
	seed := [32]byte{1, 2, 3}
	seen := map[[32]byte]bool{seed: true}
	for number := uint32(1); number <= 64; number++ {
		drawn := program.DisputeSeed(seed, number)
		require.False(t, seen[drawn], "dispute %d", number)
		seen[drawn] = true
	}
	other := seed
	other[31] = 1
	require.NotEqual(t, program.DisputeSeed(seed, 1), program.DisputeSeed(other, 1))
}

func TestCheckPosition(t *testing.T) {
	p := program.Program{
		Version: program.Version,
		Inputs: []program.Tensor{
			{Name: "x", Kind: program.TENSOR_KIND_PLAIN, Type: program.DATA_TYPE_INT8, Rows: 2, Cols: 4},
			{Name: "w", Kind: program.TENSOR_KIND_WEIGHT, Type: program.DATA_TYPE_INT8, Rows: 3, Cols: 4},
		},
		Steps: []program.DenseStep{{
			Input: "x", Weight: "w", Output: "y", OutputType: program.DATA_TYPE_INT32, Activation: program.ACTIVATION_IDENTITY,
		}},
	}
	require.NoError(t, program.CheckPosition(p, program.Position{Row: 1, Col: 2}))
	for at, message := range map[program.Position]string{
		{Step: 1}:                "step is 1: the program has 1",
		{Row: 2}:                 "row is 2: the output of step 0 has 2",
		{Col: 3}:                 "col is 3: the output of step 0 has 3",
		{Step: 1 << 31}:          "step is",
		{Row: 1<<32 - 1}:         "row is",
		{Row: 1, Col: 1<<32 - 1}: "col is",
	} {
		err := program.CheckPosition(p, at)
		require.ErrorIs(t, err, program.ErrArgument)
		require.ErrorContains(t, err, message)
	}
	p.Steps[0].Weight = "nothing"
	require.Error(t, program.CheckPosition(p, program.Position{}))
}
