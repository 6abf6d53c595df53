package full

import (
	"bytes"
	"fmt"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	ml "github.com/assaychain/assay/x/proofs/full/internal/multilinear"
	"github.com/assaychain/assay/x/proofs/full/internal/transcript"
)

// Verify is nil when the proof proves the statement. It computes the same on every machine: no goroutine, no randomness but
// the transcript's, and a panic is a refusal.
func Verify(key *VerifyingKey, statement Statement, proof []byte) error {
	o, err := reduce(key, &statement, proof)
	if err != nil {
		return err
	}
	return settle(key, []*obligation{o})
}

// argument is the state of checking one proof, message by message.
type argument struct {
	key       *VerifyingKey
	statement *Statement
	layout    Layout
	proof     *Proof
	t         *transcript.Transcript
	x, y      []bn254.G1Affine

	omega           fr.Element
	row, col, inner []fr.Element
	alpha, gamma    fr.Element
	padding, outer  []fr.Element
	rho, eta        fr.Element
	r, delta, kappa fr.Element
	// value is what the combination of the small polynomials has to be at outer.
	value fr.Element
}

// reduce checks everything but the pairings, and returns what those have to show.
func reduce(key *VerifyingKey, s *Statement, raw []byte) (o *obligation, err error) {
	defer recoverTo(&err, ErrProof)
	a := &argument{key: key, statement: s}
	if err := a.decode(raw); err != nil {
		return nil, err
	}
	a.t = Start(key.hash, s, a.proof.Weights)
	if err := a.checkInner(); err != nil {
		return nil, err
	}
	a.drawBlocks()
	if err := a.checkOuter(); err != nil {
		return nil, err
	}
	squares, err := a.checkHalvings()
	if err != nil {
		return nil, err
	}
	return a.owe(squares)
}

func (a *argument) decode(raw []byte) (err error) {
	if err := a.statement.Validate(); err != nil {
		return err
	}
	shape := a.statement.Shape()
	a.layout = shape.Layout()
	if a.proof, err = DecodeProof(shape, raw); err != nil {
		return err
	}
	root := a.proof.Weights.Root(shape.N, shape.K)
	if !bytes.Equal(root[:], a.statement.Weights[:]) {
		return fmt.Errorf("%w: the commitments of the weights are not those of the root", ErrProof)
	}
	a.x = make([]bn254.G1Affine, len(a.statement.Products))
	a.y = make([]bn254.G1Affine, len(a.statement.Products))
	for i, p := range a.statement.Products {
		if a.x[i], err = DecodeCommitment(p.X); err != nil {
			return fmt.Errorf("product %d: x: %w", i, err)
		}
		if a.y[i], err = DecodeCommitment(p.Y); err != nil {
			return fmt.Errorf("product %d: y: %w", i, err)
		}
	}
	return nil
}

// checkInner reduces the claim that Y, at a random point, is X·Wᵀ + bias there, to a claim on each tensor.
func (a *argument) checkInner() error {
	p := a.proof
	a.omega = a.t.Challenge("omega")
	a.row, a.col = a.t.Challenges("row", a.layout.M), a.t.Challenges("column", a.layout.N)
	a.t.Scalars("value of y", p.ValueY)
	a.t.Scalars("value of bias", p.ValueBias)
	claim := BiasShare(a.statement, a.omega, a.row)
	claim.Mul(&claim, &p.ValueBias).Sub(&p.ValueY, &claim)
	a.inner, claim = a.rounds("inner", p.Inner, claim)
	var product fr.Element
	if !product.Mul(&p.ValueX, &p.ValueW).Equal(&claim) {
		return fmt.Errorf("%w: the inner sumcheck does not end in the product of x and w", ErrProof)
	}
	a.t.Scalars("value of x", p.ValueX)
	a.t.Scalars("value of w", p.ValueW)
	return nil
}

