package model

import (
	"math/big"

	"github.com/consensys/gnark/constraint/solver"
	"github.com/consensys/gnark/frontend"

	"github.com/assaychain/assay/x/proofs/circuits/internal/gadget"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/statement"
	"github.com/assaychain/assay/x/proofs/tensor"
)

const (
	byteBits = 8
	// int8Offset and int32Offset are what packing adds to a value, so that it is not negative.
	int8Offset, int32Offset = 1 << 7, 1 << 31
)

func init() { solver.RegisterHint(countBytes) }

// countBytes is the hint of the range check under this circuit's name.
func countBytes(field *big.Int, queries, counts []*big.Int) error {
	return gadget.CountBytes(field, queries, counts)
}

// Circuit recomputes one row through every layer of a network and opens it in the commitments of the input and of every
// layer's output. Digest is its only public input; it hashes everything that the statement names. The README of this package
// argues its soundness part by part.
type Circuit struct {
	// Digest is statement.RowPublic.Digest.
	Digest frontend.Variable `gnark:",public"`

	Context0, Context1, Index frontend.Variable
	// Row are the bits of the row's number, lowest first.
	Row [statement.RowBits]frontend.Variable
	// X are the bytes v+128 of the row of X.
	X []frontend.Variable
	// Layers are the witnesses of the layers.
	Layers []Layer
	// Paths lead from the row to the root, of X and then of every output.
	Paths [][tensor.Depth][tensor.Width]frontend.Variable

	network *Network `gnark:"-"`
}

// Layer is the witness of a layer, a channel an output.
type Layer struct{ Channels []Channel }

// Channel is the witness of an output, as little-endian bytes; what a channel doesn't need is empty.
type Channel struct {
	// Value is output - low, for the lowest value low that type and activation admit: a byte, or four of an int32 that relu
	// may clamp. None for any other int32, which is the accumulator itself.
	Value []frontend.Variable
	// Remainder of the rounding division by 2^shift.
	Remainder []frontend.Variable
	// Over is by how much the quotient exceeds the output, Under by how much it falls short: both 0 where nothing is clamped.
	Over, Under []frontend.Variable
}

// New is the empty circuit of a network.
func New(n *Network) *Circuit {
	c := &Circuit{network: n, X: make([]frontend.Variable, n.model.Inputs())}
	c.Paths = make([][tensor.Depth][tensor.Width]frontend.Variable, len(n.model.Layers)+1)
	for i := range n.model.Layers {
		layer := Layer{Channels: make([]Channel, n.model.Layers[i].Rows)}
		for j := range layer.Channels {
			layer.Channels[j] = emptyChannel(&n.model.Layers[i], n.plans[i][j])
		}
		c.Layers = append(c.Layers, layer)
	}
	return c
}

func emptyChannel(l *program.Layer, p plan) Channel {
	channel := Channel{
		Remainder: make([]frontend.Variable, (l.Shift+byteBits-1)/byteBits),
		Over:      make([]frontend.Variable, p.over), Under: make([]frontend.Variable, p.under),
	}
	switch {
	case l.OutputType == program.DATA_TYPE_INT8:
		channel.Value = make([]frontend.Variable, 1)
	case p.under > 0:
		channel.Value = make([]frontend.Variable, gadget.WordBytes)
	}
	return channel
}

// Define states the constraints.
func (c *Circuit) Define(api frontend.API) error {
	g := gadget.New(api)
	for _, bit := range c.Row {
		api.AssertIsBoolean(bit)
	}
	g.Bytes(c.X...)
	values := make([]frontend.Variable, len(c.X))
	for i, packed := range c.X {
		values[i] = api.Sub(packed, int8Offset)
	}
	roots := []frontend.Variable{c.root(g, 0, c.network.inputShape(), values)}
	for i := range c.Layers {
		values = c.layer(g, i, values)
		roots = append(roots, c.root(g, i+1, c.network.outputShape(i), values))
	}
	c.bind(g, roots)
	return g.AssertBytes(countBytes)
}

// layer computes a layer's outputs from its inputs.
func (c *Circuit) layer(g *gadget.Builder, i int, in []frontend.Variable) []frontend.Variable {
	out := make([]frontend.Variable, len(c.Layers[i].Channels))
	for j := range out {
		w := c.network.row(i, j)
		terms := []frontend.Variable{w.bias}
		for k, weight := range w.values {
			if weight != 0 {
				terms = append(terms, g.API.Mul(in[k], int(weight)))
			}
		}
		out[j] = c.Layers[i].Channels[j].requantised(g, &c.network.model.Layers[i], c.network.plans[i][j], g.Sum(terms), w.multiplier)
	}
	return out
}

