package opening

import (
	"github.com/consensys/gnark/frontend"

	"github.com/assaychain/assay/x/proofs/circuits/internal/gadget"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// foldLimit is how many sums of two elements (each below 2^249) add up below the modulus (above 2^253).
const foldLimit = 16

// accumulate is the dot product plus the bias. With u = x+128 and v = w+128 it is
// sum(u*v) - 128*(sum(u)+sum(v)) + 16384*k + bias, in which zero padding contributes nothing.
func (c *Circuit) accumulate(g *gadget.Builder, bias frontend.Variable) frontend.Variable {
	products := make([]frontend.Variable, len(c.X.Bytes))
	for i := range products {
		products[i] = g.API.Mul(c.X.Bytes[i], c.W.Bytes[i])
	}
	operands := append(append([]frontend.Variable{}, c.X.Bytes...), c.W.Bytes...)
	return g.API.Add(
		g.Sum(products),
		g.API.Mul(-128, g.Sum(operands)),
		g.API.Mul(128*128, c.Statement.Inner),
		bias,
	)
}

// assertPadding forces the bytes of X and W past column k to zero: whole elements after the last, and in the last element
// everything from LastBound = 256^(bytes used) up.
func (c *Circuit) assertPadding(g *gadget.Builder, x, w []frontend.Variable) {
	api, last := g.API, c.Padding.Last
	for _, bit := range last {
		api.AssertIsBoolean(bit)
	}
	api.AssertIsEqual(g.Sum(last), 1)

	folded := []frontend.Variable{}
	var after frontend.Variable = 0
	for i := 1; i < len(last); i++ {
		after = api.Add(after, last[i-1])
		folded = append(folded, api.Mul(after, api.Add(x[i], w[i])))
		if len(folded) == foldLimit || i == len(last)-1 {
			api.AssertIsEqual(g.Sum(folded), 0)
			folded = folded[:0]
		}
	}
	highest := api.Sub(c.Statement.LastBound, 1)
	api.AssertIsEqual(api.Sub(highest, g.Dot(last, x)), g.FromBytes(c.Padding.GapX[:]))
	api.AssertIsEqual(api.Sub(highest, g.Dot(last, w)), g.FromBytes(c.Padding.GapW[:]))
}

// trailer reads the bias, |bias| < 2^30, and the multiplier, 1 to 2^31-1.
func (w *Weights) trailer(g *gadget.Builder) (bias, multiplier frontend.Variable) {
	offset := g.From31Bits(w.Bias[:])
	multiplier = g.From31Bits(w.Multiplier[:])
	g.API.AssertIsDifferent(offset, 0)
	g.API.AssertIsDifferent(multiplier, 0)
	return g.API.Sub(offset, tensor.MaxBias), multiplier
}

// trailerElement packs them as tensor.Trailer does.
func trailerElement(g *gadget.Builder, bias, multiplier frontend.Variable) frontend.Variable {
	return g.API.Add(bias, 1<<31, g.API.Mul(1<<32, multiplier))
}

// outputDigest is the digest of Y's row.
func (c *Circuit) outputDigest(g *gadget.Builder, p position) frontend.Variable {
	slots := zeros()
	slots[0] = c.outputHeader(g, p)
	copy(slots[1:], c.Y.Slots[:])
	return g.Compress(slots)
}

func (c *Circuit) outputHeader(g *gadget.Builder, p position) frontend.Variable {
	tag := g.API.Add(tensor.TagInt8, g.API.Mul(tensor.TagInt32-tensor.TagInt8, p.int32))
	return g.API.Add(tag, g.API.Mul(256, c.Statement.OutputCols))
}

// value opens the entry in its row: the slot, the element in the chunk that the slot digests unless the slot is the
// element itself, and the value in the element. The position's parts come from the chain, which names only existing places.
func (e *Entry) value(g *gadget.Builder, p position) frontend.Variable {
	api := g.API
	slot := g.Pick(append([]frontend.Variable{0}, e.Slots[:]...), p.slot)
	api.AssertIsEqual(slot, api.Select(p.inline, slot, g.Compress(e.Chunk)))
	element := api.Select(p.inline, slot, g.Pick(e.Chunk[:], p.element))
	api.AssertIsEqual(element, g.FromBytes(e.Bytes[:]))

	int8s := append(append([]frontend.Variable{}, e.Bytes[:]...), 0)
	int32s := make([]frontend.Variable, tensor.PerElement32+1)
	for i := range tensor.PerElement32 {
		int32s[i] = g.Recompose(e.Bytes[gadget.WordBytes*i : gadget.WordBytes*(i+1)])
	}
	int32s[tensor.PerElement32] = 0
	return api.Select(p.int32,
		api.Sub(g.Pick(int32s, p.value[:3]), 1<<31),
		api.Sub(g.Pick(int8s, p.value), 128))
}

// requantInput is what the output is computed from, and the output.
type requantInput struct{ acc, multiplier, output frontend.Variable }

// assertRequant forces output = clamp((acc*multiplier + half) >> shift, low, high). For int32 output the multiplier is
// replaced by 2 and half is 1, so that the quotient is acc itself, and the bounds are those of int32.
func (c *Circuit) assertRequant(g *gadget.Builder, p position, in requantInput) {
	api, r := g.API, &c.Requant
	over, under := g.FromBytes(r.Over[:]), g.FromBytes(r.Under[:])
	quotient := api.Sub(api.Add(in.output, over), under)
	remainder := g.FromBytes(r.Remainder[:])
	power := api.Mul(2, c.Statement.Half)
	api.AssertIsEqual(api.Add(remainder, g.FromBytes(r.Gap[:]), 1), power)
	numerator := api.Add(api.Mul(in.acc, api.Select(p.int32, 2, in.multiplier)), c.Statement.Half)
	api.AssertIsEqual(numerator, api.Add(api.Mul(quotient, power), remainder))

	high := api.Add(127, api.Mul((1<<31)-128, p.int32))
	low := api.Mul(api.Sub(p.relu, 1), api.Add(high, 1))
	above := api.Sub(in.output, low)
	api.AssertIsEqual(above, g.FromBytes(r.Above[:]))
	api.AssertIsEqual(api.Mul(over, api.Sub(high, in.output)), 0)
	api.AssertIsEqual(api.Mul(under, above), 0)
}
