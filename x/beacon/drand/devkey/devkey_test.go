package devkey_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/assaychain/assay/x/beacon/drand"
	"github.com/assaychain/assay/x/beacon/drand/devkey"
)

func TestWhatItSignsVerifies(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key, err := devkey.FromSeed(rapid.SliceOfN(rapid.Byte(), devkey.SeedSize, devkey.SeedSize).Draw(t, "seed"))
		require.NoError(t, err)
		round := rapid.Uint64Min(1).Draw(t, "round")
		signature, err := key.Sign(round)
		require.NoError(t, err)
		chain := drand.Chain{PublicKey: key.PublicKey(), Period: 1, Genesis: 1, Scheme: drand.Scheme}
		require.NoError(t, drand.Verify(chain, round, signature))
		require.ErrorIs(t, drand.Verify(chain, round^2|1<<40, signature), drand.ErrSignature)
	})
}

func TestSameSeedSameKey(t *testing.T) {
	seed := bytes.Repeat([]byte{7}, devkey.SeedSize)
	first, err := devkey.FromSeed(seed)
	require.NoError(t, err)
	second, err := devkey.FromSeed(seed)
	require.NoError(t, err)
	require.Equal(t, first.PublicKey(), second.PublicKey())
	seed[0]++
	third, err := devkey.FromSeed(seed)
	require.NoError(t, err)
	require.NotEqual(t, first.PublicKey(), third.PublicKey())
}

func TestBadInput(t *testing.T) {
	for _, length := range []int{0, devkey.SeedSize - 1, devkey.SeedSize + 1} {
		_, err := devkey.FromSeed(make([]byte, length))
		require.ErrorContains(t, err, "seed of")
	}
	key, err := devkey.FromSeed(make([]byte, devkey.SeedSize))
	require.NoError(t, err)
	_, err = key.Sign(0)
	require.ErrorIs(t, err, drand.ErrRound)
	key.PublicKey()[0] = 0
	require.NotZero(t, key.PublicKey()[0], "the caller got the key itself, not a copy")
}
