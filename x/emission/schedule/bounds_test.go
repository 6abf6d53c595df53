package schedule

import (
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"cosmossdk.io/math"
)

// TestFixedPointErrorIsBounded: the fixed-point amount is at most the exact one, and less than 2^-127 below it, at the largest
// amounts and denominators.
func TestFixedPointErrorIsBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := Phase{
			Start: 1, AmountDen: rapid.Uint64Range(1, 100).Draw(t, "amount_den"), DecayDen: MaxDen,
			Amount:   math.NewIntFromBigInt(new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 80), big.NewInt(1))),
			DecayNum: MaxDen - rapid.Uint64Range(0, MaxDen/1_000).Draw(t, "loss"),
		}
		n := rapid.Int64Range(0, 3_000).Draw(t, "epochs")
		exact := new(big.Int).Exp(new(big.Int).SetUint64(p.DecayNum), big.NewInt(n), nil)
		exact.Mul(exact, p.Amount.BigInt()).Lsh(exact, 127)
		den := new(big.Int).Exp(new(big.Int).SetUint64(p.DecayDen), big.NewInt(n), nil)
		den.Mul(den, new(big.Int).SetUint64(p.AmountDen))
		// In units of 2^-127, the difference of exact and fixed must be from 0 to less than 1.
		difference := exact.Lsh(exact, 1)
		difference.Sub(difference, new(big.Int).Mul(p.fixed(uint64(n)+1), den))
		require.True(t, difference.Sign() >= 0 && difference.Cmp(den.Lsh(den, 1)) < 0)
	})
}

// TestACarryBelowZeroTakesNoUnit: rounding may have given a little too much before; an epoch still emits its whole amount.
func TestACarryBelowZeroTakesNoUnit(t *testing.T) {
	plan := Schedule{Cap: math.NewInt(100), Phases: []Phase{{Start: 1, Amount: math.NewInt(5), AmountDen: 1, DecayNum: 1, DecayDen: 1}}}
	given := near()
	given.Lsh(given, 1).Neg(given)
	next, amount := plan.Next(Progress{Epoch: 7, Carry: math.NewIntFromBigInt(given), Minted: math.NewInt(35)})
	require.EqualValues(t, 5, amount.Int64())
	require.Equal(t, given.String(), next.Carry.String())
}
