package groth16_test

import (
	"bytes"
	"math/big"
	"math/rand"
	"slices"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fp"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/consensys/gnark/constraint"
	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/proofs/internal/groth16"
)

func TestHonestProofsVerify(t *testing.T) {
	f := load(t)
	require.Equal(t, 196, groth16.ProofSize)
	require.Equal(t, 528, groth16.KeySize)
	for _, claim := range f.claims {
		require.NoError(t, f.key.Verify(claim.Digest, claim.Proof))
		require.True(t, f.referenceVerify(t, claim))
	}
	require.Equal(t, make([]error, fixtureProofs), f.key.VerifyBatch(f.claims))
	require.Empty(t, f.key.VerifyBatch(nil))
	require.Equal(t, "bsb22-commitment", constraint.CommitmentDst, "the domain in verify.go must follow")
}

// TestEveryWrongLengthIsRefused tries every length from 0 to twice the right one, as prefixes and as extensions.
func TestEveryWrongLengthIsRefused(t *testing.T) {
	f := load(t)
	claim := f.claims[0]
	long := append(bytes.Clone(claim.Proof), claim.Proof...)
	for length := range len(long) + 1 {
		if length == groth16.ProofSize {
			continue
		}
		_, err := groth16.DecodeProof(long[:length])
		require.ErrorIs(t, err, groth16.ErrProofLength, "%d bytes", length)
		require.ErrorIs(t, f.key.Verify(claim.Digest, make([]byte, length)), groth16.ErrProofLength)
	}
	_, err := groth16.DecodeProof(nil)
	require.ErrorContains(t, err, "0 bytes, want 196")
}

// TestMutationsAgreeWithGnark flips bits and moves points, and wants none accepted and no other verdict than gnark's.
func TestMutationsAgreeWithGnark(t *testing.T) {
	f := load(t)
	random := rand.New(rand.NewSource(7))
	count := 1500
	if testing.Short() {
		count = 200
	}
	for i := range count {
		claim := mutate(random, f, clone(f.claims[i%fixtureProofs]))
		if bytes.Equal(claim.Proof, f.claims[i%fixtureProofs].Proof) && claim.Digest == f.claims[i%fixtureProofs].Digest {
			continue
		}
		require.Error(t, f.key.Verify(claim.Digest, claim.Proof), "mutation %d", i)
		require.False(t, f.referenceVerify(t, claim), "mutation %d", i)
	}
}

// mutate applies one structural change.
func mutate(random *rand.Rand, f *fixture, claim groth16.Claim) groth16.Claim {
	g1s := []int{arAt, krsAt, commitmentAt, knowledgeAt}
	a, b := g1s[random.Intn(4)], g1s[random.Intn(4)]
	other := f.claims[random.Intn(fixtureProofs)].Proof
	switch random.Intn(8) {
	case 0:
		claim.Proof[random.Intn(len(claim.Proof))] ^= 1 << random.Intn(8)
	case 1:
		swapped := bytes.Clone(claim.Proof[a : a+32])
		copy(claim.Proof[a:a+32], claim.Proof[b:b+32])
		copy(claim.Proof[b:], swapped)
	case 2:
		p := g1At(claim.Proof, a)
		putG1(claim.Proof, a, *p.Neg(&p))
	case 3:
		putG1(claim.Proof, a, bn254.G1Affine{})
	case 4:
		putG2(claim.Proof, bsAt, bn254.G2Affine{})
	case 5:
		copy(claim.Proof[a:a+32], other[a:a+32])
	case 6:
		var p bn254.G1Affine
		p.ScalarMultiplicationBase(big.NewInt(1 + random.Int63()))
		putG1(claim.Proof, a, p)
	default:
		claim.Digest[31-random.Intn(31)] ^= 1 << random.Intn(8)
	}
	return claim
}

// TestOtherEncodingsAreRefused writes the same points in other ways.
func TestOtherEncodingsAreRefused(t *testing.T) {
	f := load(t)
	claim := f.claims[0]
	for _, at := range []int{arAt, bsAt, krsAt, commitmentAt, knowledgeAt} {
		for flag := range byte(4) {
			raw := bytes.Clone(claim.Proof)
			raw[at] = raw[at]&0x3f | flag<<6
			if bytes.Equal(raw, claim.Proof) {
				continue
			}
			require.Error(t, f.key.Verify(claim.Digest, raw))
		}
	}
	for _, count := range []byte{0, 2, 255} {
		raw := bytes.Clone(claim.Proof)
		raw[countAt+3] = count
		_, err := groth16.DecodeProof(raw)
		require.ErrorIs(t, err, groth16.ErrProofEncoding)
		require.ErrorContains(t, err, "commitments")
	}
	raw := bytes.Clone(claim.Proof)
	shifted := aliasOfG1(t)
	copy(raw[arAt:], shifted[:])
	_, err := groth16.DecodeProof(raw)
	require.ErrorIs(t, err, groth16.ErrProofEncoding)
}

// aliasOfG1 is a point whose coordinate is written with the modulus added.
func aliasOfG1(t *testing.T) [32]byte {
	for i := int64(1); i < 1000; i++ {
		var p bn254.G1Affine
		p.ScalarMultiplicationBase(big.NewInt(i))
		x := p.X.BigInt(new(big.Int))
		x.Add(x, fp.Modulus())
		if x.BitLen() <= 254 {
			encoded := p.Bytes()
			flags := encoded[0] & 0xc0
			x.FillBytes(encoded[:])
			encoded[0] |= flags
			return encoded
		}
	}
	t.Fatal("no point with a small coordinate")
	return [32]byte{}
}

