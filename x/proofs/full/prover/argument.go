package prover

import (
	"context"
	"fmt"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/assaychain/assay/x/proofs/full"
	ml "github.com/assaychain/assay/x/proofs/full/internal/multilinear"
	"github.com/assaychain/assay/x/proofs/full/internal/transcript"
)

// argument is the state of making one proof, message by message, in the order of the verifier's.
type argument struct {
	prover    *Prover
	statement *full.Statement
	layout    full.Layout
	weights   *CommittedWeights
	x, y      []*grid
	tensors   [full.Tensors]combination
	t         *transcript.Transcript
	proof     *full.Proof

	omega        fr.Element
	points       full.Points
	alpha, gamma fr.Element
	padding      []fr.Element
	// smalls are the small polynomials: remainders, foldings, bias.
	smalls [full.Smalls][]fr.Element
	outer  []fr.Element
}

func (p *Prover) begin(s *full.Statement, w *CommittedWeights, products []Product) (*argument, error) {
	a := &argument{prover: p, statement: s, layout: s.Shape().Layout(), weights: w, proof: &full.Proof{Weights: w.Commitments}}
	a.proof.Size(a.layout)
	for i, product := range products {
		x, err := newGrid(product.M, w.K, product.X, nil)
		if err != nil {
			return nil, fmt.Errorf("product %d: x: %w", i, err)
		}
		y, err := newGrid(product.M, w.N, nil, product.Y)
		if err != nil {
			return nil, fmt.Errorf("product %d: y: %w", i, err)
		}
		a.x, a.y = append(a.x, x), append(a.y, y)
	}
	a.t = full.Start(p.source.Key().Hash(), s, w.Commitments)
	return a, nil
}

func (a *argument) prove(ctx context.Context) error {
	a.drawPoints()
	for _, phase := range []func(context.Context) error{
		a.proveInner, a.foldBlocks, a.divideBlocks, a.proveOuter, a.halve,
	} {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := phase(ctx); err != nil {
			return err
		}
	}
	return nil
}

// drawPoints fixes the combination of the products, and with it the three tensors of the argument.
func (a *argument) drawPoints() {
	a.omega = a.t.Challenge("omega")
	a.points.Row, a.points.Col = a.t.Challenges("row", a.layout.M), a.t.Challenges("column", a.layout.N)
	omegas := ml.PowersTable(fr.One(), a.omega, len(a.x))
	a.tensors = [full.Tensors]combination{{a.x, omegas}, {[]*grid{a.weights.values}, omegas[:1]}, {a.y, omegas}}
}

// proveInner sends the values of Y and of the bias, and proves that they fit the sum over k of X and W.
func (a *argument) proveInner(context.Context) error {
	rows, cols := ml.EqualTable(fr.One(), a.points.Row), ml.EqualTable(fr.One(), a.points.Col)
	a.proof.ValueY = a.prover.value(&a.tensors[full.TensorY], rows, cols)
	for j, b := range a.weights.Bias {
		var term fr.Element
		term.SetInt64(int64(b)).Mul(&term, &cols[j])
		a.proof.ValueBias.Add(&a.proof.ValueBias, &term)
	}
	a.t.Scalars("value of y", a.proof.ValueY)
	a.t.Scalars("value of bias", a.proof.ValueBias)
	x := a.prover.mixRows(&a.tensors[full.TensorX], rows, 1<<a.layout.K)
	w := a.prover.mixRows(&a.tensors[full.TensorW], cols, 1<<a.layout.K)
	pairs := []pair{{x, w}}
	a.points.Inner = a.rounds("inner", a.proof.Inner, pairs)
	a.proof.ValueX, a.proof.ValueW = pairs[0].left[0], pairs[0].right[0]
	a.t.Scalars("value of x", a.proof.ValueX)
	a.t.Scalars("value of w", a.proof.ValueW)
	return nil
}

// foldBlocks commits to the tensors with the variables of a block bound, and after alpha to their remainders.
func (a *argument) foldBlocks(ctx context.Context) (err error) {
	for i := range full.Tensors {
		low := a.points.Of(i)[:a.layout.Low(i)]
		folded := a.prover.foldLow(&a.tensors[i], low, a.layout.High(i), a.layout.Block)
		a.smalls[full.SmallFolded+i] = folded
		if a.proof.Folded[i], err = a.prover.commit(folded); err != nil {
			return err
		}
	}
	a.t.Points("folded", a.proof.Folded[:]...)
	a.alpha = a.t.Challenge("alpha")
	for i := range full.Tensors {
		if err := ctx.Err(); err != nil {
			return err
		}
		powers := ml.PowersTable(fr.One(), a.alpha, 1<<a.layout.High(i))
		remainder := a.prover.remainder(&a.tensors[i], powers, a.layout.Low(i), a.layout.Block)
		a.smalls[full.SmallRemainder+i] = remainder
		if a.proof.Remainder[i], err = a.prover.commit(remainder); err != nil {
			return err
		}
		for c := range powers {
			var term fr.Element
			term.Mul(&powers[c], &a.smalls[full.SmallFolded+i][c])
			a.proof.AtAlpha[i].Add(&a.proof.AtAlpha[i], &term)
		}
	}
	a.t.Points("remainder", a.proof.Remainder[:]...)
	a.t.Scalars("at alpha", a.proof.AtAlpha[:]...)
	a.gamma = a.t.Challenge("gamma")
	return nil
}

