package keeper_test

import (
	"bytes"
	"math/big"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/proofs/types"
)

const small = "opening-256"

// batch makes proofs of the squares of 2, 3, … under the key of opening-256.
func batch(t require.TestingT, n int) (digests, proofs [][]byte) {
	for i := range n {
		digest, proof := second().prove(t, uint64(i+2))
		digests, proofs = append(digests, digest), append(proofs, proof)
	}
	return digests, proofs
}

func TestHonestBatchesAreValid(t *testing.T) {
	f := newFixture(t)
	digests, proofs := batch(t, 5)
	for n := 1; n <= 5; n++ {
		for range 2 { // The second time the key comes from memory.
			valid, _, err := f.keeper.VerifyBatch(f.ctx, small, digests[:n], proofs[:n])
			require.NoError(t, err)
			require.True(t, valid)
		}
	}
	for _, proof := range proofs {
		require.NoError(t, f.keeper.CheckProof(proof))
	}
}

func TestTheFirstBadProofIsNamed(t *testing.T) {
	f := newFixture(t)
	digests, proofs := batch(t, 4)
	for bad := range 4 {
		mixed := append([][]byte(nil), digests...)
		for i := bad; i < 4; i++ {
			mixed[i] = digests[(i+1)%4]
		}
		valid, firstBad, err := f.keeper.VerifyBatch(f.ctx, small, mixed, proofs)
		require.NoError(t, err)
		require.False(t, valid)
		require.Equal(t, bad, firstBad)
	}
}

func TestProofsOfAnotherKeyOrDigestAreInvalid(t *testing.T) {
	f := newFixture(t)
	digests, proofs := batch(t, 2)
	foreignDigest, foreign := first().prove(t, 2)
	for name, c := range map[string]struct {
		circuit       string
		digest, proof []byte
	}{
		"another digest":       {small, digests[1], proofs[0]},
		"another circuit":      {"opening-1024", digests[0], proofs[0]},
		"proof of another key": {small, foreignDigest, foreign},
		"zero digest":          {small, make([]byte, types.DigestSize), proofs[0]},
		"cut proof":            {small, digests[0], proofs[0][1:]},
		"no proof":             {small, digests[0], nil},
		"zero proof":           {small, digests[0], make([]byte, types.ProofSize)},
	} {
		valid, firstBad, err := f.keeper.VerifyBatch(f.ctx, c.circuit, [][]byte{c.digest}, [][]byte{c.proof})
		require.NoError(t, err, name)
		require.False(t, valid, name)
		require.Zero(t, firstBad, name)
	}
	valid, _, err := f.keeper.VerifyBatch(f.ctx, "opening-1024", [][]byte{foreignDigest}, [][]byte{foreign})
	require.NoError(t, err)
	require.True(t, valid)
}

// TestAliasedDigestsAreRefused tries the field element written as itself plus the modulus, which a careless decoder
// takes for the same number.
func TestAliasedDigestsAreRefused(t *testing.T) {
	f := newFixture(t)
	digests, proofs := batch(t, 2)
	alias := new(big.Int).Add(new(big.Int).SetBytes(digests[0]), fr.Modulus()).FillBytes(make([]byte, types.DigestSize))
	for _, place := range []int{0, 1} {
		mixed := [][]byte{digests[0], digests[1]}
		mixed[place] = alias
		valid, at, err := f.keeper.VerifyBatch(f.ctx, small, mixed, proofs)
		require.ErrorIs(t, err, types.ErrStatement)
		require.False(t, valid)
		require.Equal(t, place, at)
	}
}

func TestWrongQuestionsAreErrors(t *testing.T) {
	f := newFixture(t)
	digests, proofs := batch(t, 2)
	for name, c := range map[string]struct {
		circuit         string
		digests, proofs [][]byte
		want            error
	}{
		"nothing":         {small, nil, nil, types.ErrStatement},
		"fewer digests":   {small, digests[:1], proofs, types.ErrStatement},
		"fewer proofs":    {small, digests, proofs[:1], types.ErrStatement},
		"short digest":    {small, [][]byte{digests[0][1:]}, proofs[:1], types.ErrStatement},
		"long digest":     {small, [][]byte{append(bytes.Clone(digests[0]), 0)}, proofs[:1], types.ErrStatement},
		"unknown circuit": {"opening-4096", digests, proofs, types.ErrCircuitNotFound},
	} {
		valid, _, err := f.keeper.VerifyBatch(f.ctx, c.circuit, c.digests, c.proofs)
		require.ErrorIs(t, err, c.want, name)
		require.False(t, valid, name)
	}
}

func TestMalformedProofsOfEveryLengthAreRefused(t *testing.T) {
	f := newFixture(t)
	digests, proofs := batch(t, 1)
	long := append(bytes.Clone(proofs[0]), proofs[0]...)
	for length := range 2*types.ProofSize + 1 {
		if length == types.ProofSize {
			continue
		}
		for name, proof := range map[string][]byte{"cut or extended": long[:length], "zeroes": make([]byte, length)} {
			require.ErrorIs(t, f.keeper.CheckProof(proof), types.ErrProofLength, "%s, length %d", name, length)
			valid, _, err := f.keeper.VerifyBatch(f.ctx, small, digests, [][]byte{proof})
			require.NoError(t, err)
			require.False(t, valid, "%s, length %d", name, length)
		}
	}
	require.ErrorIs(t, f.keeper.CheckProof(make([]byte, types.ProofSize)), types.ErrProofEncoding)
	require.ErrorIs(t, f.keeper.CheckProof(bytes.Repeat([]byte{0xff}, types.ProofSize)), types.ErrProofEncoding)
}

func TestFlippedBitsAreNeverAccepted(t *testing.T) {
	f := newFixture(t)
	digests, proofs := batch(t, 1)
	wellFormed := 0
	for bit := range types.ProofSize * 8 {
		mutant := bytes.Clone(proofs[0])
		mutant[bit/8] ^= 1 << (bit % 8)
		if f.keeper.CheckProof(mutant) != nil {
			continue
		}
		wellFormed++
		valid, _, err := f.keeper.VerifyBatch(f.ctx, small, digests, [][]byte{mutant})
		require.NoError(t, err)
		require.False(t, valid, "bit %d", bit)
	}
	require.Positive(t, wellFormed, "some flips give points of the curve, which only the pairing refuses")
}

func TestRetiredCircuitsStillVerify(t *testing.T) {
	f := newFixture(t)
	require.NoError(t, f.retire(small))
	digests, proofs := batch(t, 2)
	valid, _, err := f.keeper.VerifyBatch(f.ctx, small, digests, proofs)
	require.NoError(t, err)
	require.True(t, valid, "jobs begun under it end under it")
	_, err = f.keeper.CircuitFor(f.ctx, 200)
	require.ErrorIs(t, err, types.ErrNoCircuit, "no new job uses it, nor the wider one in its place")
	require.ErrorContains(t, err, "no active circuit for class 256, which inner dimension 200 needs")
	circuit, err := f.keeper.CircuitFor(f.ctx, 257)
	require.NoError(t, err)
	require.Equal(t, "opening-1024", circuit.Id)
}
