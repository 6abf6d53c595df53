// Package schedule decides which beacon round seeds a challenge. It is pure: no clock, no state, no SDK.
package schedule

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/assaychain/assay/x/beacon/drand"
)

// ErrTime marks a moment no round can be fixed from.
var ErrTime = errors.New("no beacon round can be fixed")

// Next returns the round to fix at a block: the first one due at least minDelay seconds after both the block's time and
// the latest round that is known to exist.
//
// Nobody may know the round when it is fixed. Block time can trail the clock; minDelay covers the drift. A round already
// posted proves that its time has passed, whatever the block's time says, so it moves the earliest moment on.
func Next(chain drand.Chain, blockTime time.Time, minDelay, latest uint64) (uint64, error) {
	known, err := knownMoment(chain, blockTime, latest)
	if err != nil {
		return 0, err
	}
	if minDelay > math.MaxInt64 || known > math.MaxInt64-int64(minDelay) {
		return 0, fmt.Errorf("%w: %d seconds after Unix time %d is beyond the calendar", ErrTime, minDelay, known)
	}
	round := chain.RoundAfter(known + int64(minDelay) - 1)
	if _, err := chain.TimeOf(round); err != nil {
		return 0, err
	}
	return max(round, latest+1), nil
}

// knownMoment returns the later of the block's time, rounded up to a whole second, and the time of the latest posted round.
func knownMoment(chain drand.Chain, blockTime time.Time, latest uint64) (int64, error) {
	moment := blockTime.Unix()
	if blockTime.Nanosecond() > 0 {
		moment++
	}
	if moment <= 0 {
		return 0, fmt.Errorf("%w: block time %s is not after 1970", ErrTime, blockTime.UTC().Format(time.RFC3339))
	}
	if latest == 0 {
		return moment, nil
	}
	published, err := chain.TimeOf(latest)
	if err != nil {
		return 0, err
	}
	return max(moment, published), nil
}
