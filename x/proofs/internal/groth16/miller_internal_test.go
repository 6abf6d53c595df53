package groth16

import (
	"math/big"
	"math/rand"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fp"
	"github.com/stretchr/testify/require"
)

// TestPairingsAreTheLibrarys compares products of pairings, with equal, opposite and infinite points among them.
func TestPairingsAreTheLibrarys(t *testing.T) {
	random := rand.New(rand.NewSource(4))
	for _, n := range []int{0, 1, fewPoints - 1, fewPoints, 9, manyPoints + fewPoints} {
		p, q, terms, all := make([]bn254.G1Affine, n), make([]bn254.G2Affine, n), make([]term, n), make([]*term, n)
		for i := range p {
			p[i] = point(random)
			q[i].ScalarMultiplicationBase(big.NewInt(random.Int63n(6) - 2))
			if i > 0 && random.Intn(4) == 0 {
				q[i] = q[i-1]
			}
			terms[i].proof, all[i] = &Proof{bs: q[i]}, &terms[i]
		}
		require.NotContains(t, walkAll(all), false)
		got, err := millerLoop(p, terms)
		require.NoError(t, err)
		var want bn254.GT
		want.SetOne()
		if n > 0 {
			want, err = bn254.Pair(p, q)
			require.NoError(t, err)
		}
		require.Equal(t, want, bn254.FinalExponentiation(&got), n)
	}
}

// TestPointsOutsideOfTheGroupAreFound draws points of the twist, of which hardly any lies in G2, and points of the small factors of
// its cofactor, which meet themselves on the way.
func TestPointsOutsideOfTheGroupAreFound(t *testing.T) {
	_, _, _, generator := bn254.Generators()
	_, cofactor := orders()
	small := big.NewInt(10069)
	require.Zero(t, new(big.Int).Mod(cofactor, small).Sign())
	rest := new(big.Int).Div(new(big.Int).Mul(cofactor, bn254.ID.ScalarField()), small)
	for seed := uint64(1); seed <= 20; seed++ {
		outside := bn254.GeneratePointNotInG2(bn254.E2{A0: mustField("3"), A1: mustField(big.NewInt(int64(seed)).String())})
		var alone, tiny bn254.G2Affine
		alone.FromJacobian(&outside)
		tiny.FromJacobian(plain(&outside, rest))
		for _, bad := range []bn254.G2Affine{alone, tiny} {
			if bad.IsInfinity() {
				continue
			}
			require.False(t, bad.IsInSubGroup())
			terms, all := make([]term, fewPoints), make([]*term, fewPoints)
			for i := range terms {
				terms[i].proof, all[i] = &Proof{bs: generator}, &terms[i]
			}
			terms[2].proof = &Proof{bs: bad}
			require.Equal(t, []bool{true, true, false, true}, walkAll(all))
		}
	}
}

// plain multiplies a point of the twist, in its group or not, by doubling and adding.
func plain(p *bn254.G2Jac, by *big.Int) *bn254.G2Jac {
	var sum bn254.G2Jac
	for i := by.BitLen() - 1; i >= 0; i-- {
		sum.DoubleAssign()
		if by.Bit(i) == 1 {
			sum.AddAssign(p)
		}
	}
	return &sum
}

// orders are those of the base field and the cofactor of G2, 2p - r.
func orders() (p, cofactor *big.Int) {
	p = fp.Modulus()
	return p, new(big.Int).Sub(new(big.Int).Lsh(p, 1), bn254.ID.ScalarField())
}

// TestTheCheckOfTheGroupIsComplete computes what linesOf claims: the norm of 6x+2 + π - π² + π³, where π² = tπ - p, is a multiple of G2's
// order and has no common factor with the cofactor.
func TestTheCheckOfTheGroupIsComplete(t *testing.T) {
	order := bn254.ID.ScalarField()
	p, cofactor := orders()
	loop := new(big.Int)
	for i := len(bn254.LoopCounter) - 1; i >= 0; i-- {
		loop.Lsh(loop, 1)
		loop.Add(loop, big.NewInt(int64(bn254.LoopCounter[i])))
	}
	trace := new(big.Int).Sub(new(big.Int).Add(p, big.NewInt(1)), order)
	mul := func(a, b *big.Int) *big.Int { return new(big.Int).Mul(a, b) }
	add := func(terms ...*big.Int) *big.Int {
		sum := new(big.Int)
		for _, term := range terms {
			sum.Add(sum, term)
		}
		return sum
	}
	negative := func(a *big.Int) *big.Int { return new(big.Int).Neg(a) }
	// π³ = (t² - p)π - tp, so that the endomorphism is a + bπ.
	a := add(loop, p, negative(mul(trace, p)))
	b := add(big.NewInt(1), negative(trace), mul(trace, trace), negative(p))
	norm := add(mul(a, a), mul(mul(a, b), trace), mul(mul(b, b), p))
	require.Zero(t, new(big.Int).Mod(norm, order).Sign())
	require.Equal(t, "1", new(big.Int).GCD(nil, nil, norm, cofactor).String())
}
