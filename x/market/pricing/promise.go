package pricing

import "cosmossdk.io/math"

// Promise is what a tier promises of the time from a job's assignment to its commitment, in milliseconds.
type Promise struct {
	// PromisedMs pass at no cost to the worker; WindowMs, above them, is when all of LateBps is lost.
	PromisedMs, WindowMs uint64
	// LateBps is the part of the price that goes back then, in basis points and at most a whole.
	LateBps uint32
}

// Promised is the promise of a part of a window in basis points, rounded down, and false where it promises nothing: the whole window, or
// nothing that would go back. Windows stay below 2^50.
func Promised(window uint64, shareBps, lateBps uint32) (Promise, bool) {
	if shareBps >= BasisPoints || lateBps == 0 || window == 0 {
		return Promise{}, false
	}
	return Promise{PromisedMs: window * uint64(shareBps) / BasisPoints, WindowMs: window, LateBps: min(lateBps, BasisPoints)}, true
}

// Rebate is what goes back of a price, which is not negative, when the commitment took so many milliseconds: nothing within what was
// promised, the late part at the end of the window and after it, and on the line between, rounded up, so that lateness is never free.
// It is never above the price.
func (p Promise) Rebate(price math.Int, took uint64) math.Int {
	if took <= p.PromisedMs || p.WindowMs <= p.PromisedMs {
		return math.ZeroInt()
	}
	over, span := min(took, p.WindowMs)-p.PromisedMs, p.WindowMs-p.PromisedMs
	product := price.Mul(math.NewIntFromUint64(uint64(p.LateBps))).Mul(math.NewIntFromUint64(over))
	return ceilQuo(product, math.NewInt(BasisPoints).Mul(math.NewIntFromUint64(span)))
}
