package groth16_test

import (
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/proofs/internal/groth16"
)

//go:embed testdata/golden.json
var goldenFile []byte

// TestGoldenProofs verifies a stored key and stored proofs. Run with -tags purego or under another architecture it checks
// that the assembly of the curve agrees with the plain code.
func TestGoldenProofs(t *testing.T) {
	var golden struct {
		Key    string
		Claims []struct{ Digest, Proof string }
	}
	require.NoError(t, json.Unmarshal(goldenFile, &golden))
	key, err := groth16.ParseVerifyingKey(unhex(t, golden.Key))
	require.NoError(t, err)
	claims := []groth16.Claim{}
	for _, c := range golden.Claims {
		claims = append(claims, groth16.Claim{Digest: [32]byte(unhex(t, c.Digest)), Proof: unhex(t, c.Proof)})
	}
	require.Equal(t, []error{nil, nil}, key.VerifyBatch(claims))
	claims[0].Digest, claims[1].Digest = claims[1].Digest, claims[0].Digest
	for _, err := range key.VerifyBatch(claims) {
		require.ErrorIs(t, err, groth16.ErrProofInvalid)
	}
}

func unhex(t *testing.T, s string) []byte {
	raw, err := hex.DecodeString(s)
	require.NoError(t, err)
	return raw
}
