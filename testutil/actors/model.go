package actors

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/offchain-worker/prover"
	"github.com/assaychain/assay/x/proofs/challenge"
	"github.com/assaychain/assay/x/proofs/circuits/model"
	"github.com/assaychain/assay/x/proofs/circuits/model/modeltest"
	"github.com/assaychain/assay/x/proofs/setup"
	"github.com/assaychain/assay/x/proofs/setup/setuptest"
	"github.com/assaychain/assay/x/proofs/statement"
	"github.com/assaychain/assay/x/proofs/tensor"

	proofstypes "github.com/assaychain/assay/x/proofs/types"
)

// Tiny is the network that the tests of models share keys of, on 4 rows.
func Tiny(t testing.TB) *Work {
	t.Helper()
	run, err := modeltest.Draw(modeltest.Tiny(4))
	require.NoError(t, err)
	work := &Work{Program: run.Program}
	for _, input := range run.Inputs {
		work.Inputs = append(work.Inputs, NewBlob(t, input))
	}
	return work
}

// Network is a work's network, as its circuit has it.
func (w *Work) Network(t testing.TB) *model.Network {
	t.Helper()
	inputs := make([]*tensor.Tensor, len(w.Inputs))
	for i, input := range w.Inputs {
		inputs[i] = input.Tensor
	}
	network, err := model.NewNetwork(w.Program, inputs)
	require.NoError(t, err)
	return network
}

// ModelCircuit is the record of the circuit of a work's network, with shared development keys.
func ModelCircuit(t testing.TB, w *Work) proofstypes.Circuit {
	t.Helper()
	network := w.Network(t)
	keys, err := setup.Open(setuptest.Model(t, network))
	require.NoError(t, err)
	id := statement.ModelCircuitID(network.Hash())
	entry, key, err := keys.LoadModelVerifyingKey(id)
	require.NoError(t, err)
	compiled, err := hex.DecodeString(entry.CircuitSHA256)
	require.NoError(t, err)
	hash, layers := sha256.Sum256(key), network.Model()
	return proofstypes.Circuit{
		Id: id, System: proofstypes.PROOF_SYSTEM_GROTH16_BN254, VerifyingKey: key, KeyHash: hash[:], Development: true,
		Status: proofstypes.CIRCUIT_STATUS_ACTIVE, Model: &layers, CircuitHash: compiled,
	}
}

// ProveRows proves the rows that a challenge draws of a trace, as its inputs give them: of a corrupt trace there are no proofs.
func (n *Network) ProveRows(c challenge.Trace, trace *Trace) [][]byte {
	n.t.Helper()
	network := trace.Network(n.t)
	machine, err := prover.New(setuptest.Model(n.t, network))
	require.NoError(n.t, err)
	_, statements, err := challenge.Rows(c)
	require.NoError(n.t, err)
	outputs := make([]*tensor.Tensor, len(trace.Outputs))
	for i, output := range trace.Outputs {
		outputs[i] = output.Tensor
	}
	rows, err := prover.CommitRows(context.Background(), trace.Inputs[0].Tensor, outputs)
	require.NoError(n.t, err)
	tasks := make([]prover.RowTask, len(statements))
	for i := range statements {
		openings, err := rows.Open(statements[i].Row)
		require.NoError(n.t, err)
		tasks[i] = prover.RowTask{Statement: &statements[i], Openings: openings}
	}
	proofs, err := machine.ProveRows(context.Background(), network, tasks)
	require.NoError(n.t, err)
	return proofs
}
