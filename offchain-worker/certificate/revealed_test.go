package certificate_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/offchain-worker/blob"
	"github.com/assaychain/assay/offchain-worker/certificate"
	"github.com/assaychain/assay/offchain-worker/certificate/certificatetest"
	markettypes "github.com/assaychain/assay/x/market/types"
)

// A certificate in the clear verifies without any key, and no byte of an opening may change.
func TestRevealedCertificate(t *testing.T) {
	node := certificatetest.NewAt(t, markettypes.ASSURANCE_REVEALED)
	c, err := certificate.Collect(context.Background(), node, node.JobID)
	require.NoError(t, err)
	require.Empty(t, c.Circuits)
	trust, err := certificate.FromGenesis(node.Genesis)
	require.NoError(t, err)
	encoded, err := c.Encode()
	require.NoError(t, err)
	require.NoError(t, check(encoded, trust))
	report, err := certificate.Verify(c, trust)
	require.NoError(t, err)
	report.CheckResult(t.Context(), blob.Merkle{}, node.Result)
	require.True(t, report.OK(), "%v", report.Err())

	for i, proof := range c.Proofs {
		for at := 0; at < len(proof); at += 97 {
			proof[at] ^= 4
			report, err := certificate.Verify(c, trust)
			require.NoError(t, err)
			require.False(t, report.OK(), "proof %d, byte %d", i, at)
			proof[at] ^= 4
		}
	}
	c.Proofs[0], c.Proofs[2] = c.Proofs[2], c.Proofs[0]
	report, err = certificate.Verify(c, trust)
	require.NoError(t, err)
	require.False(t, report.OK(), "swapped")
}

// The list of circuits has one encoding: none is an empty list, never null.
func TestNoCircuitsHaveOneEncoding(t *testing.T) {
	node := certificatetest.NewAt(t, markettypes.ASSURANCE_REVEALED)
	c, err := certificate.Collect(context.Background(), node, node.JobID)
	require.NoError(t, err)
	c.Circuits = nil
	encoded, err := c.Encode()
	require.NoError(t, err)
	_, err = certificate.Decode(encoded)
	require.ErrorIs(t, err, certificate.ErrFormat)
}

// Openings in the clear do not pass for proofs, nor a level for another.
func TestLevelsAreNotMixedUp(t *testing.T) {
	c, trust := good(t)
	open := certificatetest.NewAt(t, markettypes.ASSURANCE_REVEALED)
	shown, err := certificate.Collect(context.Background(), open, open.JobID)
	require.NoError(t, err)
	c.Proofs = shown.Proofs
	report, err := certificate.Verify(c, trust)
	require.NoError(t, err)
	require.False(t, report.OK())
	require.ErrorContains(t, report.Err(), "proofs of the drawn positions")
}
