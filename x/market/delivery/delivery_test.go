package delivery_test

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/nacl/box"
	"pgregory.net/rapid"

	"github.com/assaychain/assay/x/market/delivery"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
)

func output(rows, cols uint32) program.Tensor {
	return program.Tensor{
		Name: "y", Kind: program.TENSOR_KIND_PLAIN, Type: program.DATA_TYPE_INT8, Rows: rows, Cols: cols,
	}
}

func TestOpensExactlyToWhatWasSealed(t *testing.T) {
	key, secret, err := box.GenerateKey(rand.Reader)
	require.NoError(t, err)
	require.NoError(t, delivery.CheckKey(key[:]))
	require.NoError(t, delivery.CheckSecret(secret[:], key[:]))
	rapid.Check(t, func(t *rapid.T) {
		declared := output(rapid.Uint32Range(1, 5).Draw(t, "rows"), rapid.Uint32Range(1, 70).Draw(t, "cols"))
		size := int(declared.BlobSize())
		blob := rapid.SliceOfN(rapid.Byte(), size, size).Draw(t, "blob")
		sealed, err := delivery.Seal(rand.Reader, blob, key[:])
		require.NoError(t, err)
		require.Len(t, sealed, int(delivery.SealedSize(declared)))
		opened, ok, err := delivery.Open(sealed, secret[:], declared)
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, blob, tensor.EncodeBlob(opened))

		spoiled := bytes.Clone(sealed)
		spoiled[rapid.IntRange(0, len(sealed)-1).Draw(t, "at")] ^= 1 << rapid.IntRange(0, 6).Draw(t, "bit")
		_, ok, err = delivery.Open(spoiled, secret[:], declared)
		require.NoError(t, err)
		require.False(t, ok, "a box that was changed")

		short, err := delivery.Seal(rand.Reader, blob[:size-1], key[:])
		require.NoError(t, err)
		_, ok, err = delivery.Open(short, secret[:], declared)
		require.NoError(t, err)
		require.False(t, ok, "a blob that is too short")
	})
}

func TestKeysThatAreRefused(t *testing.T) {
	for name, text := range map[string]string{
		"zero":              "0000000000000000000000000000000000000000000000000000000000000000",
		"one":               "0100000000000000000000000000000000000000000000000000000000000000",
		"order 8":           "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
		"order 8 again":     "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
		"minus one":         "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"the prime":         "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"above the prime":   "f6ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"with the high bit": "0900000000000000000000000000000000000000000000000000000000000080",
		"short":             "0900",
	} {
		key, err := hex.DecodeString(text)
		require.NoError(t, err)
		require.ErrorIs(t, delivery.CheckKey(key), delivery.ErrKey, name)
		_, err = delivery.Seal(rand.Reader, []byte("x"), key)
		require.ErrorIs(t, err, delivery.ErrKey, name)
	}
	nine := make([]byte, delivery.KeySize)
	nine[0] = 9
	require.NoError(t, delivery.CheckKey(nine))
	top, err := hex.DecodeString("ebffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")
	require.NoError(t, err)
	require.NoError(t, delivery.CheckKey(top))
}

func TestSecretsThatAreRefused(t *testing.T) {
	key, secret, err := box.GenerateKey(rand.Reader)
	require.NoError(t, err)
	_, other, err := box.GenerateKey(rand.Reader)
	require.NoError(t, err)
	require.ErrorIs(t, delivery.CheckSecret(other[:], key[:]), delivery.ErrSecret)
	require.ErrorIs(t, delivery.CheckSecret(secret[:31], key[:]), delivery.ErrSecret)
	require.ErrorIs(t, delivery.CheckSecret(nil, key[:]), delivery.ErrSecret)
}