// BiasShare is how often the bias at the column's point is part of Y at the row's: the sum over the products, each to its
// power of omega, of the extension of its rows' indicator. Rows of padding have no bias.
func BiasShare(s *Statement, omega fr.Element, row []fr.Element) fr.Element {
	var sum fr.Element
	power := fr.One()
	for i := range s.Products {
		share := ml.Below(s.Products[i].M, row)
		sum.Add(&sum, share.Mul(&share, &power))
		power.Mul(&power, &omega)
	}
	return sum
}

// rounds replays a sumcheck, and returns the point and the claim that it ends in.
func (a *argument) rounds(label string, messages []Round, claim fr.Element) ([]fr.Element, fr.Element) {
	point := make([]fr.Element, len(messages))
	for j, m := range messages {
		a.t.Scalars(label, m.C0, m.C2)
		point[j] = a.t.Challenge(label)
		claim = ml.Quadratic(claim, m.C0, m.C2, point[j])
	}
	return point, claim
}

// drawBlocks draws the challenges that reduce the claims on tensors to claims on polynomials of a block's length.
func (a *argument) drawBlocks() {
	p := a.proof
	a.t.Points("folded", p.Folded[:]...)
	a.alpha = a.t.Challenge("alpha")
	a.t.Points("remainder", p.Remainder[:]...)
	a.t.Scalars("at alpha", p.AtAlpha[:]...)
	a.gamma = a.t.Challenge("gamma")
	a.t.Points("quotient", p.Quotient)
	a.padding = a.t.Challenges("padding", a.layout.Small)
	a.rho = a.t.Challenge("rho")
}

// checkOuter reduces all claims on small polynomials to one on their combination at one point.
func (a *argument) checkOuter() error {
	p := a.proof
	claims := Claims(a.layout, Points{a.row, a.col, a.inner}, a.alpha, p)
	var claim, end fr.Element
	power := fr.One()
	for i := range claims {
		value := ml.Padding(a.padding[claims[i].Variables():])
		value.Mul(&value, &claims[i].Value).Mul(&value, &power)
		claim.Add(&claim, &value)
		power.Mul(&power, &a.rho)
	}
	a.outer, claim = a.rounds("outer", p.Outer, claim)
	power.SetOne()
	for i := range claims {
		weight := claims[i].at(a.outer, a.padding)
		weight.Mul(&weight, &p.Values[claims[i].Small]).Mul(&weight, &power)
		end.Add(&end, &weight)
		power.Mul(&power, &a.rho)
	}
	if !end.Equal(&claim) {
		return fmt.Errorf("%w: the outer sumcheck does not end in the values", ErrProof)
	}
	a.t.Scalars("values", p.Values[:]...)
	a.eta = a.t.Challenge("eta")
	a.value = horner(p.Values[:], a.eta)
	return nil
}

// checkHalvings checks that each halving is the last one with a variable bound and that the last is the value, and returns
// the values of all at r².
func (a *argument) checkHalvings() ([]fr.Element, error) {
	p := a.proof
	a.t.Points("halvings", p.Halvings...)
	a.r = a.t.Challenge("r")
	a.t.Scalars("at plus", p.AtPlus...)
	a.t.Scalars("at minus", p.AtMinus...)
	a.t.Scalars("at square", p.AtSquare)
	a.delta = a.t.Challenge("delta")
	a.t.Points("opening", p.Opening)
	a.kappa = a.t.Challenge("kappa")
	squares := make([]fr.Element, a.layout.Small+1)
	squares[0] = p.AtSquare
	var halfOverR fr.Element
	halfOverR.Double(&a.r).Inverse(&halfOverR)
	for j := range a.layout.Small {
		// (1-z)(f(r) + f(-r))/2 + z(f(r) - f(-r))/2r
		var even, odd fr.Element
		even.Add(&p.AtPlus[j], &p.AtMinus[j]).Halve()
		odd.Sub(&p.AtPlus[j], &p.AtMinus[j]).Mul(&odd, &halfOverR)
		odd.Sub(&odd, &even).Mul(&odd, &a.outer[j])
		squares[j+1].Add(&even, &odd)
	}
	if !squares[a.layout.Small].Equal(&a.value) {
		return nil, fmt.Errorf("%w: the halvings do not end in the value", ErrProof)
	}
	return squares[:a.layout.Small], nil
}

