package full_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/proofs/full"
)

// TestComplete proves products of many shapes.
func TestComplete(t *testing.T) {
	f := load(t, 0)
	for _, s := range []full.Shape{
		{1, 1, 1}, {1, 1, 2}, {1, 2, 1}, {2, 1, 1}, {2, 2, 2}, {3, 5, 7}, {1, 64, 1}, {64, 1, 1}, {1, 1, 64}, {17, 4, 33}, {5, 100, 3}, {64, 64, 64},
	} {
		c := f.prove(t, draw(fmt.Sprint(s), s.N, s.K, s.M))
		require.Len(t, c.Proof, full.ProofSize(s), s)
		require.NoError(t, f.verify(c), s)
	}
}
