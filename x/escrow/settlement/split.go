package settlement

import (
	"cosmossdk.io/math"
)

// Rates are the shares of a payment that don't go to the recipient, in basis points.
type Rates struct {
	// Protocol goes to the community pool.
	Protocol uint32
	// Burn is destroyed.
	Burn uint32
}

// Validate checks that the shares leave the recipient something or nothing, never less.
func (r Rates) Validate() error {
	if uint64(r.Protocol)+uint64(r.Burn) > BasisPoints {
		return ErrRates
	}
	return nil
}

// Shares are the parts of one payment; they add up to it exactly.
type Shares struct {
	// Recipient is the recipient's part, rounded down.
	Recipient math.Int
	// Protocol is the community pool's part: its share rounded down, and the dust of all three roundings.
	Protocol math.Int
	// Burn is the part destroyed, rounded down.
	Burn math.Int
}

// Sum adds the parts up.
func (s Shares) Sum() math.Int {
	return s.Recipient.Add(s.Protocol).Add(s.Burn)
}

// Split divides a payment. The dust is at most two base units.
func Split(amount math.Int, rates Rates) (Shares, error) {
	if err := rates.Validate(); err != nil {
		return Shares{}, err
	}
	if amount.IsNil() || amount.IsNegative() {
		return Shares{}, ErrAmount
	}
	recipient := FractionDown(amount, BasisPoints-rates.Protocol-rates.Burn)
	burn := FractionDown(amount, rates.Burn)
	return Shares{Recipient: recipient, Protocol: amount.Sub(recipient).Sub(burn), Burn: burn}, nil
}

// FractionDown is floor(amount·bps/10000).
func FractionDown(amount math.Int, bps uint32) math.Int {
	return fractionDown(amount, bps, BasisPoints)
}

// Divide cuts the running total of a stream into shares in basis points, and a last one that gets the rest. No share ever shrinks
// when the total grows, so that a payment of each share's growth makes settling often and settling once the same to the
// last unit. To that end the cuts are nested: the first share is its fraction of the total, rounded down; the next one is its
// fraction of what is left, and so on. They add up to the total. A share is less than one base unit below its fraction of the total,
// and above it by less than one base unit for each cut before it.
// Rounding each share of the total down by itself would not do: two of them can grow at one unit, at the cost of the rest.
func Divide(total math.Int, bps []uint32) ([]math.Int, error) {
	if total.IsNil() || total.IsNegative() {
		return nil, ErrAmount
	}
	parts := make([]math.Int, 0, len(bps)+1)
	whole := uint32(BasisPoints)
	for _, share := range bps {
		if share > whole {
			return nil, ErrRates
		}
		part := fractionDown(total, share, whole)
		parts = append(parts, part)
		total, whole = total.Sub(part), whole-share
	}
	return append(parts, total), nil
}

// Grow returns what each share of a running total gets when the total grows from one sum to another.
func Grow(from, to math.Int, bps []uint32) ([]math.Int, error) {
	before, err := Divide(from, bps)
	if err != nil {
		return nil, err
	}
	parts, err := Divide(to, bps)
	if err != nil {
		return nil, err
	}
	for i := range parts {
		parts[i] = parts[i].Sub(before[i])
	}
	return parts, nil
}

// fractionDown is floor(amount·share/whole), zero of nothing. Dividing first keeps the product within the range of amount.
func fractionDown(amount math.Int, share, whole uint32) math.Int {
	if whole == 0 {
		return math.ZeroInt()
	}
	times := amount.QuoRaw(int64(whole))
	rest := amount.Sub(times.MulRaw(int64(whole))).MulRaw(int64(share))
	return times.MulRaw(int64(share)).Add(rest.QuoRaw(int64(whole)))
}
