// Package model is the circuit of one whole network: a proof shows that a private row of inputs gives the rows of all outputs,
// with the network's weights as constants of the circuit. Its README says what a proof shows and argues why.
package model

import (
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// ErrNetwork is wrapped when a program and its weights make no network that a circuit could have as its constants.
var ErrNetwork = errors.New("no network for a circuit")

// Network is a model with its weights: what a circuit is compiled from. It is read-only.
type Network struct {
	model   program.Model
	hash    [sha256.Size]byte
	weights []*tensor.Tensor
	// plans hold what each channel of each layer needs, which follows from the weights.
	plans [][]plan
}

// NewNetwork takes a network from a program and the tensors of its inputs, in its order, of which the one plain input is not read
// and may be nil. The error wraps ErrNetwork.
func NewNetwork(p program.Program, inputs []*tensor.Tensor) (*Network, error) {
	shapes, err := p.Shapes()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNetwork, err)
	}
	if len(inputs) != len(p.Inputs) {
		return nil, fmt.Errorf("%w: %d tensors, the program has %d inputs", ErrNetwork, len(inputs), len(p.Inputs))
	}
	roots, err := weightRoots(p, inputs)
	if err != nil {
		return nil, err
	}
	n := &Network{}
	if n.model, err = program.ModelOf(p, roots); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNetwork, err)
	}
	if n.hash, err = n.model.Hash(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNetwork, err)
	}
	for _, shape := range shapes {
		n.weights = append(n.weights, inputs[shape.Weight])
	}
	n.plan()
	return n, nil
}

// weightRoots are the roots of the weights, with an empty one in the place of the plain input.
func weightRoots(p program.Program, inputs []*tensor.Tensor) ([][]byte, error) {
	roots := make([][]byte, len(inputs))
	for i, declared := range p.Inputs {
		roots[i] = make([]byte, program.RootSize)
		if declared.Kind != program.TENSOR_KIND_WEIGHT {
			continue
		}
		want := tensor.Shape{Kind: declared.Kind, Type: declared.Type, Rows: declared.Rows, Cols: declared.Cols}
		if inputs[i] == nil || inputs[i].Shape != want {
			return nil, fmt.Errorf("%w: inputs[%d] %q is not the %d x %d weight tensor that the program declares", ErrNetwork, i, declared.Name, want.Rows, want.Cols)
		}
		root, err := tensor.Root(inputs[i])
		if err != nil {
			return nil, fmt.Errorf("%w: inputs[%d] %q: %w", ErrNetwork, i, declared.Name, err)
		}
		roots[i] = tensor.EncodeRoot(root)
	}
	return roots, nil
}

// Model is the network by its layers and the roots of its weights.
func (n *Network) Model() program.Model { return n.model }

// Hash identifies the model.
func (n *Network) Hash() [sha256.Size]byte { return n.hash }

// outputShape is the shape of a row of a layer's output.
func (n *Network) outputShape(layer int) tensor.Shape {
	l := &n.model.Layers[layer]
	return tensor.Shape{Kind: program.TENSOR_KIND_PLAIN, Type: l.OutputType, Rows: 1, Cols: l.Rows}
}

// inputShape is the shape of a row of X.
func (n *Network) inputShape() tensor.Shape {
	return tensor.Shape{Kind: program.TENSOR_KIND_PLAIN, Type: program.DATA_TYPE_INT8, Rows: 1, Cols: n.model.Inputs()}
}

// plan is what a channel of a layer needs of the circuit.
type plan struct {
	// low and high are the least and the greatest output that type and activation admit.
	low, high int64
	// over and under are how many bytes hold by how much the quotient may exceed high, and fall short of low, whatever the
	// inputs are; 0 where it can't.
	over, under int
}

// span is a range of integers, ends included.
type span struct{ low, high int64 }

// ranges of int8, of what relu leaves of it, and of int32.
var (
	int8s  = span{-128, 127}
	int32s = span{-1 << 31, 1<<31 - 1}
)

// plan bounds every accumulator by the weights themselves and the range of what they are multiplied with.
func (n *Network) plan() {
	in := int8s
	for i := range n.model.Layers {
		out := outputs(&n.model.Layers[i])
		plans := make([]plan, n.model.Layers[i].Rows)
		for c := range plans {
			q := n.quotients(i, c, in)
			plans[c] = plan{low: out.low, high: out.high, over: bytesFor(q.high - out.high), under: bytesFor(out.low - q.low)}
		}
		n.plans, in = append(n.plans, plans), out
	}
}

// outputs is the range of a layer's outputs.
func outputs(l *program.Layer) span {
	out := int8s
	if l.OutputType == program.DATA_TYPE_INT32 {
		out = int32s
	}
	if l.Activation == program.ACTIVATION_RELU {
		out.low = 0
	}
	return out
}

// quotients is the range of a channel's requantised accumulators before they are clamped. Both are increasing in the accumulator.
func (n *Network) quotients(layer, channel int, in span) span {
	w, acc := n.row(layer, channel), span{}
	acc.low, acc.high = int64(w.bias), int64(w.bias)
	for _, v := range w.values {
		a, b := int64(v)*in.low, int64(v)*in.high
		acc.low, acc.high = acc.low+min(a, b), acc.high+max(a, b)
	}
	shift := n.model.Layers[layer].Shift
	return span{requantise(acc.low, w.multiplier, shift), requantise(acc.high, w.multiplier, shift)}
}

// requantise is the rounding division without the clamp; shift 0 leaves the accumulator as it is. Exact: |acc| < 2^31,
// multiplier < 2^31, shift at most 48.
func requantise(acc int64, multiplier, shift uint32) int64 {
	if shift == 0 {
		return acc
	}
	return (acc*int64(multiplier) + int64(1)<<(shift-1)) >> shift
}

// weightRow is a channel's weights.
type weightRow struct {
	values     []int8
	bias       int32
	multiplier uint32
}

func (n *Network) row(layer, channel int) weightRow {
	w, k := n.weights[layer], int(n.weights[layer].Cols)
	return weightRow{w.Int8[channel*k : (channel+1)*k], w.Bias[channel], w.Multiplier[channel]}
}

// bytesFor is how many bytes hold every number up to the limit; none if it is not above 0.
func bytesFor(limit int64) int {
	n := 0
	for ; limit > 0; limit >>= 8 {
		n++
	}
	return n
}
