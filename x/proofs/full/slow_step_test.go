package full_test

import (
	"github.com/consensys/gnark-crypto/ecc/bn254"

	"github.com/assaychain/assay/x/proofs/full"
)

// This file is the second verifier of steps and chains, written from README.md as slow_test.go is.

// slowStep is a step's proof with all challenges of its transcript; the embedded one has what follows on step 6.
type slowStep struct {
	slowProof
	shift, width, bits, lows, highs, a int
	low                                int64

	columns                  [][]byte // D and the digits, then h
	counts                   [][]byte
	beta, mu, chi, theta     number
	sumDigits, sumSigns      number
	entry, point             []number
	rounds                   [][]number
	at                       []number // Z, D, digits, h
	multiplier, accumulators number
}

func slowVerifyStep(secret number, keyHash [32]byte, s *full.Step, proof []byte) (*slowStep, error) {
	p := &slowStep{}
	if s.Shift < 1 || s.Shift > 48 || !p.sizes(&full.Statement{N: s.N, K: s.K, Products: []full.Product{{M: s.M}}}) {
		return nil, errSlow
	}
	p.stepSizes(s)
	if !p.readStep(&slowTranscript{state: hashOf([]byte("assay/full/step/v1"))}, &slowReader{rest: proof}, keyHash, s) {
		return nil, errSlow
	}
	if !p.checkEntries(s) || !p.checkInner(s) || !p.checkOpenings() || !p.checkPoints(secret) {
		return nil, errSlow
	}
	return p, nil
}

func (p *slowStep) stepSizes(s *full.Step) {
	shift := int(s.Shift)
	p.shift, p.width, p.a, p.low = shift, 8, 8, -128
	if p.m+p.n >= 12 {
		p.width = 12
	}
	if s.Relu {
		p.a, p.low = 7, 0
	}
	for p.lows*p.width < shift {
		p.lows++
	}
	for p.highs*p.width < 62-shift {
		p.highs++
	}
	p.bits = p.lows * p.width
	p.lambda = max(p.lambda, p.width)
}

// sign is the direction of row t of the table of signs.
func (p *slowStep) sign(t int) int64 {
	if p.low+int64(t) == 127 {
		return 1
	}
	if t == 0 {
		return -1
	}
	return 0
}

func (p *slowStep) fingerprint(z, d number) number {
	return add(z, add(mul(p.mu, d), mul(p.mu, p.mu)))
}

// readStep follows the steps 1 to 7 without the checks, except those of encodings, root and denominators.
func (p *slowStep) readStep(t *slowTranscript, in *slowReader, keyHash [32]byte, s *full.Step) bool {
	relu := byte(0)
	if s.Relu {
		relu = 1
	}
	t.absorb("key", keyHash[:])
	t.absorb("statement", s.Digest[:])
	t.absorb("weights", s.Weights[:])
	t.absorb("shape", four(int(s.M)), four(int(s.N)), four(int(s.K)))
	t.absorb("requant", four(int(s.Shift)), []byte{relu})
	t.absorb("x", s.X[:])
	t.absorb("z", s.Z[:])
	c := in.raws(3)
	t.absorb("values", c[0])
	t.absorb("bias", c[1])
	t.absorb("multiplier", c[2])
	x, errX := slowPoint(s.X[:])
	_, errZ := slowPoint(s.Z[:])
	root := hashOf([]byte("assay/full/weights/v1"), four(int(s.N)), four(int(s.K)), c[0], c[1], c[2])
	if in.bad || errX != nil || errZ != nil || string(root) != string(s.Weights[:]) {
		return false
	}
	p.readColumns(t, in)
	p.readEntries(t, in)
	p.inner, p.kappa = readRounds(t, in, "inner", p.k)
	p.x, p.wValue = in.number(), in.number()
	t.absorb("value of x", bytes32(p.x))
	t.absorb("value of w", bytes32(p.wValue))
	p.theta = t.draw("theta")
	p.y = num(0)
	for i, v := range p.at {
		p.y = add(p.y, mul(pow(p.theta, i), v))
	}
	p.u = [3][]number{join(p.kappa, p.rho), join(p.kappa, p.sigma), join(p.sigma, p.rho)}
	if in.bad {
		return false
	}
	p.sums = [3]bn254.G1Affine{x, mustPoint(c[0])}
	for i, raw := range append([][]byte{s.Z[:]}, p.columns...) {
		p.sums[2] = sumPoint(p.sums[2], mustPoint(raw), pow(p.theta, i))
	}
	p.extraPoints = append([][]byte{c[1], c[2]}, p.counts...)
	if !p.extraClaims() {
		return false
	}
	p.readOpenings(t, in)
	return !in.bad && len(in.rest) == 0
}