// bind equates the public input with the digest of everything that the statement names. Which model it is, is a constant.
func (c *Circuit) bind(g *gadget.Builder, roots []frontend.Variable) {
	model0, model1 := statement.ModelHalves(c.network.hash)
	in := [tensor.Width]frontend.Variable{
		tensor.TagRow, c.Context0, c.Context1, gadget.Constant(&model0), gadget.Constant(&model1), g.FromBits(c.Row[:]), c.Index,
	}
	const before = 7
	rest := roots[copy(in[before:], roots):]
	fill(in[:])
	digest := g.Compress(in)
	if len(rest) > 0 {
		more := [tensor.Width]frontend.Variable{tensor.TagRowRest, digest}
		copy(more[2:], rest)
		fill(more[:])
		digest = g.Compress(more)
	}
	g.API.AssertIsEqual(c.Digest, digest)
}

// fill puts zeros where nothing is.
func fill(slots []frontend.Variable) {
	for i := range slots {
		if slots[i] == nil {
			slots[i] = 0
		}
	}
}

// root hashes a row of values as package tensor does, and climbs from it.
func (c *Circuit) root(g *gadget.Builder, path int, shape tensor.Shape, values []frontend.Variable) frontend.Variable {
	layout := tensor.LayoutOf(shape)
	elements := packed(g, shape, values)
	slots := [tensor.Width]frontend.Variable{layout.Header}
	next := 1
	for range layout.Chunks {
		var chunk [tensor.Width]frontend.Variable
		elements = elements[copy(chunk[:], elements):]
		fill(chunk[:])
		slots[next] = g.Compress(chunk)
		next++
	}
	copy(slots[next:], elements)
	fill(slots[:])
	return g.Climb(g.Compress(slots), c.Paths[path], c.Row[:])
}

// packed are the elements of a row of values: each is known to lie in its type's range, so that no two rows give the same.
func packed(g *gadget.Builder, shape tensor.Shape, values []frontend.Variable) []frontend.Variable {
	offset, bits := int64(int8Offset), uint(byteBits)
	if shape.Type == program.DATA_TYPE_INT32 {
		offset, bits = int32Offset, byteBits*gadget.WordBytes
	}
	per := int(tensor.LayoutOf(shape).PerElement)
	elements := make([]frontend.Variable, 0, (len(values)+per-1)/per)
	for start := 0; start < len(values); start += per {
		group := make([]frontend.Variable, min(per, len(values)-start))
		for i := range group {
			group[i] = g.API.Add(values[start+i], offset)
		}
		elements = append(elements, g.Weigh(group, func(i int) *big.Int { return new(big.Int).Lsh(big.NewInt(1), bits*uint(i)) }))
	}
	return elements
}

// requantised forces the output clamp((acc*multiplier + 2^(shift-1)) >> shift, low, high), or for int32 clamp(acc, low, high).
func (c *Channel) requantised(g *gadget.Builder, l *program.Layer, p plan, acc frontend.Variable, multiplier uint32) frontend.Variable {
	if len(c.Value) == 0 {
		return acc
	}
	value := g.Recompose(c.Value)
	g.Bytes(c.Value...)
	if l.Activation == program.ACTIVATION_RELU {
		g.Bytes(g.API.Mul(2, c.Value[len(c.Value)-1])) // Below half of the unsigned range.
	}
	output := g.API.Add(value, p.low)
	over, under := g.FromBytes(c.Over), g.FromBytes(c.Under)
	quotient := g.API.Sub(g.API.Add(output, over), under)
	if l.Shift == 0 {
		g.API.AssertIsEqual(acc, quotient)
	} else {
		power := new(big.Int).Lsh(big.NewInt(1), uint(l.Shift))
		numerator := g.API.Add(g.API.Mul(acc, multiplier), new(big.Int).Rsh(power, 1))
		g.API.AssertIsEqual(numerator, g.API.Add(g.API.Mul(quotient, power), c.remainder(g, l.Shift)))
	}
	if p.over > 0 {
		g.API.AssertIsEqual(g.API.Mul(over, g.API.Sub(p.high, output)), 0)
	}
	if p.under > 0 {
		g.API.AssertIsEqual(g.API.Mul(under, value), 0)
	}
	return output
}

// remainder reads the remainder, below 2^shift: where the top byte has fewer bits than eight, what it would be with the missing
// ones behind it is a byte too.
func (c *Channel) remainder(g *gadget.Builder, shift uint32) frontend.Variable {
	if missing := byteBits*len(c.Remainder) - int(shift); missing > 0 {
		g.Bytes(g.API.Mul(1<<missing, c.Remainder[len(c.Remainder)-1]))
	}
	return g.FromBytes(c.Remainder)
}
