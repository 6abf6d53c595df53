// Package clock counts active time: the time in which the chain made blocks. A halt stops the clock, so that every deadline
// counted in active time is extended by it.
package clock

import "time"

// Clock is a reading.
type Clock struct {
	// ActiveMs counts active milliseconds since genesis; it never falls.
	ActiveMs uint64
	// LastBlock is the time of the last block seen; zero before the first.
	LastBlock time.Time
}

// Advance moves the clock to a block's time. A gap counts at most maxGap; a block that is not later than the last one adds
// nothing. Milliseconds are taken from the times themselves, so that nothing is lost however the time is cut into blocks.
func Advance(c Clock, block time.Time, maxGap time.Duration) Clock {
	if c.LastBlock.IsZero() {
		return Clock{ActiveMs: c.ActiveMs, LastBlock: block}
	}
	if !block.After(c.LastBlock) {
		return c
	}
	gap := min(block.UnixMilli()-c.LastBlock.UnixMilli(), max(maxGap.Milliseconds(), 0))
	return Clock{ActiveMs: c.ActiveMs + uint64(gap), LastBlock: block}
}

// Seconds is a length of active time in milliseconds.
func Seconds(s uint64) uint64 { return s * 1000 }

// Until is the time left until a moment of the clock, 0 when it is over. Both are in active milliseconds.
func Until(now, moment uint64) time.Duration {
	if moment <= now {
		return 0
	}
	return time.Duration(moment-now) * time.Millisecond
}
