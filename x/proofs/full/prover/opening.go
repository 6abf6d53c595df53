package prover

import (
	"context"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/assaychain/assay/x/proofs/full"
	ml "github.com/assaychain/assay/x/proofs/full/internal/multilinear"
	"github.com/assaychain/assay/x/proofs/full/internal/transcript"
)

// opening is the state of opening three tensors at a point each, and small polynomials.
type opening struct {
	prover  *Prover
	layout  full.Layout
	t       *transcript.Transcript
	tensors [full.Tensors]combination
	points  full.Points
	// further are the small polynomials from full.SmallBias on.
	further [][]fr.Element
	opened  full.Opened
	opens   *full.Openings

	alpha, gamma fr.Element
	padding      []fr.Element
	// smalls are the remainders and the foldings.
	smalls [full.SmallBias][]fr.Element
	outer  []fr.Element
}

// foldBlocks commits to the tensors with the variables of a block bound, and after alpha to their remainders.
func (o *opening) foldBlocks(ctx context.Context) (err error) {
	for i := range full.Tensors {
		low := o.points.Of(i)[:o.layout.Low(i)]
		folded := o.prover.foldLow(&o.tensors[i], low, o.layout.High(i), o.layout.Block)
		o.smalls[full.SmallFolded+i] = folded
		if o.opens.Folded[i], err = o.prover.commit(folded); err != nil {
			return err
		}
	}
	o.t.Points("folded", o.opens.Folded[:]...)
	o.alpha = o.t.Challenge("alpha")
	for i := range full.Tensors {
		if err := ctx.Err(); err != nil {
			return err
		}
		powers := ml.PowersTable(fr.One(), o.alpha, 1<<o.layout.High(i))
		remainder := o.prover.remainder(&o.tensors[i], powers, o.layout.Low(i), o.layout.Block)
		o.smalls[full.SmallRemainder+i] = remainder
		if o.opens.Remainder[i], err = o.prover.commit(remainder); err != nil {
			return err
		}
		for c := range powers {
			var term fr.Element
			term.Mul(&powers[c], &o.smalls[full.SmallFolded+i][c])
			o.opens.AtAlpha[i].Add(&o.opens.AtAlpha[i], &term)
		}
	}
	o.t.Points("remainder", o.opens.Remainder[:]...)
	o.t.Scalars("at alpha", o.opens.AtAlpha[:]...)
	o.gamma = o.t.Challenge("gamma")
	return nil
}

// divideBlocks commits to the quotient of the tensors' combination by X^block - alpha.
func (o *opening) divideBlocks(ctx context.Context) (err error) {
	all := combination{}
	scale := fr.One()
	for i := range full.Tensors {
		for j, g := range o.tensors[i].grids {
			var factor fr.Element
			factor.Mul(&scale, &o.tensors[i].factors[j])
			all.grids, all.factors = append(all.grids, g), append(all.factors, factor)
		}
		scale.Mul(&scale, &o.gamma)
	}
	if o.opens.Quotient, err = o.prover.commitQuotient(ctx, &all, o.alpha, o.layout.Block); err != nil {
		return err
	}
	o.t.Points("quotient", o.opens.Quotient)
	return nil
}

// proveOuter reduces all claims on the small polynomials to their values at one point.
func (o *opening) proveOuter(context.Context) error {
	o.padding = o.t.Challenges("padding", o.layout.Small)
	rho := o.t.Challenge("rho")
	size := 1 << o.layout.Small
	smalls := o.all()
	pairs := make([]pair, len(smalls))
	for i := range pairs {
		pairs[i] = pair{make([]fr.Element, size), make([]fr.Element, size)}
		copy(pairs[i].left, smalls[i])
	}
	scale := fr.One()
	for _, claim := range o.opened.Claims(o.layout, o.alpha, o.opens) {
		claim.AddTo(pairs[claim.Small].right, scale, o.padding)
		scale.Mul(&scale, &rho)
	}
	o.outer = o.rounds("outer", o.opens.Outer, pairs)
	for i := range pairs {
		o.opens.Values[i] = pairs[i].left[0]
	}
	o.t.Scalars("values", o.opens.Values...)
	return nil
}

// all are the small polynomials in their order.
func (o *opening) all() [][]fr.Element {
	return append(append([][]fr.Element{}, o.smalls[:]...), o.further...)
}

