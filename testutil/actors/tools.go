package actors

import (
	"context"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/offchain-worker/compute"
	"github.com/assaychain/assay/offchain-worker/prover"
	"github.com/assaychain/assay/x/proofs/circuits"
	"github.com/assaychain/assay/x/proofs/setup"
	"github.com/assaychain/assay/x/proofs/setup/setuptest"
	"github.com/assaychain/assay/x/proofs/verify"

	proofstypes "github.com/assaychain/assay/x/proofs/types"
)

// tools are what a worker's machine has. They are the worker's own, and shared by all actors of a process because loading
// keys and testing kernels takes a second.
type tools struct {
	prover   *prover.Prover
	kernel   compute.Kernel
	circuits []proofstypes.Circuit
}

var (
	loading sync.Mutex
	shared  *tools
)

// load makes the tools when they are first asked for.
func load(t testing.TB) *tools {
	t.Helper()
	loading.Lock()
	defer loading.Unlock()
	if shared != nil {
		return shared
	}
	dir := setuptest.Dir(t)
	made := &tools{circuits: Circuits(t)}
	var err error
	made.prover, err = prover.New(dir)
	require.NoError(t, err)
	registry, err := compute.NewCPURegistry(context.Background(), runtime.GOMAXPROCS(0))
	require.NoError(t, err)
	made.kernel, err = registry.Kernel("")
	require.NoError(t, err)
	shared = made
	return made
}

// Circuits are those that a test chain's genesis names, with the shared development keys.
func Circuits(t testing.TB) []proofstypes.Circuit {
	t.Helper()
	keys, err := setup.Open(setuptest.Dir(t))
	require.NoError(t, err)
	var named []proofstypes.Circuit
	for _, c := range circuits.Default() {
		raw, err := keys.LoadVerifyingKey(c.ID)
		require.NoError(t, err)
		verifier, err := verify.New(c.Class, raw)
		require.NoError(t, err)
		hash := verifier.KeyHash()
		named = append(named, proofstypes.Circuit{
			Id: c.ID, System: proofstypes.PROOF_SYSTEM_GROTH16_BN254, Class: c.Class, VerifyingKey: raw, KeyHash: hash[:],
			Development: true, Status: proofstypes.CIRCUIT_STATUS_ACTIVE,
		})
	}
	return named
}
