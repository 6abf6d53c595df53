package full_test

import (
	"encoding/hex"
	"math/big"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/proofs/full"
)

// bind sets the lowest variable of a vector to t.
func bind(v []number, t number) []number {
	out := make([]number, len(v)/2)
	for i := range out {
		out[i] = add(mul(sub(num(1), t), v[2*i]), mul(t, v[2*i+1]))
	}
	return out
}

// messages are the honest ones of a sumcheck over the sum of the inner products of the pairs, for a given point.
func messages(pairs [][2][]number, point []number) (out [][2]number) {
	at := func(t number) number {
		sum := num(0)
		for _, p := range pairs {
			left, right := bind(p[0], t), bind(p[1], t)
			for i := range left {
				sum = add(sum, mul(left[i], right[i]))
			}
		}
		return sum
	}
	for _, z := range point {
		p0, p1, p2 := at(num(0)), at(num(1)), at(num(2))
		// p(0) - 2p(1) + p(2) = 2·c2
		c2 := mul(add(sub(p0, add(p1, p1)), p2), inv(num(2)))
		out = append(out, [2]number{p0, c2})
		for i := range pairs {
			pairs[i] = [2][]number{bind(pairs[i][0], z), bind(pairs[i][1], z)}
		}
	}
	return out
}

func valueAt(f []number, x number) number {
	sum := num(0)
	for i := range f {
		sum = add(sum, mul(f[i], pow(x, i)))
	}
	return sum
}

// committed is the hex of [v]₁, to compare with a point of the proof.
func committed(v number) string {
	_, _, generator, _ := bn254.Generators()
	var p bn254.G1Affine
	raw := p.ScalarMultiplication(&generator, v).Bytes()
	return hex.EncodeToString(raw[:])
}

// tensors are X, W and Y of the argument as vectors.
func (p *slowProof) tensors(t *task) (out [3][]number, bias []number) {
	for i := range out {
		out[i] = make([]number, 1<<p.l[i])
		for j := range out[i] {
			out[i][j] = num(0)
		}
	}
	for i := range t.x {
		factor := pow(p.omega, i)
		for at, v := range t.x[i] {
			index := at/int(t.shape.K)<<p.k + at%int(t.shape.K)
			out[0][index] = add(out[0][index], mul(factor, num(int64(v))))
		}
		for at, v := range t.y[i] {
			index := at/int(t.shape.N)<<p.n + at%int(t.shape.N)
			out[2][index] = add(out[2][index], mul(factor, num(int64(v))))
		}
	}
	for at, v := range t.weights.Values {
		out[1][at/int(t.shape.K)<<p.k+at%int(t.shape.K)] = num(int64(v))
	}
	bias = make([]number, 1<<p.n)
	for i := range bias {
		bias[i] = num(0)
	}
	for i, v := range t.weights.Bias {
		bias[i] = num(int64(v))
	}
	return out, bias
}

// requireHonest recomputes every message of an accepted proof from its definition.
func (p *slowProof) requireHonest(t *testing.T, secret number, task *task) {
	tensors, bias := p.tensors(task)
	entry := func(v []number) func(int) number { return func(i int) number { return v[i] } }
	require.Equal(t, extension(p.u[2], entry(tensors[2])), p.y)
	require.Equal(t, extension(p.sigma, entry(bias)), p.b)
	require.Equal(t, extension(p.u[0], entry(tensors[0])), p.x)
	require.Equal(t, extension(p.u[1], entry(tensors[1])), p.wValue)
	var left, right []number
	for z := range 1 << p.k {
		left = append(left, extension(p.rho, func(i int) number { return tensors[0][i<<p.k+z] }))
		right = append(right, extension(p.sigma, func(i int) number { return tensors[1][i<<p.k+z] }))
	}
	require.Equal(t, messages([][2][]number{{left, right}}, p.kappa), p.inner)

	smalls := p.requireBlocks(t, secret, tensors)
	smalls = append(smalls, bias)
	p.requireOpening(t, secret, smalls)
}

// requireBlocks checks the steps 6 to 8 and returns G_X, G_W, G_Y, H_X, H_W, H_Y.
func (p *slowProof) requireBlocks(t *testing.T, secret number, tensors [3][]number) [][]number {
	size := 1 << p.beta
	smalls := make([][]number, 6)
	quotient := num(0)
	for i, f := range tensors {
		g, h := make([]number, 1<<p.low[i]), make([]number, 1<<p.high[i])
		for j := range g {
			g[j] = num(0)
		}
		for c := range h {
			h[c] = num(0)
		}
		for at, v := range f {
			c, j := at/size, at%size
			h[c] = add(h[c], mul(eq(p.u[i][:p.low[i]], j), v))
			g[j] = add(g[j], mul(pow(p.alpha, c), v))
		}
		require.Equal(t, committed(valueAt(h, secret)), hex.EncodeToString(p.h[i]))
		require.Equal(t, committed(valueAt(g, secret)), hex.EncodeToString(p.g[i]))
		require.Equal(t, valueAt(h, p.alpha), p.hAlpha[i])
		quotient = add(quotient, mul(pow(p.gamma, i), sub(valueAt(f, secret), valueAt(g, secret))))
		smalls[i], smalls[3+i] = g, h
	}
	quotient = mul(quotient, inv(sub(pow(secret, size), p.alpha)))
	require.Equal(t, committed(quotient), hex.EncodeToString(p.q))
	return smalls
}

// requireOpening checks the steps 10 to 14.
func (p *slowProof) requireOpening(t *testing.T, secret number, smalls [][]number) {
	size := 1 << p.lambda
	f, pairs := make([]number, size), [][2][]number{}
	for i := range f {
		f[i] = num(0)
	}
	for i, small := range smalls {
		padded := make([]number, size)
		for j := range padded {
			padded[j] = num(0)
		}
		copy(padded, small)
		require.Equal(t, extension(p.zeta, func(j int) number { return padded[j] }), p.values[i])
		for j := range f {
			f[j] = add(f[j], mul(pow(p.eta, i), padded[j]))
		}
		smalls[i] = padded
	}
	for i, c := range p.claims() {
		vector := make([]number, size)
		for j := range vector {
			vector[j] = mul(pow(p.r8, i), p.vector(c, j))
		}
		pairs = append(pairs, [2][]number{smalls[c.small], vector})
	}
	require.Equal(t, messages(pairs, p.zeta), p.outer)
	b := num(0)
	for j := range p.lambda {
		if j > 0 {
			f = bind(f, p.zeta[j-1])
			require.Equal(t, committed(valueAt(f, secret)), hex.EncodeToString(p.f[j-1]))
		} else {
			require.Equal(t, valueAt(f, mul(p.r, p.r)), p.square)
		}
		require.Equal(t, valueAt(f, p.r), p.plus[j])
		require.Equal(t, valueAt(f, sub(num(0), p.r)), p.minus[j])
		b = add(b, mul(pow(p.delta, j), valueAt(f, secret)))
	}
	o := mul(sub(b, p.interpolant(secret)), inv(p.vanishing(secret)))
	require.Equal(t, committed(o), hex.EncodeToString(p.o))
}

// bigOf is an element as a big.Int.
func bigOf(e fr.Element) *big.Int { return e.BigInt(new(big.Int)) }

// slow is the second verifier's verdict.
func (f *fixture) slow(secret fr.Element, c *full.Claimed) (*slowProof, error) {
	return slowVerify(bigOf(secret), f.file.Key().Hash(), &c.Statement, c.Proof)
}
