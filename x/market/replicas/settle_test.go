package replicas_test

import (
	"testing"

	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/assaychain/assay/x/market/pricing"
	"github.com/assaychain/assay/x/market/replicas"
)

func TestSettle(t *testing.T) {
	promise, made := pricing.Promised(60_000, 5_000, 5_000)
	require.True(t, made)
	part := func(price int64, took uint64) replicas.Part {
		return replicas.Part{Price: math.NewInt(price), Took: took}
	}
	paid, back := replicas.Settle(promise, []replicas.Part{part(10_000, 30_000), part(10_000, 45_000), part(333, 90_000)})
	require.Equal(t, "[10000 7500 166]", fmtInts(paid))
	require.EqualValues(t, 2_500+167, back.Int64())
	paid, back = replicas.Settle(pricing.Promise{}, []replicas.Part{part(10_000, 90_000)})
	require.Equal(t, "[10000]", fmtInts(paid))
	require.True(t, back.IsZero(), "nothing was promised")
	paid, back = replicas.Settle(promise, nil)
	require.Empty(t, paid)
	require.True(t, back.IsZero())
}

func fmtInts(list []math.Int) string {
	text := "["
	for i, n := range list {
		if i > 0 {
			text += " "
		}
		text += n.String()
	}
	return text + "]"
}

// drawParts are those of a job's operators.
func drawParts(t *rapid.T, window uint64) []replicas.Part {
	parts := make([]replicas.Part, rapid.IntRange(1, replicas.Max).Draw(t, "operators"))
	for i := range parts {
		parts[i] = replicas.Part{
			Price: math.NewIntFromUint64(rapid.Uint64Range(1, 1<<62).Draw(t, "price")), Took: rapid.Uint64Range(0, 2*window).Draw(t, "took"),
		}
	}
	return parts
}

// What operators get and what goes back is their prices, to the unit, and nobody gets less than what lateness may cost at most.
func TestSettlingConservesMoney(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		window := rapid.Uint64Range(1, 1<<45).Draw(t, "window")
		late := rapid.Uint32Range(1, 9_000).Draw(t, "late")
		promise, _ := pricing.Promised(window, rapid.Uint32Range(1, 9_999).Draw(t, "promised"), late)
		parts := drawParts(t, window)
		paid, back := replicas.Settle(promise, parts)
		sum, prices := back, math.ZeroInt()
		for i, part := range parts {
			sum, prices = sum.Add(paid[i]), prices.Add(part.Price)
			least := part.Price.MulRaw(int64(10_000 - late)).QuoRaw(10_000)
			if paid[i].GT(part.Price) || paid[i].LT(least) || paid[i].Equal(part.Price) != (part.Took <= promise.PromisedMs) {
				t.Fatalf("%s of %s after %d ms of %+v", paid[i], part.Price, part.Took, promise)
			}
		}
		if !sum.Equal(prices) || back.IsNegative() {
			t.Fatalf("%s paid and given back, of %s", sum, prices)
		}
	})
}

// Whatever some of the operators do, alone or together, nobody else gets more or less by it, and none of them more than by committing as early
// as it can: so no coalition has anything to win or to take.
func TestNoLatenessPaysOrHarmsAnother(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		window := rapid.Uint64Range(1, 1<<45).Draw(t, "window")
		promise, _ := pricing.Promised(window, rapid.Uint32Range(1, 9_999).Draw(t, "promised"), rapid.Uint32Range(1, 9_000).Draw(t, "late"))
		parts := drawParts(t, window)
		before, backBefore := replicas.Settle(promise, parts)
		lost := math.ZeroInt()
		coalition := make([]bool, len(parts))
		for i := range parts {
			if coalition[i] = rapid.Bool().Draw(t, "in the coalition"); coalition[i] {
				parts[i].Took += rapid.Uint64Range(0, 2*window).Draw(t, "later")
			}
		}
		after, back := replicas.Settle(promise, parts)
		for i := range parts {
			if !coalition[i] && !after[i].Equal(before[i]) {
				t.Fatalf("an outsider got %s, and gets %s", before[i], after[i])
			}
			if after[i].GT(before[i]) {
				t.Fatalf("%s earlier, %s later", before[i], after[i])
			}
			lost = lost.Add(before[i]).Sub(after[i])
		}
		if !back.Sub(backBefore).Equal(lost) {
			t.Fatalf("the customer gets %s more, the operators %s less", back.Sub(backBefore), lost)
		}
	})
}

// Each is settled as if it had the job alone, in whatever order they are.
func TestEachIsSettledAsAlone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		window := rapid.Uint64Range(1, 1<<45).Draw(t, "window")
		promise, _ := pricing.Promised(window, rapid.Uint32Range(1, 9_999).Draw(t, "promised"), rapid.Uint32Range(1, 9_000).Draw(t, "late"))
		parts := drawParts(t, window)
		_, all := replicas.Settle(promise, parts)
		shuffled := rapid.Permutation(parts).Draw(t, "order")
		paid, back := replicas.Settle(promise, shuffled)
		for i, part := range shuffled {
			if want := part.Price.Sub(promise.Rebate(part.Price, part.Took)); !paid[i].Equal(want) {
				t.Fatalf("%s with others, %s alone", paid[i], want)
			}
		}
		if !back.Equal(all) {
			t.Fatalf("%s goes back, and in another order %s", all, back)
		}
	})
}
