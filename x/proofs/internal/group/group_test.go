package group_test

import (
	"math/big"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fp"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/assaychain/assay/x/proofs/internal/group"
)

// TestSum compares sums with the library's products, for the scalars where digits carry furthest too.
func TestSum(t *testing.T) {
	_, _, generator, _ := bn254.Generators()
	edges := []string{"0", "1", "15", "16", "17", "31", "32", "0xffffffffffffffff", "0xffffffffffffffffffffffffffffffff", "-1", "-2", "-16", "-17"}
	rapid.Check(t, func(r *rapid.T) {
		terms := make([]group.Term, rapid.IntRange(0, 6).Draw(r, "terms"))
		var want bn254.G1Affine
		for i := range terms {
			raw := rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(r, "scalar")
			terms[i].Scalar.SetBytes(raw)
			if rapid.Bool().Draw(r, "edge") {
				_, err := terms[i].Scalar.SetString(rapid.SampledFrom(edges).Draw(r, "of"))
				require.NoError(t, err)
			}
			terms[i].Point.ScalarMultiplication(&generator, big.NewInt(rapid.Int64Range(-3, 3).Draw(r, "point")))
			var product bn254.G1Affine
			product.ScalarMultiplication(&terms[i].Point, terms[i].Scalar.BigInt(new(big.Int)))
			want.Add(&want, &product)
		}
		got := group.Sum(terms)
		require.True(t, want.Equal(&got))
	})
}

// TestSumMany compares the sum of many multiples of one point with the multiple by their sum.
func TestSumMany(t *testing.T) {
	_, _, generator, _ := bn254.Generators()
	for _, n := range []int{101, 400, 3000} {
		terms := make([]group.Term, n)
		scalar, total := fr.NewElement(3), fr.Element{}
		scalar.Inverse(&scalar)
		for i := range terms {
			scalar.Square(&scalar)
			terms[i] = group.Term{Scalar: scalar, Point: generator}
			if i%7 == 0 {
				terms[i].Scalar.SetUint64(uint64(i))
			}
			if i%11 == 0 {
				terms[i].Point.Neg(&generator)
				total.Sub(&total, &terms[i].Scalar)
			} else {
				total.Add(&total, &terms[i].Scalar)
			}
		}
		var want bn254.G1Affine
		want.ScalarMultiplication(&generator, total.BigInt(new(big.Int)))
		got := group.Sum(terms)
		require.True(t, want.Equal(&got), n)
	}
}

// TestSums compares sums of several lists with those of each, for scalars of all lengths.
func TestSums(t *testing.T) {
	_, _, generator, _ := bn254.Generators()
	scalar := fr.NewElement(3)
	scalar.Inverse(&scalar)
	var lists [][]group.Term
	var want []bn254.G1Affine
	for i, n := range []int{0, 1, 3, 41, 64, 64, 70, 500, 0, 64} {
		terms, total := make([]group.Term, n), fr.Element{}
		for j := range terms {
			scalar.Square(&scalar)
			terms[j] = group.Term{Scalar: scalar, Point: generator}
			if i%2 == 0 {
				terms[j].Scalar.SetUint64(scalar.Bits()[0])
			}
			total.Add(&total, &terms[j].Scalar)
		}
		var sum bn254.G1Affine
		sum.ScalarMultiplication(&generator, total.BigInt(new(big.Int)))
		lists, want = append(lists, terms), append(want, sum)
	}
	got := group.Sums(lists)
	for i := range want {
		require.True(t, want[i].Equal(&got[i]), i)
		alone := group.Sum(lists[i])
		require.True(t, want[i].Equal(&alone), i)
	}
	require.Empty(t, group.Sums(nil))
}

// TestDecode holds that each point has one encoding.
func TestDecode(t *testing.T) {
	_, _, g1, g2 := bn254.Generators()
	raw1, raw2 := g1.Bytes(), g2.Bytes()
	_, err := group.DecodeG1(raw1[:])
	require.NoError(t, err)
	_, err = group.DecodeG2(raw2[:])
	require.NoError(t, err)
	uncompressed := g1.RawBytes()
	infinity := make([]byte, 32)
	infinity[0] = 0x40
	p, err := group.DecodeG1(infinity)
	require.NoError(t, err)
	require.True(t, p.IsInfinity())
	infinity[31] = 1
	for name, raw := range map[string][]byte{
		"empty": nil, "short": raw1[:31], "long": append(raw1[:], 0), "uncompressed": uncompressed[:], "infinity with a bit": infinity,
		"zeros": make([]byte, 32), "half": uncompressed[:32],
	} {
		_, err := group.DecodeG1(raw)
		require.Error(t, err, name)
		_, err = group.DecodeG2(raw)
		require.Error(t, err, name)
	}
	// On the curve of G2 and not in its subgroup.
	outside := outsideSubgroup(t)
	raw := outside.Bytes()
	_, err = group.DecodeG2(raw[:])
	require.Error(t, err)
}