// TestAliasedDigestIsRefused adds the field's modulus to the public input.
func TestAliasedDigestIsRefused(t *testing.T) {
	f := load(t)
	for _, claim := range f.claims {
		aliased := new(big.Int).SetBytes(claim.Digest[:])
		aliased.Add(aliased, fr.Modulus())
		var digest [32]byte
		aliased.FillBytes(digest[:])
		require.ErrorIs(t, f.key.Verify(digest, claim.Proof), groth16.ErrDigest)
	}
}

// TestRerandomisedProofsVerify states what callers must reckon with: proof bytes are not unique.
func TestRerandomisedProofsVerify(t *testing.T) {
	f := load(t)
	again := rerandomise(f.claims[0], 12345)
	require.NotEqual(t, f.claims[0].Proof, again.Proof)
	require.NoError(t, f.key.Verify(again.Digest, again.Proof))
	require.True(t, f.referenceVerify(t, again))
}

// TestChecksDoNotWearTheKey verifies many times with one key, because the library overwrites precomputed lines that it is
// handed.
func TestChecksDoNotWearTheKey(t *testing.T) {
	f := load(t)
	for range 20 {
		require.NoError(t, f.key.Verify(f.claims[0].Digest, f.claims[0].Proof))
		require.Error(t, f.key.Verify(f.claims[1].Digest, f.claims[0].Proof))
	}
}

// TestBatchNamesTheWrongOnes puts every kind of refusal beside honest claims.
func TestBatchNamesTheWrongOnes(t *testing.T) {
	f := load(t)
	wrong := clone(f.claims[1])
	wrong.Digest = f.claims[2].Digest
	malformed := clone(f.claims[1])
	malformed.Proof[countAt+3] = 9
	alias := clone(f.claims[3])
	alias.Digest = [32]byte{0: 0xff}
	batch := []groth16.Claim{
		f.claims[0], wrong, f.claims[1], {Digest: f.claims[0].Digest}, malformed, f.claims[2], alias, f.claims[0], rerandomise(f.claims[3], 9),
	}
	want := []error{
		nil, groth16.ErrProofInvalid, nil, groth16.ErrProofLength, groth16.ErrProofEncoding, nil, groth16.ErrDigest, nil, nil,
	}
	for i, err := range f.key.VerifyBatch(batch) {
		if want[i] == nil {
			require.NoError(t, err, i)
			continue
		}
		require.ErrorIs(t, err, want[i], i)
	}
}

// TestFirstInvalidIsFound puts wrong claims at every pair of places, and malformed ones behind them.
func TestFirstInvalidIsFound(t *testing.T) {
	f := load(t)
	const size = 7
	honest := make([]groth16.Claim, size)
	for i := range honest {
		honest[i] = f.claims[i%fixtureProofs]
	}
	for n := range size + 1 {
		place, err := f.key.FirstInvalid(honest[:n])
		require.NoError(t, err)
		require.Equal(t, n, place)
	}
	for first := range size {
		for second := first; second < size; second++ {
			batch := slices.Clone(honest)
			batch[first].Digest = [32]byte{31: 1}
			batch[second].Digest = [32]byte{31: 1}
			place, err := f.key.FirstInvalid(batch)
			require.ErrorIs(t, err, groth16.ErrProofInvalid)
			require.Equal(t, first, place)
			for malformed, want := range map[*groth16.Claim]error{
				{Digest: honest[second].Digest}:                           groth16.ErrProofLength,
				{Digest: [32]byte{0: 0xff}, Proof: honest[second].Proof}:  groth16.ErrDigest,
				{Digest: honest[second].Digest, Proof: make([]byte, 196)}: groth16.ErrProofEncoding,
			} {
				batch[second] = *malformed
				place, err = f.key.FirstInvalid(batch)
				require.ErrorIs(t, err, want)
				require.Equal(t, second, place, "no pairing comes before decoding")
			}
		}
	}
}

// TestErrorsThatCancelAreCaught gives two proofs errors that add up to nothing, in each part that a batch adds up.
func TestErrorsThatCancelAreCaught(t *testing.T) {
	f := load(t)
	var shift, opposite bn254.G1Affine
	shift.ScalarMultiplicationBase(big.NewInt(99))
	opposite.Neg(&shift)
	for _, at := range []int{krsAt, knowledgeAt} {
		first, second := clone(f.claims[0]), clone(f.claims[1])
		p, q := g1At(first.Proof, at), g1At(second.Proof, at)
		putG1(first.Proof, at, *p.Add(&p, &shift))
		putG1(second.Proof, at, *q.Add(&q, &opposite))
		verdicts := f.key.VerifyBatch([]groth16.Claim{first, second, f.claims[2]})
		require.ErrorIs(t, verdicts[0], groth16.ErrProofInvalid)
		require.ErrorIs(t, verdicts[1], groth16.ErrProofInvalid)
		require.NoError(t, verdicts[2])
	}
}

func FuzzDecodeProof(f *testing.F) {
	f.Add(make([]byte, groth16.ProofSize))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, raw []byte) {
		if _, err := groth16.DecodeProof(raw); err == nil && len(raw) != groth16.ProofSize {
			t.Fatalf("accepted %d bytes", len(raw))
		}
	})
}
