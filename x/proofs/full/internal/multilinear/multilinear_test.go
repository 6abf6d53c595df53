package multilinear_test

import (
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/proofs/full/internal/multilinear"
)

func pointOf(n int) []fr.Element {
	out := make([]fr.Element, n)
	for i := range out {
		out[i].SetUint64(uint64(1000003 * (i + 7)))
		out[i].Inverse(&out[i])
	}
	return out
}

func bitsOf(index, n int) []fr.Element {
	out := make([]fr.Element, n)
	for j := range out {
		out[j].SetUint64(uint64(index >> j & 1))
	}
	return out
}

// extend is the extension of a vector, from its definition.
func extend(v []fr.Element, point []fr.Element) (sum fr.Element) {
	for i := range v {
		term := multilinear.Equal(point, bitsOf(i, len(point)))
		sum.Add(&sum, term.Mul(&term, &v[i]))
	}
	return sum
}

// TestShortcuts compares every shortcut with the sum over all indices.
func TestShortcuts(t *testing.T) {
	for n := range 6 {
		point := pointOf(n)
		one, base := fr.One(), fr.NewElement(12345)
		table := multilinear.EqualTable(one, point)
		for i := range table {
			require.Equal(t, multilinear.Equal(point, bitsOf(i, n)), table[i])
		}
		require.Equal(t, table[0], multilinear.Padding(point))
		require.Equal(t, extend(multilinear.PowersTable(one, base, 1<<n), point), multilinear.Powers(base, point))
		for count := range 1<<n + 1 {
			below := make([]fr.Element, 1<<n)
			for i := range count {
				below[i] = one
			}
			require.Equal(t, extend(below, point), multilinear.Below(uint32(count), point))
		}
		inverses := fr.BatchInvert(table)
		require.Equal(t, extend(inverses, pointOf(n + 1)[1:]), multilinear.InversesAt(table, pointOf(n + 1)[1:]))
		folded := multilinear.PowersTable(base, base, 1<<n)
		want := extend(folded, point)
		for _, r := range point {
			folded = multilinear.Fold(folded, r)
		}
		require.Equal(t, []fr.Element{want}, folded)
	}
}

// TestQuadratic holds that a message evaluates to the claim at 0 and 1 together.
func TestQuadratic(t *testing.T) {
	claim, c0, c2, zero, one := fr.NewElement(99), fr.NewElement(5), fr.NewElement(7), fr.Element{}, fr.One()
	at0, at1 := multilinear.Quadratic(claim, c0, c2, zero), multilinear.Quadratic(claim, c0, c2, one)
	require.Equal(t, c0, at0)
	require.Equal(t, claim, *at0.Add(&at0, &at1))
}
