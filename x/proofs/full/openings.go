package full

import (
	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/assaychain/assay/x/proofs/internal/group"
)

// The small polynomials that the second sumcheck opens: the remainders of X, W and Y, then their foldings, then the bias. An
// argument may have more after these.
const (
	SmallRemainder = 0
	SmallFolded    = Tensors
	SmallBias      = 2 * Tensors
	// Smalls is how many there are for products.
	Smalls = 2*Tensors + 1
)

// Openings are the messages that reduce claims on three tensors, each at a point, and on small polynomials to two equations
// of pairings: steps 6 to 14 of README.md. They are encoded in the order of their fields.
type Openings struct {
	// Folded commit to the tensors with the variables of a block bound.
	Folded [Tensors]bn254.G1Affine
	// Remainder commit to the tensors modulo X^block - alpha.
	Remainder [Tensors]bn254.G1Affine
	// AtAlpha are the values of the folded polynomials at alpha.
	AtAlpha [Tensors]fr.Element
	// Quotient commits to the quotient by X^block - alpha of the tensors' combination.
	Quotient bn254.G1Affine
	// Outer are the messages of the second sumcheck: Layout.Small.
	Outer []Round
	// Values are the extensions of the small polynomials where it ends.
	Values []fr.Element
	// Halvings commit to the foldings of the small polynomials' combination: Layout.Small - 1.
	Halvings []bn254.G1Affine
	// AtPlus and AtMinus are the values of the combination and its halvings at r and -r: Layout.Small of each.
	AtPlus, AtMinus []fr.Element
	// AtSquare is the value of the combination at r².
	AtSquare fr.Element
	// Opening is the quotient of the opening at r, -r and r².
	Opening bn254.G1Affine
}

// openingsSize is the length of the encoding in bytes.
func openingsSize(l Layout, smalls int) int {
	points := 2*Tensors + 1 + (l.Small - 1) + 1
	scalars := Tensors + 2*l.Small + smalls + 2*l.Small + 1
	return points*group.G1Size + scalars*fr.Bytes
}

// Size gives the slices their lengths.
func (p *Openings) Size(l Layout, smalls int) {
	p.Outer, p.Values = make([]Round, l.Small), make([]fr.Element, smalls)
	p.Halvings = make([]bn254.G1Affine, l.Small-1)
	p.AtPlus, p.AtMinus = make([]fr.Element, l.Small), make([]fr.Element, l.Small)
}

func (p *Openings) visit(c codec) {
	visitPoints(c, "folded", p.Folded[:])
	visitPoints(c, "remainder", p.Remainder[:])
	visitScalars(c, "value at alpha", p.AtAlpha[:])
	c.points("quotient", &p.Quotient)
	visitRounds(c, "outer round", p.Outer)
	visitScalars(c, "value", p.Values)
	visitPoints(c, "halving", p.Halvings)
	visitScalars(c, "value at r", p.AtPlus)
	visitScalars(c, "value at -r", p.AtMinus)
	c.scalars("value at r²", &p.AtSquare)
	c.points("opening", &p.Opening)
}
