package certificatetest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/offchain-worker/prover"
	"github.com/assaychain/assay/x/proofs/challenge"
	"github.com/assaychain/assay/x/proofs/circuits/model"
	"github.com/assaychain/assay/x/proofs/setup"
	"github.com/assaychain/assay/x/proofs/setup/setuptest"
	"github.com/assaychain/assay/x/proofs/statement"
	"github.com/assaychain/assay/x/proofs/tensor"
	proofstypes "github.com/assaychain/assay/x/proofs/types"
)

// Model is the job's network as the model that its circuit has as constants.
func Model(t testing.TB) *model.Network {
	t.Helper()
	made, err := model.NewNetwork(network, draw(t, network))
	require.NoError(t, err)
	return made
}

// modelCircuit is the record of the network's circuit.
func modelCircuit(t testing.TB) proofstypes.Circuit {
	t.Helper()
	of := Model(t)
	keys, err := setup.Open(setuptest.Model(t, of))
	require.NoError(t, err)
	id := statement.ModelCircuitID(of.Hash())
	entry, key, err := keys.LoadModelVerifyingKey(id)
	require.NoError(t, err)
	hash, layers := sha256.Sum256(key), of.Model()
	compiled, err := hex.DecodeString(entry.CircuitSHA256)
	require.NoError(t, err)
	return proofstypes.Circuit{
		Id: id, System: proofstypes.PROOF_SYSTEM_GROTH16_BN254, VerifyingKey: key, KeyHash: hash[:], Development: true,
		Status: proofstypes.CIRCUIT_STATUS_ACTIVE, Model: &layers, CircuitHash: compiled,
	}
}

// proveRows answers the challenge with whole rows. all holds the inputs and then the outputs.
func (w *work) proveRows(t testing.TB, all []*tensor.Tensor) {
	t.Helper()
	of := Model(t)
	machine, err := prover.New(setuptest.Model(t, of))
	require.NoError(t, err)
	trace := challenge.Trace{
		Work: challenge.Work{Program: network, Samples: samples}, Claim: claim(), Seed: [32]byte(w.job.Seed),
		Circuits: w.job.Circuits, Steps: w.job.StepRoots,
	}
	for _, input := range w.spec.Inputs {
		trace.Inputs = append(trace.Inputs, input.Root)
	}
	_, statements, err := challenge.Rows(trace)
	require.NoError(t, err)
	rows, err := prover.CommitRows(context.Background(), all[0], all[len(network.Inputs):])
	require.NoError(t, err)
	tasks := make([]prover.RowTask, len(statements))
	for i := range statements {
		openings, err := rows.Open(statements[i].Row)
		require.NoError(t, err)
		tasks[i] = prover.RowTask{Statement: &statements[i], Openings: openings}
	}
	w.set.Proofs, err = machine.ProveRows(context.Background(), of, tasks)
	require.NoError(t, err)
}
