package pricing_test

import (
	"testing"

	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/assaychain/assay/x/market/pricing"
)

func TestRebates(t *testing.T) {
	p, ok := pricing.Promised(60_000, 5_000, 5_000)
	require.True(t, ok)
	require.Equal(t, pricing.Promise{PromisedMs: 30_000, WindowMs: 60_000, LateBps: 5_000}, p)
	for took, want := range map[uint64]int64{0: 0, 30_000: 0, 30_001: 1, 45_000: 2_500, 59_999: 5_000, 60_000: 5_000, 90_000: 5_000} {
		require.EqualValues(t, want, p.Rebate(math.NewInt(10_000), took).Int64(), "after %d ms", took)
	}
	require.True(t, pricing.Promise{}.Rebate(math.NewInt(10_000), 1).IsZero(), "no promise, no rebate")
	for _, none := range [][3]uint32{{60_000, 10_000, 5_000}, {60_000, 5_000, 0}, {0, 5_000, 5_000}} {
		_, ok := pricing.Promised(uint64(none[0]), none[1], none[2])
		require.False(t, ok, none)
	}
}

// A rebate is never negative nor above the late part of the price, rounded up, and so not above the price; it is the least that is on
// the line or above, rises with the time and with the price, and is nothing exactly where the promise is kept.
func TestRebateProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		window := rapid.Uint64Range(1, 1<<45).Draw(t, "window")
		share, late := rapid.Uint32Range(1, 9_999).Draw(t, "share"), rapid.Uint32Range(1, 10_000).Draw(t, "late")
		p, ok := pricing.Promised(window, share, late)
		if !ok || p.PromisedMs >= p.WindowMs {
			t.Fatalf("%+v, %t", p, ok)
		}
		price := math.NewIntFromUint64(rapid.Uint64Range(1, 1<<63).Draw(t, "price"))
		took := rapid.Uint64Range(0, 2*window).Draw(t, "took")
		got := p.Rebate(price, took)
		if got.IsNegative() || got.GT(price) || got.IsPositive() != (took > p.PromisedMs) {
			t.Fatalf("%s of %s after %d of %+v", got, price, took, p)
		}
		if over := took - min(took, p.PromisedMs); took <= p.WindowMs && over > 0 {
			line := price.MulRaw(int64(late)).Mul(math.NewIntFromUint64(over))
			unit := math.NewIntFromUint64(p.WindowMs - p.PromisedMs).MulRaw(10_000)
			if got.Mul(unit).LT(line) || got.SubRaw(1).Mul(unit).GTE(line) {
				t.Fatalf("%s is not the least above the line", got)
			}
		}
		if p.Rebate(price, took+1).LT(got) || p.Rebate(price.AddRaw(1), took).LT(got) {
			t.Fatalf("less than %s for more", got)
		}
		if kept, more := price.Sub(got), price.AddRaw(1).Sub(p.Rebate(price.AddRaw(1), took)); more.LT(kept) {
			t.Fatalf("a worker keeps %s of a higher price, %s of a lower", more, kept)
		}
	})
}
