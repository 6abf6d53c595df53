// Package canary holds the pure parts of canaries, jobs of somebody who knows their answers and looks whether workers give them: the budget
// that they keep to, when they are posted, how fresh inputs are drawn, how a result is compared, and what is told of operators. It knows no
// chain.
package canary

import (
	"errors"
	"fmt"
	"sync"

	"cosmossdk.io/math"
)

// ErrBudget is wrapped when something would exceed the budget; nothing is booked.
var ErrBudget = errors.New("the budget does not allow it")

// Budget bounds what canaries spend and hold, all together, in base units. What a canary holds is the most that it may still cost; what it did
// cost takes its place at its end. Fees are gone when they are booked. It is safe for concurrent use.
type Budget struct {
	mu          sync.Mutex
	limit, fees math.Int
	// open holds, and closed has spent, by canary.
	open, closed map[string]math.Int
}

// NewBudget is a budget of which nothing is used.
func NewBudget(limit math.Int) *Budget {
	return &Budget{limit: limit, fees: math.ZeroInt(), open: map[string]math.Int{}, closed: map[string]math.Int{}}
}

// Fee books a transaction's fee before it is sent.
func (b *Budget) Fee(amount math.Int) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if left := b.left(); amount.GT(left) {
		return fmt.Errorf("%w: a fee of %s, %s of %s are left", ErrBudget, amount, left, b.limit)
	}
	b.fees = b.fees.Add(amount)
	return nil
}

// Hold sets what a canary may cost. spare is what must be left beside it, for the fees of what is to come.
func (b *Budget) Hold(canary string, amount, spare math.Int) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	before, ok := b.open[canary]
	if !ok {
		before = math.ZeroInt()
	}
	if left := b.left().Add(before); amount.Add(spare).GT(left) {
		return fmt.Errorf("%w: %s are to be held, with %s for fees, and %s of %s are left", ErrBudget, amount, spare, left, b.limit)
	}
	b.open[canary] = amount
	return nil
}

// Carry books what an earlier process has spent on fees, and what its open canaries hold: the chain has them, so that nobody is asked.
func (b *Budget) Carry(fees math.Int, open map[string]math.Int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fees = b.fees.Add(fees)
	for canary, amount := range open {
		b.open[canary] = amount
	}
}

// Settle books what a canary has cost, which ends its hold.
func (b *Budget) Settle(canary string, cost math.Int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.open, canary)
	b.closed[canary] = cost
}

// Open is how many canaries hold something.
func (b *Budget) Open() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.open)
}

// Use tells the fees that are booked, what closed canaries have cost, what open ones hold, and what is left.
func (b *Budget) Use() (fees, spent, held, left math.Int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.fees, sum(b.closed), sum(b.open), b.left()
}

// Limit is the whole budget.
func (b *Budget) Limit() math.Int { return b.limit }

// left is not below 0, though a budget that was lowered may be exceeded by what an earlier one allowed.
func (b *Budget) left() math.Int {
	return math.MaxInt(math.ZeroInt(), b.limit.Sub(b.fees).Sub(sum(b.closed)).Sub(sum(b.open)))
}

func sum(of map[string]math.Int) math.Int {
	total := math.ZeroInt()
	for _, amount := range of {
		total = total.Add(amount)
	}
	return total
}