// TestDecompress holds that points decoded together are those decoded alone, and that what is no point's encoding stays unknown.
func TestDecompress(t *testing.T) {
	_, _, generator, _ := bn254.Generators()
	var raw [][group.G1Size]byte
	var next bn254.G1Affine
	for i := range 300 {
		next.Add(&next, &generator)
		encoding := next.Bytes()
		switch i % 5 {
		case 1:
			negative := next
			negative.Neg(&negative)
			encoding = negative.Bytes()
		case 2:
			encoding[31] ^= 1 << (i % 8) // Half of these are points.
		case 3:
			encoding[0] ^= byte(i) // Flags of no point, or of infinity, and numbers above the modulus.
		}
		raw = append(raw, encoding)
	}
	raw = append(raw, [group.G1Size]byte{}, [group.G1Size]byte{0x40}, [group.G1Size]byte{0x80}, [group.G1Size]byte{0xc0, 31: 1}, raw[0])
	known := group.Decompress(raw)
	points, unknown := 0, 0
	for _, encoding := range raw {
		want, wantErr := group.DecodeG1(encoding[:])
		got, err := known.DecodeG1(encoding[:])
		require.Equal(t, wantErr, err)
		require.True(t, want.Equal(&got))
		p, ok := known.Point(encoding)
		require.Equal(t, wantErr == nil && !want.IsInfinity(), ok, "%x", encoding)
		if ok {
			points++
			require.Equal(t, want, p)
		} else {
			unknown++
		}
	}
	require.Greater(t, points, 200)
	require.Greater(t, unknown, 30)
	require.Nil(t, group.Decompress(raw[:3]))
	_, err := known.DecodeG1(raw[0][:31])
	require.Error(t, err)
}

func outsideSubgroup(t *testing.T) bn254.G2Affine {
	var p, b bn254.G2Affine
	_, _, _, b = bn254.Generators()
	var x, right = b.X, b.Y
	constant := b.Y
	constant.Square(&b.Y)
	right.Square(&b.X).Mul(&right, &b.X)
	constant.Sub(&constant, &right) // y² - x³
	for range 100 {
		x.A0.Double(&x.A0)
		right.Square(&x).Mul(&right, &x).Add(&right, &constant)
		if right.Legendre() == 1 {
			p.X = x
			p.Y.Sqrt(&right)
			if p.IsOnCurve() && !p.IsInSubGroup() {
				return p
			}
		}
	}
	require.Fail(t, "no point found")
	return p
}

// TestAdder holds sums of points that are equal, opposite or at infinity, all together and each among others.
func TestAdder(t *testing.T) {
	_, _, generator, _ := bn254.Generators()
	multiple := func(n int64) (p bn254.G1Affine) {
		p.ScalarMultiplication(&generator, big.NewInt(n))
		return p
	}
	var adder group.Adder
	for round := range 40 {
		adder.Reset()
		var want []bn254.G1Affine
		for a := int64(-3); a <= 3; a++ {
			for b := int64(-3); b <= 3; b++ {
				if round > 0 && len(want) >= round {
					continue
				}
				p, q := multiple(a), multiple(b)
				adder.Push(&p, &q)
				want = append(want, multiple(a+b))
			}
		}
		adder.AddUp()
		require.Equal(t, len(want), adder.Pairs())
		for i := range want {
			sum := adder.Sum(i)
			require.True(t, want[i].Equal(&sum), "pair %d of %d", i, len(want))
		}
	}
}

// TestInvert compares inverses of any number of elements with the library's.
func TestInvert(t *testing.T) {
	var room fp.Vector
	next := fp.NewElement(3)
	for n := range 150 {
		elements, want := make(fp.Vector, n), make(fp.Vector, n)
		for i := range elements {
			next.Square(&next)
			elements[i] = next
			want[i].Inverse(&next)
		}
		room = group.Invert(elements, room)
		require.Equal(t, want, elements)
	}
}