// readColumns are the steps 2 and 3.
func (p *slowStep) readColumns(t *slowTranscript, in *slowReader) {
	p.columns = in.raws(1 + p.lows + p.highs)
	p.counts = in.raws(2)
	t.absorb("columns", p.columns...)
	t.absorb("counts", p.counts...)
	p.beta, p.mu = t.draw("beta"), t.draw("mu")
	h := in.raws(1)
	p.columns = append(p.columns, h...)
	p.sumDigits, p.sumSigns = in.number(), in.number()
	t.absorb("inverses", h...)
	t.absorb("sums", bytes32(p.sumDigits), bytes32(p.sumSigns))
	p.entry, p.chi = t.drawAll("entry", p.m+p.n), t.draw("chi")
}

// readEntries are the steps 4 and 5.
func (p *slowStep) readEntries(t *slowTranscript, in *slowReader) {
	for range p.m + p.n {
		message := in.numbers(p.lows + p.highs + 3)
		t.absorb("step", allBytes(message)...)
		p.rounds, p.point = append(p.rounds, message), append(p.point, t.draw("step"))
	}
	p.sigma, p.rho = p.point[:p.n], p.point[p.n:]
	p.at = in.numbers(p.lows + p.highs + 3)
	p.multiplier, p.accumulators, p.b = in.number(), in.number(), in.number()
	t.absorb("at step", allBytes(append(append([]number{}, p.at...), p.multiplier, p.accumulators))...)
	t.absorb("value of bias", bytes32(p.b))
}

// extraClaims are those of step 7; it is false if a denominator is 0.
func (p *slowStep) extraClaims() bool {
	atColumn := func(i int) number { return eq(p.sigma, i) }
	digits, signs := make([]number, 1<<p.width), make([]number, 1<<p.a)
	for t := range digits {
		digits[t] = sub(p.beta, num(int64(t)))
	}
	for t := range signs {
		signs[t] = sub(p.beta, p.fingerprint(num(p.low+int64(t)), num(p.sign(t))))
	}
	for _, table := range [][]number{digits, signs} {
		for t := range table {
			if table[t].Sign() == 0 {
				return false
			}
			table[t] = inv(table[t])
		}
	}
	p.extra = []slowClaim{
		{6, p.n, atColumn, p.b},
		{7, p.n, atColumn, p.multiplier},
		{8, p.width, func(t int) number { return digits[t] }, p.sumDigits},
		{9, p.a, func(t int) number { return signs[t] }, p.sumSigns},
	}
	return true
}

// indicator is that of the first count of 2^len(u) indices, extended.
func indicator(count int, u []number) number {
	return extension(u, func(i int) number {
		if i < count {
			return num(1)
		}
		return num(0)
	})
}

// joined joins digits.
func (p *slowStep) joined(digits []number) number {
	sum := num(0)
	for i, d := range digits {
		sum = add(sum, mul(num(1<<(p.width*i)), d))
	}
	return sum
}

// summand is what step 4 sums up, given the columns' values, in the order of step 5, and the others.
func (p *slowStep) summand(weight, in, multiplier, accumulator number, at []number) number {
	digits, h := at[2:len(at)-1], at[len(at)-1]
	f := append([]number{p.fingerprint(at[0], at[1])}, digits...)
	all, sum := num(1), num(0)
	for j := range f {
		all = mul(all, sub(p.beta, f[j]))
		others := num(1)
		for i := range f {
			if i != j {
				others = mul(others, sub(p.beta, f[i]))
			}
		}
		sum = add(sum, others)
	}
	shift := p.shift
	left := mul(num(1<<(p.bits-shift)), add(mul(accumulator, multiplier), mul(num(1<<(shift-1)), in)))
	right := add(mul(add(at[0], mul(at[1], p.joined(digits[p.lows:]))), num(1<<p.bits)), p.joined(digits[:p.lows]))
	both := add(sub(mul(h, all), sum), mul(p.chi, sub(left, right)))
	return add(mul(weight, both), mul(mul(p.chi, p.chi), h))
}

// checkEntries is the check of step 5.
func (p *slowStep) checkEntries(s *full.Step) bool {
	claim := mul(mul(p.chi, p.chi), add(p.sumDigits, p.sumSigns))
	for j, message := range p.rounds {
		c1 := sub(claim, message[0])
		for _, c := range message {
			c1 = sub(c1, c)
		}
		claim = add(message[0], mul(c1, p.point[j]))
		for i, c := range message[1:] {
			claim = add(claim, mul(c, pow(p.point[j], i+2)))
		}
	}
	weight := num(1)
	for j := range p.point {
		// eq(a, b) of one variable: ab + (1-a)(1-b)
		a, b := p.entry[j], p.point[j]
		weight = mul(weight, add(mul(a, b), mul(sub(num(1), a), sub(num(1), b))))
	}
	in := mul(indicator(int(s.N), p.sigma), indicator(int(s.M), p.rho))
	return claim.Cmp(p.summand(weight, in, p.multiplier, p.accumulators, p.at)) == 0
}

// checkInner is the check of step 6.
func (p *slowStep) checkInner(s *full.Step) bool {
	claim := sub(p.accumulators, mul(indicator(int(s.M), p.rho), p.b))
	return end(claim, p.inner, p.kappa).Cmp(mul(p.x, p.wValue)) == 0
}
