package full_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"flag"
	"math/big"
	"slices"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/proofs/full"
)

var (
	flips    = flag.Int("flips", 200, "how many flipped entries of Y to try")
	flipSize = flag.Uint("flip-size", 32, "rows, columns and inner dimension of the product whose entries are flipped")
)

// TestFlips changes one entry of Y, at random places and by random amounts, and presents the proof of the right Y for the
// commitment to the wrong one. What a prover can do who knows of the flip is tested in the prover's package.
func TestFlips(t *testing.T) {
	n := uint32(*flipSize)
	f := load(t, int(n*n))
	c := f.prove(t, draw("flips", n, n, n))
	require.NoError(t, f.verify(c))
	right, err := full.DecodeCommitment(c.Statement.Products[0].Y)
	require.NoError(t, err)
	s := newStream("places")
	point := make([]bn254.G1Affine, 1)
	for range *flips {
		row, col, by := s.uint32()%n, s.uint32()%n, int64(int32(s.uint32()|1))
		require.NoError(t, f.file.Read(point, int(row<<ceilLog(int(n))+col)))
		var change bn254.G1Affine
		change.ScalarMultiplication(&point[0], num(by))
		change.Add(&change, &right)
		wrong := *c
		wrong.Statement.Products = slices.Clone(c.Statement.Products)
		wrong.Statement.Products[0].Y = change.Bytes()
		require.ErrorIs(t, f.verify(&wrong), full.ErrProof, "%d,%d by %d", row, col, by)
	}
}

// TestReplay presents a proof for every statement that differs in one field.
func TestReplay(t *testing.T) {
	f := load(t, 0)
	c := f.prove(t, draw("replay", 5, 6, 7, 3))
	other := f.prove(t, draw("replay other", 5, 6, 7, 3))
	for name, change := range map[string]func(s *full.Statement){
		"digest":   func(s *full.Statement) { s.Digest[31] ^= 1 },
		"weights":  func(s *full.Statement) { s.Weights = other.Statement.Weights },
		"n":        func(s *full.Statement) { s.N = 6 },
		"k":        func(s *full.Statement) { s.K = 5 },
		"m":        func(s *full.Statement) { s.Products[0].M = 8 },
		"second m": func(s *full.Statement) { s.Products[1].M = 4 },
		"x":        func(s *full.Statement) { s.Products[0].X = other.Statement.Products[0].X },
		"y":        func(s *full.Statement) { s.Products[1].Y = other.Statement.Products[1].Y },
		"swapped":  func(s *full.Statement) { slices.Reverse(s.Products) },
		"fewer":    func(s *full.Statement) { s.Products = s.Products[:1] },
		"twice":    func(s *full.Statement) { s.Products = append(s.Products, s.Products[0]) },
		"none":     func(s *full.Statement) { s.Products = nil },
		"too many": func(s *full.Statement) { s.Products = make([]full.Product, full.MaxProducts+1) },
		"zero":     func(s *full.Statement) { s.K = 0 },
		"large":    func(s *full.Statement) { s.Products[0].M = full.MaxDimension + 1 },
		"no point": func(s *full.Statement) { s.Products[0].X = [32]byte{0x80, 31: 4} },
	} {
		wrong := full.Claimed{Statement: c.Statement, Proof: c.Proof}
		wrong.Statement.Products = slices.Clone(c.Statement.Products)
		change(&wrong.Statement)
		require.Error(t, f.verify(&wrong), name)
		_, err := f.slow(secret, &wrong)
		require.Error(t, err, name)
	}
}

// TestOtherKey presents a proof under another string, and one whose key differs in the development flag alone.
func TestOtherKey(t *testing.T) {
	f := load(t, 0)
	c := f.prove(t, draw("key", 5, 6, 7))
	raw := f.file.RawKey()
	raw[1] = 0
	key, err := full.ParseVerifyingKey(raw)
	require.NoError(t, err)
	require.False(t, key.Development())
	require.True(t, f.file.Key().Development())
	require.ErrorIs(t, full.Verify(key, c.Statement, c.Proof), full.ErrProof)
}

