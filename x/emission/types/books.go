package types

import (
	"time"

	"cosmossdk.io/math"

	"github.com/assaychain/assay/x/emission/schedule"
)

// NewProgress is the progress of a new chain.
func NewProgress() Progress {
	start := schedule.Start()
	return Progress{Carry: start.Carry, Minted: start.Minted}
}

// Plan is how far the plan has been carried out, as the arithmetic takes it.
func (p Progress) Plan() schedule.Progress {
	return schedule.Progress{Epoch: p.Epoch, Carry: p.Carry, Minted: p.Minted}
}

// SetPlan takes over what the arithmetic worked out.
func (p *Progress) SetPlan(next schedule.Progress) {
	p.Epoch, p.Carry, p.Minted = next.Epoch, next.Carry, next.Minted
}

// NewDues are nobody's.
func NewDues() Dues {
	return Dues{Operators: math.ZeroInt(), Validators: math.ZeroInt(), Treasury: math.ZeroInt()}
}

// Add books an epoch's parts.
func (d *Dues) Add(parts schedule.Parts) {
	d.Operators = d.Operators.Add(parts.Operators)
	d.Validators = d.Validators.Add(parts.Validators)
	d.Treasury = d.Treasury.Add(parts.Treasury)
}

// Sum is all that is due.
func (d Dues) Sum() math.Int { return d.Operators.Add(d.Validators).Add(d.Treasury) }

// NewTotals are those of a new chain.
func NewTotals() Totals {
	return Totals{Claimed: math.ZeroInt(), Validators: math.ZeroInt(), Treasury: math.ZeroInt()}
}

// Sum is all that has left.
func (t Totals) Sum() math.Int { return t.Claimed.Add(t.Validators).Add(t.Treasury) }

// Unclaimed is what is left of the pot.
func (p Period) Unclaimed() math.Int { return p.Pot.Sub(p.Claimed) }

// Expired tells whether the rest of the pot is the treasury's.
func (p Period) Expired(now time.Time) bool { return !now.Before(p.ExpiresAt) }

// Share is what the pot pays for points, rounded down; nothing once it has expired.
func (p Period) Share(points math.Int, now time.Time) math.Int {
	if p.Expired(now) || !points.IsPositive() || !p.TotalPoints.IsPositive() {
		return math.ZeroInt()
	}
	return schedule.Share(p.Pot, points, p.TotalPoints)
}
