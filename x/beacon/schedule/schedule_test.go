package schedule_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/assaychain/assay/x/beacon/drand"
	"github.com/assaychain/assay/x/beacon/schedule"
)

// allowed is the rule written another way: due late enough after both moments, and not known yet.
func allowed(chain drand.Chain, block time.Time, delay, latest, round uint64) bool {
	due, err := chain.TimeOf(round)
	if err != nil {
		return false
	}
	if time.Unix(due, 0).Before(block.Add(time.Duration(delay) * time.Second)) {
		return false
	}
	if latest == 0 {
		return true
	}
	known, err := chain.TimeOf(latest)
	return err == nil && due >= known+int64(delay) && round > latest
}

func TestNextIsTheFirstAllowedRound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		chain := drand.Chain{
			Period:  rapid.Uint32Range(1, 100_000).Draw(t, "period"),
			Genesis: rapid.Int64Range(1, 4_000_000_000).Draw(t, "genesis"),
		}
		block := time.Unix(rapid.Int64Range(1, 4_000_000_000).Draw(t, "unix"), rapid.Int64Range(0, 999_999_999).Draw(t, "nanosecond"))
		delay := rapid.Uint64Range(1, 100_000).Draw(t, "delay")
		latest := rapid.OneOf(rapid.Just(uint64(0)), rapid.Uint64Range(1, 1_000_000)).Draw(t, "latest")
		round, err := schedule.Next(chain, block, delay, latest)
		require.NoError(t, err)
		require.True(t, allowed(chain, block, delay, latest, round), "round %d is not allowed", round)
		if round > 1 {
			require.False(t, allowed(chain, block, delay, latest, round-1), "round %d is allowed already", round-1)
		}
	})
}

func TestNextRefusesWhatIsBeyondTheCalendar(t *testing.T) {
	chain := drand.Chain{Period: 3, Genesis: 1000}
	now := time.Unix(2000, 0)
	for name, call := range map[string]func() error{
		"no block time": func() error { _, err := schedule.Next(chain, time.Time{}, 1, 0); return err },
		"delay":         func() error { _, err := schedule.Next(chain, now, math.MaxUint64, 0); return err },
		"long delay":    func() error { _, err := schedule.Next(chain, now, math.MaxInt64-100, 0); return err },
		"latest":        func() error { _, err := schedule.Next(chain, now, 1, math.MaxUint64); return err },
		"no chain":      func() error { _, err := schedule.Next(drand.Chain{}, now, 1, 0); return err },
	} {
		require.Error(t, call(), name)
	}
}
