// Package stake holds the arithmetic of an operator's stake: what may be added, taken out, committed to work and slashed.
// It is pure: every function returns a new value and touches no state. Amounts are whole base units (uassay).
package stake

import (
	"errors"

	"cosmossdk.io/math"
)

// BasisPoints is one whole in basis points.
const BasisPoints = 10_000

var (
	// ErrAmount says that an amount was missing, zero or negative where a positive one is needed.
	ErrAmount = errors.New("amount must be positive")
	// ErrLocked says that bonded stake would fall below what work in flight or registered devices need.
	ErrLocked = errors.New("stake is locked by jobs in flight or by the minimum of registered devices")
	// ErrExposure says that exposure would exceed the bonded stake.
	ErrExposure = errors.New("exposure would exceed bonded stake")
	// ErrRelease says that more exposure was released than there is.
	ErrRelease = errors.New("released exposure exceeds exposure")
	// ErrRequirement says that a raised requirement exceeds the bonded stake.
	ErrRequirement = errors.New("requirement exceeds bonded stake")
	// ErrFraction says that a fraction was above one whole.
	ErrFraction = errors.New("fraction must be at most 10000 basis points")
)

// Position is what one operator has at risk. No amount is ever negative.
type Position struct {
	// Bonded backs work and can be slashed.
	Bonded math.Int
	// Unbonding is on its way out; it can still be slashed and backs nothing new.
	Unbonding math.Int
	// Exposure is the value at risk in jobs in flight.
	Exposure math.Int
	// Requirement is the minimum that the operator's devices demand.
	Requirement math.Int
}

// Empty returns the position of an operator that never bonded.
func Empty() Position {
	zero := math.ZeroInt()
	return Position{Bonded: zero, Unbonding: zero, Exposure: zero, Requirement: zero}
}

// IsZero tells whether nothing is left to remember.
func (p Position) IsZero() bool {
	return p.Bonded.IsZero() && p.Unbonding.IsZero() && p.Exposure.IsZero() && p.Requirement.IsZero()
}

// Floor is the bonded stake that must stay: the greater of exposure and requirement.
func (p Position) Floor() math.Int {
	return math.MaxInt(p.Exposure, p.Requirement)
}

// Headroom is the exposure that can still be taken on; zero when a slash left less than the exposure.
func (p Position) Headroom() math.Int {
	return math.MaxInt(math.ZeroInt(), p.Bonded.Sub(p.Exposure))
}

// Slashable is everything a slash reaches.
func (p Position) Slashable() math.Int {
	return p.Bonded.Add(p.Unbonding)
}

// Bond adds amount to the bonded stake.
func (p Position) Bond(amount math.Int) (Position, error) {
	if !positive(amount) {
		return p, ErrAmount
	}
	p.Bonded = p.Bonded.Add(amount)
	return p, nil
}

// Unbond moves amount from bonded to unbonding. What stays bonded may not be below the floor, so that slashable stake
// never falls under the exposure by the operator's own doing.
func (p Position) Unbond(amount math.Int) (Position, error) {
	if !positive(amount) {
		return p, ErrAmount
	}
	if left := p.Bonded.Sub(amount); left.IsNegative() || left.LT(p.Floor()) {
		return p, ErrLocked
	}
	p.Bonded = p.Bonded.Sub(amount)
	p.Unbonding = p.Unbonding.Add(amount)
	return p, nil
}

// Rebond moves amount, one whole unbonding entry, back to bonded.
func (p Position) Rebond(amount math.Int) (Position, error) {
	p, err := p.Leave(amount)
	if err != nil {
		return p, err
	}
	p.Bonded = p.Bonded.Add(amount)
	return p, nil
}

// Leave takes a matured entry of amount out of unbonding.
func (p Position) Leave(amount math.Int) (Position, error) {
	if !positive(amount) || amount.GT(p.Unbonding) {
		return p, ErrAmount
	}
	p.Unbonding = p.Unbonding.Sub(amount)
	return p, nil
}

// Expose commits amount of the bonded stake to a job. Zero is allowed and changes nothing.
func (p Position) Expose(amount math.Int) (Position, error) {
	if amount.IsNil() || amount.IsNegative() {
		return p, ErrAmount
	}
	if amount.GT(p.Headroom()) {
		return p, ErrExposure
	}
	p.Exposure = p.Exposure.Add(amount)
	return p, nil
}

// Release gives amount of exposure back. Zero is allowed and changes nothing.
func (p Position) Release(amount math.Int) (Position, error) {
	if amount.IsNil() || amount.IsNegative() {
		return p, ErrAmount
	}
	if amount.GT(p.Exposure) {
		return p, ErrRelease
	}
	p.Exposure = p.Exposure.Sub(amount)
	return p, nil
}

// Require replaces the requirement. Lowering it is always allowed, so that an operator who was slashed below it can
// retire devices one at a time; raising it needs as much bonded stake.
func (p Position) Require(amount math.Int) (Position, error) {
	if amount.IsNil() || amount.IsNegative() {
		return p, ErrAmount
	}
	if amount.GT(p.Requirement) && amount.GT(p.Bonded) {
		return p, ErrRequirement
	}
	p.Requirement = amount
	return p, nil
}

func positive(amount math.Int) bool {
	return !amount.IsNil() && amount.IsPositive()
}
