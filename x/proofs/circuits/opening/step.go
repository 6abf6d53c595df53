package opening

import (
	"math/big"

	"github.com/consensys/gnark/frontend"

	"github.com/assaychain/assay/x/proofs/tensor"
)

// foldLimit is how many sums of two elements (each below 2^249) add up below the modulus (above 2^253).
const foldLimit = 16

// accumulate is the dot product plus the bias. With u = x+128 and v = w+128 it is
// sum(u*v) - 128*(sum(u)+sum(v)) + 16384*k + bias, in which zero padding contributes nothing.
func (c *Circuit) accumulate(g *gadget, bias frontend.Variable) frontend.Variable {
	products := make([]frontend.Variable, len(c.X.Bytes))
	for i := range products {
		products[i] = g.api.Mul(c.X.Bytes[i], c.W.Bytes[i])
	}
	operands := append(append([]frontend.Variable{}, c.X.Bytes...), c.W.Bytes...)
	return g.api.Add(
		g.sum(products),
		g.api.Mul(-128, g.sum(operands)),
		g.api.Mul(128*128, c.Statement.Inner),
		bias,
	)
}

// assertPadding forces the bytes of X and W past column k to zero: whole elements after the last, and in the last element
// everything from LastBound = 256^(bytes used) up.
func (c *Circuit) assertPadding(g *gadget, x, w []frontend.Variable) {
	api, last := g.api, c.Padding.Last
	for _, bit := range last {
		api.AssertIsBoolean(bit)
	}
	api.AssertIsEqual(g.sum(last), 1)

	folded := []frontend.Variable{}
	var after frontend.Variable = 0
	for i := 1; i < len(last); i++ {
		after = api.Add(after, last[i-1])
		folded = append(folded, api.Mul(after, api.Add(x[i], w[i])))
		if len(folded) == foldLimit || i == len(last)-1 {
			api.AssertIsEqual(g.sum(folded), 0)
			folded = folded[:0]
		}
	}
	highest := api.Sub(c.Statement.LastBound, 1)
	api.AssertIsEqual(api.Sub(highest, g.dot(last, x)), g.fromBytes(c.Padding.GapX[:]))
	api.AssertIsEqual(api.Sub(highest, g.dot(last, w)), g.fromBytes(c.Padding.GapW[:]))
}

// trailer reads the bias, |bias| < 2^30, and the multiplier, 1 to 2^31-1.
func (w *Weights) trailer(g *gadget) (bias, multiplier frontend.Variable) {
	offset := g.from31Bits(w.Bias[:])
	multiplier = g.from31Bits(w.Multiplier[:])
	g.api.AssertIsDifferent(offset, 0)
	g.api.AssertIsDifferent(multiplier, 0)
	return g.api.Sub(offset, tensor.MaxBias), multiplier
}

// trailerElement packs them as tensor.Trailer does.
func trailerElement(g *gadget, bias, multiplier frontend.Variable) frontend.Variable {
	return g.api.Add(bias, 1<<31, g.api.Mul(1<<32, multiplier))
}

// outputDigest is the digest of Y's row.
func (c *Circuit) outputDigest(g *gadget, p position) frontend.Variable {
	slots := zeros()
	slots[0] = c.outputHeader(g, p)
	copy(slots[1:], c.Y.Slots[:])
	return g.compress(slots)
}

func (c *Circuit) outputHeader(g *gadget, p position) frontend.Variable {
	tag := g.api.Add(tensor.TagInt8, g.api.Mul(tensor.TagInt32-tensor.TagInt8, p.int32))
	return g.api.Add(tag, g.api.Mul(256, c.Statement.OutputCols))
}

// value opens the entry in its row: the slot, the element in the chunk that the slot digests unless the slot is the
// element itself, and the value in the element. The position's parts come from the chain, which names only existing places.
func (e *Entry) value(g *gadget, p position) frontend.Variable {
	api := g.api
	slot := g.pick(append([]frontend.Variable{0}, e.Slots[:]...), p.slot)
	api.AssertIsEqual(slot, api.Select(p.inline, slot, g.compress(e.Chunk)))
	element := api.Select(p.inline, slot, g.pick(e.Chunk[:], p.element))
	api.AssertIsEqual(element, g.fromBytes(e.Bytes[:]))

	int8s := append(append([]frontend.Variable{}, e.Bytes[:]...), 0)
	int32s := make([]frontend.Variable, tensor.PerElement32+1)
	for i := range tensor.PerElement32 {
		int32s[i] = g.recompose(e.Bytes[wordBytes*i : wordBytes*(i+1)])
	}
	int32s[tensor.PerElement32] = 0
	return api.Select(p.int32,
		api.Sub(g.pick(int32s, p.value[:3]), 1<<31),
		api.Sub(g.pick(int8s, p.value), 128))
}

// requantInput is what the output is computed from, and the output.
type requantInput struct{ acc, multiplier, output frontend.Variable }

// assertRequant forces output = clamp((acc*multiplier + half) >> shift, low, high). For int32 output the multiplier is
// replaced by 2 and half is 1, so that the quotient is acc itself, and the bounds are those of int32.
func (c *Circuit) assertRequant(g *gadget, p position, in requantInput) {
	api, r := g.api, &c.Requant
	over, under := g.fromBytes(r.Over[:]), g.fromBytes(r.Under[:])
	quotient := api.Sub(api.Add(in.output, over), under)
	remainder := g.fromBytes(r.Remainder[:])
	power := api.Mul(2, c.Statement.Half)
	api.AssertIsEqual(api.Add(remainder, g.fromBytes(r.Gap[:]), 1), power)
	numerator := api.Add(api.Mul(in.acc, api.Select(p.int32, 2, in.multiplier)), c.Statement.Half)
	api.AssertIsEqual(numerator, api.Add(api.Mul(quotient, power), remainder))

	high := api.Add(127, api.Mul((1<<31)-128, p.int32))
	low := api.Mul(api.Sub(p.relu, 1), api.Add(high, 1))
	above := api.Sub(in.output, low)
	api.AssertIsEqual(above, g.fromBytes(r.Above[:]))
	api.AssertIsEqual(api.Mul(over, api.Sub(high, in.output)), 0)
	api.AssertIsEqual(api.Mul(under, above), 0)
}

// powerOf256 is a weight of a little-endian byte.
func powerOf256(i int) *big.Int { return new(big.Int).Lsh(big.NewInt(1), uint(8*i)) }
