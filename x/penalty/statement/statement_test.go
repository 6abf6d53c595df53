package statement_test

import (
	"crypto/sha256"
	"encoding/hex"
	"math/big"
	"strings"
	"testing"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	sdksecp "github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"

	"github.com/assaychain/assay/x/penalty/statement"
)

var (
	secret = sha256.Sum256([]byte("key of the golden statement"))
	public = secp256k1.PrivKeyFromBytes(secret[:]).PubKey().SerializeCompressed()
	golden = statement.Statement{
		ChainID: "assay-local-1", Operator: []byte(strings.Repeat("\x01", 20)), Subject: "epoch/receipts", Slot: 1_900_000_000,
		Digest: sha256.Sum256([]byte("what is said")),
	}
)

// TestGoldenVector pins the encoding and the signature; the README has the same.
func TestGoldenVector(t *testing.T) {
	content, err := golden.SignBytes()
	require.NoError(t, err)
	require.Equal(t, "0012"+hex.EncodeToString([]byte("assay/statement/v1"))+
		"000d"+hex.EncodeToString([]byte("assay-local-1"))+
		"0014"+strings.Repeat("01", 20)+
		"000e"+hex.EncodeToString([]byte("epoch/receipts"))+
		"00000000713fb300"+hex.EncodeToString(golden.Digest[:]), hex.EncodeToString(content))
	require.Equal(t, goldenHash, hex.EncodeToString(hash(content)))
	signature, err := statement.Sign(secret[:], golden)
	require.NoError(t, err)
	require.Equal(t, goldenSignature, hex.EncodeToString(signature))
	require.NoError(t, statement.Verify(public, golden, signature))
}

const (
	goldenHash      = "e3f71ccfbb49d110c76fba4b2093041db77a919b92d8f09db5bf4b9135086c15"
	goldenSignature = "68c5b12b15beed4ea8ea0f940b8946e51d5e6c81e38a43e2ea644883410d53191217b3265718494db98dddf0eab121123f7a5ecfa369042589e0a1c4015c93a0"
)

// TestKeyringsSignAlike: the SDK's keys sign the same bytes alike, so that any keyring can make statements.
func TestKeyringsSignAlike(t *testing.T) {
	content, err := golden.SignBytes()
	require.NoError(t, err)
	key := &sdksecp.PrivKey{Key: secret[:]}
	theirs, err := key.Sign(content)
	require.NoError(t, err)
	ours, err := statement.Sign(secret[:], golden)
	require.NoError(t, err)
	require.Equal(t, theirs, ours)
	require.Equal(t, key.PubKey().Bytes(), public)
}

// TestEncodingIsInjective: two statements share their bytes only when they are equal.
func TestEncodingIsInjective(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := draw(t, "a"), draw(t, "b")
		one, err := a.SignBytes()
		require.NoError(t, err)
		two, err := b.SignBytes()
		require.NoError(t, err)
		same := a.ChainID == b.ChainID && string(a.Operator) == string(b.Operator) && a.Subject == b.Subject && a.Slot == b.Slot && a.Digest == b.Digest
		require.Equal(t, same, string(one) == string(two))
	})
}

func draw(t *rapid.T, name string) statement.Statement {
	s := statement.Statement{
		ChainID:  rapid.StringMatching(`[ab\x00]{1,3}`).Draw(t, name+" chain"),
		Operator: []byte(rapid.StringMatching(`[ab\x00]{1,3}`).Draw(t, name+" operator")),
		Subject:  rapid.StringMatching(`[ab]{1,3}`).Draw(t, name+" subject"),
		Slot:     rapid.Uint64Range(0, 1).Draw(t, name+" slot"),
	}
	s.Digest[0] = rapid.ByteRange(0, 1).Draw(t, name+" digest")
	return s
}