// divideBlocks commits to the quotient of the tensors' combination by X^block - alpha.
func (a *argument) divideBlocks(ctx context.Context) (err error) {
	all := combination{}
	scale := fr.One()
	for i := range full.Tensors {
		for j, g := range a.tensors[i].grids {
			var factor fr.Element
			factor.Mul(&scale, &a.tensors[i].factors[j])
			all.grids, all.factors = append(all.grids, g), append(all.factors, factor)
		}
		scale.Mul(&scale, &a.gamma)
	}
	if a.proof.Quotient, err = a.prover.commitQuotient(ctx, &all, a.alpha, a.layout.Block); err != nil {
		return err
	}
	a.t.Points("quotient", a.proof.Quotient)
	return nil
}

// proveOuter reduces all claims on the small polynomials to their values at one point.
func (a *argument) proveOuter(context.Context) error {
	a.padding = a.t.Challenges("padding", a.layout.Small)
	rho := a.t.Challenge("rho")
	a.smalls[full.SmallBias] = make([]fr.Element, 1<<a.layout.N)
	for j, b := range a.weights.Bias {
		a.smalls[full.SmallBias][j].SetInt64(int64(b))
	}
	size := 1 << a.layout.Small
	pairs := make([]pair, full.Smalls)
	for i := range pairs {
		pairs[i] = pair{make([]fr.Element, size), make([]fr.Element, size)}
		copy(pairs[i].left, a.smalls[i])
	}
	scale := fr.One()
	for _, claim := range full.Claims(a.layout, a.points, a.alpha, a.proof) {
		claim.AddTo(pairs[claim.Small].right, scale, a.padding)
		scale.Mul(&scale, &rho)
	}
	a.outer = a.rounds("outer", a.proof.Outer, pairs)
	for i := range pairs {
		a.proof.Values[i] = pairs[i].left[0]
	}
	a.t.Scalars("values", a.proof.Values[:]...)
	return nil
}

// pair are two vectors of equal length whose inner product is being summed.
type pair struct {
	left, right []fr.Element
}

// rounds runs a sumcheck over the sum of the pairs' inner products, binds the pairs' variables, and returns the point.
func (a *argument) rounds(label string, messages []full.Round, pairs []pair) []fr.Element {
	point := make([]fr.Element, len(messages))
	for j := range messages {
		for i := range pairs {
			addRound(&messages[j], pairs[i])
		}
		a.t.Scalars(label, messages[j].C0, messages[j].C2)
		point[j] = a.t.Challenge(label)
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
func (a *argument) halve(context.Context) (err error) {
	eta := a.t.Challenge("eta")
	polynomials := make([][]fr.Element, a.layout.Small)
	polynomials[0] = combineSmalls(a.smalls[:], eta, 1<<a.layout.Small)
	for j := range a.proof.Halvings {
		half := ml.Fold(append([]fr.Element{}, polynomials[j]...), a.outer[j])
		polynomials[j+1] = half
		if a.proof.Halvings[j], err = a.prover.commit(half); err != nil {
			return err
		}
	}
	a.t.Points("halvings", a.proof.Halvings...)
	r := a.t.Challenge("r")
	var negative, square fr.Element
	negative.Neg(&r)
	square.Square(&r)
	for j, f := range polynomials {
		a.proof.AtPlus[j], a.proof.AtMinus[j] = evaluate(f, r), evaluate(f, negative)
	}
	a.proof.AtSquare = evaluate(polynomials[0], square)
	a.t.Scalars("at plus", a.proof.AtPlus...)
	a.t.Scalars("at minus", a.proof.AtMinus...)
	a.t.Scalars("at square", a.proof.AtSquare)
	sum := combineSmalls(polynomials, a.t.Challenge("delta"), 1<<a.layout.Small)
	for _, root := range []fr.Element{r, negative, square} {
		sum = divide(sum, root)
	}
	a.proof.Opening, err = a.prover.commit(sum)
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
