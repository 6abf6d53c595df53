// Package opening is the circuit family that proves one entry of one dense step between three committed tensors. Its README
// says what a proof shows and argues why.
package opening

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
	remainderBytes = 6
	excessBytes    = 8
)

func init() { solver.RegisterHint(countBytes) }

// countBytes is the hint of the range check under this circuit's name.
func countBytes(field *big.Int, queries, counts []*big.Int) error {
	return gadget.CountBytes(field, queries, counts)
}

// Circuit is the family opening: one entry of one dense step, recomputed from the committed row of X and row of W, and
// compared with the committed entry of Y. Digest is its only public input; it hashes everything else that the statement
// names. The README of this package argues its soundness part by part.
type Circuit struct {
	// Digest is statement.Public.Digest.
	Digest frontend.Variable `gnark:",public"`

	Statement Claim
	X         Row
	W         Weights
	Y         Entry
	Requant   Requant
	Padding   Padding
}

// Claim holds the parts of statement.Public that the circuit does not compute itself.
type Claim struct {
	Context0, Context1 frontend.Variable
	// Position are the bits of statement.Public.Position.
	Position                     [statement.PositionBits]frontend.Variable
	Inner, OutputCols            frontend.Variable
	LastBound, Half, SampleIndex frontend.Variable
}

// Row is a row of int8 values with its path to the root.
type Row struct {
	// Bytes are the packed bytes v+128, zero from column k on: as many as the class has columns.
	Bytes []frontend.Variable
	Path  [tensor.Depth][tensor.Width]frontend.Variable
}

// Weights is a weight row.
type Weights struct {
	Row
	// Bias are the bytes of bias + 2^30, Multiplier those of the multiplier; little endian, 31 bits each.
	Bias, Multiplier [gadget.WordBytes]frontend.Variable
}

// Entry is the opened entry of Y: the slots of its leaf's digest but for the header, the elements of its chunk, the bytes
// of its element, and the leaf's path.
type Entry struct {
	Slots [tensor.Width - 1]frontend.Variable
	Chunk [tensor.Width]frontend.Variable
	Bytes [tensor.PerElement8]frontend.Variable
	Path  [tensor.Depth][tensor.Width]frontend.Variable
}

// Requant is the witness of the rounding division and the clamp, as little-endian bytes.
type Requant struct {
	// Remainder of the division, and Gap = 2^shift - 1 - remainder.
	Remainder, Gap [remainderBytes]frontend.Variable
	// Over is by how much the quotient exceeds the output, Under by how much it falls short: both 0 where nothing is clamped.
	Over, Under [excessBytes]frontend.Variable
	// Above is output - low, for the lowest value low that type and activation admit.
	Above [gadget.WordBytes]frontend.Variable
}

// Padding is the witness that X and W are zero past column k.
type Padding struct {
	// Last is 1 at the element that packs column k-1 and 0 elsewhere.
	Last []frontend.Variable
	// GapX and GapW are the bytes of LastBound - 1 - element for that element.
	GapX, GapW [tensor.PerElement8]frontend.Variable
}

// New is the empty circuit of a class: as many columns as it proves at most, 1 to 4096.
func New(class uint32) *Circuit {
	c := &Circuit{}
	c.X.Bytes = make([]frontend.Variable, class)
	c.W.Bytes = make([]frontend.Variable, class)
	c.Padding.Last = make([]frontend.Variable, elementsOf(class))
	return c
}

func elementsOf(class uint32) uint32 {
	return (class + tensor.PerElement8 - 1) / tensor.PerElement8
}

// Define states the constraints.
func (c *Circuit) Define(api frontend.API) error {
	g := gadget.New(api)
	for _, bit := range c.Statement.Position {
		api.AssertIsBoolean(bit)
	}
	p := splitPosition(c.Statement.Position)
	x, w := c.X.elements(g), c.W.elements(g)
	bias, multiplier := c.W.trailer(g)
	y := c.Y.value(g, p)
	c.assertPadding(g, x, w)
	c.assertRequant(g, p, requantInput{c.accumulate(g, bias), multiplier, y})

	rootX := g.Climb(c.rowDigest(g, tensor.TagInt8, x, 0), c.X.Path, p.row)
	rootW := g.Climb(c.rowDigest(g, tensor.TagWeight, w, trailerElement(g, bias, multiplier)), c.W.Path, p.col)
	rootY := g.Climb(c.outputDigest(g, p), c.Y.Path, p.leaf)
	c.bind(g, [3]frontend.Variable{rootX, rootW, rootY})
	return g.AssertBytes(countBytes)
}

// bind equates the public input with the digest of everything that the statement names.
func (c *Circuit) bind(g *gadget.Builder, roots [3]frontend.Variable) {
	last := g.Weigh(c.Padding.Last, func(i int) *big.Int { return big.NewInt(int64(i)) })
	s := &c.Statement
	digest := g.Compress([tensor.Width]frontend.Variable{
		tensor.TagStatement, s.Context0, s.Context1, roots[0], roots[1], roots[2], g.FromBits(s.Position[:]),
		s.Inner, s.OutputCols, last, s.LastBound, s.Half, s.SampleIndex, 0, 0, 0,
	})
	g.API.AssertIsEqual(c.Digest, digest)
}

// position are the parts of the position word as bits, lowest first.
type position struct {
	row, col, leaf, slot, element, value []frontend.Variable
	inline, int32, relu                  frontend.Variable
}

func splitPosition(bits [statement.PositionBits]frontend.Variable) position {
	rest := bits[:]
	take := func(n int) []frontend.Variable {
		head := rest[:n]
		rest = rest[n:]
		return head
	}
	return position{
		row: take(statement.RowBits), col: take(statement.ColBits), leaf: take(statement.LeafBits),
		slot: take(statement.SlotBits), inline: take(1)[0],
		element: take(statement.ElementBits), value: take(statement.ValueBits), int32: take(1)[0], relu: take(1)[0],
	}
}

// elements packs a row's bytes, each of which is range-checked.
func (r *Row) elements(g *gadget.Builder) []frontend.Variable {
	out := make([]frontend.Variable, elementsOf(uint32(len(r.Bytes))))
	for i := range out {
		start := i * tensor.PerElement8
		out[i] = g.FromBytes(r.Bytes[start:min(start+tensor.PerElement8, len(r.Bytes))])
	}
	return out
}

// rowDigest hashes a row of X or W of the class's layout. The header takes k from the statement.
func (c *Circuit) rowDigest(g *gadget.Builder, tag int, elements []frontend.Variable, trailer frontend.Variable) frontend.Variable {
	layout := tensor.LayoutOf(tensor.Shape{
		Kind: program.TENSOR_KIND_PLAIN, Type: program.DATA_TYPE_INT8, Rows: 1, Cols: uint32(len(c.X.Bytes)),
	})
	slots := zeros()
	slots[0] = g.API.Add(tag, g.API.Mul(256, c.Statement.Inner))
	next := 1
	for range layout.Chunks {
		chunk := zeros()
		elements = elements[copy(chunk[:], elements):]
		slots[next] = g.Compress(chunk)
		next++
	}
	copy(slots[next:], elements)
	slots[tensor.TrailerSlot] = trailer
	return g.Compress(slots)
}

func zeros() [tensor.Width]frontend.Variable {
	var out [tensor.Width]frontend.Variable
	for i := range out {
		out[i] = 0
	}
	return out
}
