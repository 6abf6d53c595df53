// Package grant has the arithmetic of streamed grants.
package grant

import (
	"math/big"
	"time"

	"cosmossdk.io/math"
)

// Vested is what a stream of total has released by now: in proportion to the time since start, rounded down, nothing before
// the cliff, all of it from end on. A zero cliff is none. Claiming often or rarely makes no difference, because it is always
// counted from the start.
func Vested(total math.Int, start, end, cliff, now time.Time) math.Int {
	switch {
	case !now.Before(end):
		return total
	case !now.After(start), !cliff.IsZero() && now.Before(cliff):
		return math.ZeroInt()
	}
	product := new(big.Int).Mul(total.BigInt(), nanoseconds(start, now))
	return math.NewIntFromBigInt(product.Quo(product, nanoseconds(start, end)))
}

// nanoseconds between two times, however far apart.
func nanoseconds(from, to time.Time) *big.Int {
	seconds := big.NewInt(to.Unix() - from.Unix())
	seconds.Mul(seconds, big.NewInt(int64(time.Second)))
	return seconds.Add(seconds, big.NewInt(int64(to.Nanosecond()-from.Nanosecond())))
}
