package pricing_test

import (
	"testing"

	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/assaychain/assay/x/market/pricing"
)

func TestQuote(t *testing.T) {
	floor := math.NewInt(100)
	for _, c := range []struct {
		work        uint64
		price, want int64
	}{
		{1, 1, 100}, {1_000_000_000, 101, 101}, {1_000_000_001, 101, 102}, {2_500_000_000, 1_000, 2_500}, {1 << 40, 0, 100},
	} {
		require.Equal(t, math.NewInt(c.want), pricing.Quote(c.work, math.NewInt(c.price), floor), "%+v", c)
	}
}

func TestQuoteAtTheLimits(t *testing.T) {
	top := math.NewIntWithDecimal(1, 18)
	require.Equal(t, "1099511627776000000000", pricing.Quote(1<<40, top, math.OneInt()).String())
}

// Never below the floor nor below the exact price, less than one unit above it, monotonic in work, and no cheaper in parts.
func TestQuoteProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		work := rapid.Uint64Range(2, 1<<40).Draw(t, "work")
		per := math.NewIntFromUint64(rapid.Uint64Range(0, 1e18).Draw(t, "per giga"))
		floor := math.NewIntFromUint64(rapid.Uint64Range(1, 1e12).Draw(t, "floor"))
		part := rapid.Uint64Range(1, work-1).Draw(t, "part")
		q := pricing.Quote(work, per, floor)
		exact := per.Mul(math.NewIntFromUint64(work))
		if q.LT(floor) || q.MulRaw(pricing.Giga).LT(exact) {
			t.Fatalf("%s is too little", q)
		}
		if q.GT(floor) && q.SubRaw(1).MulRaw(pricing.Giga).GTE(exact) {
			t.Fatalf("%s is too much", q)
		}
		if split := pricing.Quote(part, per, floor).Add(pricing.Quote(work-part, per, floor)); split.LT(q) {
			t.Fatalf("in parts %s, whole %s", split, q)
		}
		if pricing.Quote(work-1, per, floor).GT(q) {
			t.Fatalf("less work costs more than %s", q)
		}
	})
}

func TestExposureRoundsUp(t *testing.T) {
	require.Equal(t, math.NewInt(1), pricing.Exposure(math.NewInt(1), 1))
	require.Equal(t, math.NewInt(15), pricing.Exposure(math.NewInt(10), 15_000))
	require.True(t, pricing.Exposure(math.NewInt(10), 0).IsZero())
}

func TestWindows(t *testing.T) {
	require.EqualValues(t, 61_000, pricing.CommitWindow(1, 60, 30), "one multiply-accumulate rounds up to a second")
	require.EqualValues(t, 90_000, pricing.CommitWindow(1_000_000_000, 60, 30))
	require.EqualValues(t, 1000*(60+32_986), pricing.CommitWindow(1<<40, 60, 30))
	require.EqualValues(t, 80_000, pricing.ProofWindow(8, 40, 5))
}

// A byte that begins a KiB pays for all of it; the first bytes are free, and more bytes never cost less.
func TestFloorPaysForProofs(t *testing.T) {
	floor := func(size uint64) int64 { return pricing.Floor(math.NewInt(10_000), math.NewInt(500), size).Int64() }
	for size, want := range map[uint64]int64{
		0: 10_000, pricing.FreeProofBytes: 10_000, pricing.FreeProofBytes + 1: 10_500, pricing.FreeProofBytes + 1024: 10_500,
		pricing.FreeProofBytes + 1025: 11_000, 256 << 10: 10_000 + 240*500,
	} {
		require.Equal(t, want, floor(size), "%d bytes", size)
	}
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.Uint64Range(0, 1<<30).Draw(t, "size")
		if floor(size) > floor(size+1) {
			t.Fatalf("%d bytes cost more than one more", size)
		}
	})
}

func TestProvingIsPricedBeyondWhatIsFree(t *testing.T) {
	proving := func(millis uint64) int64 { return pricing.Proving(math.NewInt(200), millis).Int64() }
	for millis, want := range map[uint64]int64{
		0: 0, pricing.FreeProvingMillis: 0, pricing.FreeProvingMillis + 1: 200, pricing.FreeProvingMillis + 1_000: 200,
		pricing.FreeProvingMillis + 1_001: 400, 64 * 700: 41 * 200,
	} {
		require.Equal(t, want, proving(millis), millis)
	}
}

// With both factors one it is the quote; otherwise never below half of that nor below the exact product, less than a unit above the
// greater of both, and rising in everything.
func TestJobPrices(t *testing.T) {
	bps := rapid.Uint32Range(1, 100_000)
	rapid.Check(t, func(t *rapid.T) {
		work := rapid.Uint64Range(1, 1<<40).Draw(t, "work")
		// Small and large products take different ways.
		most := rapid.SampledFrom([]uint64{1e4, 1e9, 1e18}).Draw(t, "most")
		per, floor := math.NewIntFromUint64(rapid.Uint64Range(0, most).Draw(t, "per giga")), math.NewIntFromUint64(rapid.Uint64Range(1, 1e6).Draw(t, "floor"))
		if plain := pricing.Job(work, per, floor, 10_000, 10_000); !plain.Equal(pricing.Quote(work, per, floor)) {
			t.Fatalf("%s without factors", plain)
		}
		tier, demand := bps.Draw(t, "tier"), bps.Draw(t, "demand")
		got, base := pricing.Job(work, per, floor, tier, demand), per.Mul(math.NewIntFromUint64(work))
		whole := math.NewIntWithDecimal(1, 17)
		product := base.Mul(math.NewIntFromUint64(uint64(tier) * uint64(demand)))
		enough := func(x math.Int) bool {
			return x.GTE(floor) && x.MulRaw(2*pricing.Giga).GTE(base) && x.Mul(whole).GTE(product)
		}
		if !enough(got) || enough(got.SubRaw(1)) {
			t.Fatalf("%s is not the least that is enough", got)
		}
		if pricing.Job(work, per, floor, tier+1, demand).LT(got) || pricing.Job(work, per, floor, tier, demand+1).LT(got) || pricing.Job(work+1, per, floor, tier, demand).LT(got) {
			t.Fatalf("more for less than %s", got)
		}
	})
	for tier, want := range map[uint32]int64{7_000: 700, 10_000: 1_000, 20_000: 2_000, 30_000: 3_000, 1: 500} {
		require.EqualValues(t, want, pricing.Job(pricing.Giga, math.NewInt(1_000), math.OneInt(), tier, 10_000).Int64(), tier)
	}
	require.EqualValues(t, 4_500, pricing.Job(pricing.Giga, math.NewInt(1_000), math.OneInt(), 30_000, 15_000).Int64())
}
