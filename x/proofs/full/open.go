package full

import (
	"fmt"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	ml "github.com/assaychain/assay/x/proofs/full/internal/multilinear"
	"github.com/assaychain/assay/x/proofs/full/internal/transcript"
	"github.com/assaychain/assay/x/proofs/internal/group"
)

// opener is the state of checking openings, message by message.
type opener struct {
	layout Layout
	opened Opened
	proof  *Openings
	t      *transcript.Transcript

	alpha, gamma    fr.Element
	padding, outer  []fr.Element
	rho, eta        fr.Element
	r, delta, kappa fr.Element
	// halfOverR is 1/2r.
	halfOverR fr.Element
	// value is what the combination of the small polynomials has to be at outer.
	value fr.Element
}

// committed are the commitments that openings are about: each tensor is a sum of terms.
type committed struct {
	tensors [Tensors][]group.Term
	// extra are the small polynomials from SmallBias on.
	extra []bn254.G1Affine
}

// reduce checks everything but the pairings, and returns what those have to show.
func (o *opener) reduce(c committed) (*obligation, error) {
	o.drawBlocks()
	if err := o.checkOuter(); err != nil {
		return nil, err
	}
	squares, err := o.checkHalvings()
	if err != nil {
		return nil, err
	}
	return o.owe(c, squares)
}

// replay replays a sumcheck, and returns the point and the claim that it ends in.
func replay(t *transcript.Transcript, label string, messages []Round, claim fr.Element) ([]fr.Element, fr.Element) {
	point := make([]fr.Element, len(messages))
	for j, m := range messages {
		t.Scalars(label, m.C0, m.C2)
		point[j] = t.Challenge(label)
		claim = ml.Quadratic(claim, m.C0, m.C2, point[j])
	}
	return point, claim
}

// drawBlocks draws the challenges that reduce the claims on tensors to claims on polynomials of a block's length.
func (o *opener) drawBlocks() {
	p := o.proof
	o.t.Points("folded", p.Folded[:]...)
	o.alpha = o.t.Challenge("alpha")
	o.t.Points("remainder", p.Remainder[:]...)
	o.t.Scalars("at alpha", p.AtAlpha[:]...)
	o.gamma = o.t.Challenge("gamma")
	o.t.Points("quotient", p.Quotient)
	o.padding = o.t.Challenges("padding", o.layout.Small)
	o.rho = o.t.Challenge("rho")
}

// checkOuter reduces all claims on small polynomials to one on their combination at one point.
func (o *opener) checkOuter() error {
	p := o.proof
	claims := o.opened.Claims(o.layout, o.alpha, p)
	var claim, end fr.Element
	power := fr.One()
	for i := range claims {
		value := ml.Padding(o.padding[claims[i].Variables():])
		value.Mul(&value, &claims[i].Value).Mul(&value, &power)
		claim.Add(&claim, &value)
		power.Mul(&power, &o.rho)
	}
	o.outer, claim = replay(o.t, "outer", p.Outer, claim)
	power.SetOne()
	for i := range claims {
		weight := claims[i].at(o.outer, o.padding)
		weight.Mul(&weight, &p.Values[claims[i].Small]).Mul(&weight, &power)
		end.Add(&end, &weight)
		power.Mul(&power, &o.rho)
	}
	if !end.Equal(&claim) {
		return fmt.Errorf("%w: the outer sumcheck does not end in the values", ErrProof)
	}
	o.t.Scalars("values", p.Values...)
	o.eta = o.t.Challenge("eta")
	o.value = horner(p.Values, o.eta)
	return nil
}

