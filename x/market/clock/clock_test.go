package clock_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/assaychain/assay/x/market/clock"
)

var start = time.Date(2026, 1, 2, 3, 4, 5, 678_901_234, time.UTC)

func TestFirstBlockStartsTheClock(t *testing.T) {
	c := clock.Advance(clock.Clock{ActiveMs: 7}, start, time.Minute)
	require.Equal(t, clock.Clock{ActiveMs: 7, LastBlock: start}, c)
}

func TestGapIsCut(t *testing.T) {
	c := clock.Clock{LastBlock: start}
	c = clock.Advance(c, start.Add(5*time.Second), time.Minute)
	require.EqualValues(t, 5_000, c.ActiveMs)
	c = clock.Advance(c, start.Add(3*time.Hour), time.Minute)
	require.EqualValues(t, 65_000, c.ActiveMs)
	c = clock.Advance(c, start.Add(3*time.Hour+time.Second), time.Minute)
	require.EqualValues(t, 66_000, c.ActiveMs, "a halt counts once")
}

// The clock never falls, never runs faster than time, and does not depend on how time is cut into blocks.
func TestMonotonicAndExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		steps := rapid.SliceOfN(rapid.Int64Range(-2e9, 90e9), 1, 40).Draw(t, "steps")
		c, now, latest := clock.Clock{LastBlock: start}, start, start
		long := false
		for _, step := range steps {
			now = now.Add(time.Duration(step))
			long = long || now.Sub(latest) > time.Minute
			next := clock.Advance(c, now, time.Minute)
			if next.ActiveMs < c.ActiveMs || next.LastBlock.Before(c.LastBlock) {
				t.Fatalf("fell from %v to %v", c, next)
			}
			if next.ActiveMs-c.ActiveMs > 60_000 {
				t.Fatalf("gap of %d ms counted", next.ActiveMs-c.ActiveMs)
			}
			if now.After(latest) {
				latest = now
			}
			c = next
		}
		if want := uint64(latest.UnixMilli() - start.UnixMilli()); c.ActiveMs > want || (!long && c.ActiveMs != want) {
			t.Fatalf("%d ms of %d", c.ActiveMs, want)
		}
	})
}

func TestUntil(t *testing.T) {
	require.Equal(t, 3*time.Second, clock.Until(clock.Seconds(2), clock.Seconds(5)))
	require.Zero(t, clock.Until(5, 5))
	require.Zero(t, clock.Until(6, 5))
}
