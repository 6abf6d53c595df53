// Package settlement holds the arithmetic of an escrow account: deposits, the split of a payment, what may be withdrawn.
// It is pure: every function returns a new value and touches no state. Amounts are whole base units of one denomination.
package settlement

import (
	"errors"

	"cosmossdk.io/math"
)

// BasisPoints is one whole in basis points.
const BasisPoints = 10_000

var (
	// ErrAmount says that an amount was missing, zero or negative where a positive one is needed.
	ErrAmount = errors.New("amount must be positive")
	// ErrShort says that the account holds less than is to be paid.
	ErrShort = errors.New("payment exceeds the account's balance")
	// ErrLocked says that a withdrawal would touch what is promised to the work.
	ErrLocked = errors.New("withdrawal exceeds what is not locked")
	// ErrRates says that the shares of a payment add up to more than the whole.
	ErrRates = errors.New("protocol fee and burn must add up to at most 10000 basis points")
)

// Books are the amounts of one account. 0 ≤ Locked ≤ Balance, and Balance + Paid is all that was ever put in and not withdrawn.
type Books struct {
	// Balance is what the account holds.
	Balance math.Int
	// Locked is the part of the balance promised to the work.
	Locked math.Int
	// Paid is the sum of all payments, fee and burn included.
	Paid math.Int
}

// Open returns the books of a new account whose whole deposit is locked.
func Open(deposit math.Int) (Books, error) {
	if !positive(deposit) {
		return Books{}, ErrAmount
	}
	return Books{Balance: deposit, Locked: deposit, Paid: math.ZeroInt()}, nil
}

// Deposit adds amount that the depositor may withdraw again.
func (b Books) Deposit(amount math.Int) (Books, error) {
	if !positive(amount) {
		return b, ErrAmount
	}
	b.Balance = b.Balance.Add(amount)
	return b, nil
}

// Add adds amount that is promised to the work at once.
func (b Books) Add(amount math.Int) (Books, error) {
	b, err := b.Deposit(amount)
	if err != nil {
		return b, err
	}
	b.Locked = b.Locked.Add(amount)
	return b, nil
}

// Free is what the depositor may withdraw.
func (b Books) Free() math.Int {
	return b.Balance.Sub(b.Locked)
}

// Withdraw takes amount out of what is not locked.
func (b Books) Withdraw(amount math.Int) (Books, error) {
	if !positive(amount) {
		return b, ErrAmount
	}
	if amount.GT(b.Free()) {
		return b, ErrLocked
	}
	b.Balance = b.Balance.Sub(amount)
	return b, nil
}

// Pay takes amount out for a payment, from the locked part first. Zero is allowed and changes nothing.
func (b Books) Pay(amount math.Int) (Books, error) {
	if amount.IsNil() || amount.IsNegative() {
		return b, ErrAmount
	}
	if amount.GT(b.Balance) {
		return b, ErrShort
	}
	b.Balance = b.Balance.Sub(amount)
	b.Locked = math.MaxInt(math.ZeroInt(), b.Locked.Sub(amount))
	b.Paid = b.Paid.Add(amount)
	return b, nil
}

func positive(amount math.Int) bool {
	return !amount.IsNil() && amount.IsPositive()
}
