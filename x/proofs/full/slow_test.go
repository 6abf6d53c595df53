package full_test

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"math/big"

	"github.com/consensys/gnark-crypto/ecc/bn254"

	"github.com/assaychain/assay/x/proofs/full"
)

// This file is a second verifier. It follows README.md, step by step and with its names, shares no code with the package but
// the statement's type, computes with math/big, evaluates extensions as sums over all indices, and needs no pairing, since it
// knows the secret of the development string: two equal pairings are two equal points.

var (
	order, _     = new(big.Int).SetString("21888242871839275222246405745257275088548364400416034343698204186575808495617", 10)
	fieldSize, _ = new(big.Int).SetString("21888242871839275222246405745257275088696311157297823662689037894645226208583", 10)
	errSlow      = errors.New("refused")
)

// number is an element of F.
type number = *big.Int

func num(v int64) number         { return new(big.Int).Mod(big.NewInt(v), order) }
func add(a, b number) number     { return reduce(new(big.Int).Add(a, b)) }
func sub(a, b number) number     { return reduce(new(big.Int).Sub(a, b)) }
func mul(a, b number) number     { return reduce(new(big.Int).Mul(a, b)) }
func inv(a number) number        { return new(big.Int).ModInverse(a, order) }
func reduce(a *big.Int) number   { return a.Mod(a, order) }
func pow(a number, e int) number { return new(big.Int).Exp(a, big.NewInt(int64(e)), order) }

// bytes32 is a number in 32 bytes.
func bytes32(a number) []byte { return a.FillBytes(make([]byte, 32)) }

// eq is eq(u, i).
func eq(u []number, i int) number {
	product := num(1)
	for j := range u {
		if i>>j&1 == 1 {
			product = mul(product, u[j])
		} else {
			product = mul(product, sub(num(1), u[j]))
		}
	}
	return product
}

// extension of a vector at u; entries that the vector lacks are 0.
func extension(u []number, entry func(i int) number) number {
	sum := num(0)
	for i := range 1 << len(u) {
		sum = add(sum, mul(eq(u, i), entry(i)))
	}
	return sum
}

// slowTranscript is the README's.
type slowTranscript struct{ state []byte }

func hashOf(parts ...[]byte) []byte {
	h := sha256.New()
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}

func four(v int) []byte { return binary.BigEndian.AppendUint32(nil, uint32(v)) }

func (t *slowTranscript) absorb(label string, values ...[]byte) {
	var value []byte
	for _, v := range values {
		value = append(value, v...)
	}
	t.state = hashOf([]byte{0}, t.state, []byte{byte(len(label))}, []byte(label), four(len(value)), value)
}

func (t *slowTranscript) draw(label string) number {
	t.state = hashOf([]byte{1}, t.state, []byte{byte(len(label))}, []byte(label))
	wide := append(hashOf([]byte{2, 0}, t.state), hashOf([]byte{2, 1}, t.state)...)
	return reduce(new(big.Int).SetBytes(wide))
}

func (t *slowTranscript) drawAll(label string, n int) []number {
	out := make([]number, n)
	for i := range out {
		out[i] = t.draw(label)
	}
	return out
}

// slowReader cuts a proof up.
type slowReader struct {
	rest []byte
	bad  bool
}

func (r *slowReader) raw() []byte {
	if len(r.rest) < 32 {
		r.bad = true
		return make([]byte, 32)
	}
	out := r.rest[:32]
	r.rest = r.rest[32:]
	return out
}

func (r *slowReader) number() number {
	v := new(big.Int).SetBytes(r.raw())
	r.bad = r.bad || v.Cmp(order) >= 0
	return v
}

func (r *slowReader) numbers(n int) []number {
	out := make([]number, n)
	for i := range out {
		out[i] = r.number()
	}
	return out
}

func (r *slowReader) raws(n int) [][]byte {
	out := make([][]byte, n)
	for i := range out {
		out[i] = r.raw()
		if _, err := slowPoint(out[i]); err != nil {
			r.bad = true
		}
	}
	return out
}

// slowPoint decompresses a point: the two top bits are 10 for the smaller y, 11 for the larger, 01 for infinity.
func slowPoint(raw []byte) (p bn254.G1Affine, err error) {
	flag := raw[0] >> 6
	x := new(big.Int).SetBytes(append([]byte{raw[0] & 0x3f}, raw[1:]...))
	if flag == 1 && x.Sign() == 0 {
		return p, nil
	}
	if flag < 2 || x.Cmp(fieldSize) >= 0 {
		return p, errSlow
	}
	square := new(big.Int).Exp(x, big.NewInt(3), fieldSize)
	square.Add(square, big.NewInt(3)).Mod(square, fieldSize)
	y := new(big.Int).ModSqrt(square, fieldSize)
	if y == nil {
		return p, errSlow
	}
	negative := new(big.Int).Sub(fieldSize, y)
	if (flag == 3) != (y.Cmp(negative) > 0) {
		y = negative
	}
	p.X.SetBigInt(x)
	p.Y.SetBigInt(y)
	return p, nil
}

