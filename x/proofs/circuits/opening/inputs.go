package opening

import (
	"fmt"
	"math/big"

	"github.com/consensys/gnark-crypto/ecc"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/consensys/gnark/backend/witness"
	"github.com/consensys/gnark/frontend"

	"github.com/assaychain/assay/x/proofs/circuits/internal/gadget"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/revealed"
	"github.com/assaychain/assay/x/proofs/statement"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// ErrOpenings is wrapped when openings do not show what their statement claims, so that no proof exists.
var ErrOpenings = revealed.ErrOpening

// Openings are what the prover knows: the row of X, the row of W and the entry of Y, under their roots.
type Openings = revealed.Opening

// Witness assigns the circuit of the statement's class, after recomputing natively that the openings show the claim.
func Witness(s *statement.Statement, o Openings) (witness.Witness, error) {
	if err := Check(s, o); err != nil {
		return nil, err
	}
	class, err := statement.ClassFor(s.K)
	if err != nil {
		return nil, err
	}
	assignment, err := Assign(class, s, o)
	if err != nil {
		return nil, err
	}
	full, err := frontend.NewWitness(assignment, ecc.BN254.ScalarField())
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrOpenings, err)
	}
	return full, nil
}

// Check recomputes the claim from the openings without a circuit; see revealed.Check.
func Check(s *statement.Statement, o Openings) error { return revealed.Check(s, o) }

// Assign fills the circuit of a class without checking the claim: for wrong openings the result satisfies no constraint
// system. It refuses only what has no place in the circuit.
func Assign(class uint32, s *statement.Statement, o Openings) (*Circuit, error) {
	public, err := s.Public()
	if err != nil {
		return nil, err
	}
	widest := max(int(s.K), len(o.X.Values), len(o.W.Values))
	if widest > int(class) {
		return nil, fmt.Errorf("%w: %d columns in a circuit for %d", ErrOpenings, widest, class)
	}
	c := New(class)
	c.Digest = public.Digest()
	c.Statement = claimOf(public)
	c.X = Row{Bytes: padded(o.X.Values, class), Path: variables(o.X.Path)}
	c.W.Row = Row{Bytes: padded(o.W.Values, class), Path: variables(o.W.Path)}
	setBytes(c.W.Bias[:], big.NewInt(int64(o.W.Bias)+tensor.MaxBias))
	setBytes(c.W.Multiplier[:], big.NewInt(int64(o.W.Multiplier)))
	element, value, err := openedElement(s, o.Y)
	if err != nil {
		return nil, err
	}
	c.Y = entryOf(o.Y, element)
	c.Requant = requantOf(s, public, requantValues{revealed.Accumulate(o), o.W.Multiplier, value})
	c.Padding = paddingOf(public, class, o)
	return c, nil
}

func claimOf(p *statement.Public) Claim {
	claim := Claim{
		Context0: p.Context0, Context1: p.Context1, Inner: p.Inner, OutputCols: p.OutputCols,
		LastBound: p.LastBound, Half: p.Half, SampleIndex: p.Index,
	}
	for i := range claim.Position {
		claim.Position[i] = p.Position >> i & 1
	}
	return claim
}

// openedElement is the packed element that holds the entry, and the entry.
func openedElement(s *statement.Statement, y *tensor.EntryOpening) (fr.Element, int32, error) {
	location, err := tensor.Locate(s.OutputShape(), s.Col)
	if err != nil {
		return fr.Element{}, 0, err
	}
	element := y.Slots[location.Slot]
	if !location.Inline {
		element = y.Chunk[location.Element]
	}
	raw := element.Bytes()
	if s.OutputType == program.DATA_TYPE_INT8 {
		return element, int32(raw[fr.Bytes-1-location.Value]) - 128, nil
	}
	var word int64
	for i := range uint32(gadget.WordBytes) {
		word |= int64(raw[fr.Bytes-1-gadget.WordBytes*location.Value-i]) << (8 * i)
	}
	return element, int32(word - 1<<31), nil
}

func entryOf(y *tensor.EntryOpening, element fr.Element) Entry {
	entry := Entry{Path: variables(y.Path)}
	for i := range entry.Slots {
		entry.Slots[i] = y.Slots[i+1]
	}
	for i := range entry.Chunk {
		entry.Chunk[i] = y.Chunk[i]
	}
	setBytes(entry.Bytes[:], gadget.Constant(&element))
	return entry
}

// requantValues are what the quotient is computed from, and the output as committed.
type requantValues struct {
	acc        int32
	multiplier uint32
	output     int32
}

func requantOf(s *statement.Statement, p *statement.Public, v requantValues) Requant {
	multiplier := int64(v.multiplier)
	low, high := int64(-128), int64(127)
	if s.OutputType == program.DATA_TYPE_INT32 {
		multiplier, low, high = 2, -1<<31, 1<<31-1
	}
	if s.Activation == program.ACTIVATION_RELU {
		low = 0
	}
	half := int64(p.Half)
	numerator := int64(v.acc)*multiplier + half
	remainder := numerator & (2*half - 1)
	quotient := (numerator - remainder) / (2 * half)
	var r Requant
	setBytes(r.Remainder[:], big.NewInt(remainder))
	setBytes(r.Gap[:], big.NewInt(2*half-1-remainder))
	setBytes(r.Over[:], big.NewInt(max(0, quotient-high)))
	setBytes(r.Under[:], big.NewInt(max(0, low-quotient)))
	setBytes(r.Above[:], big.NewInt(int64(v.output)-low))
	return r
}

func paddingOf(p *statement.Public, class uint32, o Openings) Padding {
	padding := Padding{Last: make([]frontend.Variable, elementsOf(class))}
	for i := range padding.Last {
		padding.Last[i] = 0
	}
	padding.Last[p.LastElement] = 1
	setBytes(padding.GapX[:], gap(p, o.X.Values))
	setBytes(padding.GapW[:], gap(p, o.W.Values))
	return padding
}

// gap is LastBound - 1 minus the element that packs column k-1.
func gap(p *statement.Public, values []int8) *big.Int {
	start := min(len(values), tensor.PerElement8*int(p.LastElement))
	element := tensor.Pack8(values[start:])
	out := new(big.Int).Sub(gadget.Constant(&p.LastBound), big.NewInt(1))
	return out.Sub(out, gadget.Constant(&element))
}

// padded are the packed bytes of a row, zero past its end.
func padded(values []int8, class uint32) []frontend.Variable {
	out := make([]frontend.Variable, class)
	for i := range out {
		out[i] = 0
		if i < len(values) {
			out[i] = int(values[i]) + 128
		}
	}
	return out
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

// setBytes writes a value's little-endian bytes; what does not fit, and negative values, wrap to something unprovable.
func setBytes(out []frontend.Variable, value *big.Int) {
	rest := new(big.Int).Mod(value, new(big.Int).Lsh(big.NewInt(1), uint(8*len(out))))
	for i := range out {
		out[i] = int(new(big.Int).And(rest, big.NewInt(255)).Int64())
		rest.Rsh(rest, 8)
	}
}
