// Package stake holds the arithmetic of an operator's stake: what may be added, taken out, committed to work, slashed and
// given back. It is pure: every function returns a new value and touches no state. Amounts are whole base units (uassay).
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
	// ErrLocked says that more was asked for than there is, or than may leave.
	ErrLocked = errors.New("stake is locked by jobs in flight or by the minimum of registered devices, or isn't there")
	// ErrExposure says that exposure would exceed the bonded stake.
	ErrExposure = errors.New("exposure would exceed bonded stake")
	// ErrRelease says that more exposure was released than there is.
	ErrRelease = errors.New("released exposure exceeds exposure")
	// ErrRequirement says that a raised requirement exceeds the bonded stake.
	ErrRequirement = errors.New("requirement exceeds bonded stake")
	// ErrFraction says that a fraction was above one whole.
	ErrFraction = errors.New("fraction must be at most 10000 basis points")
	// ErrVoid says that a slash took everything and that shares are left which an appeal may still bring back to life.
	ErrVoid = errors.New("the pool was slashed to nothing")
	// ErrPrice says that a share costs so much that rounding would take more than a unit from the newcomer.
	ErrPrice = errors.New("a share of the pool costs too much for this amount")
	// ErrTooMuch says that a pool would hold more than MaxTokens.
	ErrTooMuch = errors.New("the pool would hold too much")
	// ErrBacking says that an operator has as much backing as its own stake allows.
	ErrBacking = errors.New("backing would exceed the multiple of the operator's own stake")
)

// Position is what one operator has at risk: its own stake and its backers'. No amount is ever negative.
type Position struct {
	// Bonded backs work and can be slashed.
	Bonded Pool
	// Unbonding is on its way out; it can still be slashed and backs nothing new.
	Unbonding Pool
	// Exposure is the value at risk in jobs in flight.
	Exposure math.Int
	// Requirement is the minimum that the operator's devices demand.
	Requirement math.Int
}

// Empty returns the position of an operator that never bonded.
func Empty() Position {
	return Position{Bonded: EmptyPool(), Unbonding: EmptyPool(), Exposure: math.ZeroInt(), Requirement: math.ZeroInt()}
}

// IsZero tells whether nothing is left to remember.
func (p Position) IsZero() bool {
	return p.Bonded.IsZero() && p.Unbonding.IsZero() && p.Exposure.IsZero() && p.Requirement.IsZero()
}

// Floor is the bonded stake below which the operator can't take its own out: the greater of exposure and requirement.
func (p Position) Floor() math.Int {
	return math.MaxInt(p.Exposure, p.Requirement)
}

// Headroom is the exposure that can still be taken on; zero when less is bonded than exposed.
func (p Position) Headroom() math.Int { return Headroom(p.Bonded.Tokens, p.Exposure) }

// Headroom is that of a position of which so much is bonded and exposed.
func Headroom(bonded, exposure math.Int) math.Int {
	return math.MaxInt(math.ZeroInt(), bonded.Sub(exposure))
}

// Slashable is everything a slash reaches.
func (p Position) Slashable() math.Int {
	return p.Bonded.Tokens.Add(p.Unbonding.Tokens)
}

// Bond adds amount to the bonded pool and returns the shares it buys.
func (p Position) Bond(amount math.Int) (Position, math.Int, error) {
	bonded, minted, err := p.Bonded.Join(amount)
	if err != nil {
		return p, math.Int{}, err
	}
	p.Bonded = bonded
	return p, minted, nil
}

// Moved is what moving stake from the bonded to the unbonding pool costs and buys in shares.
type Moved struct {
	// Burned are shares of the bonded pool.
	Burned math.Int
	// Minted are shares of the unbonding pool.
	Minted math.Int
}

// Unbond moves amount from bonded to unbonding for the owner of held bonded shares. Nothing leaves the reach of a slash by
// it. What stays bonded may not be below keep.
func (p Position) Unbond(amount, held, keep math.Int) (Position, Moved, error) {
	bonded, burned, err := p.Bonded.Take(amount, held)
	if err != nil {
		return p, Moved{}, err
	}
	if bonded.Tokens.LT(keep) {
		return p, Moved{}, ErrLocked
	}
	unbonding, minted, err := p.Unbonding.Join(amount)
	if err != nil {
		return p, Moved{}, err
	}
	p.Bonded, p.Unbonding = bonded, unbonding
	return p, Moved{Burned: burned, Minted: minted}, nil
}

// Leave takes shares out of the unbonding pool and returns what they were worth.
func (p Position) Leave(shares math.Int) (Position, math.Int) {
	unbonding, amount := p.Unbonding.Redeem(shares)
	p.Unbonding = unbonding
	return p, amount
}

// MayLeave tells whether amount may go out of the reach of a slash: what stays must cover the exposure. Nothing may always go.
func (p Position) MayLeave(amount math.Int) bool {
	return amount.IsZero() || !p.Slashable().Sub(amount).LT(p.Exposure)
}

// Slack is what may go out of the reach of a slash at most; negative when a slash left less than the exposure.
func (p Position) Slack() math.Int {
	return p.Slashable().Sub(p.Exposure)
}

// Backed checks that the bonded stake that isn't the operator's own is at most multiple times as much as its own.
func (p Position) Backed(own math.Int, multiple uint32) error {
	if p.Bonded.Tokens.Sub(own).GT(own.Mul(math.NewIntFromUint64(uint64(multiple)))) {
		return ErrBacking
	}
	return nil
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
	if amount.GT(p.Requirement) && amount.GT(p.Bonded.Tokens) {
		return p, ErrRequirement
	}
	p.Requirement = amount
	return p, nil
}

func positive(amount math.Int) bool {
	return !amount.IsNil() && amount.IsPositive()
}
