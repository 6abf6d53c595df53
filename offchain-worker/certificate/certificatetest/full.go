package certificatetest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/offchain-worker/fullproof"
	markettypes "github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/challenge"
	"github.com/assaychain/assay/x/proofs/full"
	"github.com/assaychain/assay/x/proofs/full/fulltest"
	"github.com/assaychain/assay/x/proofs/full/setup"
	"github.com/assaychain/assay/x/proofs/interpreter"
	"github.com/assaychain/assay/x/proofs/statement"
	"github.com/assaychain/assay/x/proofs/tensor"
	proofstypes "github.com/assaychain/assay/x/proofs/types"
)

// FullSystem commits and proves over the tests' reference string.
func FullSystem(t testing.TB) *fullproof.System {
	t.Helper()
	system, err := fullproof.Open(fulltest.String(t), 1)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, system.Close()) })
	return system
}

// carryOutFull does for a job at the level full what customer, worker, beacon and chain do.
func carryOutFull(t testing.TB) *work {
	t.Helper()
	system, inputs := FullSystem(t), draw(t, network)
	outputs, err := interpreter.Run(network, inputs)
	require.NoError(t, err)
	w := &work{result: outputs[1]}
	w.spec = markettypes.Spec{
		Program: network, Policy: markettypes.VERIFICATION_POLICY_PROOF, Samples: uint32(len(network.Steps)),
		DeliveryKey: bytes.Repeat([]byte{9}, 32), Assurance: markettypes.ASSURANCE_FULL,
	}
	w.job.Assurance = w.spec.Assurance
	trace := challenge.Trace{Work: challenge.Work{Program: network, Samples: w.spec.Samples}, Claim: claim()}
	for _, input := range inputs {
		root := commit(t, system, input)
		trace.Inputs = append(trace.Inputs, root)
		w.spec.Inputs = append(w.spec.Inputs, markettypes.InputRef{Root: root, Locators: []string{"http://127.0.0.1:1/blob"}})
	}
	for _, output := range outputs {
		w.job.StepRoots = append(w.job.StepRoots, commit(t, system, output))
	}
	w.settle(t)
	trace.Seed, trace.Circuits, trace.Steps = [32]byte(w.job.Seed), w.job.Circuits, w.job.StepRoots
	w.set.Proofs, err = system.Prove(context.Background(), trace, inputs, outputs, nil)
	require.NoError(t, err)
	return w
}

func commit(t testing.TB, system *fullproof.System, of *tensor.Tensor) []byte {
	t.Helper()
	root, err := system.Commit(context.Background(), of)
	require.NoError(t, err)
	return root[:]
}

// circuitID names what proves a level.
func circuitID(level markettypes.Assurance) string {
	if level == markettypes.ASSURANCE_FULL {
		return "full"
	}
	return statement.CircuitID(statement.ClassSmall)
}

// fullCircuit is the KZG key of the tests' string.
func fullCircuit() proofstypes.Circuit {
	raw := full.EncodeKey(setup.DevelopmentKey(setup.DevelopmentSecret([]byte(fulltest.Seed))))
	hash := sha256.Sum256(raw)
	return proofstypes.Circuit{
		Id: circuitID(markettypes.ASSURANCE_FULL), System: proofstypes.PROOF_SYSTEM_KZG_BN254, Class: proofstypes.FullClass,
		VerifyingKey: raw, KeyHash: hash[:], Development: true, Status: proofstypes.CIRCUIT_STATUS_ACTIVE,
	}
}
