package drand_test

import (
	"encoding/hex"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/beacon/drand"
)

// quicknetHash names the chain in drand's paths: https://api.drand.sh/<hash>/info and /public/<round>.
const quicknetHash = "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971"

// published are rounds of quicknet as drand's public endpoints serve them. Also printed in: rounds 1, 2, 3, 30662982 and
// 30663002 in the beacon tests of ChainSafe's forest, round 1000 in the tests of drand-based pallets and contracts,
// round 657413 in the description of the package drand-verify on PyPI.
var published = []struct {
	round                 uint64
	signature, randomness string
}{
	{1, "b55e7cb2d5c613ee0b2e28d6750aabbb78c39dcc96bd9d38c2c2e12198df95571de8e8e402a0cc48871c7089a2b3af4b",
		"1466a6cd24e327188770752f6134001c64d6efcc590ccc26b721611ad96f165a"},
	{2, "b6b6a585449b66eb12e875b64fcbab3799861a00e4dbf092d99e969a5eac57dd3f798acf61e705fe4f093db926626807",
		"5782d6987841c654515a0e72b2d1ebb4e741234042c37cb19608ae50d93fb60c"},
	{3, "b3fab6df720b68cc47175f2c777e86d84187caab5770906f515ff1099cb01e4deaa027075d860823e49477b93c72bd64",
		"7ef4621ace1c6da4eb2eee7cd901f81385bca5b189771ec0f08d0d2566dd1a21"},
	{1000, "b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39",
		"fe290beca10872ef2fb164d2aa4442de4566183ec51c56ff3cd603d930e54fdd"},
	{657413, "b713718a38ae728dfd477991af2822e08d2f305e47718cef9f7848ce4050e7be41076862b98fad56e91a6b85b89cd97b",
		"fc1873a13f3545aeade8401532ef5519920652eee6b0d2b19ca12643b87b3587"},
	{30662982, "8b3edd0d42a2fa36ac15641a2dea2e4f4895acec2ef72ef39e5b6138f0346fb6b046dde1b4b3d09ff5fe8a6a7acd674a",
		"ae76da5137c6d0a0d3b50d325948b26cc3ff1f804cd7bbca29b9250c2bfe8d67"},
	{30663002, "b9e7e1e3d7d9cf17a9f4703abfae4c137acfbef1fdb45715a98422c244a499ea381c7fd759851ed8eeb8a03d778959b3",
		"2a231554933f6fd70314fa470152710fac3eba10d052cab996e8f30854fa7f55"},
}

// quicknet is the description served at /info.
func quicknet() drand.Info {
	return drand.Info{
		Chain: drand.Chain{
			PublicKey: unhex("83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6a0a6c3ac6a5776a2d106451" +
				"0d1fec758c921cc22b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a"),
			Period:  3,
			Genesis: 1692803367,
			Scheme:  drand.Scheme,
		},
		GroupHash: unhex("f477d5c89f21a17c863a7f937c6a6d15859414d2be09cd448d4279af331c5d3e"),
		BeaconID:  "quicknet",
	}
}

func unhex(text string) []byte {
	data, err := hex.DecodeString(text)
	if err != nil {
		panic(err)
	}
	return data
}

func TestPublishedRoundsVerify(t *testing.T) {
	chain := quicknet().Chain
	require.NoError(t, chain.Validate())
	for _, want := range published {
		signature := unhex(want.signature)
		require.NoError(t, drand.Verify(chain, want.round, signature), "round %d", want.round)
		randomness := drand.Randomness(signature)
		require.Equal(t, want.randomness, hex.EncodeToString(randomness[:]), "round %d", want.round)
	}
}

func TestPublishedRoundsVerifyForNoOtherRound(t *testing.T) {
	chain := quicknet().Chain
	for _, signed := range published {
		for _, claimed := range published {
			err := drand.Verify(chain, claimed.round, unhex(signed.signature))
			require.Equal(t, signed.round == claimed.round, err == nil, "round %d as round %d", signed.round, claimed.round)
		}
		require.ErrorIs(t, drand.Verify(chain, signed.round+1<<32, unhex(signed.signature)), drand.ErrSignature)
	}
	require.ErrorIs(t, drand.Verify(chain, 0, unhex(published[0].signature)), drand.ErrRound)
}

func TestPublishedChainHash(t *testing.T) {
	info := quicknet()
	hash := info.Hash()
	require.Equal(t, quicknetHash, hex.EncodeToString(hash[:]))
	changed := info
	changed.BeaconID = "default"
	require.NotEqual(t, hash, changed.Hash())
}

func TestPublishedTimes(t *testing.T) {
	chain := quicknet().Chain
	due, err := chain.TimeOf(1000)
	require.NoError(t, err)
	require.EqualValues(t, 1692806364, due)
	require.EqualValues(t, 1000, chain.RoundAt(due))
	require.EqualValues(t, 999, chain.RoundAt(due-1))
	require.EqualValues(t, 1001, chain.RoundAfter(due))
}

func TestEveryFlippedBitIsRefused(t *testing.T) {
	key, err := drand.ParseKey(quicknet().PublicKey)
	require.NoError(t, err)
	for _, signed := range published[:2] {
		signature := unhex(signed.signature)
		for bit := range len(signature) * 8 {
			mutant := append([]byte(nil), signature...)
			mutant[bit/8] ^= 1 << (bit % 8)
			err := key.Verify(signed.round, mutant)
			require.Error(t, err, "round %d, bit %d", signed.round, bit)
			require.True(t, errors.Is(err, drand.ErrEncoding) || errors.Is(err, drand.ErrSignature), "bit %d: %v", bit, err)
		}
	}
}

func TestEveryFlippedBitOfTheKeyIsRefused(t *testing.T) {
	chain := quicknet().Chain
	for bit := range len(chain.PublicKey) * 8 {
		mutant := chain
		mutant.PublicKey = append([]byte(nil), chain.PublicKey...)
		mutant.PublicKey[bit/8] ^= 1 << (bit % 8)
		require.Error(t, drand.Verify(mutant, 1, unhex(published[0].signature)), "bit %d", bit)
	}
}

func BenchmarkVerify(b *testing.B) {
	key, err := drand.ParseKey(quicknet().PublicKey)
	require.NoError(b, err)
	signature := unhex(published[3].signature)
	b.ResetTimer()
	for b.Loop() {
		if err := key.Verify(1000, signature); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseKey(b *testing.B) {
	encoded := quicknet().PublicKey
	for b.Loop() {
		if _, err := drand.ParseKey(encoded); err != nil {
			b.Fatal(err)
		}
	}
}
