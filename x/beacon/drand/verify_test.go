package drand_test

import (
	"math"
	"math/big"
	"testing"

	bls12381 "github.com/consensys/gnark-crypto/ecc/bls12-381"
	"github.com/consensys/gnark-crypto/ecc/bls12-381/fp"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/assaychain/assay/x/beacon/drand"
	"github.com/assaychain/assay/x/beacon/drand/devkey"
)

// development returns a key and a chain that follows it.
func development(t require.TestingT, seed byte) (*devkey.Key, drand.Chain) {
	key, err := devkey.FromSeed(append(make([]byte, devkey.SeedSize-1), seed))
	require.NoError(t, err)
	return key, drand.Chain{PublicKey: key.PublicKey(), Period: 1, Genesis: 1000, Scheme: drand.Scheme}
}

// outsideSubgroup returns the encodings of points on the curves but outside the prime-order subgroups.
func outsideSubgroup(t *testing.T) (g1, g2 []byte) {
	for x := uint64(1); g1 == nil || g2 == nil; x++ {
		require.Less(t, x, uint64(1000))
		var element fp.Element
		element.SetUint64(x)
		encoded := element.Bytes()
		encoded[0] |= 0x80
		if g1 == nil && onlyOutsideG1(encoded[:]) {
			g1 = append([]byte(nil), encoded[:]...)
		}
		wide := append(append([]byte(nil), 0x80), make([]byte, drand.PublicKeySize-1)...)
		wide[drand.PublicKeySize-1] = byte(x)
		if g2 == nil && onlyOutsideG2(wide) {
			g2 = wide
		}
	}
	return g1, g2
}

func onlyOutsideG1(encoded []byte) bool {
	decoder := new(bls12381.G1Affine)
	_, err := decoder.SetBytes(encoded)
	return err != nil && err.Error() == "invalid point: subgroup check failed"
}

func onlyOutsideG2(encoded []byte) bool {
	decoder := new(bls12381.G2Affine)
	_, err := decoder.SetBytes(encoded)
	return err != nil && err.Error() == "invalid point: subgroup check failed"
}

func TestEveryLengthButTheRightOneIsRefused(t *testing.T) {
	key, chain := development(t, 1)
	signature, err := key.Sign(9)
	require.NoError(t, err)
	for length := range 2*drand.SignatureSize + 1 {
		if length == drand.SignatureSize {
			continue
		}
		padded := append(append([]byte(nil), signature...), make([]byte, drand.SignatureSize)...)
		require.ErrorIs(t, drand.Verify(chain, 9, padded[:length]), drand.ErrEncoding, "length %d", length)
	}
	for length := range 2*drand.PublicKeySize + 1 {
		if length == drand.PublicKeySize {
			continue
		}
		padded := append(key.PublicKey(), make([]byte, drand.PublicKeySize)...)
		_, err := drand.ParseKey(padded[:length])
		require.ErrorIs(t, err, drand.ErrPublicKey, "length %d", length)
	}
}

func TestOtherEncodingsAreRefused(t *testing.T) {
	key, chain := development(t, 1)
	signature, err := key.Sign(9)
	require.NoError(t, err)
	outside1, outside2 := outsideSubgroup(t)
	infinity1, infinity2 := make([]byte, drand.SignatureSize), make([]byte, drand.PublicKeySize)
	infinity1[0], infinity2[0] = 0xc0, 0xc0

	var point bls12381.G1Affine
	_, err = point.SetBytes(signature)
	require.NoError(t, err)
	raw := point.RawBytes()
	// The x coordinate plus the modulus: 381 bits leave room below the three flag bits for small coordinates only.
	aliased := new(big.Int).Add(fp.Modulus(), big.NewInt(4)).FillBytes(make([]byte, drand.SignatureSize))
	aliased[0] |= 0x80

	for name, bad := range map[string][]byte{
		"infinity": infinity1, "outside the subgroup": outside1, "uncompressed": raw[:], "uncompressed, cut": raw[:drand.SignatureSize],
		"aliased coordinate": aliased, "zeroes": make([]byte, drand.SignatureSize), "nil": nil,
	} {
		require.ErrorIs(t, drand.Verify(chain, 9, bad), drand.ErrEncoding, name)
	}
	for name, bad := range map[string][]byte{"infinity": infinity2, "outside the subgroup": outside2, "zeroes": make([]byte, drand.PublicKeySize)} {
		mutant := chain
		mutant.PublicKey = bad
		require.ErrorIs(t, mutant.Validate(), drand.ErrPublicKey, name)
		require.ErrorIs(t, drand.Verify(mutant, 9, signature), drand.ErrPublicKey, name)
	}
}

