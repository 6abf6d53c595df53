// Package points holds the arithmetic of what operators' devices deserve: a weight from score and stake, and a ledger that
// counts weight times time. Nothing is written while a weight stays the same, and yet the points of every operator in
// every closed period are exact and add up to the period's total. It is pure. Times are milliseconds of the block time.
package points

import (
	"errors"
	"math/big"

	"cosmossdk.io/math"

	"github.com/assaychain/assay/x/bond/stake"
)

// ErrOpen says that points were asked of a period that isn't closed, or before the segment that was given.
var ErrOpen = errors.New("period is not closed, or lies before the segment")

// Boost returns by how much an operator's pool raises its weight, in basis points of 10,000: more than that for a pool
// above the requirement. It grows with the square root of the excess, so the next token always brings less than the last
// one; slope is the boost of a pool of twice the requirement and limit the highest. It depends on the ratio alone: who
// splits devices and stake over several identities gains nothing. Without a requirement there is no boost.
func Boost(pool, requirement math.Int, slope, limit uint32) uint32 {
	if !requirement.IsPositive() || pool.LTE(requirement) {
		return stake.BasisPoints
	}
	squared := new(big.Int).SetUint64(uint64(slope) * uint64(slope))
	squared.Mul(squared, pool.Sub(requirement).BigInt())
	squared.Quo(squared, requirement.BigInt())
	root := squared.Sqrt(squared)
	if !root.IsUint64() || root.Uint64() > uint64(limit) {
		return stake.BasisPoints + limit
	}
	return stake.BasisPoints + uint32(root.Uint64())
}

// Weigh is the points an operator earns a millisecond: score times boost, in basis points, so that nothing is rounded.
func Weigh(score uint64, boostBps uint32) math.Int {
	return math.NewIntFromUint64(score).Mul(math.NewIntFromUint64(uint64(boostBps)))
}

// Total is the running total of all operators.
type Total struct {
	// Period is the number of the running period.
	Period uint64
	// Start is when it began.
	Start int64
	// Until is the time to which Points are counted.
	Until int64
	// Points are those of the running period until then.
	Points math.Int
	// Weight is the sum of all weights.
	Weight math.Int
}

// Change counts to now and replaces one operator's weight.
func (t Total) Change(now int64, before, after math.Int) Total {
	t = t.count(now)
	t.Weight = t.Weight.Sub(before).Add(after)
	return t
}

// Close counts to now, ends the running period and begins the next.
func (t Total) Close(now int64) (Total, Period) {
	t = t.count(now)
	closed := Period{Number: t.Period, Start: t.Start, End: t.Until, Points: t.Points}
	return Total{Period: t.Period + 1, Start: t.Until, Until: t.Until, Points: math.ZeroInt(), Weight: t.Weight}, closed
}

func (t Total) count(now int64) Total {
	now = max(now, t.Until)
	t.Points = t.Points.Add(times(t.Weight, now-t.Until))
	t.Until = now
	return t
}

// Period is a closed period.
type Period struct {
	// Number counts periods from 1.
	Number uint64
	// Start and End bound it; the next one starts where it ends.
	Start, End int64
	// Points are those of all operators.
	Points math.Int
}

// Segment is what an operator's points are from one period until its next segment.
type Segment struct {
	// Period in which the weight changed.
	Period uint64
	// Points in that period until Since.
	Points math.Int
	// Since is when the weight last changed.
	Since int64
	// Weight is the points a millisecond from then on.
	Weight math.Int
}

// Change returns the segment of the running period after the weight changed at t.Until: the same one when it is of that
// period already, otherwise a new one that takes the points so far over.
func (s Segment) Change(t Total, weight math.Int) Segment {
	from, points := max(s.Since, t.Start), s.Points
	if s.Period != t.Period {
		points = math.ZeroInt()
	}
	return Segment{Period: t.Period, Points: points.Add(times(s.Weight, t.Until-from)), Since: t.Until, Weight: weight}
}

// In returns the operator's points in a closed period for which s is the last segment at or before it.
func (s Segment) In(p Period) (math.Int, error) {
	if s.Period > p.Number || s.Period == p.Number && s.Since > p.End {
		return math.Int{}, ErrOpen
	}
	if s.Period < p.Number {
		return times(s.Weight, p.End-p.Start), nil
	}
	return s.Points.Add(times(s.Weight, p.End-s.Since)), nil
}

func times(weight math.Int, milliseconds int64) math.Int {
	return weight.MulRaw(milliseconds)
}