// checkHalvings checks that each halving is the last one with a variable bound and that the last is the value, and returns
// the values of all at r².
func (o *opener) checkHalvings() ([]fr.Element, error) {
	p := o.proof
	o.t.Points("halvings", p.Halvings...)
	o.r = o.t.Challenge("r")
	o.t.Scalars("at plus", p.AtPlus...)
	o.t.Scalars("at minus", p.AtMinus...)
	o.t.Scalars("at square", p.AtSquare)
	o.delta = o.t.Challenge("delta")
	o.t.Points("opening", p.Opening)
	o.kappa = o.t.Challenge("kappa")
	squares := make([]fr.Element, o.layout.Small+1)
	squares[0] = p.AtSquare
	o.halfOverR.Double(&o.r).Inverse(&o.halfOverR)
	for j := range o.layout.Small {
		// (1-z)(f(r) + f(-r))/2 + z(f(r) - f(-r))/2r
		var even, odd fr.Element
		even.Add(&p.AtPlus[j], &p.AtMinus[j]).Halve()
		odd.Sub(&p.AtPlus[j], &p.AtMinus[j]).Mul(&odd, &o.halfOverR)
		odd.Sub(&odd, &even).Mul(&odd, &o.outer[j])
		squares[j+1].Add(&even, &odd)
	}
	if !squares[o.layout.Small].Equal(&o.value) {
		return nil, fmt.Errorf("%w: the halvings do not end in the value", ErrProof)
	}
	return squares[:o.layout.Small], nil
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
//	e(B - I(x), 1)              = e(O, (x² - r²)(x - r²))
func (o *opener) owe(c committed, squares []fr.Element) (*obligation, error) {
	interpolant, err := o.interpolate(squares)
	if err != nil {
		return nil, err
	}
	due := &obligation{kappa: o.kappa}
	length := 2 + len(o.proof.Remainder) + len(o.proof.Folded) + len(c.extra) + len(o.proof.Halvings)
	for _, terms := range c.tensors {
		length += len(terms)
	}
	due.legs[0] = make([]share, 0, length)
	var r2, r4 fr.Element
	r2.Square(&o.r)
	due.add(0, equationBlocks, o.alpha, o.proof.Quotient)
	due.subtract(power(o.layout.Block), equationBlocks, fr.One(), o.proof.Quotient)
	due.subtract(cubeAt, equationOpening, fr.One(), o.proof.Opening)
	due.add(sumAt, equationOpening, r2, o.proof.Opening)
	due.subtract(0, equationOpening, *r4.Square(&r2), o.proof.Opening)
	for i := range interpolant {
		due.powers[i].Neg(&interpolant[i])
	}
	o.oweTensors(due, c)
	o.oweSmalls(due, c)
	return due, nil
}

// oweTensors adds Σ gamma^p C_p to the first equation; the rest of C_p - R_p comes with the small polynomials.
func (o *opener) oweTensors(due *obligation, c committed) {
	gammas := ml.PowersTable(fr.One(), o.gamma, Tensors)
	for tensor, terms := range c.tensors {
		for i := range terms {
			var scaled fr.Element
			due.add(0, equationBlocks, *scaled.Mul(&terms[i].Scalar, &gammas[tensor]), terms[i].Point)
		}
	}
}

// oweSmalls adds -Σ gamma^p R_p to the first equation, and B to the second: the combination of the small polynomials plus
// delta^j times its halving number j.
func (o *opener) oweSmalls(due *obligation, c committed) {
	scale, gamma := fr.One(), fr.One()
	for _, p := range o.proof.Remainder {
		both := share{point: p}
		both.scalars[equationBlocks].Neg(&gamma)
		both.scalars[equationOpening] = scale
		due.legs[0] = append(due.legs[0], both)
		scale.Mul(&scale, &o.eta)
		gamma.Mul(&gamma, &o.gamma)
	}
	for _, p := range append(append([]bn254.G1Affine{}, o.proof.Folded[:]...), c.extra...) {
		due.add(0, equationOpening, scale, p)
		scale.Mul(&scale, &o.eta)
	}
	scale.SetOne()
	for _, p := range o.proof.Halvings {
		due.add(0, equationOpening, *scale.Mul(&scale, &o.delta), p)
	}
}

// interpolate gives the quadratic through the combined values at r, -r and r², lowest coefficient first.
func (o *opener) interpolate(squares []fr.Element) (c [3]fr.Element, err error) {
	plus, minus := horner(o.proof.AtPlus, o.delta), horner(o.proof.AtMinus, o.delta)
	square := horner(squares, o.delta)
	var r2, gap, mean fr.Element
	r2.Square(&o.r)
	gap.Square(&r2).Sub(&gap, &r2)
	if gap.IsZero() {
		return c, fmt.Errorf("%w: the points of the opening are not distinct", ErrProof)
	}
	mean.Add(&plus, &minus).Halve()
	c[1].Mul(&o.halfOverR, plus.Sub(&plus, &minus))
	c[2].Mul(&c[1], &r2).Sub(&square, &c[2]).Sub(&c[2], &mean)
	c[2].Mul(&c[2], gap.Inverse(&gap))
	c[0].Mul(&c[2], &r2).Sub(&mean, &c[0])
	return c, nil
}
