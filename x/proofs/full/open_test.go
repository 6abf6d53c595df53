package full_test

import (
	"context"
	"crypto/sha256"
	"math/big"
	"slices"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/assaychain/assay/x/proofs/full"
	"github.com/assaychain/assay/x/proofs/full/prover"
)

// opened is a committed tensor with an opening.
type opened struct {
	m, n       uint32
	y          []int32
	commitment full.Commitment
	point      [full.ScalarSize]byte
	opening    []byte
}

func openAt(t require.TestingT, f *fixture, m, n uint32, y []int32, context []byte) opened {
	o := opened{m: m, n: n, y: y, point: full.OpeningPoint(context)}
	var err error
	o.commitment, err = f.prover.CommitY(background(), m, n, y)
	require.NoError(t, err)
	o.opening, err = f.prover.Open(background(), prover.Committed{M: m, N: n, Values: y, Commitment: o.commitment}, o.point)
	require.NoError(t, err)
	require.Len(t, o.opening, full.OpeningSize)
	return o
}

func background() context.Context { return context.Background() }

// TestOpening opens tensors of random shapes, and holds the value against a sum over math/big by the README's layout.
func TestOpening(t *testing.T) {
	f := load(t, 0)
	rapid.Check(t, func(r *rapid.T) {
		m, n := rapid.Uint32Range(1, 20).Draw(r, "m"), rapid.Uint32Range(1, 20).Draw(r, "n")
		y := rapid.SliceOfN(rapid.Int32(), int(m*n), int(m*n)).Draw(r, "y")
		o := openAt(r, f, m, n, y, rapid.SliceOf(rapid.Byte()).Draw(r, "context"))
		value, err := full.CheckOpening(f.file.Key(), o.commitment, o.point, o.opening)
		require.NoError(r, err)
		require.Zero(r, slowValue(m, n, y, o.point).Cmp(new(big.Int).SetBytes(value[:])))
		evaluated, err := full.Evaluate(m, n, y, o.point)
		require.NoError(r, err)
		require.Equal(r, evaluated, value)
	})
}

// slowValue adds every entry times its power of the point up.
func slowValue(m, n uint32, y []int32, point [full.ScalarSize]byte) *big.Int {
	stride := 1
	for stride < int(n) {
		stride *= 2
	}
	z, sum := new(big.Int).SetBytes(point[:]), new(big.Int)
	for i := range int(m) {
		for j := range int(n) {
			power := new(big.Int).Exp(z, big.NewInt(int64(i*stride+j)), fr.Modulus())
			sum.Add(sum, power.Mul(power, big.NewInt(int64(y[i*int(n)+j]))))
		}
	}
	return sum.Mod(sum, fr.Modulus())
}

// TestOpeningRefusals holds that nothing opens to another value, at another point, under another commitment or key, or in
// another encoding.
func TestOpeningRefusals(t *testing.T) {
	f := load(t, 0)
	y := []int32{1, -2, 3, 1 << 30, -5, 6}
	o := openAt(t, f, 2, 3, y, []byte("contest"))
	other := slices.Clone(y)
	other[4]++
	foreign := openAt(t, f, 2, 3, other, []byte("contest"))
	replayed := openAt(t, f, 2, 3, y, []byte("another contest"))
	check := func(c full.Commitment, point [full.ScalarSize]byte, opening []byte) error {
		_, err := full.CheckOpening(f.file.Key(), c, point, opening)
		return err
	}
	require.NoError(t, check(o.commitment, o.point, o.opening))
	wrongValue := slices.Concat(foreign.opening[:full.ScalarSize], o.opening[full.ScalarSize:])
	require.ErrorIs(t, check(o.commitment, o.point, wrongValue), full.ErrProof, "a value of other entries")
	require.ErrorIs(t, check(o.commitment, o.point, foreign.opening), full.ErrProof, "a whole opening of other entries")
	require.ErrorIs(t, check(foreign.commitment, o.point, o.opening), full.ErrProof, "another commitment")
	require.ErrorIs(t, check(o.commitment, replayed.point, o.opening), full.ErrProof, "an opening at another point")
	require.ErrorIs(t, check(o.commitment, o.point, replayed.opening), full.ErrProof, "an opening for another contest")
	wrongProof := slices.Concat(o.opening[:full.ScalarSize], o.commitment[:])
	require.ErrorIs(t, check(o.commitment, o.point, wrongProof), full.ErrProof, "another quotient")
	for name, opening := range map[string][]byte{
		"empty": nil, "short": o.opening[1:], "long": append(slices.Clone(o.opening), 0),
		"value above the modulus": slices.Concat(fr.Modulus().Bytes(), o.opening[full.ScalarSize:]),
		"no point":                slices.Concat(o.opening[:full.ScalarSize], make([]byte, 32)),
	} {
		require.ErrorIs(t, check(o.commitment, o.point, opening), full.ErrProofEncoding, name)
	}
	require.ErrorIs(t, check(full.Commitment{1}, o.point, o.opening), full.ErrStatement)
	require.ErrorIs(t, check(o.commitment, [full.ScalarSize]byte(fr.Modulus().Bytes()), o.opening), full.ErrStatement)
}

