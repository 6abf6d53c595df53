// Package sentence holds the arithmetic of punishments: how what is slashed is divided, how long a term lasts, what is
// old enough to be forgotten. It is pure: it touches no state and reads no clock.
package sentence

import (
	"time"

	"cosmossdk.io/math"
)

const (
	// BasisPoints is one whole in basis points.
	BasisPoints = 10_000
	// MaxVictimBps bounds the victim's share: an operator that is its own victim loses at least half of what is slashed.
	MaxVictimBps = 5_000
)

// Division says what becomes of slashed stake; the parts add up to it exactly.
type Division struct {
	// Victim is the victim's part, rounded down.
	Victim math.Int
	// Burnt is the rest.
	Burnt math.Int
}

// Divide splits what was slashed: victimBps basis points for the victim, the rest to be burnt. victimBps above
// MaxVictimBps counts as MaxVictimBps. slashed is not negative.
func Divide(slashed math.Int, victimBps uint32) Division {
	share := int64(min(victimBps, MaxVictimBps))
	whole := slashed.QuoRaw(BasisPoints)
	rest := slashed.Sub(whole.MulRaw(BasisPoints))
	victim := whole.MulRaw(share).Add(rest.MulRaw(share).QuoRaw(BasisPoints))
	return Division{Victim: victim, Burnt: slashed.Sub(victim)}
}

// Until is the end of a term: now plus jail, or the end of a present term where that is later. present is the zero time
// for who is not jailed.
func Until(present, now time.Time, jail time.Duration) time.Time {
	until := now.Add(jail)
	if present.After(until) {
		return present
	}
	return until
}

// Expired tells whether a record made at a given time is older than the history.
func Expired(at, now time.Time, history time.Duration) bool {
	return !at.Add(history).After(now)
}
