package schedule

import (
	"fmt"
	"math/big"

	"cosmossdk.io/math"
)

// BasisPoints is a whole in basis points.
const BasisPoints = 10_000

// Shares says who gets how much of an epoch, in basis points; the treasury gets the rest.
type Shares struct{ Operators, Validators uint32 }

// Parts is an amount divided.
type Parts struct{ Operators, Validators, Treasury math.Int }

// Validate checks that the shares leave nothing below zero.
func (s Shares) Validate() error {
	if uint64(s.Operators)+uint64(s.Validators) > BasisPoints {
		return fmt.Errorf("%w: operators_bps %d and validators_bps %d: together they must be at most %d", ErrSchedule, s.Operators, s.Validators, BasisPoints)
	}
	return nil
}

// Split divides an amount exactly: the shares are rounded down, the treasury gets what is left.
func Split(amount math.Int, shares Shares) Parts {
	operators := part(amount, shares.Operators)
	validators := part(amount, shares.Validators)
	return Parts{Operators: operators, Validators: validators, Treasury: amount.Sub(operators).Sub(validators)}
}

func part(amount math.Int, bps uint32) math.Int {
	return Share(amount, math.NewIntFromUint64(uint64(bps)), math.NewInt(BasisPoints))
}

// Share is pot × points / total, rounded down. total must be positive.
func Share(pot, points, total math.Int) math.Int {
	share := new(big.Int).Mul(pot.BigInt(), points.BigInt())
	return math.NewIntFromBigInt(share.Quo(share, total.BigInt()))
}