// TestOpeningProverRefuses holds that a prover opens nothing but what was committed to.
func TestOpeningProverRefuses(t *testing.T) {
	f := load(t, 0)
	o := openAt(t, f, 2, 2, []int32{1, 2, 3, 4}, nil)
	_, err := f.prover.Open(t.Context(), prover.Committed{M: 2, N: 2, Values: []int32{1, 2, 3, 5}, Commitment: o.commitment}, o.point)
	require.ErrorIs(t, err, prover.ErrWrong)
	_, err = f.prover.Open(t.Context(), prover.Committed{M: 2, N: 3, Values: o.y, Commitment: o.commitment}, o.point)
	require.ErrorIs(t, err, full.ErrShape)
	_, err = full.Evaluate[int32](0, 1, nil, o.point)
	require.ErrorIs(t, err, full.ErrShape)
	_, err = full.Evaluate(1, 1, []int32{1}, [full.ScalarSize]byte(fr.Modulus().Bytes()))
	require.ErrorIs(t, err, full.ErrStatement)
}

// TestOpeningOfOne opens a constant, whose quotient is the point at infinity, and zero.
func TestOpeningOfOne(t *testing.T) {
	f := load(t, 0)
	for _, y := range []int32{0, 7, -7} {
		o := openAt(t, f, 1, 1, []int32{y}, []byte{1})
		_, err := full.CheckOpening(f.file.Key(), o.commitment, o.point, o.opening)
		require.NoError(t, err)
	}
}

// TestOpeningPoint holds that contexts of different lengths share no point.
func TestOpeningPoint(t *testing.T) {
	digest := sha256.Sum256(nil)
	seen := map[[full.ScalarSize]byte]bool{}
	for _, context := range [][]byte{nil, {0}, {0, 0}, digest[:], digest[:31]} {
		seen[full.OpeningPoint(context)] = true
	}
	require.Len(t, seen, 5)
}

// FuzzOpening tries bytes as an opening.
func FuzzOpening(f *testing.F) {
	fixture := load(f, 0)
	o := openAt(f, fixture, 2, 2, []int32{1, 2, 3, 4}, nil)
	f.Add(o.opening)
	f.Fuzz(func(t *testing.T, raw []byte) {
		_, err := full.CheckOpening(fixture.file.Key(), o.commitment, o.point, raw)
		if (err == nil) != slices.Equal(raw, o.opening) {
			t.Fatalf("%x: %v", raw, err)
		}
	})
}

func BenchmarkOpening(b *testing.B) {
	f := load(b, 0)
	o := openAt(b, f, 64, 64, make([]int32, 64*64), nil)
	b.Run("check", func(b *testing.B) {
		for b.Loop() {
			_, err := full.CheckOpening(f.file.Key(), o.commitment, o.point, o.opening)
			require.NoError(b, err)
		}
	})
	b.Run("evaluate", func(b *testing.B) {
		for b.Loop() {
			_, err := full.Evaluate(o.m, o.n, o.y, o.point)
			require.NoError(b, err)
		}
	})
}

// BenchmarkDecodeProof measures what it takes to decode a proof once more when it arrives.
func BenchmarkDecodeProof(b *testing.B) {
	f := load(b, 0)
	c := f.prove(b, draw("decode", 64, 64, 64))
	for b.Loop() {
		_, err := full.DecodeProof(c.Statement.Shape(), c.Proof)
		require.NoError(b, err)
	}
}
