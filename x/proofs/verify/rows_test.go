package verify_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/proofs/challenge"
	"github.com/assaychain/assay/x/proofs/circuits/model/modeltest"
	"github.com/assaychain/assay/x/proofs/setup"
	"github.com/assaychain/assay/x/proofs/setup/setuptest"
	"github.com/assaychain/assay/x/proofs/statement"
	"github.com/assaychain/assay/x/proofs/verify"
)

// TestRowVerdictsAreInPlace mixes a proven row with refusals of each kind.
func TestRowVerdictsAreInPlace(t *testing.T) {
	run, err := modeltest.Draw(modeltest.Tiny(20))
	require.NoError(t, err)
	keys, err := setup.Open(setuptest.Model(t, run.Network))
	require.NoError(t, err)
	trace := run.Trace("assay-test-1", 1)
	proofs, err := run.Prove(keys, trace)
	require.NoError(t, err)
	require.Len(t, proofs[0], verify.ProofSize)
	_, statements, err := challenge.Rows(trace)
	require.NoError(t, err)
	_, raw, err := keys.LoadModelVerifyingKey(statement.ModelCircuitID(run.Network.Hash()))
	require.NoError(t, err)
	verifier, err := verify.NewRows(run.Network.Hash(), raw)
	require.NoError(t, err)

	rows := []verify.Row{{Statement: &statements[0], Proof: proofs[0]}, {Proof: proofs[0]}, {Statement: &statements[0], Proof: proofs[0][1:]}}
	for _, change := range []func(s *statement.Row){
		func(s *statement.Row) { s.Claim.JobID++ },
		func(s *statement.Row) { s.Claim.Attempt++ },
		func(s *statement.Row) { s.Claim.ChainID = "other" },
		func(s *statement.Row) { s.Claim.Worker = []byte("other") },
		func(s *statement.Row) { s.Seed[3]++ },
		func(s *statement.Row) { s.Index++ },
		func(s *statement.Row) { s.Row ^= 1 },
		func(s *statement.Row) { s.RootX[31]++ },
		func(s *statement.Row) { s.Steps = [][32]byte{s.Steps[0], s.Steps[0]} },
		func(s *statement.Row) { s.Steps = s.Steps[:1] },
		func(s *statement.Row) { s.Model[0]++ },
	} {
		s := statements[0]
		change(&s)
		rows = append(rows, verify.Row{Statement: &s, Proof: proofs[0]})
	}
	verdicts := verifier.Rows(rows)
	require.NoError(t, verdicts[0])
	require.ErrorIs(t, verdicts[1], statement.ErrStatement)
	require.ErrorIs(t, verdicts[2], verify.ErrProofLength)
	for i, verdict := range verdicts[3 : len(verdicts)-1] {
		require.ErrorIs(t, verdict, verify.ErrProofInvalid, "change %d", i)
	}
	require.ErrorIs(t, verdicts[len(verdicts)-1], verify.ErrClass)

	// The same key under another model's name proves nothing: the model is in the circuit.
	other := run.Network.Hash()
	other[0]++
	misnamed, err := verify.NewRows(other, raw)
	require.NoError(t, err)
	s := statements[0]
	s.Model = other
	require.ErrorIs(t, misnamed.Rows([]verify.Row{{Statement: &s, Proof: proofs[0]}})[0], verify.ErrProofInvalid)
	_, err = verify.NewRows(other, raw[1:])
	require.ErrorIs(t, err, verify.ErrKey)
}
