package pricing_test

import (
	"testing"

	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/assaychain/assay/x/market/pricing"
)

func TestHourly(t *testing.T) {
	one := pricing.Factors{Tier: 10_000, Capability: 10_000, Demand: 10_000, Day: 10_000}
	for _, c := range []struct {
		base int64
		f    pricing.Factors
		want int64
	}{
		{1_000, one, 1_000},
		{1_000, pricing.Factors{Tier: 30_000, Capability: 12_500, Demand: 15_000, Day: 11_000}, 6_188},
		{1_000, pricing.Factors{Tier: 7_000, Capability: 7_500, Demand: 9_000, Day: 9_000}, 500},
		{1_001, pricing.Factors{Tier: 1, Capability: 1, Demand: 1, Day: 1}, 501},
		{0, one, 0},
	} {
		require.EqualValues(t, c.want, pricing.Hourly(math.NewInt(c.base), c.f).Int64(), "%+v", c)
	}
}

// Never below half of the base nor below the exact product, less than a unit above the greater of both, and rising in everything.
func TestHourlyProperties(t *testing.T) {
	bps := rapid.Uint32Range(1, 100_000)
	rapid.Check(t, func(t *rapid.T) {
		base := math.NewIntFromUint64(rapid.Uint64Range(0, 1e18).Draw(t, "base"))
		f := pricing.Factors{Tier: bps.Draw(t, "tier"), Capability: bps.Draw(t, "capability"), Demand: bps.Draw(t, "demand"), Day: bps.Draw(t, "day")}
		got := pricing.Hourly(base, f)
		product := base.Mul(math.NewIntFromUint64(uint64(f.Tier))).Mul(math.NewIntFromUint64(uint64(f.Capability))).
			Mul(math.NewIntFromUint64(uint64(f.Demand))).Mul(math.NewIntFromUint64(uint64(f.Day)))
		whole := math.NewIntWithDecimal(1, 16)
		if got.MulRaw(2).LT(base) || got.Mul(whole).LT(product) {
			t.Fatalf("%s is too little", got)
		}
		if less := got.SubRaw(1); got.IsPositive() && less.MulRaw(2).GTE(base) && less.Mul(whole).GTE(product) {
			t.Fatalf("%s is too much", got)
		}
		more := f
		more.Demand++
		if pricing.Hourly(base, more).LT(got) || pricing.Hourly(base.AddRaw(1), f).LT(got) {
			t.Fatalf("more for less than %s", got)
		}
	})
}

func TestCapabilityStaysWithinAQuarter(t *testing.T) {
	require.EqualValues(t, 10_000, pricing.Capability(24, 24))
	require.EqualValues(t, 12_500, pricing.Capability(1<<24, 24))
	require.EqualValues(t, 7_500, pricing.Capability(1, 24))
	require.EqualValues(t, 9_166, pricing.Capability(22, 24))
	require.EqualValues(t, 10_000, pricing.Capability(22, 0))
}

func TestDemand(t *testing.T) {
	require.EqualValues(t, 0, pricing.Utilisation(0, 0))
	require.EqualValues(t, 3_333, pricing.Utilisation(3, 1))
	require.EqualValues(t, 10_000, pricing.Utilisation(3, 4))
	require.EqualValues(t, 9_000, pricing.Demand(0, 9_000, 15_000))
	require.EqualValues(t, 12_000, pricing.Demand(5_000, 9_000, 15_000))
	require.EqualValues(t, 15_000, pricing.Demand(10_001, 9_000, 15_000))
}

// The mean over a window is what counting every second would give.
func TestDayIsTheMeanOfItsSeconds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var table [pricing.HoursADay]uint32
		for i := range table {
			table[i] = rapid.Uint32Range(1, 100_000).Draw(t, "hour")
		}
		start := rapid.Int64Range(0, 200_000).Draw(t, "start")
		length := rapid.Int64Range(1, 200_000).Draw(t, "length")
		sum := uint64(0)
		for at := start; at < start+length; at++ {
			sum += uint64(table[at%86_400/3_600])
		}
		want := uint32((sum + uint64(length) - 1) / uint64(length))
		got, err := pricing.Day(table, start, start+length)
		if err != nil || got != want {
			t.Fatalf("%d (%v), second by second %d", got, err, want)
		}
	})
	_, err := pricing.Day([pricing.HoursADay]uint32{}, 5, 5)
	require.ErrorIs(t, err, pricing.ErrSpan)
	_, err = pricing.Day([pricing.HoursADay]uint32{}, -1, 5)
	require.ErrorIs(t, err, pricing.ErrSpan)
}

// What is wanted is never below what is taken nor below a whole queue's part, never above all, and rises with both.
func TestWanted(t *testing.T) {
	require.EqualValues(t, 0, pricing.Queue(0, 0), "nothing waits")
	require.EqualValues(t, 10_000, pricing.Queue(1, 0), "nothing is offered")
	require.EqualValues(t, 3_333, pricing.Queue(1, 3))
	require.EqualValues(t, 10_000, pricing.Queue(4, 3))
	require.EqualValues(t, 7_500, pricing.Wanted(5_000, 5_000), "half is taken, and half of the rest waited for")
	bps := rapid.Uint32Range(0, 12_000)
	rapid.Check(t, func(t *rapid.T) {
		taken, queue := bps.Draw(t, "taken"), bps.Draw(t, "queue")
		got := pricing.Wanted(taken, queue)
		if got > 10_000 || got < min(taken, 10_000) || got < min(queue, 10_000) || pricing.Wanted(taken, 0) != min(taken, 10_000) || pricing.Wanted(0, queue) != min(queue, 10_000) {
			t.Fatalf("%d of %d and %d", got, taken, queue)
		}
		if pricing.Wanted(taken+1, queue) < got || pricing.Wanted(taken, queue+1) < got {
			t.Fatalf("less than %d for more", got)
		}
		waiting, supply := rapid.Uint64Range(0, 1<<40).Draw(t, "waiting"), rapid.Uint64Range(0, 1<<40).Draw(t, "supply")
		if part := pricing.Queue(waiting, supply); part > 10_000 || pricing.Queue(waiting+1, supply) < part || pricing.Queue(waiting, supply+1) > part {
			t.Fatalf("%d of %d waiting for %d", part, waiting, supply)
		}
	})
}
