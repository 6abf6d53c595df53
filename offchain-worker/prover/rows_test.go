package prover_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/offchain-worker/prover"
	"github.com/assaychain/assay/x/proofs/challenge"
	"github.com/assaychain/assay/x/proofs/circuits/model"
	"github.com/assaychain/assay/x/proofs/circuits/model/modeltest"
	"github.com/assaychain/assay/x/proofs/setup"
	"github.com/assaychain/assay/x/proofs/setup/setuptest"
	"github.com/assaychain/assay/x/proofs/statement"
)

// rowTasks opens what a trace of a run draws, and leaves statements and openings to a test to spoil.
func rowTasks(t testing.TB, run *modeltest.Run, samples uint32) []prover.RowTask {
	_, statements, err := challenge.Rows(run.Trace("assay-test-1", samples))
	require.NoError(t, err)
	rows, err := prover.CommitRows(context.Background(), run.Inputs[0], run.Outputs)
	require.NoError(t, err)
	tasks := make([]prover.RowTask, len(statements))
	for i := range statements {
		o, err := rows.Open(statements[i].Row)
		require.NoError(t, err)
		tasks[i] = prover.RowTask{Statement: &statements[i], Openings: o}
	}
	return tasks
}

func TestRowsAreProven(t *testing.T) {
	run, err := modeltest.Draw(modeltest.Tiny(30))
	require.NoError(t, err)
	dir := setuptest.Model(t, run.Network)
	p, err := prover.New(dir)
	require.NoError(t, err)
	keys, err := setup.Open(dir)
	require.NoError(t, err)
	_, raw, err := keys.LoadModelVerifyingKey(statement.ModelCircuitID(run.Network.Hash()))
	require.NoError(t, err)
	require.Len(t, raw, 528)
	_, err = p.ModelKeyHash(run.Network.Hash())
	require.NoError(t, err)

	tasks := rowTasks(t, run, 2)
	proofs, err := p.ProveRows(context.Background(), run.Network, tasks)
	require.NoError(t, err)
	require.Len(t, proofs, 2)

	wrong := *tasks[1].Statement
	wrong.Row ^= 1
	_, err = p.ProveRows(context.Background(), run.Network, []prover.RowTask{{Statement: &wrong, Openings: tasks[1].Openings}})
	require.ErrorIs(t, err, model.ErrOpenings)
	_, err = p.ProveRows(context.Background(), run.Network, []prover.RowTask{{}})
	require.ErrorContains(t, err, "no statement")
	stopped, stop := context.WithCancel(context.Background())
	stop()
	_, err = p.ProveRows(stopped, run.Network, tasks)
	require.ErrorIs(t, err, context.Canceled)

	spec := modeltest.Tiny(30)
	spec.Seed = 99
	other, err := modeltest.Draw(spec)
	require.NoError(t, err)
	_, err = p.ProveRows(context.Background(), other.Network, rowTasks(t, other, 1))
	require.ErrorIs(t, err, setup.ErrNoKeys)
	_, err = p.ModelKeyHash(other.Network.Hash())
	require.ErrorIs(t, err, setup.ErrNoKeys)
}