// prove opens everything, from the first message to the last.
func (o *opening) prove(ctx context.Context) error {
	for _, phase := range []func(context.Context) error{o.foldBlocks, o.divideBlocks, o.proveOuter, o.halve} {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := phase(ctx); err != nil {
			return err
		}
	}
	return nil
}

// pair are two vectors of equal length whose inner product is being summed.
type pair struct {
	left, right []fr.Element
}

// rounds runs a sumcheck over the sum of the pairs' inner products, binds the pairs' variables, and returns the point.
func (o *opening) rounds(label string, messages []full.Round, pairs []pair) []fr.Element {
	point := make([]fr.Element, len(messages))
	for j := range messages {
		for i := range pairs {
			addRound(&messages[j], pairs[i])
		}
		o.t.Scalars(label, messages[j].C0, messages[j].C2)
		point[j] = o.t.Challenge(label)
		for i := range pairs {
			pairs[i] = pair{ml.Fold(pairs[i].left, point[j]), ml.Fold(pairs[i].right, point[j])}
		}
	}
	return point
}

// addRound adds a pair's share of a message: the products of the even entries and of the differences.
func addRound(m *full.Round, p pair) {
	for i := 0; i < len(p.left); i += 2 {
		var product, left, right fr.Element
		product.Mul(&p.left[i], &p.right[i])
		m.C0.Add(&m.C0, &product)
		left.Sub(&p.left[i+1], &p.left[i])
		right.Sub(&p.right[i+1], &p.right[i])
		m.C2.Add(&m.C2, product.Mul(&left, &right))
	}
}

// halve opens the combination of the small polynomials at the outer point.
func (o *opening) halve(context.Context) (err error) {
	eta := o.t.Challenge("eta")
	polynomials := make([][]fr.Element, o.layout.Small)
	polynomials[0] = combineSmalls(o.all(), eta, 1<<o.layout.Small)
	for j := range o.opens.Halvings {
		half := ml.Fold(append([]fr.Element{}, polynomials[j]...), o.outer[j])
		polynomials[j+1] = half
		if o.opens.Halvings[j], err = o.prover.commit(half); err != nil {
			return err
		}
	}
	o.t.Points("halvings", o.opens.Halvings...)
	r := o.t.Challenge("r")
	var negative, square fr.Element
	negative.Neg(&r)
	square.Square(&r)
	for j, f := range polynomials {
		o.opens.AtPlus[j], o.opens.AtMinus[j] = evaluate(f, r), evaluate(f, negative)
	}
	o.opens.AtSquare = evaluate(polynomials[0], square)
	o.t.Scalars("at plus", o.opens.AtPlus...)
	o.t.Scalars("at minus", o.opens.AtMinus...)
	o.t.Scalars("at square", o.opens.AtSquare)
	sum := combineSmalls(polynomials, o.t.Challenge("delta"), 1<<o.layout.Small)
	for _, root := range []fr.Element{r, negative, square} {
		sum = divide(sum, root)
	}
	o.opens.Opening, err = o.prover.commit(sum)
	return err
}

// combineSmalls is the sum of the vectors, each to its power of x.
func combineSmalls(vectors [][]fr.Element, x fr.Element, size int) []fr.Element {
	out := make([]fr.Element, size)
	scale := fr.One()
	for _, v := range vectors {
		for i := range v {
			var term fr.Element
			term.Mul(&scale, &v[i])
			out[i].Add(&out[i], &term)
		}
		scale.Mul(&scale, &x)
	}
	return out
}

func evaluate(f []fr.Element, x fr.Element) fr.Element {
	var sum fr.Element
	for i := len(f) - 1; i >= 0; i-- {
		sum.Mul(&sum, &x).Add(&sum, &f[i])
	}
	return sum
}

// divide is the quotient of a polynomial by X - root, whatever the remainder.
func divide(f []fr.Element, root fr.Element) []fr.Element {
	if len(f) < 2 {
		return nil
	}
	out := make([]fr.Element, len(f)-1)
	out[len(out)-1] = f[len(f)-1]
	for i := len(out) - 2; i >= 0; i-- {
		out[i].Mul(&out[i+1], &root).Add(&out[i], &f[i+1])
	}
	return out
}
