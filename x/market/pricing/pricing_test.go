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

// With all factors one it is the quote; otherwise never below half of that nor below the exact product, less than a unit above the
// greater of both, and rising in everything.
func TestJobPrices(t *testing.T) {
	// Round factors take a short way, others a long one.
	bps := rapid.OneOf(rapid.Uint32Range(0, 100_000), rapid.SampledFrom([]uint32{9_000, 10_000, 12_500, 30_000, 1<<32 - 2}))
	one := pricing.Factors{Tier: 10_000, Capability: 10_000, Demand: 10_000, Day: 10_000}
	rapid.Check(t, func(t *rapid.T) {
		work := rapid.Uint64Range(1, 1<<40).Draw(t, "work")
		// Small and large products take different ways.
		most := rapid.SampledFrom([]uint64{1e4, 1e9, 1e18}).Draw(t, "most")
		per, floor := math.NewIntFromUint64(rapid.Uint64Range(0, most).Draw(t, "per giga")), math.NewIntFromUint64(rapid.Uint64Range(1, 1e6).Draw(t, "floor"))
		if plain := pricing.Job(work, per, floor, one); !plain.Equal(pricing.Quote(work, per, floor)) {
			t.Fatalf("%s without factors", plain)
		}
		f := pricing.Factors{Tier: bps.Draw(t, "tier"), Capability: bps.Draw(t, "capability"), Demand: bps.Draw(t, "demand"), Day: bps.Draw(t, "day")}
		got, base := pricing.Job(work, per, floor, f), per.Mul(math.NewIntFromUint64(work))
		product := base
		for _, factor := range []uint32{f.Tier, f.Capability, f.Demand, f.Day} {
			product = product.Mul(math.NewIntFromUint64(uint64(factor)))
		}
		whole := math.NewIntWithDecimal(1, 25)
		enough := func(x math.Int) bool {
			return x.GTE(floor) && x.MulRaw(2*pricing.Giga).GTE(base) && x.Mul(whole).GTE(product)
		}
		if !enough(got) || enough(got.SubRaw(1)) {
			t.Fatalf("%s is not the least that is enough", got)
		}
		for name, more := range map[string]pricing.Factors{
			"tier": {f.Tier + 1, f.Capability, f.Demand, f.Day}, "capability": {f.Tier, f.Capability + 1, f.Demand, f.Day},
			"demand": {f.Tier, f.Capability, f.Demand + 1, f.Day}, "day": {f.Tier, f.Capability, f.Demand, f.Day + 1},
		} {
			if pricing.Job(work, per, floor, more).LT(got) {
				t.Fatalf("more %s for less than %s", name, got)
			}
		}
		if pricing.Job(work+1, per, floor, f).LT(got) {
			t.Fatalf("more work for less than %s", got)
		}
	})
	price := func(f pricing.Factors) int64 {
		return pricing.Job(pricing.Giga, math.NewInt(1_000), math.OneInt(), f).Int64()
	}
	for tier, want := range map[uint32]int64{7_000: 700, 10_000: 1_000, 20_000: 2_000, 30_000: 3_000, 1: 500} {
		f := one
		f.Tier = tier
		require.EqualValues(t, want, price(f), tier)
	}
	require.EqualValues(t, 6_188, price(pricing.Factors{Tier: 30_000, Capability: 12_500, Demand: 15_000, Day: 11_000}))
	require.EqualValues(t, 500, price(pricing.Factors{Tier: 7_000, Capability: 7_500, Demand: 10_000, Day: 9_000}))
	require.EqualValues(t, 500, price(pricing.Factors{}))
}

// A doubling is an eighth, within a quarter; the factor never falls, and depends on the ratio alone where both are doubled.
func TestThroughputIsWorthAQuarterAtMost(t *testing.T) {
	for throughput, want := range map[uint64]uint32{
		0: 10_000, 1: 7_500, 17_500: 7_500, 35_000: 8_750, 70_000: 10_000, 105_000: 10_668, 140_000: 11_250, 280_000: 12_500, 1 << 60: 12_500,
	} {
		require.InDelta(t, want, pricing.Throughput(throughput, 70_000), 60, throughput)
	}
	require.EqualValues(t, 10_000, pricing.Throughput(5, 0))
	rapid.Check(t, func(t *rapid.T) {
		a, reference := rapid.Uint64Range(1, 1<<60).Draw(t, "throughput"), rapid.Uint64Range(1, 1<<60).Draw(t, "reference")
		got := pricing.Throughput(a, reference)
		if got < 7_500 || got > 12_500 || pricing.Throughput(a+1, reference) < got || pricing.Throughput(a, reference+1) > got {
			t.Fatalf("%d", got)
		}
		if pricing.Throughput(2*a, 2*reference) != got || pricing.Throughput(a, a) != 10_000 {
			t.Fatalf("%d depends on more than the ratio", got)
		}
	})
}

// TestExposureIsExact compares with the definition, for amounts of more than 64 bits as well.
func TestExposureIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		price := math.NewIntFromUint64(rapid.Uint64().Draw(t, "price")).MulRaw(rapid.Int64Range(0, 1<<20).Draw(t, "times"))
		bps := rapid.Uint32().Draw(t, "bps")
		whole, got := price.MulRaw(int64(bps)), pricing.Exposure(price, bps).MulRaw(pricing.BasisPoints)
		if got.LT(whole) || got.SubRaw(pricing.BasisPoints).GTE(whole) {
			t.Fatalf("%s of %s at %d", got, price, bps)
		}
	})
}