// elementMutations change one 32-byte element of a proof, given all of it.
var elementMutations = map[string]func(element, proof []byte){
	"lowest bit":   func(e, _ []byte) { e[31] ^= 1 },
	"middle bit":   func(e, _ []byte) { e[16] ^= 0x10 },
	"highest bit":  func(e, _ []byte) { e[0] ^= 0x80 },
	"sign":         func(e, _ []byte) { e[0] ^= 0x40 },
	"zero":         func(e, _ []byte) { clear(e) },
	"one":          func(e, _ []byte) { clear(e); e[31] = 1 },
	"infinity":     func(e, _ []byte) { clear(e); e[0] = 0x40 },
	"all ones":     func(e, _ []byte) { copy(e, bytes.Repeat([]byte{255}, 32)) },
	"generator":    func(e, _ []byte) { clear(e); e[0], e[31] = 0x80, 1 },
	"off curve":    func(e, _ []byte) { clear(e); e[0], e[31] = 0x80, 4 },
	"no infinity":  func(e, _ []byte) { clear(e); e[0], e[31] = 0x40, 1 },
	"plus order":   func(e, _ []byte) { addInteger(e, order) },
	"plus field":   func(e, _ []byte) { addInteger(e, fieldSize) },
	"first":        func(e, proof []byte) { copy(e, proof[:32]) },
	"last":         func(e, proof []byte) { copy(e, proof[len(proof)-32:]) },
	"negated":      func(e, _ []byte) { copy(e, bytes32(sub(num(0), reduce(new(big.Int).SetBytes(e))))) },
	"plus one":     func(e, _ []byte) { copy(e, bytes32(add(num(1), reduce(new(big.Int).SetBytes(e))))) },
	"both flipped": func(e, _ []byte) { e[0] ^= 0xc0 },
}

// addInteger adds without reducing, so that the element is an alias of what it was; it wraps where it doesn't fit.
func addInteger(e []byte, by *big.Int) {
	sum := new(big.Int).Add(new(big.Int).SetBytes(e), by)
	sum.Mod(sum, new(big.Int).Lsh(big.NewInt(1), 256)).FillBytes(e)
}

// TestMutations changes every element of a proof in every way, and swaps every two neighbours. The verifiers must agree to
// refuse all of them.
func TestMutations(t *testing.T) {
	f := load(t, 0)
	for _, s := range []full.Shape{{1, 1, 1}, {3, 2, 4}} {
		c := f.prove(t, draw("mutations", s.N, s.K, s.M))
		tried := 0
		refuse := func(proof []byte, name string, at int) {
			if bytes.Equal(proof, c.Proof) {
				return
			}
			tried++
			wrong := &full.Claimed{Statement: c.Statement, Proof: proof}
			require.Error(t, f.verify(wrong), "%v %s at %d", s, name, at)
			_, err := f.slow(secret, wrong)
			require.Error(t, err, "%v %s at %d", s, name, at)
		}
		for at := 0; at < len(c.Proof); at += 32 {
			for name, mutate := range elementMutations {
				proof := bytes.Clone(c.Proof)
				mutate(proof[at:at+32], c.Proof)
				refuse(proof, name, at)
			}
			swapped := bytes.Clone(c.Proof)
			copy(swapped[at:], append(bytes.Clone(c.Proof[(at+32)%len(c.Proof):][:32]), c.Proof[at:at+32]...))
			refuse(swapped[:len(c.Proof)], "swapped", at)
		}
		require.Greater(t, tried, 15*len(c.Proof)/32)
	}
}

// TestLengths tries every wrong length.
func TestLengths(t *testing.T) {
	f := load(t, 0)
	c := f.prove(t, draw("lengths", 3, 4, 5))
	for n := range len(c.Proof) {
		wrong := &full.Claimed{Statement: c.Statement, Proof: c.Proof[:n]}
		require.ErrorIs(t, f.verify(wrong), full.ErrProofEncoding)
	}
	for _, more := range [][]byte{{0}, make([]byte, 32), c.Proof} {
		wrong := &full.Claimed{Statement: c.Statement, Proof: append(bytes.Clone(c.Proof), more...)}
		require.ErrorIs(t, f.verify(wrong), full.ErrProofEncoding)
	}
	require.ErrorIs(t, f.verify(&full.Claimed{Statement: c.Statement}), full.ErrProofEncoding)
}

// TestMalleableCommitments holds that there is one commitment to Y: adding a coefficient outside of the tensor, within the
// padding, beyond its variables or beyond all blocks, gives a commitment that no proof fits, though every entry is right.
func TestMalleableCommitments(t *testing.T) {
	f := load(t, 0)
	work := draw("malleable", 3, 4, 5)
	w, err := f.prover.CommitWeights(context.Background(), work.weights)
	require.NoError(t, err)
	products := work.products(t, f.prover)
	right, err := full.DecodeCommitment(products[0].CommitY)
	require.NoError(t, err)
	point := make([]bn254.G1Affine, 1)
	for _, index := range []int{3, 20, 31, 32, 64, 4096, 8192} {
		require.NoError(t, f.file.Read(point, index))
		var changed bn254.G1Affine
		products[0].CommitY = changed.Add(&right, &point[0]).Bytes()
		_, err := f.prover.Prove(context.Background(), sha256.Sum256(nil), w, products)
		require.Error(t, err, index)
	}
}
