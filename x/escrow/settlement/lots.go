package settlement

import (
	"cosmossdk.io/math"
)

// Drain takes amount out of deposits in their order and returns what is left of each. Their sum must hold it.
func Drain(lots []math.Int, amount math.Int) ([]math.Int, error) {
	left := make([]math.Int, len(lots))
	for i, lot := range lots {
		taken := math.MinInt(lot, amount)
		left[i], amount = lot.Sub(taken), amount.Sub(taken)
	}
	if amount.IsPositive() {
		return nil, ErrShort
	}
	return left, nil
}

// Withdrawable tells how much of each deposit may be withdrawn when claims must stay. Deposits are drained in their order, so the
// claims rest on the first of them.
func Withdrawable(lots []math.Int, claims math.Int) []math.Int {
	free := make([]math.Int, len(lots))
	for i, lot := range lots {
		held := math.MinInt(lot, claims)
		free[i], claims = lot.Sub(held), claims.Sub(held)
	}
	return free
}
