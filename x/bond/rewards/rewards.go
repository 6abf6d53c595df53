// Package rewards holds the arithmetic of a pool's rewards: the operator's commission, and an accumulator that pays every
// share alike whatever their number. It is pure. Amounts are whole base units (uassay).
package rewards

import (
	"errors"
	"time"

	"cosmossdk.io/math"

	"github.com/assaychain/assay/x/bond/stake"
)

// Day is the time between two changes of a commission.
const Day = 24 * time.Hour

var (
	// ErrAmount says that an amount was missing, not positive, or beyond stake.MaxTokens.
	ErrAmount = errors.New("amount must be positive and at most 2^96-1")
	// ErrCeiling says that a commission was above the ceiling.
	ErrCeiling = errors.New("commission exceeds the ceiling")
	// ErrTooFast says that a commission would change by too much at once.
	ErrTooFast = errors.New("commission changes by too much at once")
	// ErrTooSoon says that a commission was changed less than a day ago.
	ErrTooSoon = errors.New("commission was changed less than a day ago")

	// scale is the fraction of a unit that one share's rewards are counted in. A share is a billionth of a unit or less;
	// 10^36 leaves 27 digits for it, and a lifetime's rewards of one share below 2^216.
	scale = math.NewIntWithDecimal(1, 36)
)

// Book is what a pool's shares have earned. Held is at least what all shares have due.
type Book struct {
	// PerShare is what one share has earned since the pool began, times 10^36.
	PerShare math.Int
	// Carry is what did not divide by the shares yet, times 10^36.
	Carry math.Int
	// Held is everything earned and not paid.
	Held math.Int
}

// Empty returns the book of a new pool.
func Empty() Book {
	return Book{PerShare: math.ZeroInt(), Carry: math.ZeroInt(), Held: math.ZeroInt()}
}

// Check tells whether amount can be added.
func Check(amount math.Int) error {
	if amount.IsNil() || !amount.IsPositive() || amount.GT(stake.MaxTokens) {
		return ErrAmount
	}
	return nil
}

// Add gives every one of shares its part of amount. What doesn't divide is carried to the next time. shares is positive.
func (b Book) Add(amount, shares math.Int) Book {
	scaled := amount.Mul(scale).Add(b.Carry)
	each := scaled.Quo(shares)
	return Book{PerShare: b.PerShare.Add(each), Carry: scaled.Sub(each.Mul(shares)), Held: b.Held.Add(amount)}
}

// Due is what shares have earned since the accumulator stood at since, rounded down.
func (b Book) Due(shares, since math.Int) math.Int {
	return stake.MulDiv(shares, b.PerShare.Sub(since), scale, stake.Down)
}

// Pay takes out what shares have due. Whoever is paid begins again at PerShare.
func (b Book) Pay(shares, since math.Int) (Book, math.Int) {
	due := b.Due(shares, since)
	b.Held = b.Held.Sub(due)
	return b, due
}

// Commission is the operator's part of amount, rounded down: the rest is for shares.
func Commission(amount math.Int, bps uint32) math.Int {
	return stake.MulDiv(amount, math.NewIntFromUint64(uint64(bps)), math.NewInt(stake.BasisPoints), stake.Down)
}

// Limits bound a commission and its change, in basis points.
type Limits struct {
	// Ceiling is the highest commission.
	Ceiling uint32
	// Step is the most that it changes in a day.
	Step uint32
}

// Change checks a new commission against the old one. since is how long ago the old one was set; a negative one means
// never.
func (l Limits) Change(before, after uint32, since time.Duration) error {
	if after > l.Ceiling {
		return ErrCeiling
	}
	if since >= 0 && since < Day {
		return ErrTooSoon
	}
	// An operator above a lowered ceiling may come down to it at once.
	before = min(before, l.Ceiling)
	if max(before, after)-min(before, after) > l.Step {
		return ErrTooFast
	}
	return nil
}
