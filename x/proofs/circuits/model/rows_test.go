package model_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/proofs/circuits/model/modeltest"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/statement"
)

// TestRowsOfTheTallestInput solves rows around where a level of the tree ends, of an input of as many rows as a tensor may have, and claims
// the last of them, by an honest digest, with each bit of its number changed.
func TestRowsOfTheTallestInput(t *testing.T) {
	c := compile(t, modeltest.Tiny(program.MaxDimension))
	for _, row := range []uint32{0, 255, 256, 4095, 4096, program.MaxDimension - 1} {
		require.NoError(t, c.solve(c.assign(t, row)), "row %d", row)
	}
	s, o, err := c.At(program.MaxDimension - 1)
	require.NoError(t, err)
	public, err := s.Public()
	require.NoError(t, err)
	assignment, err := c.Network.Assign(s, o)
	require.NoError(t, err)
	for bit := range statement.RowBits {
		changed := *public
		changed.Row ^= 1 << bit
		assignment.Digest = changed.Digest()
		for i := range assignment.Row {
			assignment.Row[i] = changed.Row >> i & 1
		}
		require.Error(t, c.solve(assignment), "bit %d", bit)
	}
}
