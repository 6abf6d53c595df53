package full_test

import (
	"encoding/hex"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
)

// honestStep are the columns of a step from their definition, over math/big, and the other factors of step 4.
type honestStep struct {
	// columns are Z, D, the digits and h.
	columns                              [][]number
	weight, in, multiplier, accumulators []number
	digitCounts, signCounts              []number
}

// define computes the columns at every index.
func (p *slowStep) define(t *stepTask) *honestStep {
	size := 1 << (p.m + p.n)
	h := &honestStep{columns: make([][]number, 2+p.lows+p.highs+1)}
	h.digitCounts, h.signCounts = zeros(1<<p.width), zeros(1<<p.a)
	for i := range h.columns {
		h.columns[i] = zeros(size)
	}
	h.weight, h.in, h.multiplier, h.accumulators = zeros(size), zeros(size), zeros(size), zeros(size)
	for i := range size {
		row, col := i>>p.n, i&(1<<p.n-1)
		acc, factor, half := big.NewInt(0), big.NewInt(0), big.NewInt(0)
		if col < int(t.shape.N) {
			factor.SetUint64(uint64(t.weights.Multiplier[col]))
			if row < int(t.shape.M) {
				acc.SetInt64(int64(t.y[0][row*int(t.shape.N)+col]))
				half.Lsh(big.NewInt(1), uint(p.shift-1))
				h.in[i] = num(1)
			}
		}
		h.weight[i], h.multiplier[i], h.accumulators[i] = eq(p.entry, i), reduce(new(big.Int).Set(factor)), reduce(new(big.Int).Set(acc))
		p.defineEntry(h, i, acc.Mul(acc, factor).Add(acc, half))
	}
	return h
}

// defineEntry divides and clamps what a shift is to be made of.
func (p *slowStep) defineEntry(h *honestStep, i int, shifted *big.Int) {
	// Euclidean: rounded down, the rest not negative.
	quotient, rest := new(big.Int).DivMod(shifted, new(big.Int).Lsh(big.NewInt(1), uint(p.shift)), new(big.Int))
	rest.Lsh(rest, uint(p.bits-p.shift))
	z, direction, excess := new(big.Int).Set(quotient), int64(0), new(big.Int)
	if quotient.Cmp(big.NewInt(127)) >= 0 {
		z.SetInt64(127)
		direction = 1
		excess.Sub(quotient, z)
	} else if quotient.Cmp(big.NewInt(p.low)) <= 0 {
		z.SetInt64(p.low)
		direction = -1
		excess.Sub(z, quotient)
	}
	row := z.Int64() - p.low
	h.signCounts[row] = add(h.signCounts[row], num(1))
	h.columns[0][i], h.columns[1][i] = num(z.Int64()), num(direction)
	inverses := inv(sub(p.beta, p.fingerprint(h.columns[0][i], h.columns[1][i])))
	for d := range p.lows + p.highs {
		from := rest
		if d >= p.lows {
			from = excess
		}
		digit := new(big.Int).And(from, big.NewInt(1<<p.width-1)).Int64()
		from.Rsh(from, uint(p.width))
		h.columns[2+d][i] = num(digit)
		h.digitCounts[digit] = add(h.digitCounts[digit], num(1))
		inverses = add(inverses, inv(sub(p.beta, num(digit))))
	}
	h.columns[len(h.columns)-1][i] = inverses
}

func zeros(n int) []number {
	out := make([]number, n)
	for i := range out {
		out[i] = num(0)
	}
	return out
}

// requireHonest recomputes every message of an accepted step's proof from its definition.
func (p *slowStep) requireHonest(t *testing.T, secret number, task *stepTask) {
	h := p.define(task)
	for i, z := range task.z {
		at := i/int(task.shape.N)<<p.n + i%int(task.shape.N)
		requireSame(t, num(int64(z)), h.columns[0][at])
	}
	for i, raw := range p.columns {
		require.Equal(t, committed(valueAt(h.columns[1+i], secret)), hex.EncodeToString(raw))
	}
	require.Equal(t, committed(valueAt(h.digitCounts, secret)), hex.EncodeToString(p.counts[0]))
	require.Equal(t, committed(valueAt(h.signCounts, secret)), hex.EncodeToString(p.counts[1]))
	combined := zeros(1 << (p.m + p.n))
	for i, column := range h.columns {
		for at := range column {
			combined[at] = add(combined[at], mul(pow(p.theta, i), column[at]))
		}
	}
	p.requireEntries(t, h)

	p.omega = num(1) // One product, as far as the tensors go.
	tensors, bias := p.slowProof.tensors(task.task)
	tensors[2] = combined
	entry := func(v []number) func(int) number { return func(i int) number { return v[i] } }
	requireSame(t, extension(p.u[2], entry(combined)), p.y)
	requireSame(t, extension(p.sigma, entry(bias)), p.b)
	requireSame(t, extension(p.u[0], entry(tensors[0])), p.x)
	requireSame(t, extension(p.u[1], entry(tensors[1])), p.wValue)
	smalls := p.requireBlocks(t, secret, tensors)
	multiplier := zeros(1 << p.n)
	for i, v := range task.weights.Multiplier {
		multiplier[i] = num(int64(v))
	}
	requireSame(t, extension(p.sigma, entry(multiplier)), p.multiplier)
	p.requireOpening(t, secret, append(smalls, bias, multiplier, h.digitCounts, h.signCounts))
}

// requireEntries checks every message of step 4 at as many points as it has coefficients, and the values of step 5.
func (p *slowStep) requireEntries(t *testing.T, h *honestStep) {
	tables := append([][]number{h.weight, h.in, h.multiplier, h.accumulators}, h.columns...)
	claim := mul(mul(p.chi, p.chi), add(p.sumDigits, p.sumSigns))
	for j, message := range p.rounds {
		c1 := sub(claim, message[0])
		for _, c := range message {
			c1 = sub(c1, c)
		}
		polynomial := append([]number{message[0], c1}, message[1:]...)
		for at := range polynomial {
			sum := num(0)
			bound := make([][]number, len(tables))
			for i := range tables {
				bound[i] = bind(tables[i], num(int64(at)))
			}
			for i := range bound[0] {
				columns := make([]number, len(bound)-4)
				for c := range columns {
					columns[c] = bound[4+c][i]
				}
				sum = add(sum, p.summand(bound[0][i], bound[1][i], bound[2][i], bound[3][i], columns))
			}
			requireSame(t, sum, valueAt(polynomial, num(int64(at))))
		}
		claim = valueAt(polynomial, p.point[j])
		for i := range tables {
			tables[i] = bind(tables[i], p.point[j])
		}
	}
	requireSame(t, p.multiplier, tables[2][0])
	requireSame(t, p.accumulators, tables[3][0])
	for i := range p.at {
		requireSame(t, tables[4+i][0], p.at[i])
	}
}

// requireSame compares numbers, of which 0 has two forms.
func requireSame(t *testing.T, want, got number) {
	t.Helper()
	require.Zero(t, want.Cmp(got), "want %v, got %v", want, got)
}
