package verify_test

import (
	"crypto/sha256"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/proofs/circuits/opening"
	"github.com/assaychain/assay/x/proofs/circuits/opening/openingtest"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/setup"
	"github.com/assaychain/assay/x/proofs/setup/setuptest"
	"github.com/assaychain/assay/x/proofs/statement"
	"github.com/assaychain/assay/x/proofs/verify"
)

func TestKeysAreChecked(t *testing.T) {
	_, err := verify.New(statement.ClassSmall, make([]byte, verify.KeySize))
	require.ErrorIs(t, err, verify.ErrKey)
	_, err = verify.New(statement.ClassSmall, nil)
	require.ErrorContains(t, err, "0 bytes, want 528")
	for _, class := range []uint32{0, 255, 8192} {
		_, err = verify.New(class, make([]byte, verify.KeySize))
		require.ErrorIs(t, err, verify.ErrClass)
	}
}

// TestVerdictsAreInPlace mixes a proven statement with refusals of each kind.
func TestVerdictsAreInPlace(t *testing.T) {
	keys, err := setup.Open(setuptest.Dir(t))
	require.NoError(t, err)
	id := statement.CircuitID(statement.ClassSmall)
	raw, err := keys.LoadVerifyingKey(id)
	require.NoError(t, err)
	verifier, err := verify.New(statement.ClassSmall, raw)
	require.NoError(t, err)
	require.Equal(t, sha256.Sum256(raw), verifier.KeyHash())

	proven := prove(t, keys, id)
	invalid := *proven.Statement
	invalid.K = 0
	wider := *proven.Statement
	wider.K = statement.ClassSmall + 1
	changes := []func(*statement.Statement){
		func(s *statement.Statement) { s.JobID++ },
		func(s *statement.Statement) { s.Attempt++ },
		func(s *statement.Statement) { s.ChainID = "other" },
		func(s *statement.Statement) { s.Worker = []byte("other") },
		func(s *statement.Statement) { s.Seed[3]++ },
		func(s *statement.Statement) { s.Index++ },
		func(s *statement.Statement) { s.Row++ },
		func(s *statement.Statement) { s.RootY[31]++ },
	}
	openings := []verify.Opening{
		{&invalid, proven.Proof}, proven, {proven.Statement, proven.Proof[1:]}, {nil, proven.Proof}, {&wider, proven.Proof},
	}
	for _, change := range changes {
		elsewhere := *proven.Statement
		change(&elsewhere)
		openings = append(openings, verify.Opening{Statement: &elsewhere, Proof: proven.Proof})
	}
	verdicts := verifier.Openings(openings)
	require.ErrorIs(t, verdicts[0], statement.ErrStatement)
	require.NoError(t, verdicts[1])
	require.ErrorIs(t, verdicts[2], verify.ErrProofLength)
	require.ErrorContains(t, verdicts[2], "position 2")
	require.ErrorIs(t, verdicts[3], statement.ErrStatement)
	require.ErrorContains(t, verdicts[3], "missing")
	require.ErrorIs(t, verdicts[4], verify.ErrClass)
	for _, err := range verdicts[5:] {
		require.ErrorIs(t, err, verify.ErrProofInvalid)
	}
}

func prove(t *testing.T, keys *setup.Keys, id string) verify.Opening {
	step, err := openingtest.Draw(openingtest.Spec{
		Seed: 5, M: 3, N: 4, K: 30, Shift: 20, Activation: program.ACTIVATION_IDENTITY, OutputType: program.DATA_TYPE_INT8,
	})
	require.NoError(t, err)
	s, o, err := step.At(1, 2, 0)
	require.NoError(t, err)
	full, err := opening.Witness(s, o)
	require.NoError(t, err)
	key, err := keys.LoadProvingKey(id)
	require.NoError(t, err)
	system, err := opening.Compile(statement.ClassSmall)
	require.NoError(t, err)
	proof, err := key.Prove(system, full)
	require.NoError(t, err)
	return verify.Opening{Statement: s, Proof: proof}
}
