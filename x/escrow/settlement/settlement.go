// Package settlement holds the arithmetic of an escrow account: deposits, streams by the hour, the split of a payment, what may
// be withdrawn, who gets back what is left. It is pure: every function returns a new value and touches no state. Amounts are
// whole base units of one denomination, moments are milliseconds of Unix time.
package settlement

import (
	"errors"

	"cosmossdk.io/math"
)

// BasisPoints is one whole in basis points.
const BasisPoints = 10_000

// maxBits bounds a balance, so that no product of it leaves the 256 bits of an amount.
const maxBits = 200

var (
	// ErrAmount says that an amount was missing, zero, negative or beyond any supply where a positive one is needed.
	ErrAmount = errors.New("amount must be positive and below 2^200")
	// ErrShort says that the account holds less than is to be paid.
	ErrShort = errors.New("payment exceeds the account's balance")
	// ErrLocked says that a withdrawal would touch what is promised to the work.
	ErrLocked = errors.New("withdrawal exceeds what is not locked")
	// ErrRates says that the shares of a payment add up to more than the whole.
	ErrRates = errors.New("shares of a payment must add up to at most 10000 basis points")
	// ErrRate says that a rate was missing, negative or beyond bounds.
	ErrRate = errors.New("rate must be from 0 to 2^128 an hour")
	// ErrDry says that the money doesn't last for a millisecond.
	ErrDry = errors.New("the account's money is used up")
)

// Books are the amounts of one account. 0 ≤ Locked ≤ Spare ≤ Balance, and Balance + Paid is all that was ever put in and not
// withdrawn.
type Books struct {
	// Balance is what the account holds, earned by streams or not.
	Balance math.Int
	// Locked is the part of the balance promised to the work.
	Locked math.Int
	// Paid is the sum of all payments, fee and burn included.
	Paid math.Int
	// Flow is what the streams take.
	Flow Flow
}

// Open returns the books of a new account whose whole deposit is locked.
func Open(deposit math.Int) (Books, error) {
	if !positive(deposit) || deposit.BigInt().BitLen() > maxBits {
		return Books{}, ErrAmount
	}
	return Books{Balance: deposit, Locked: deposit, Paid: math.ZeroInt(), Flow: NoFlow()}, nil
}

// Deposit adds amount that the depositor may withdraw again.
func (b Books) Deposit(amount math.Int) (Books, error) {
	if !positive(amount) || amount.BigInt().BitLen() > maxBits {
		return b, ErrAmount
	}
	balance := b.Balance.Add(amount)
	if balance.BigInt().BitLen() > maxBits {
		return b, ErrAmount
	}
	b.Balance = balance
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

// Free is what the depositors may withdraw.
func (b Books) Free() math.Int {
	return b.Spare().Sub(b.Locked)
}

// Claims is the part of the balance that can't be withdrawn: earned by streams, rounded up, or locked.
func (b Books) Claims() math.Int {
	return b.Balance.Sub(b.Free())
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

// Lock promises more of what is free to the work.
func (b Books) Lock(amount math.Int) (Books, error) {
	if !positive(amount) {
		return b, ErrAmount
	}
	if amount.GT(b.Free()) {
		return b, ErrShort
	}
	b.Locked = b.Locked.Add(amount)
	return b, nil
}

// Unlock takes a promise back, at most all of it: streams may have used some of it up.
func (b Books) Unlock(amount math.Int) (Books, error) {
	if !positive(amount) {
		return b, ErrAmount
	}
	b.Locked = math.MaxInt(math.ZeroInt(), b.Locked.Sub(amount))
	return b, nil
}

// Pay takes amount out for a one-off payment, from the locked part first, and never what streams earned already. Zero is allowed
// and changes nothing.
func (b Books) Pay(amount math.Int) (Books, error) {
	if amount.IsNil() || amount.IsNegative() {
		return b, ErrAmount
	}
	if amount.GT(b.Spare()) {
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