// TestOneSignatureOneEncoding: of all forms of a valid signature only one is taken.
func TestOneSignatureOneEncoding(t *testing.T) {
	signature, err := statement.Sign(secret[:], golden)
	require.NoError(t, err)
	order := secp256k1.S256().N
	r, s := new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])
	form := func(r, s *big.Int) []byte {
		out := make([]byte, 64)
		r.FillBytes(out[:32])
		s.FillBytes(out[32:])
		return out
	}
	require.NoError(t, statement.Verify(public, golden, form(r, s)))
	zero, one := new(big.Int), big.NewInt(1)
	forms := map[string][]byte{
		"high s":      form(r, new(big.Int).Sub(order, s)),
		"s is zero":   form(r, zero),
		"s is order":  form(r, order),
		"r is zero":   form(zero, s),
		"r is order":  form(order, s),
		"r over":      form(new(big.Int).Add(order, one), s),
		"short":       signature[:63],
		"long":        append(append([]byte{}, signature...), 0),
		"empty":       nil,
		"DER":         {0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01},
		"with header": append([]byte{27}, signature...),
	}
	for name, bad := range forms {
		require.ErrorIs(t, statement.Verify(public, golden, bad), statement.ErrEncoding, name)
	}
}

// TestEveryFieldIsBound: a signature holds for no other statement, key or chain.
func TestEveryFieldIsBound(t *testing.T) {
	signature, err := statement.Sign(secret[:], golden)
	require.NoError(t, err)
	for name, spoil := range map[string]func(*statement.Statement){
		"chain":    func(s *statement.Statement) { s.ChainID = "assay-local-2" },
		"operator": func(s *statement.Statement) { s.Operator = []byte(strings.Repeat("\x02", 20)) },
		"subject":  func(s *statement.Statement) { s.Subject += "x" },
		"slot":     func(s *statement.Statement) { s.Slot++ },
		"digest":   func(s *statement.Statement) { s.Digest[31] ^= 1 },
	} {
		other := golden
		spoil(&other)
		require.ErrorIs(t, statement.Verify(public, other, signature), statement.ErrSignature, name)
	}
	stranger := sha256.Sum256([]byte("another"))
	require.ErrorIs(t, statement.Verify(secp256k1.PrivKeyFromBytes(stranger[:]).PubKey().SerializeCompressed(), golden, signature), statement.ErrSignature)
	for i := range signature {
		spoilt := append([]byte{}, signature...)
		spoilt[i] ^= 1
		require.Error(t, statement.Verify(public, golden, spoilt), i)
	}
}

func TestFieldsOutOfRange(t *testing.T) {
	for name, spoil := range map[string]func(*statement.Statement){
		"no chain":      func(s *statement.Statement) { s.ChainID = "" },
		"long chain":    func(s *statement.Statement) { s.ChainID = strings.Repeat("a", 65) },
		"no operator":   func(s *statement.Statement) { s.Operator = nil },
		"long operator": func(s *statement.Statement) { s.Operator = make([]byte, 256) },
		"no subject":    func(s *statement.Statement) { s.Subject = "" },
		"long subject":  func(s *statement.Statement) { s.Subject = strings.Repeat("a", 65) },
		"odd subject":   func(s *statement.Statement) { s.Subject = "a b" },
	} {
		bad := golden
		spoil(&bad)
		_, err := statement.Sign(secret[:], bad)
		require.ErrorIs(t, err, statement.ErrField, name)
		require.ErrorIs(t, statement.Verify(public, bad, make([]byte, 64)), statement.ErrField, name)
	}
}

func TestKeysOutOfRange(t *testing.T) {
	signature, err := statement.Sign(secret[:], golden)
	require.NoError(t, err)
	order := secp256k1.S256().N.FillBytes(make([]byte, 32))
	for name, key := range map[string][]byte{"short": secret[:31], "zero": make([]byte, 32), "order": order, "none": nil} {
		_, err := statement.Sign(key, golden)
		require.ErrorIs(t, err, statement.ErrKey, name)
	}
	off := append([]byte{5}, public[1:]...)
	for name, key := range map[string][]byte{"short": public[:32], "off the curve": off, "uncompressed": make([]byte, 65), "none": nil} {
		require.ErrorIs(t, statement.Verify(key, golden, signature), statement.ErrKey, name)
	}
}

func TestMarksDiffer(t *testing.T) {
	seen := map[[32]byte]bool{}
	for _, operator := range []string{"a", "ab", "b"} {
		for _, subject := range []string{"a", "b", "bb", "ab"} {
			mark := statement.Mark([]byte(operator), subject)
			require.False(t, seen[mark])
			seen[mark] = true
		}
	}
}

func hash(content []byte) []byte {
	sum := sha256.Sum256(content)
	return sum[:]
}
