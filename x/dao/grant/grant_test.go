package grant_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"cosmossdk.io/math"

	"github.com/assaychain/assay/x/dao/grant"
)

func TestVested(t *testing.T) {
	start := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	end, cliff := start.Add(10*time.Second), start.Add(4*time.Second)
	for _, c := range []struct {
		at    time.Duration
		cliff time.Time
		want  int64
	}{
		{-time.Hour, time.Time{}, 0}, {0, time.Time{}, 0}, {time.Second, time.Time{}, 100}, {1500 * time.Millisecond, time.Time{}, 150},
		{time.Nanosecond, time.Time{}, 0}, {10*time.Second - 1, time.Time{}, 1000}, {10 * time.Second, time.Time{}, 1001}, {time.Hour, time.Time{}, 1001},
		{4*time.Second - 1, cliff, 0}, {4 * time.Second, cliff, 400},
	} {
		require.EqualValues(t, c.want, grant.Vested(math.NewInt(1001), start, end, c.cliff, start.Add(c.at)).Int64(), "%+v", c)
	}
}

// TestVestedGrows: between nothing and all, never less than before, all of it at the end; claiming often pays what claiming
// once pays.
func TestVestedGrows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		total := math.NewInt(rapid.Int64Range(1, 1<<62).Draw(t, "total"))
		start := time.Unix(rapid.Int64Range(-1<<40, 1<<40).Draw(t, "start"), rapid.Int64Range(0, 999_999_999).Draw(t, "nanos"))
		length := time.Duration(rapid.Int64Range(1, 10*366*24*int64(time.Hour)).Draw(t, "length"))
		end := start.Add(length)
		claimed, last := math.ZeroInt(), math.ZeroInt()
		now := start.Add(-time.Second)
		for range 20 {
			now = now.Add(time.Duration(rapid.Int64Range(0, int64(length)/5+1).Draw(t, "step")))
			vested := grant.Vested(total, start, end, time.Time{}, now)
			require.True(t, vested.GTE(last) && vested.LTE(total))
			claimed, last = claimed.Add(vested.Sub(claimed)), vested
		}
		require.Equal(t, total.String(), grant.Vested(total, start, end, time.Time{}, end).String())
		require.Equal(t, last.String(), claimed.String())
	})
}
