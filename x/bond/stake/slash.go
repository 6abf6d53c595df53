package stake

import (
	"cosmossdk.io/math"
)

// Cut is what a slash takes from each part of an operator's stake.
type Cut struct {
	// Bonded is taken from the bonded stake.
	Bonded math.Int
	// Entries is taken from each unbonding entry, in the order given.
	Entries []math.Int
}

// Total is the sum of all parts.
func (c Cut) Total() math.Int {
	return c.Bonded.Add(c.FromEntries())
}

// FromEntries is the sum taken from unbonding entries.
func (c Cut) FromEntries() math.Int {
	sum := math.ZeroInt()
	for _, amount := range c.Entries {
		sum = sum.Add(amount)
	}
	return sum
}

// Slash cuts bps basis points of bonded plus all entries, rounded up once for the whole: splitting stake over many
// entries never lowers the sum. Each part gives the growth of the rounded-up running total, so the parts add up to the
// whole exactly and none gives more than it holds. bps is at most 10,000; amounts are not negative.
func Slash(bonded math.Int, entries []math.Int, bps uint32) (Cut, error) {
	if bps > BasisPoints {
		return Cut{}, ErrFraction
	}
	if bonded.IsNil() || bonded.IsNegative() {
		return Cut{}, ErrAmount
	}
	cut := Cut{Bonded: fractionUp(bonded, bps), Entries: make([]math.Int, len(entries))}
	held, taken := bonded, cut.Bonded
	for i, entry := range entries {
		if entry.IsNil() || entry.IsNegative() {
			return Cut{}, ErrAmount
		}
		held = held.Add(entry)
		next := fractionUp(held, bps)
		cut.Entries[i] = next.Sub(taken)
		taken = next
	}
	return cut, nil
}

// fractionUp is ceil(amount·bps/10000). Dividing first keeps the product within the range of amount.
func fractionUp(amount math.Int, bps uint32) math.Int {
	whole := amount.QuoRaw(BasisPoints)
	rest := amount.Sub(whole.MulRaw(BasisPoints)).MulRaw(int64(bps))
	return whole.MulRaw(int64(bps)).Add(rest.AddRaw(BasisPoints - 1).QuoRaw(BasisPoints))
}
