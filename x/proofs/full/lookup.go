package full

import (
	"fmt"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
)

// StepChallenges are those of a step's argument: of the look-ups, and of the sumcheck over all entries.
type StepChallenges struct {
	// Beta is where the rational functions of the look-ups are compared, Mu joins the columns of the table of signs.
	Beta, Mu fr.Element
	// Entry weighs the entries, Chi joins the identities.
	Entry []fr.Element
	Chi   fr.Element
}

// Sign is the direction that goes with row number t of the table of signs: -1 for the first, 1 for the last, else 0.
func (l StepLayout) Sign(t int) int64 {
	switch t {
	case 0:
		return -1
	case 1<<l.Signs - 1:
		return 1
	}
	return 0
}

// Fingerprint stands for a result with its direction among what is looked up: z + mu·direction + mu².
func (c *StepChallenges) Fingerprint(z, direction *fr.Element) fr.Element {
	// mu(mu + direction) + z
	var out fr.Element
	out.Add(&c.Mu, direction).Mul(&out, &c.Mu).Add(&out, z)
	return out
}

// DigitTable lists beta - t for all digits t. It fails if one of them is 0.
func (c *StepChallenges) DigitTable(l StepLayout) ([]fr.Element, error) {
	table := make([]fr.Element, 1<<l.Width)
	descend(table, c.Beta)
	return table, nonzero(table)
}

// SignTable lists beta - fingerprint for all rows of the table of signs. It fails if one of them is 0.
func (c *StepChallenges) SignTable(l StepLayout, lowest int64) ([]fr.Element, error) {
	table := make([]fr.Element, 1<<l.Signs)
	var z, nowhere, first fr.Element
	z.SetInt64(lowest)
	z = c.Fingerprint(&z, &nowhere)
	descend(table, *first.Sub(&c.Beta, &z))
	for t := range table {
		switch l.Sign(t) {
		case -1:
			table[t].Add(&table[t], &c.Mu)
		case 1:
			table[t].Sub(&table[t], &c.Mu)
		}
	}
	return table, nonzero(table)
}

// descend fills a table with numbers each of which is 1 less than the one before.
func descend(table []fr.Element, first fr.Element) {
	one := fr.One()
	for t := range table {
		table[t] = first
		first.Sub(&first, &one)
	}
}

func nonzero(table []fr.Element) error {
	for i := range table {
		if table[i].IsZero() {
			return fmt.Errorf("%w: beta is a row of a table", ErrProof)
		}
	}
	return nil
}

// Requant are the constants of the identity between an accumulator, its result and the digits.
type Requant struct {
	// Lift is 2^(S-shift), Half 2^(S-1) and Scale 2^S, where S is the number of bits of the remainder's digits.
	Lift, Half, Scale fr.Element
	// Digit is 2^Width.
	Digit fr.Element
}

// Requant gives the constants of a layout.
func (l StepLayout) Requant() Requant {
	bits := l.Width * l.Remainders
	return Requant{
		Lift: fr.NewElement(1 << l.Lift), Half: fr.NewElement(1 << (bits - 1)), Scale: fr.NewElement(1 << bits),
		Digit: fr.NewElement(1 << l.Width),
	}
}

// identity is 2^(S-shift)·(a·multiplier + 2^(shift-1)·in) - (z + direction·excess)·2^S - remainder, which is 0 at every entry.
func (p *StepProof) identity(l StepLayout, in fr.Element) fr.Element {
	c := l.Requant()
	remainder, excess := horner(p.ValueDigits[:l.Remainders], c.Digit), horner(p.ValueDigits[l.Remainders:], c.Digit)
	var left, right fr.Element
	left.Mul(&p.ValueA, &p.ValueMultiplier).Mul(&left, &c.Lift)
	left.Add(&left, in.Mul(&in, &c.Half))
	right.Mul(&p.ValueDirection, &excess).Add(&right, &p.ValueZ).Mul(&right, &c.Scale).Add(&right, &remainder)
	return *left.Sub(&left, &right)
}

// lookups is inverses·Π_j (beta - f_j) - Σ_j Π_(i≠j) (beta - f_i), which is 0 at every entry.
func (p *StepProof) lookups(c *StepChallenges) fr.Element {
	product, sum := fr.One(), fr.Element{}
	for _, f := range append([]fr.Element{c.Fingerprint(&p.ValueZ, &p.ValueDirection)}, p.ValueDigits...) {
		f.Sub(&c.Beta, &f)
		sum.Mul(&sum, &f).Add(&sum, &product)
		product.Mul(&product, &f)
	}
	product.Mul(&product, &p.ValueInverses)
	return *product.Sub(&product, &sum)
}