// mustPoint decodes what raws has checked.
func mustPoint(raw []byte) bn254.G1Affine {
	p, err := slowPoint(raw)
	if err != nil {
		panic(err)
	}
	return p
}

// sumPoint adds a point times a number.
func sumPoint(sum bn254.G1Affine, p bn254.G1Affine, by number) bn254.G1Affine {
	var scaled bn254.G1Affine
	scaled.ScalarMultiplication(&p, by)
	return *sum.Add(&sum, &scaled)
}

// slowProof is a proof with all challenges of its transcript.
type slowProof struct {
	m, n, k, beta, lambda int
	l, low, high          [3]int

	w, biasPoint                       []byte
	omega                              number
	rho, sigma, kappa, pi, zeta        []number
	y, b, x, wValue                    number
	inner, outer                       [][2]number
	h, g                               [][]byte
	alpha, gamma, r8, eta, r, delta    number
	hAlpha                             []number
	q, o                               []byte
	values                             []number
	f                                  [][]byte
	plus, minus                        []number
	square                             number
	innerEnd, outerStart, outerEnd     number
	u                                  [3][]number
	commitmentsX, commitmentsY, rounds [][]byte
	// sums commit to the three tensors, extraPoints to the small polynomials after H, of which extra are the claims.
	sums        [3]bn254.G1Affine
	extraPoints [][]byte
	extra       []slowClaim
}

// slowVerify is nil when it accepts; it returns what it read for further checks. The secret is x of the string.
func slowVerify(secret number, keyHash [32]byte, s *full.Statement, proof []byte) (*slowProof, error) {
	p := &slowProof{}
	if !p.sizes(s) {
		return nil, errSlow
	}
	if !p.read(&slowTranscript{state: hashOf([]byte("assay/full/v1"))}, &slowReader{rest: proof}, keyHash, s) {
		return nil, errSlow
	}
	if !p.checkScalars(s) || !p.checkPoints(secret) {
		return nil, errSlow
	}
	return p, nil
}

func ceilLog(v int) int {
	l := 0
	for 1<<l < v {
		l++
	}
	return l
}

func (p *slowProof) sizes(s *full.Statement) bool {
	largest := 0
	for _, product := range s.Products {
		if product.M < 1 || product.M > 8192 {
			return false
		}
		largest = max(largest, int(product.M))
	}
	if largest == 0 || len(s.Products) > 64 || s.N < 1 || s.N > 8192 || s.K < 1 || s.K > 8192 {
		return false
	}
	p.m, p.n, p.k = ceilLog(largest), ceilLog(int(s.N)), ceilLog(int(s.K))
	p.l = [3]int{p.k + p.m, p.k + p.n, p.n + p.m}
	p.beta = (max(p.l[0], p.l[1], p.l[2]) + 1) / 2
	p.lambda = max(p.beta, p.n, 1)
	for i := range p.l {
		p.low[i] = min(p.beta, p.l[i])
		p.high[i] = p.l[i] - p.low[i]
	}
	return true
}

