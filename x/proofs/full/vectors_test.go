package full_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/proofs/full"
)

var update = flag.Bool("update", false, "write testdata/vectors.json anew")

const vectorFile = "testdata/vectors.json"

// vectors are test vectors under one key. All bytes are in hex.
type vectors struct {
	Key string `json:"key"`
	// Secret is x of the key's string, with which points can be checked as scalars.
	Secret string   `json:"secret"`
	Cases  []vector `json:"cases"`
}

type vector struct {
	Name     string          `json:"name"`
	Digest   string          `json:"digest"`
	N        uint32          `json:"n"`
	K        uint32          `json:"k"`
	Weights  string          `json:"weights"`
	Products []vectorProduct `json:"products"`
	Proof    string          `json:"proof"`
	Valid    bool            `json:"valid"`
}

type vectorProduct struct {
	M uint32 `json:"m"`
	X string `json:"x"`
	Y string `json:"y"`
}

func vectorOf(name string, c *full.Claimed, valid bool) vector {
	s := &c.Statement
	v := vector{
		Name: name, Digest: hex.EncodeToString(s.Digest[:]), N: s.N, K: s.K, Weights: hex.EncodeToString(s.Weights[:]),
		Proof: hex.EncodeToString(c.Proof), Valid: valid,
	}
	for _, p := range s.Products {
		v.Products = append(v.Products, vectorProduct{p.M, hex.EncodeToString(p.X[:]), hex.EncodeToString(p.Y[:])})
	}
	return v
}

func (v *vector) claimed(t testing.TB) *full.Claimed {
	c := &full.Claimed{Proof: unhex(t, v.Proof)}
	c.Statement = full.Statement{N: v.N, K: v.K, Digest: [32]byte(unhex(t, v.Digest)), Weights: [32]byte(unhex(t, v.Weights))}
	for _, p := range v.Products {
		c.Statement.Products = append(c.Statement.Products,
			full.Product{M: p.M, X: full.Commitment(unhex(t, p.X)), Y: full.Commitment(unhex(t, p.Y))})
	}
	return c
}

func unhex(t testing.TB, s string) []byte {
	raw, err := hex.DecodeString(s)
	require.NoError(t, err)
	return raw
}

// makeVectors proves a few shapes, and spoils one proof in every element by one bit.
func makeVectors(t *testing.T) vectors {
	f := load(t, 0)
	out := vectors{Key: hex.EncodeToString(f.file.RawKey()), Secret: hex.EncodeToString(bytes32(bigOf(secret)))}
	for _, rows := range [][]uint32{{1, 1, 1}, {4, 4, 4}, {5, 6, 7}, {1, 16, 1}, {9, 3, 31}, {3, 4, 2, 3, 1}} {
		c := f.prove(t, draw(fmt.Sprint("vector", rows), rows[0], rows[1], rows[2:]...))
		out.Cases = append(out.Cases, vectorOf(fmt.Sprintf("%dx%d by rows %v", rows[0], rows[1], rows[2:]), c, true))
	}
	c := out.Cases[2].claimed(t)
	for at := 31; at < len(c.Proof); at += 32 {
		wrong := *c
		wrong.Proof = bytes.Clone(c.Proof)
		wrong.Proof[at] ^= 1
		out.Cases = append(out.Cases, vectorOf(fmt.Sprint("flipped bit at ", at), &wrong, false))
	}
	return out
}

func readVectors(t testing.TB) (out vectors) {
	raw, err := os.ReadFile(vectorFile)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, &out))
	return out
}

// TestVectors holds the verdicts on stored proofs, by both verifiers. Run with -tags purego or under another architecture it
// checks that the assembly of the curve agrees with the plain code.
func TestVectors(t *testing.T) {
	if *update {
		raw, err := json.MarshalIndent(makeVectors(t), "", " ")
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(vectorFile, append(raw, '\n'), 0o644))
	}
	stored := readVectors(t)
	key, err := full.ParseVerifyingKey(unhex(t, stored.Key))
	require.NoError(t, err)
	for _, v := range stored.Cases {
		c := v.claimed(t)
		err := full.Verify(key, c.Statement, c.Proof)
		_, slowErr := slowVerify(reduce(bigFrom(unhex(t, stored.Secret))), key.Hash(), &c.Statement, c.Proof)
		require.Equal(t, v.Valid, err == nil, v.Name)
		require.Equal(t, v.Valid, slowErr == nil, v.Name)
	}
}
