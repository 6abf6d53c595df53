package program_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/proofs/program"
)

// A salted commitment depends on every part of its claim, on the salt and on each root, and on nothing that commits otherwise.
func TestReplicaCommitmentsAreBound(t *testing.T) {
	claim := program.Claim{ChainID: "assay-test-1", JobID: 7, Attempt: 1, Worker: []byte("worker")}
	salt, roots := bytes.Repeat([]byte{9}, program.SaltSize), [][]byte{make([]byte, 32), bytes.Repeat([]byte{1}, 32)}
	seen := map[[sha256.Size]byte]string{}
	note := func(name string, claim program.Claim, salt []byte, roots [][]byte) {
		sum, err := program.ReplicaCommitment(claim, salt, roots)
		require.NoError(t, err)
		require.NotContains(t, seen, sum, "%s as %s", name, seen[sum])
		seen[sum] = name
	}
	note("itself", claim, salt, roots)
	for name, change := range map[string]func(*program.Claim){
		"chain": func(c *program.Claim) { c.ChainID += "0" }, "job": func(c *program.Claim) { c.JobID++ },
		"attempt": func(c *program.Claim) { c.Attempt++ }, "worker": func(c *program.Claim) { c.Worker = []byte("walker") },
	} {
		other := claim
		change(&other)
		note(name, other, salt, roots)
	}
	note("salt", claim, bytes.Repeat([]byte{8}, program.SaltSize), roots)
	note("root", claim, salt, [][]byte{roots[0], roots[0]})
	note("number", claim, salt, roots[:1])
	plain, err := program.CommitmentHash(claim, roots)
	require.NoError(t, err)
	require.NotContains(t, seen, plain)
	require.NotEqual(t, program.ReplicaSeed(claim, plain), program.Seed([32]byte{}, claim, plain))
}

func TestReplicaCommitmentsRefuse(t *testing.T) {
	salt, roots := make([]byte, program.SaltSize), [][]byte{make([]byte, 32)}
	for name, err := range map[string]error{
		"salt":  second(program.ReplicaCommitment(program.Claim{}, salt[1:], roots)),
		"none":  second(program.ReplicaCommitment(program.Claim{}, salt, nil)),
		"many":  second(program.ReplicaCommitment(program.Claim{}, salt, make([][]byte, program.MaxSteps+1))),
		"short": second(program.ReplicaCommitment(program.Claim{}, salt, [][]byte{{1}})),
	} {
		require.ErrorIs(t, err, program.ErrArgument, name)
	}
}

func second(_ [sha256.Size]byte, err error) error { return err }

// The layout is a rule of consensus.
func TestReplicaCommitmentGolden(t *testing.T) {
	claim := program.Claim{ChainID: "a", JobID: 1, Attempt: 2, Worker: []byte{3}}
	salt, root := bytes.Repeat([]byte{4}, 32), bytes.Repeat([]byte{5}, 32)
	raw := []byte("assay/replica/v1")
	raw = append(raw, 0, 0, 0, 1, 'a', 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 1, 3)
	raw = append(append(append(raw, salt...), 0, 0, 0, 1), root...)
	want := sha256.Sum256(raw)
	sum, err := program.ReplicaCommitment(claim, salt, [][]byte{root})
	require.NoError(t, err)
	require.Equal(t, hex.EncodeToString(want[:]), hex.EncodeToString(sum[:]))
}