// read follows the steps 1 to 14 without the checks, except that of the encodings and of the root.
func (p *slowProof) read(t *slowTranscript, in *slowReader, keyHash [32]byte, s *full.Statement) bool {
	t.absorb("key", keyHash[:])
	t.absorb("statement", s.Digest[:])
	t.absorb("weights", s.Weights[:])
	t.absorb("shape", four(int(s.N)), four(int(s.K)))
	t.absorb("products", four(len(s.Products)))
	for _, product := range s.Products {
		for _, raw := range [][32]byte{product.X, product.Y} {
			if _, err := slowPoint(raw[:]); err != nil {
				return false
			}
		}
		p.commitmentsX, p.commitmentsY = append(p.commitmentsX, product.X[:]), append(p.commitmentsY, product.Y[:])
		t.absorb("rows", four(int(product.M)))
		t.absorb("x", product.X[:])
		t.absorb("y", product.Y[:])
	}
	c := in.raws(3)
	t.absorb("values", c[0])
	t.absorb("bias", c[1])
	t.absorb("multiplier", c[2])
	root := hashOf([]byte("assay/full/weights/v1"), four(int(s.N)), four(int(s.K)), c[0], c[1], c[2])
	if string(root) != string(s.Weights[:]) {
		return false
	}
	p.w, p.biasPoint = c[0], c[1]
	p.omega, p.rho, p.sigma = t.draw("omega"), t.drawAll("row", p.m), t.drawAll("column", p.n)
	p.y, p.b = in.number(), in.number()
	t.absorb("value of y", bytes32(p.y))
	t.absorb("value of bias", bytes32(p.b))
	p.inner, p.kappa = readRounds(t, in, "inner", p.k)
	p.x, p.wValue = in.number(), in.number()
	t.absorb("value of x", bytes32(p.x))
	t.absorb("value of w", bytes32(p.wValue))
	p.u = [3][]number{join(p.kappa, p.rho), join(p.kappa, p.sigma), join(p.sigma, p.rho)}
	p.sumTensors()
	p.extra = []slowClaim{{6, p.n, func(at int) number { return eq(p.sigma, at) }, p.b}}
	p.extraPoints = [][]byte{p.biasPoint}
	p.readOpenings(t, in)
	return !in.bad && len(in.rest) == 0
}

// sumTensors adds the products' commitments up.
func (p *slowProof) sumTensors() {
	for i := range p.commitmentsX {
		p.sums[0] = sumPoint(p.sums[0], mustPoint(p.commitmentsX[i]), pow(p.omega, i))
		p.sums[2] = sumPoint(p.sums[2], mustPoint(p.commitmentsY[i]), pow(p.omega, i))
	}
	p.sums[1] = mustPoint(p.w)
}

// readOpenings follows the steps 6 to 14.
func (p *slowProof) readOpenings(t *slowTranscript, in *slowReader) {
	p.h = in.raws(3)
	t.absorb("folded", p.h...)
	p.alpha = t.draw("alpha")
	p.g, p.hAlpha = in.raws(3), in.numbers(3)
	t.absorb("remainder", p.g...)
	t.absorb("at alpha", allBytes(p.hAlpha)...)
	p.gamma = t.draw("gamma")
	p.q = in.raws(1)[0]
	t.absorb("quotient", p.q)
	p.pi, p.r8 = t.drawAll("padding", p.lambda), t.draw("rho")
	p.outer, p.zeta = readRounds(t, in, "outer", p.lambda)
	p.values = in.numbers(6 + len(p.extraPoints))
	t.absorb("values", allBytes(p.values)...)
	p.eta = t.draw("eta")
	p.f = in.raws(p.lambda - 1)
	t.absorb("halvings", p.f...)
	p.r = t.draw("r")
	p.plus, p.minus, p.square = in.numbers(p.lambda), in.numbers(p.lambda), in.number()
	t.absorb("at plus", allBytes(p.plus)...)
	t.absorb("at minus", allBytes(p.minus)...)
	t.absorb("at square", bytes32(p.square))
	p.delta = t.draw("delta")
	p.o = in.raws(1)[0]
}

func readRounds(t *slowTranscript, in *slowReader, label string, n int) (messages [][2]number, point []number) {
	for range n {
		m := [2]number{in.number(), in.number()}
		t.absorb(label, bytes32(m[0]), bytes32(m[1]))
		messages, point = append(messages, m), append(point, t.draw(label))
	}
	return messages, point
}

func join(a, b []number) []number { return append(append([]number{}, a...), b...) }

func allBytes(numbers []number) [][]byte {
	out := make([][]byte, len(numbers))
	for i := range numbers {
		out[i] = bytes32(numbers[i])
	}
	return out
}

// end follows a claim through the messages of a sumcheck.
func end(claim number, messages [][2]number, point []number) number {
	for j, m := range messages {
		c1 := sub(sub(claim, add(m[0], m[0])), m[1])
		claim = add(m[0], add(mul(c1, point[j]), mul(m[1], mul(point[j], point[j]))))
	}
	return claim
}

// slowClaim is one of the ten claims of step 9: the number of its polynomial, its vector of 2^v entries and its value.
type slowClaim struct {
	small, v int
	entry    func(i int) number
	value    number
}

func (p *slowProof) claims() []slowClaim {
	var out []slowClaim
	for i := range 3 {
		out = append(out, slowClaim{i, p.low[i], func(at int) number { return eq(p.u[i][:p.low[i]], at) }, p.hAlpha[i]})
	}
	for i, value := range []number{p.x, p.wValue, p.y} {
		out = append(out, slowClaim{3 + i, p.high[i], func(at int) number { return eq(p.u[i][p.low[i]:], at) }, value})
	}
	for i := range 3 {
		out = append(out, slowClaim{3 + i, p.high[i], func(at int) number { return pow(p.alpha, at) }, p.hAlpha[i]})
	}
	return append(out, p.extra...)
}