// horner is the sum of values_i·x^i.
func horner(values []fr.Element, x fr.Element) fr.Element {
	var sum fr.Element
	for i := len(values) - 1; i >= 0; i-- {
		sum.Mul(&sum, &x).Add(&sum, &values[i])
	}
	return sum
}

// owe writes down what the pairings have to show, with everything that is paired with the generator collected:
//
//	e(Σ gamma^p (C_p - R_p), 1) = e(Q, x^block - alpha)
//	e(B - I(x), 1)              = e(O, (x² - r²)(x - r²))      to the power kappa
func (a *argument) owe(squares []fr.Element) (*obligation, error) {
	interpolant, err := a.interpolate(squares)
	if err != nil {
		return nil, err
	}
	o := &obligation{}
	var r2, scaled fr.Element
	r2.Square(&a.r)
	o.add(0, a.alpha, a.proof.Quotient)
	o.subtract(power(a.layout.Block), fr.One(), a.proof.Quotient)
	o.subtract(cubeAt, a.kappa, a.proof.Opening)
	scaled.Mul(&a.kappa, &r2)
	o.add(sumAt, scaled, a.proof.Opening)
	o.subtract(0, *scaled.Mul(&scaled, &r2), a.proof.Opening)
	for i := range interpolant {
		o.subtract(0, *scaled.Mul(&interpolant[i], &a.kappa), a.key.g1[i])
	}
	a.oweTensors(o)
	a.oweSmalls(o)
	return o, nil
}

// oweTensors adds Σ gamma^p (C_p - R_p); that of X and Y are combinations of all products'.
func (a *argument) oweTensors(o *obligation) {
	gammas := ml.PowersTable(fr.One(), a.gamma, Tensors)
	omegas := ml.PowersTable(fr.One(), a.omega, len(a.x))
	for i := range a.x {
		var scaled fr.Element
		o.add(0, omegas[i], a.x[i])
		o.add(0, *scaled.Mul(&omegas[i], &gammas[TensorY]), a.y[i])
	}
	o.add(0, gammas[TensorW], a.proof.values)
	for i := range a.proof.Remainder {
		o.subtract(0, gammas[i], a.proof.Remainder[i])
	}
}

// oweSmalls adds kappa·B, where B is the combination of the small polynomials plus delta^j times its halving number j.
func (a *argument) oweSmalls(o *obligation) {
	scale := a.kappa
	smalls := append(append([]bn254.G1Affine{}, a.proof.Remainder[:]...), a.proof.Folded[:]...)
	for _, p := range append(smalls, a.proof.bias) {
		o.add(0, scale, p)
		scale.Mul(&scale, &a.eta)
	}
	scale = a.kappa
	for _, p := range a.proof.Halvings {
		o.add(0, *scale.Mul(&scale, &a.delta), p)
	}
}

// interpolate gives the quadratic through the combined values at r, -r and r², lowest coefficient first.
func (a *argument) interpolate(squares []fr.Element) (c [3]fr.Element, err error) {
	plus, minus := horner(a.proof.AtPlus, a.delta), horner(a.proof.AtMinus, a.delta)
	square := horner(squares, a.delta)
	var r2, double, gap, mean fr.Element
	r2.Square(&a.r)
	double.Double(&a.r)
	gap.Square(&r2).Sub(&gap, &r2)
	if gap.IsZero() {
		return c, fmt.Errorf("%w: the points of the opening are not distinct", ErrProof)
	}
	mean.Add(&plus, &minus).Halve()
	c[1].Inverse(&double).Mul(&c[1], plus.Sub(&plus, &minus))
	c[2].Mul(&c[1], &r2).Sub(&square, &c[2]).Sub(&c[2], &mean)
	c[2].Mul(&c[2], gap.Inverse(&gap))
	c[0].Mul(&c[2], &r2).Sub(&mean, &c[0])
	return c, nil
}
