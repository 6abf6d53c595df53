package cells

import "fmt"

// SetSize is the size of a Set in bytes: a bit a cell, and one for Nowhere.
const SetSize = (Count + 1 + 7) / 8

// Set is a set of cells, Nowhere among them: cell c is bit c mod 8 of byte c / 8.
type Set [SetSize]byte

// ParseSet reads a set that was written as its bytes.
func ParseSet(raw []byte) (Set, error) {
	if len(raw) != SetSize {
		return Set{}, fmt.Errorf("%w: set of cells of %d bytes: it must have %d", ErrLocation, len(raw), SetSize)
	}
	set := Set(raw)
	if set[SetSize-1]>>(Count%8+1) != 0 {
		return Set{}, fmt.Errorf("%w: set of cells has one above %d", ErrLocation, Count)
	}
	return set, nil
}

// Has tells whether a cell, or Nowhere, is in the set.
func (s Set) Has(c Cell) bool { return c <= Count && s[c/8]>>(c%8)&1 == 1 }

// With is the set with a cell, or Nowhere, in it; what is neither is left out.
func (s Set) With(c Cell) Set {
	if c <= Count {
		s[c/8] |= 1 << (c % 8)
	}
	return s
}

// Without is the set without a cell.
func (s Set) Without(c Cell) Set {
	if c <= Count {
		s[c/8] &^= 1 << (c % 8)
	}
	return s
}

// Empty tells whether nothing is in the set.
func (s Set) Empty() bool { return s == Set{} }