// vector is the claim's over λ variables.
func (p *slowProof) vector(c slowClaim, i int) number {
	return mul(c.entry(i&(1<<c.v-1)), eq(p.pi[c.v:], i>>c.v))
}

// below is s of step 4.
func (p *slowProof) below(s *full.Statement) number {
	sum := num(0)
	for i, product := range s.Products {
		share := extension(p.rho, func(row int) number {
			if row < int(product.M) {
				return num(1)
			}
			return num(0)
		})
		sum = add(sum, mul(pow(p.omega, i), share))
	}
	return sum
}

// checkScalars are the check of step 5 and those of the openings.
func (p *slowProof) checkScalars(s *full.Statement) bool {
	claim := end(sub(p.y, mul(p.below(s), p.b)), p.inner, p.kappa)
	return claim.Cmp(mul(p.x, p.wValue)) == 0 && p.checkOpenings()
}

// checkOpenings are those of the steps 11 and 13.
func (p *slowProof) checkOpenings() bool {
	start, finish := num(0), num(0)
	for i, c := range p.claims() {
		value := c.value
		for _, padding := range p.pi[c.v:] {
			value = mul(value, sub(num(1), padding))
		}
		start = add(start, mul(pow(p.r8, i), value))
		weight := extension(p.zeta, func(at int) number { return p.vector(c, at) })
		finish = add(finish, mul(pow(p.r8, i), mul(weight, p.values[c.small])))
	}
	if end(start, p.outer, p.zeta).Cmp(finish) != 0 {
		return false
	}
	squares := p.squares()
	v := num(0)
	for i, value := range p.values {
		v = add(v, mul(pow(p.eta, i), value))
	}
	r2 := mul(p.r, p.r)
	return squares[p.lambda].Cmp(v) == 0 && p.r.Sign() != 0 && r2.Cmp(p.r) != 0 && r2.Cmp(sub(num(0), p.r)) != 0
}

// squares are the values of f_0, ..., f_λ at r².
func (p *slowProof) squares() []number {
	out := []number{p.square}
	for j := range p.lambda {
		even := mul(add(p.plus[j], p.minus[j]), inv(num(2)))
		odd := mul(sub(p.plus[j], p.minus[j]), inv(mul(num(2), p.r)))
		out = append(out, add(mul(sub(num(1), p.zeta[j]), even), mul(p.zeta[j], odd)))
	}
	return out
}

// checkPoints are the two equations of step 14, each as an equation between points.
func (p *slowProof) checkPoints(x number) bool {
	var left, right, zero bn254.G1Affine
	minus := num(-1)
	for i := range 3 {
		left = sumPoint(left, p.sums[i], pow(p.gamma, i))
		left = sumPoint(left, mustPoint(p.g[i]), mul(minus, pow(p.gamma, i)))
	}
	right = sumPoint(zero, mustPoint(p.q), sub(pow(x, 1<<p.beta), p.alpha))
	if !left.Equal(&right) {
		return false
	}
	var b bn254.G1Affine
	for i, raw := range append(append(append([][]byte{}, p.g...), p.h...), p.extraPoints...) {
		b = sumPoint(b, mustPoint(raw), pow(p.eta, i))
	}
	for j, raw := range p.f {
		b = sumPoint(b, mustPoint(raw), pow(p.delta, j+1))
	}
	_, _, generator, _ := bn254.Generators()
	b = sumPoint(b, generator, mul(minus, p.interpolant(x)))
	right = sumPoint(zero, mustPoint(p.o), p.vanishing(x))
	return b.Equal(&right)
}

// vanishing is (x² - r²)(x - r²).
func (p *slowProof) vanishing(x number) number {
	r2 := mul(p.r, p.r)
	return mul(sub(mul(x, x), r2), sub(x, r2))
}

// interpolant is I at x, by Lagrange's formula.
func (p *slowProof) interpolant(x number) number {
	r2 := mul(p.r, p.r)
	at := []number{p.r, sub(num(0), p.r), r2}
	sum := num(0)
	for i, list := range [][]number{p.plus, p.minus, p.squares()[:p.lambda]} {
		value := num(0)
		for j := range list {
			value = add(value, mul(pow(p.delta, j), list[j]))
		}
		for j := range at {
			if j != i {
				value = mul(value, mul(sub(x, at[j]), inv(sub(at[i], at[j]))))
			}
		}
		sum = add(sum, value)
	}
	return sum
}
