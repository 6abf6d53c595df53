package model

import (
	"errors"
	"fmt"

	"github.com/consensys/gnark-crypto/ecc"
	"github.com/consensys/gnark/backend/witness"
	"github.com/consensys/gnark/frontend"

	"github.com/assaychain/assay/x/proofs/interpreter"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/statement"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// ErrOpenings is wrapped when openings do not show what their statement claims, so that no proof exists.
var ErrOpenings = errors.New("the openings do not show the claim")

// Openings are what the prover knows: the row of X and where the row lies in every commitment. The outputs follow.
type Openings struct {
	// X is the row of X.
	X []int8
	// PathX leads from it to X's root; Paths lead from the row of every layer's output to its root.
	PathX tensor.Path
	Paths []tensor.Path
}

// Witness assigns the network's circuit, after recomputing natively that the openings show the claim.
func (n *Network) Witness(s *statement.Row, o Openings) (witness.Witness, error) {
	if err := n.Check(s, o); err != nil {
		return nil, err
	}
	assignment, err := n.Assign(s, o)
	if err != nil {
		return nil, err
	}
	full, err := frontend.NewWitness(assignment, ecc.BN254.ScalarField())
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrOpenings, err)
	}
	return full, nil
}

// Check recomputes the claim from the openings without a circuit.
func (n *Network) Check(s *statement.Row, o Openings) error {
	public, err := s.Public()
	if err != nil {
		return err
	}
	if s.Model != n.hash {
		return fmt.Errorf("%w: the statement is about model %x, this is %x", ErrOpenings, s.Model[:8], n.hash[:8])
	}
	if len(o.X) != int(n.model.Inputs()) || len(o.Paths) != len(n.model.Layers) || len(public.Steps) != len(n.model.Layers) {
		return fmt.Errorf("%w: a row of %d values, %d paths and %d roots for %d inputs and %d layers",
			ErrOpenings, len(o.X), len(o.Paths), len(public.Steps), n.model.Inputs(), len(n.model.Layers))
	}
	in := &tensor.Tensor{Shape: n.inputShape(), Int8: o.X}
	if root, ok := o.PathX.Climb(s.Row, in.RowDigest(0)); !ok || !root.Equal(&public.RootX) {
		return fmt.Errorf("%w: the row is not row %d of X", ErrOpenings, s.Row)
	}
	values := o.X
	for i := range n.model.Layers {
		out := n.compute(i, values)
		if root, ok := o.Paths[i].Climb(s.Row, out.RowDigest(0)); !ok || !root.Equal(&public.Steps[i]) {
			return fmt.Errorf("%w: row %d of the output of layer %d is not what the model computes", ErrOpenings, s.Row, i)
		}
		values = out.Int8
	}
	return nil
}

// compute is a layer's output for one row.
func (n *Network) compute(layer int, in []int8) *tensor.Tensor {
	l, out := &n.model.Layers[layer], &tensor.Tensor{Shape: n.outputShape(layer)}
	step := &program.DenseStep{Shift: l.Shift, Activation: l.Activation, OutputType: l.OutputType}
	for c := range int(l.Rows) {
		w := n.row(layer, c)
		value := interpreter.Entry(in, interpreter.Channel{Weights: w.values, Bias: w.bias, Multiplier: w.multiplier}, step)
		if l.OutputType == program.DATA_TYPE_INT32 {
			out.Int32 = append(out.Int32, value)
		} else {
			out.Int8 = append(out.Int8, int8(value))
		}
	}
	return out
}

// Assign fills the circuit without checking the claim: for wrong openings the result satisfies no constraint system. It
// refuses only what has no place in the circuit.
func (n *Network) Assign(s *statement.Row, o Openings) (*Circuit, error) {
	public, err := s.Public()
	if err != nil {
		return nil, err
	}
	if len(o.X) != int(n.model.Inputs()) || len(o.Paths) != len(n.model.Layers) {
		return nil, fmt.Errorf("%w: a row of %d values and %d paths for %d inputs and %d layers",
			ErrOpenings, len(o.X), len(o.Paths), n.model.Inputs(), len(n.model.Layers))
	}
	c := New(n)
	c.Digest, c.Context0, c.Context1, c.Index = public.Digest(), public.Context0, public.Context1, public.Index
	for i := range c.Row {
		c.Row[i] = public.Row >> i & 1
	}
	for i, v := range o.X {
		c.X[i] = int(v) + int8Offset
	}
	for i, path := range append([]tensor.Path{o.PathX}, o.Paths...) {
		c.Paths[i] = variables(path)
	}
	n.assignLayers(c, o.X)
	return c, nil
}

func (n *Network) assignLayers(c *Circuit, in []int8) {
	for i := range n.model.Layers {
		for j := range c.Layers[i].Channels {
			n.assignChannel(&c.Layers[i].Channels[j], i, j, in)
		}
		in = n.compute(i, in).Int8
	}
}

func (n *Network) assignChannel(channel *Channel, layer, j int, in []int8) {
	w, l, p := n.row(layer, j), &n.model.Layers[layer], n.plans[layer][j]
	acc := int64(w.bias)
	for k, v := range in {
		acc += int64(v) * int64(w.values[k])
	}
	quotient := requantise(acc, w.multiplier, l.Shift)
	output := min(max(quotient, p.low), p.high)
	setBytes(channel.Value, output-p.low)
	setBytes(channel.Over, max(0, quotient-p.high))
	setBytes(channel.Under, max(0, p.low-quotient))
	if l.Shift > 0 {
		setBytes(channel.Remainder, (acc*int64(w.multiplier)+int64(1)<<(l.Shift-1))&(int64(1)<<l.Shift-1))
	}
}

// setBytes writes a number's little-endian bytes.
func setBytes(out []frontend.Variable, value int64) {
	for i := range out {
		out[i] = int(value >> (byteBits * i) & 255)
	}
}

func variables(path tensor.Path) [tensor.Depth][tensor.Width]frontend.Variable {
	var out [tensor.Depth][tensor.Width]frontend.Variable
	for level := range out {
		for i := range out[level] {
			out[level][i] = path[level][i]
		}
	}
	return out
}
