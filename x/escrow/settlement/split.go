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

// FractionDown is floor(amount·bps/10000). Dividing first keeps the product within the range of amount.
func FractionDown(amount math.Int, bps uint32) math.Int {
	whole := amount.QuoRaw(BasisPoints)
	rest := amount.Sub(whole.MulRaw(BasisPoints)).MulRaw(int64(bps))
	return whole.MulRaw(int64(bps)).Add(rest.QuoRaw(BasisPoints))
}
