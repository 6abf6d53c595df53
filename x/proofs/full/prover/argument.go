package prover

import (
	"context"
	"fmt"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/assaychain/assay/x/proofs/full"
	ml "github.com/assaychain/assay/x/proofs/full/internal/multilinear"
)

// argument is the state of making one proof, message by message, in the order of the verifier's.
type argument struct {
	statement *full.Statement
	weights   *CommittedWeights
	x, y      []*grid
	proof     *full.Proof
	omega     fr.Element
	opening
}

func (p *Prover) begin(s *full.Statement, w *CommittedWeights, products []Product) (*argument, error) {
	a := &argument{statement: s, weights: w, proof: &full.Proof{Weights: w.Commitments}}
	a.opening = opening{prover: p, layout: s.Shape().Layout(), opens: &a.proof.Openings}
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
	if err := a.proveInner(ctx); err != nil {
		return err
	}
	return a.opening.prove(ctx)
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
	a.further = [][]fr.Element{fieldsOf(a.weights.Bias)}
	a.opened = a.proof.Opened(a.points)
	return nil
}

// fieldsOf are numbers as elements of the field.
func fieldsOf[T int8 | int32 | uint32](values []T) []fr.Element {
	out := make([]fr.Element, len(values))
	for i, v := range values {
		out[i].SetInt64(int64(v))
	}
	return out
}
