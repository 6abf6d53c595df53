package lifecycle_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"cosmossdk.io/math"

	"github.com/assaychain/assay/x/market/lifecycle"
)

func TestBonds(t *testing.T) {
	terms := lifecycle.BondTerms{Min: math.NewInt(500), PriceBps: 2_000}
	for _, c := range []struct {
		number      uint32
		price, want int64
	}{
		{1, 0, 500}, {1, 2_500, 500}, {1, 2_501, 501}, {2, 2_501, 1_002}, {3, 10_000, 8_000}, {16, 10_000, 2_000 << 15}, {17, 10_000, 2_000 << 15},
	} {
		require.EqualValues(t, c.want, lifecycle.Bond(c.number, math.NewInt(c.price), terms).Int64(), "%+v", c)
	}
}

// A lost bond goes to worker and pool to the unit, and a worker who loses all disputes to itself pays at least what WornOutBps says.
func TestLosingDisputesToOneselfCosts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		price := math.NewIntFromUint64(rapid.Uint64().Draw(t, "price"))
		terms := lifecycle.BondTerms{
			Min: math.NewInt(rapid.Int64Range(1, 1<<40).Draw(t, "min")), PriceBps: rapid.Uint32Range(0, 1_000_000).Draw(t, "price bps"),
		}
		workerBps := rapid.Uint32Range(0, 10_000).Draw(t, "worker bps")
		limit := rapid.Uint32Range(1, lifecycle.MaxDisputesLimit).Draw(t, "max disputes")
		cost, last := math.ZeroInt(), math.ZeroInt()
		for number := uint32(1); number <= limit; number++ {
			bond := lifecycle.Bond(number, price, terms)
			if bond.LT(terms.Min) || !bond.GTE(last.MulRaw(2)) {
				t.Fatalf("dispute %d: %s after %s", number, bond, last)
			}
			last = bond
			toWorker, toPool := lifecycle.Forfeit(bond, workerBps)
			if toWorker.IsNegative() || toPool.IsNegative() || !toWorker.Add(toPool).Equal(bond) {
				t.Fatalf("%s + %s of %s", toWorker, toPool, bond)
			}
			cost = cost.Add(toPool)
		}
		least := price.Mul(math.NewIntFromUint64(lifecycle.WornOutBps(limit, terms.PriceBps, workerBps))).QuoRaw(10_000)
		if cost.LT(least) {
			t.Fatalf("%s of a price of %s: at least %s", cost, price, least)
		}
	})
}

func TestRest(t *testing.T) {
	require.EqualValues(t, 70, lifecycle.Rest(70, 30))
	require.EqualValues(t, 30, lifecycle.Rest(0, 30))
}
