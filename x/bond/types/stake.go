package types

import (
	"time"

	"cosmossdk.io/math"

	"github.com/assaychain/assay/x/bond/points"
	"github.com/assaychain/assay/x/bond/rewards"
	"github.com/assaychain/assay/x/bond/stake"
)

// NewPool returns the pool of an operator that never bonded.
func NewPool(operator string) Pool {
	p := Pool{Operator: operator, CommissionDue: math.ZeroInt(), Weight: math.ZeroInt()}
	p.SetPosition(stake.Empty())
	p.SetRewards(rewards.Empty())
	return p
}

// Position is what the operator has at risk.
func (p Pool) Position() stake.Position {
	return stake.Position{
		Bonded:      stake.Pool{Tokens: p.Tokens, Shares: p.Shares},
		Unbonding:   stake.Pool{Tokens: p.UnbondingTokens, Shares: p.UnbondingShares},
		Exposure:    p.Exposure,
		Requirement: p.Requirement,
	}
}

// SetPosition replaces what the operator has at risk.
func (p *Pool) SetPosition(s stake.Position) {
	p.Tokens, p.Shares = s.Bonded.Tokens, s.Bonded.Shares
	p.UnbondingTokens, p.UnbondingShares = s.Unbonding.Tokens, s.Unbonding.Shares
	p.Exposure, p.Requirement = s.Exposure, s.Requirement
}

// Rewards is what the pool's shares have earned.
func (p Pool) Rewards() rewards.Book {
	return rewards.Book{PerShare: p.RewardsPerShare, Carry: p.RewardsCarry, Held: p.RewardsHeld}
}

// SetRewards replaces what the pool's shares have earned.
func (p *Pool) SetRewards(b rewards.Book) {
	p.RewardsPerShare, p.RewardsCarry, p.RewardsHeld = b.PerShare, b.Carry, b.Held
}

// Rewards is what the shares of a replaced pool have earned.
func (p ClosedPool) Rewards() rewards.Book {
	return rewards.Book{PerShare: p.RewardsPerShare, Carry: math.ZeroInt(), Held: p.RewardsHeld}
}

// Stake is the pool's totals.
func (p Pool) Stake() Stake {
	return Stake{Operator: p.Operator, Bonded: p.Tokens, Unbonding: p.UnbondingTokens, Exposure: p.Exposure, Requirement: p.Requirement}
}

// Unpaid is what the pool holds of rewards, the operator's commission and all shares' together.
func (p Pool) Unpaid() math.Int {
	return p.CommissionDue.Add(p.RewardsHeld)
}

// Worth is what a backing of the pool is worth: nothing when its shares are of an earlier pool.
func (p Pool) Worth(b Backing) math.Int {
	if b.Generation != p.Generation {
		return math.ZeroInt()
	}
	return p.Position().Bonded.Worth(b.Shares)
}

// WorthLeaving is what an unbonding entry is worth: nothing when its shares are of an earlier unbonding pool.
func (p Pool) WorthLeaving(e UnbondingEntry) math.Int {
	if e.Generation != p.UnbondingGeneration {
		return math.ZeroInt()
	}
	return p.Position().Unbonding.Worth(e.Shares)
}

// IsIdle tells whether nothing is left to remember of the operator.
func (p Pool) IsIdle() bool {
	return p.Position().IsZero() && p.Unpaid().IsZero() && p.Score == 0 && p.Waiting == 0
}

// Total is the ledger in the terms of its arithmetic.
func (l Ledger) Total() points.Total {
	return points.Total{Period: l.Period, Start: l.Start.UnixMilli(), Until: l.CountedUntil.UnixMilli(), Points: l.Points, Weight: l.Weight}
}

// SetTotal replaces the running total.
func (l *Ledger) SetTotal(t points.Total) {
	l.Period, l.Start, l.CountedUntil, l.Points, l.Weight = t.Period, At(t.Start), At(t.Until), t.Points, t.Weight
}

// NewPeriod makes the record of a closed period.
func NewPeriod(p points.Period) Period {
	return Period{Number: p.Number, Start: At(p.Start), End: At(p.End), TotalPoints: p.Points}
}

// Period is the record in the terms of its arithmetic.
func (p Period) Period() points.Period {
	return points.Period{Number: p.Number, Start: p.Start.UnixMilli(), End: p.End.UnixMilli(), Points: p.TotalPoints}
}

// NewSegment makes the record of an operator's segment.
func NewSegment(operator string, s points.Segment) Segment {
	return Segment{Operator: operator, Period: s.Period, Points: s.Points, Since: At(s.Since), Weight: s.Weight}
}

// Segment is the record in the terms of its arithmetic.
func (s Segment) Segment() points.Segment {
	return points.Segment{Period: s.Period, Points: s.Points, Since: s.Since.UnixMilli(), Weight: s.Weight}
}

// At is the time of a number of milliseconds.
func At(milliseconds int64) time.Time {
	return time.UnixMilli(milliseconds).UTC()
}
