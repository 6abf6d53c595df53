package full

import (
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	ml "github.com/assaychain/assay/x/proofs/full/internal/multilinear"
)

// Points are where the tensors are evaluated: a row, a column and an inner index.
type Points struct {
	Row, Col, Inner []fr.Element
}

// Of is the point of a tensor: the variables of its column, then those of its row.
func (p Points) Of(tensor int) []fr.Element {
	columns := [Tensors][]fr.Element{p.Inner, p.Inner, p.Col}[tensor]
	rows := [Tensors][]fr.Element{p.Row, p.Col, p.Row}[tensor]
	return append(append([]fr.Element{}, columns...), rows...)
}

// Opened is what Openings are to show: the value of each tensor's extension at its point, and claims on the small polynomials
// from SmallBias on.
type Opened struct {
	Points Points
	Values [Tensors]fr.Element
	Extra  []Claim
}

// Opened is what the openings of a product's proof are to show.
func (p *Proof) Opened(points Points) Opened {
	return Opened{
		Points: points, Values: [Tensors]fr.Element{p.ValueX, p.ValueW, p.ValueY},
		Extra: []Claim{{Small: SmallBias, Point: points.Col, Value: p.ValueBias}},
	}
}

// Claim says that the first entries of a small polynomial, 2^Variables of them, have an inner product of Value with a vector:
// equality with Point, or for a claim with IsPowers the powers of Base, or the inverses of InverseOf if it is set. The other entries are 0.
type Claim struct {
	// Small is the polynomial's number.
	Small int
	// Point has as many coordinates as the vector has variables.
	Point []fr.Element
	// IsPowers tells that the vector is 1, Base, Base², ...; then of Point only the length counts.
	IsPowers bool
	Base     fr.Element
	// InverseOf has 2^Variables entries, if any, and none is 0; then of Point only the length counts.
	InverseOf []fr.Element
	Value     fr.Element
}

// Variables is the number of variables of the claim's vector.
func (c *Claim) Variables() int { return len(c.Point) }

// Claims lists what the outer sumcheck has to show, in order: of the remainders that their values at the points' low parts
// are those of the foldings at alpha, of the foldings that their values at the high parts are those of the tensors, and at
// alpha those given, and what there is beyond the tensors.
func (o *Opened) Claims(l Layout, alpha fr.Element, p *Openings) []Claim {
	claims := make([]Claim, 3*Tensors, 3*Tensors+len(o.Extra))
	for i := range Tensors {
		point := o.Points.Of(i)
		low, high := point[:l.Low(i)], point[l.Low(i):]
		claims[i] = Claim{Small: SmallRemainder + i, Point: low, Value: p.AtAlpha[i]}
		claims[Tensors+i] = Claim{Small: SmallFolded + i, Point: high, Value: o.Values[i]}
		claims[2*Tensors+i] = Claim{Small: SmallFolded + i, Point: high, IsPowers: true, Base: alpha, Value: p.AtAlpha[i]}
	}
	return append(claims, o.Extra...)
}

// at, which uses InverseOf up, is the extension of the claim's vector at the end of the outer sumcheck, where the variables that it lacks stand for
// equality with the padding's point.
func (c *Claim) at(outer, padding []fr.Element) fr.Element {
	n := c.Variables()
	rest := ml.Equal(padding[n:], outer[n:])
	var own fr.Element
	switch {
	case c.InverseOf != nil:
		own = ml.InversesAt(c.InverseOf, outer[:n])
	case c.IsPowers:
		own = ml.Powers(c.Base, outer[:n])
	default:
		own = ml.Equal(c.Point, outer[:n])
	}
	return *own.Mul(&own, &rest)
}

// AddTo adds the claim's vector times scale to table, which has one entry for each index of the padding's variables.
func (c *Claim) AddTo(table []fr.Element, scale fr.Element, padding []fr.Element) {
	n := c.Variables()
	rest := ml.EqualTable(scale, padding[n:])
	var own []fr.Element
	switch {
	case c.InverseOf != nil:
		own = fr.BatchInvert(c.InverseOf)
	case c.IsPowers:
		own = ml.PowersTable(fr.One(), c.Base, 1<<n)
	default:
		own = ml.EqualTable(fr.One(), c.Point)
	}
	for i := range table {
		var entry fr.Element
		entry.Mul(&own[i&(1<<n-1)], &rest[i>>n])
		table[i].Add(&table[i], &entry)
	}
}
