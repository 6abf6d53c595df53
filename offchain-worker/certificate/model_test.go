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

// A certificate of a model names the model that the job's weights are, under a key that the genesis trusts for it.
func TestModelCertificate(t *testing.T) {
	node := certificatetest.NewAt(t, markettypes.ASSURANCE_MODEL)
	c, err := certificate.Collect(context.Background(), node, node.JobID)
	require.NoError(t, err)
	require.Len(t, c.Circuits, 1)
	trust, err := certificate.FromGenesis(node.Genesis)
	require.NoError(t, err)
	report, err := certificate.Verify(c, trust)
	require.NoError(t, err)
	report.CheckResult(t.Context(), blob.Merkle{}, node.Result)
	require.True(t, report.OK(), "%v", report.Err())
	hash := certificatetest.Model(t).Hash()
	require.Equal(t, hash[:], trust.Circuits[c.Circuits[0].ID].Model)

	refused := func(trust certificate.TrustRoot, says string) {
		t.Helper()
		report, err := certificate.Verify(c, trust)
		require.NoError(t, err)
		require.ErrorContains(t, report.Err(), says)
	}
	other := trust
	one := trust.Circuits[c.Circuits[0].ID]
	one.Model = append([]byte{^one.Model[0]}, one.Model[1:]...)
	other.Circuits = map[string]certificate.TrustedCircuit{c.Circuits[0].ID: one}
	refused(other, "is of model")

	c.Proofs[0], c.Proofs[1] = c.Proofs[1], c.Proofs[0]
	refused(trust, "proofs of the drawn positions")
	c.Proofs = c.Proofs[:2]
	refused(trust, "2 proofs for 3 rows")
}
