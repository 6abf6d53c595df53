package certificate_test

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/offchain-worker/certificate"
	"github.com/assaychain/assay/offchain-worker/certificate/certificatetest"
	markettypes "github.com/assaychain/assay/x/market/types"
)

// A certificate at the level full says that every entry is proven, under the KZG key that the genesis names; no byte of a proof
// may change, and the result is held against its commitment.
func TestFullCertificate(t *testing.T) {
	node := certificatetest.NewAt(t, markettypes.ASSURANCE_FULL)
	c, err := certificate.Collect(context.Background(), node, node.JobID)
	require.NoError(t, err)
	require.Len(t, c.Circuits, 1)
	require.Len(t, c.Proofs, 2)
	trust, err := certificate.FromGenesis(node.Genesis)
	require.NoError(t, err)
	encoded, err := c.Encode()
	require.NoError(t, err)
	require.NoError(t, check(encoded, trust))
	report, err := certificate.Verify(c, trust)
	require.NoError(t, err)
	report.CheckResult(t.Context(), certificatetest.FullSystem(t), node.Result)
	require.True(t, report.OK(), "%v", report.Err())
	require.True(t, slices.ContainsFunc(report.Checks, func(one certificate.Check) bool {
		return one.Detail == "2 of 2 valid, assurance full: every entry of every step is proven"
	}), "%+v", report.Checks)
	wrong := *node.Result
	wrong.Int32 = slices.Clone(wrong.Int32)
	wrong.Int32[0]++
	report.CheckResult(t.Context(), certificatetest.FullSystem(t), &wrong)
	require.False(t, report.OK())

	for i, proof := range c.Proofs {
		for at := 0; at < len(proof); at += 149 {
			proof[at] ^= 4
			report, err := certificate.Verify(c, trust)
			require.NoError(t, err)
			require.False(t, report.OK(), "proof %d, byte %d", i, at)
			proof[at] ^= 4
		}
	}
	c.Proofs[0], c.Proofs[1] = c.Proofs[1], c.Proofs[0]
	report, err = certificate.Verify(c, trust)
	require.NoError(t, err)
	require.False(t, report.OK(), "swapped")
}
