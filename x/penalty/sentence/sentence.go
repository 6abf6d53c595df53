// Package sentence holds the arithmetic of punishments: how much is slashed, how what is slashed is divided, how long a term
// lasts, what is old enough to be forgotten. It is pure: it touches no state and reads no clock.
package sentence

import (
	"time"

	"cosmossdk.io/math"
)

const (
	// BasisPoints is one whole in basis points.
	BasisPoints = 10_000
	// MaxShareBps bounds the victim's and the reporter's share together: an operator that is its own victim and reporter
	// loses at least half of what is slashed.
	MaxShareBps = 5_000
	// MaxCount bounds the count of repetitions, so that it lapses in a bounded time.
	MaxCount = 1_000
)

// Shares are the parts of victim and reporter in basis points.
type Shares struct {
	VictimBps, ReporterBps uint32
}

// Division says what becomes of slashed stake; the parts add up to it exactly.
type Division struct {
	// Victim is the victim's part, rounded down.
	Victim math.Int
	// Reporter is the reporter's part, rounded down.
	Reporter math.Int
	// Burnt is the rest.
	Burnt math.Int
}

// Divide splits what was slashed. Shares are parts of own, what the operator itself lost, because an operator whose backers
// bear most of a slash could otherwise gain by punishing itself; the rest is burnt. Shares above MaxShareBps together count
// as MaxShareBps, the victim's first. own above slashed counts as slashed. Neither is negative.
func Divide(slashed, own math.Int, shares Shares) Division {
	base := math.MinInt(own, slashed)
	victimBps := min(shares.VictimBps, MaxShareBps)
	reporterBps := min(shares.ReporterBps, MaxShareBps-victimBps)
	victim, reporter := part(base, victimBps), part(base, reporterBps)
	return Division{Victim: victim, Reporter: reporter, Burnt: slashed.Sub(victim).Sub(reporter)}
}

// part is bps basis points of a whole, rounded down; it can't overflow.
func part(amount math.Int, bps uint32) math.Int {
	whole := amount.QuoRaw(BasisPoints)
	rest := amount.Sub(whole.MulRaw(BasisPoints))
	return whole.MulRaw(int64(bps)).Add(rest.MulRaw(int64(bps)).QuoRaw(BasisPoints))
}

// Escalation is how the slashed fraction grows with repetition.
type Escalation struct {
	// BaseBps is slashed the first time, StepBps more each further time, never more than MaxBps.
	BaseBps, StepBps, MaxBps uint32
}

// Fraction is what is slashed the count-th time, in basis points; a count of 0 counts as 1.
func (e Escalation) Fraction(count uint32) uint32 {
	repetitions := uint64(max(count, 1) - 1)
	grown := uint64(e.BaseBps) + repetitions*uint64(e.StepBps)
	return uint32(min(grown, uint64(max(e.BaseBps, e.MaxBps)), BasisPoints))
}

// Tally counts offences. Each whole window since takes one off, so that there is no moment at which everything is forgotten
// at once, and conduct is judged alike however often it is looked at.
type Tally struct {
	Count uint32
	Since time.Time
}

// Decayed takes off what lapsed until now. A window of 0 forgets at once.
func (t Tally) Decayed(now time.Time, window time.Duration) Tally {
	if window <= 0 || t.Count == 0 {
		return Tally{Since: now}
	}
	elapsed := now.Sub(t.Since)
	if elapsed < window {
		return t
	}
	windows := elapsed / window
	if windows >= time.Duration(t.Count) {
		return Tally{Since: now}
	}
	return Tally{Count: t.Count - uint32(windows), Since: t.Since.Add(windows * window)}
}

// Added counts one more offence, after what lapsed.
func (t Tally) Added(now time.Time, window time.Duration) Tally {
	decayed := t.Decayed(now, window)
	decayed.Count = min(decayed.Count+1, MaxCount)
	return decayed
}

// Undone takes one offence off that was none.
func (t Tally) Undone() Tally {
	if t.Count > 0 {
		t.Count--
	}
	return t
}

// Lapses is the moment at which nothing counts any more.
func (t Tally) Lapses(window time.Duration) time.Time {
	return t.Since.Add(time.Duration(t.Count) * window)
}

// Tombstones tells whether the count-th offence is the last that is borne; after is 0 for never.
func Tombstones(count, after uint32) bool {
	return after > 0 && count >= after
}

// Until is the end of a term: now plus jail, or the end of a present term where that is later. present is the zero time
// for who is not jailed.
func Until(present, now time.Time, jail time.Duration) time.Time {
	return Later(present, now.Add(jail))
}

// Later is the later of two moments.
func Later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// Expired tells whether something settled at a given time is older than the history.
func Expired(at, now time.Time, history time.Duration) bool {
	return !at.Add(history).After(now)
}

// Floor is the youngest slot, in Unix seconds, about which evidence is too old now.
func Floor(now time.Time, seconds uint64) uint64 {
	present := max(now.Unix(), 0)
	if uint64(present) < seconds {
		return 0
	}
	return uint64(present) - seconds
}
