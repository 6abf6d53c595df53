package daemon

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/offchain-worker/config"
	"github.com/assaychain/assay/offchain-worker/fullproof"
	"github.com/assaychain/assay/x/proofs/full/setup"
	proofstypes "github.com/assaychain/assay/x/proofs/types"
)

// TestDoctorFailsWhereRunRefuses: a string that is too short fails but on development chains, whatever key the chain has; one of another
// key, with which the worker runs without the level, is warned of.
func TestDoctorFailsWhereRunRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "short.srs")
	require.NoError(t, setup.Develop(t.Context(), path, setup.MinPoints, []byte("seed")))
	system, err := fullproof.Open(path, 1)
	require.NoError(t, err)
	own := system.KeyHash()
	require.NoError(t, system.Close())
	key := func(hash []byte) map[string]proofstypes.Circuit {
		return map[string]proofstypes.Circuit{"full": {
			Id: "full", System: proofstypes.PROOF_SYSTEM_KZG_BN254, Status: proofstypes.CIRCUIT_STATUS_ACTIVE, KeyHash: hash,
		}}
	}
	for name, c := range map[string]struct {
		chain    string
		circuits map[string]proofstypes.Circuit
		asked    bool
		want     Verdict
		says     string
	}{
		"public chain":             {"assay-1", key(own[:]), true, VerdictFail, "the largest program takes"},
		"public chain, no key":     {"assay-1", nil, true, VerdictFail, "the largest program takes"},
		"public chain, offline":    {"assay-1", nil, false, VerdictFail, "the largest program takes"},
		"development":              {"assay-test-1", key(own[:]), true, VerdictWarn, "the largest program takes"},
		"development, no key":      {"assay-test-1", nil, true, VerdictWarn, "no KZG key"},
		"development, another key": {"assay-test-1", key(make([]byte, 32)), true, VerdictWarn, "the level full is not offered: "},
		"development, offline":     {"assay-test-1", nil, false, VerdictWarn, "not compared: the chain can't be reached"},
	} {
		d := &checkup{config: config.Default()}
		d.config.Chain.ID, d.config.Proofs.FullString = c.chain, path
		d.fullCheck(c.circuits, c.asked)
		require.Len(t, d.Checks, 1, name)
		require.Equal(t, c.want, d.Checks[0].Verdict, name)
		require.Contains(t, d.Checks[0].Detail, c.says, name)
	}
}