func TestSignaturesOfOtherKeysAreRefused(t *testing.T) {
	key, chain := development(t, 1)
	other, otherChain := development(t, 2)
	signature, err := key.Sign(9)
	require.NoError(t, err)
	foreign, err := other.Sign(9)
	require.NoError(t, err)
	var verifier drand.Verifier
	for range 3 { // The remembered key changes hands each time and must never leak into the answer.
		require.NoError(t, verifier.Verify(chain, 9, signature))
		require.ErrorIs(t, verifier.Verify(chain, 9, foreign), drand.ErrSignature)
		require.NoError(t, verifier.Verify(otherChain, 9, foreign))
		require.ErrorIs(t, verifier.Verify(otherChain, 9, signature), drand.ErrSignature)
	}
}

func TestVerifierRemembersACopyOfTheKey(t *testing.T) {
	key, chain := development(t, 1)
	_, otherChain := development(t, 2)
	signature, err := key.Sign(9)
	require.NoError(t, err)
	var verifier drand.Verifier
	require.NoError(t, verifier.Verify(chain, 9, signature))
	copy(chain.PublicKey, otherChain.PublicKey)
	require.ErrorIs(t, verifier.Verify(chain, 9, signature), drand.ErrSignature)
}

func TestBadChainsAreRefused(t *testing.T) {
	key, chain := development(t, 1)
	signature, err := key.Sign(9)
	require.NoError(t, err)
	for name, change := range map[string]func(*drand.Chain){
		"scheme":  func(c *drand.Chain) { c.Scheme = "pedersen-bls-chained" },
		"period":  func(c *drand.Chain) { c.Period = 0 },
		"genesis": func(c *drand.Chain) { c.Genesis = 0 },
	} {
		mutant := chain
		change(&mutant)
		require.ErrorIs(t, mutant.Validate(), drand.ErrChain, name)
		require.ErrorIs(t, drand.Verify(mutant, 9, signature), drand.ErrChain, name)
	}
}

func TestRoundsAndTimesAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		chain := drand.Chain{
			Period:  rapid.Uint32Range(1, math.MaxUint32).Draw(t, "period"),
			Genesis: rapid.Int64Range(1, math.MaxInt64).Draw(t, "genesis"),
		}
		unix := rapid.Int64().Draw(t, "unix")
		last := chain.RoundAt(unix)
		require.Equal(t, last+1, chain.RoundAfter(unix))
		if last > 0 {
			due, err := chain.TimeOf(last)
			require.NoError(t, err)
			require.LessOrEqual(t, due, unix)
		}
		if due, err := chain.TimeOf(last + 1); err == nil {
			require.Greater(t, due, unix)
			require.Equal(t, last+1, chain.RoundAt(due))
		}
	})
}

func TestTimeOfRefusesRoundsBeyondTheCalendar(t *testing.T) {
	chain := drand.Chain{Period: 3, Genesis: 1}
	_, err := chain.TimeOf(0)
	require.ErrorIs(t, err, drand.ErrRound)
	_, err = chain.TimeOf(math.MaxUint64)
	require.ErrorIs(t, err, drand.ErrRound)
	last := uint64(math.MaxInt64-1)/3 + 1
	due, err := chain.TimeOf(last)
	require.NoError(t, err)
	require.Positive(t, due)
	_, err = chain.TimeOf(last + 1)
	require.ErrorIs(t, err, drand.ErrRound)
	_, err = drand.Chain{Genesis: 1}.TimeOf(1)
	require.ErrorIs(t, err, drand.ErrChain)
	require.Zero(t, drand.Chain{Genesis: 1}.RoundAt(9))
}

// FuzzVerify holds that no bytes at all make the verifier panic or accept anything but the one right signature.
func FuzzVerify(f *testing.F) {
	key, chain := development(f, 1)
	right, err := key.Sign(9)
	require.NoError(f, err)
	f.Add(right, chain.PublicKey, uint64(9))
	f.Add([]byte{0xc0}, []byte{0xc0}, uint64(0))
	f.Fuzz(func(t *testing.T, signature, public []byte, round uint64) {
		mutant := chain
		mutant.PublicKey = public
		_ = drand.Verify(mutant, round, signature)
		if drand.Verify(chain, round, signature) == nil && round == 9 {
			require.Equal(t, right, signature)
		}
	})
}
