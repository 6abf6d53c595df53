package spotcheck

import "fmt"

// Entry opens one entry of a product.
type Entry struct {
	// Row is the row that was multiplied, empty in the first step; RowPath leads to the root of the product before.
	Row     []byte
	RowPath []Hash
	// Block holds the entry; BlockPath leads to the product's root.
	Block     []byte
	BlockPath []Hash
}

// Opening answers a challenge.
type Opening struct {
	// Roots of every product, in order.
	Roots []Hash
	// Entries in the order in which they were drawn.
	Entries []Entry
}

// Claim is what an opening must bear out.
type Claim struct {
	Terms
	Seed, Commitment, Challenge Hash
}

// Verify checks an opening. It returns nil when all drawn entries are right, an error that wraps ErrFalse when one is not what the
// products give, and one that wraps ErrOpening when the opening is not of what was committed to. The claim's terms must be valid. The
// work is bounded by MaxOpened.
func Verify(c Claim, o Opening) error {
	if len(o.Roots) != int(c.Steps) {
		return fmt.Errorf("%w: %d roots, must be %d", ErrOpening, len(o.Roots), c.Steps)
	}
	if len(o.Entries) != int(c.Samples) {
		return fmt.Errorf("%w: %d entries, must be %d", ErrOpening, len(o.Entries), c.Samples)
	}
	if Commitment(c.Seed, o.Roots) != c.Commitment {
		return fmt.Errorf("%w: the roots are not those of the commitment", ErrOpening)
	}
	positions := Positions(c.Challenge, c.Terms)
	// All openings are checked before any entry is, so that what is refused never convicts.
	for i, p := range positions {
		if err := c.checkOpened(p, o.Roots, &o.Entries[i]); err != nil {
			return fmt.Errorf("entry %d: %w", i, err)
		}
	}
	for i, p := range positions {
		if err := c.checkProduct(p, o.Roots, &o.Entries[i]); err != nil {
			return fmt.Errorf("entry %d: %w", i, err)
		}
	}
	return nil
}

// checkOpened checks sizes, and that row and block are of the committed matrices.
func (c Claim) checkOpened(p Position, roots []Hash, e *Entry) error {
	row, path := int(c.Size), 0
	deep, block := depths(c.Size)
	if p.Step > 0 {
		path = deep
	} else {
		row = 0
	}
	switch {
	case len(e.Row) != row || len(e.RowPath) != path:
		return fmt.Errorf("%w: row of %d bytes with a path of %d hashes, must be %d and %d", ErrOpening, len(e.Row), len(e.RowPath), row, path)
	case len(e.Block) != int(blockSize(c.Size)) || len(e.BlockPath) != block:
		return fmt.Errorf("%w: block of %d bytes with a path of %d hashes, must be %d and %d",
			ErrOpening, len(e.Block), len(e.BlockPath), blockSize(c.Size), block)
	}
	var h hasher
	if p.Step > 0 && h.climb(RowRoot(e.Row), p.Row, e.RowPath) != roots[p.Step-1] {
		return fmt.Errorf("%w: row %d is not of product %d", ErrOpening, p.Row, p.Step-1)
	}
	place := p.Row*(c.Size/blockSize(c.Size)) + p.Col/blockSize(c.Size)
	if h.climb(h.leaf(e.Block), place, e.BlockPath) != roots[p.Step] {
		return fmt.Errorf("%w: block %d is not of product %d", ErrOpening, place, p.Step)
	}
	return nil
}

// checkProduct makes the entry anew: its row opened or from the seed, its column from the seed and the product before.
func (c Claim) checkProduct(p Position, roots []Hash, e *Entry) error {
	row, before := e.Row, []byte(nil)
	if p.Step == 0 {
		input, err := Input(c.Seed, c.Size)
		if err != nil {
			return err
		}
		row = make([]byte, c.Size)
		input.Row(p.Row, row)
	} else {
		before = roots[p.Step-1][:]
	}
	factor, err := Factor(c.Seed, c.Size, p.Step, before)
	if err != nil {
		return err
	}
	column := make([]byte, c.Size)
	factor.Row(p.Col, column)
	if want, got := Mix(dot(row, column)), e.Block[p.Col%blockSize(c.Size)]; want != got {
		return fmt.Errorf("%w: product %d, row %d, column %d is %d, must be %d", ErrFalse, p.Step, p.Row, p.Col, int8(got), int8(want))
	}
	return nil
}
