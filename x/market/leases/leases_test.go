package leases_test

import (
	"os"
	"testing"

	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/assaychain/assay/x/market/leases"
)

func TestClosedAcceptsNothing(t *testing.T) {
	for _, event := range leases.Events() {
		_, err := leases.Next(leases.Closed, event)
		require.ErrorIs(t, err, leases.ErrRefused, event.String())
	}
}

func TestTableIsAFunctionAndComplete(t *testing.T) {
	type key struct {
		from  leases.State
		event leases.Event
	}
	seen, events, reasons := map[key]bool{}, map[leases.Event]bool{}, map[leases.Reason]bool{}
	for _, line := range leases.Table() {
		k := key{line.From, line.Event}
		require.False(t, seen[k], "%s %s twice", line.From, line.Event)
		seen[k], events[line.Event], reasons[line.Reason] = true, true, true
		require.Equal(t, line.To == leases.Closed, line.Reason != leases.NotClosed, "%s %s", line.From, line.Event)
		takes := !line.From.HoldsDevice() && line.To.HoldsDevice()
		require.Equal(t, line.Event == leases.Activate, takes, "only an activation takes the device: %s", line.Event)
		require.Equal(t, line.From.HoldsDevice() && line.To == leases.Closed, line.FreesDevice(), "%s %s", line.From, line.Event)
	}
	for _, event := range leases.Events() {
		require.True(t, events[event], "%s is in no line", event)
	}
	for _, reason := range leases.Reasons() {
		require.True(t, reasons[reason], "%s is in no line", reason)
	}
}

// Nobody's silence keeps a lease open: from every state the chain alone leads to CLOSED.
func TestEveryStateClosesWithoutUsers(t *testing.T) {
	closes := map[leases.State]bool{leases.Closed: true}
	for range leases.States() {
		for _, line := range leases.Table() {
			if closes[line.To] && line.By == leases.ByChain {
				closes[line.From] = true
			}
		}
	}
	for _, state := range leases.States() {
		require.True(t, closes[state], state.String())
	}
}

// An operator is punished only for what it could have avoided: it left, it didn't answer, or it couldn't hand the device over. A
// customer's word alone punishes nobody.
func TestNoWordOfTheOtherSidePunishes(t *testing.T) {
	for _, line := range leases.Table() {
		if line.Offence != leases.NoOffence {
			require.NotEqual(t, leases.ByCustomer, line.By, "%s %s", line.From, line.Event)
			require.NotEqual(t, leases.ByGateway, line.By, "%s %s", line.From, line.Event)
		}
	}
}

func TestNames(t *testing.T) {
	for _, s := range leases.States() {
		require.NotEqual(t, "UNKNOWN", s.String())
	}
	for _, e := range leases.Events() {
		require.NotEqual(t, "unknown", e.String())
	}
	require.Equal(t, "UNKNOWN", leases.State(77).String())
	require.Equal(t, "unknown", leases.Event(0).String())
	require.Equal(t, "UNKNOWN", leases.Reason(77).String())
	require.Equal(t, "UNKNOWN", leases.Offence(77).String())
}

func amounts(t *rapid.T, name string) math.Int {
	return math.NewIntFromUint64(rapid.Uint64().Draw(t, name))
}

func TestMoneyIsConserved(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := leases.Stakes{Balance: amounts(t, "balance"), BookingFee: amounts(t, "fee"), NoticePay: amounts(t, "notice")}
		reason := rapid.SampledFrom(leases.Reasons()).Draw(t, "reason")
		p := leases.Settle(reason, s)
		for _, part := range []math.Int{p.ToOperator, p.FromOperator, p.ToPool, p.Refund} {
			if part.IsNegative() {
				t.Fatalf("%s: negative part in %+v", reason, p)
			}
		}
		if in, out := s.Balance.Add(p.FromOperator), p.ToOperator.Add(p.ToPool).Add(p.Refund); !in.Equal(out) {
			t.Fatalf("%s: %s in, %s out", reason, in, out)
		}
		if p.ToOperator.IsPositive() && p.FromOperator.IsPositive() {
			t.Fatalf("%s: both sides pay", reason)
		}
	})
}

// TestNobodyGainsByLyingAboutAnOutage compares, over random rates, notices and times, what each side has of a lie with what it has of
// the truth. In units of rate × seconds.
func TestNobodyGainsByLyingAboutAnOutage(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rate := math.NewIntFromUint64(rapid.Uint64Range(1, 1e12).Draw(t, "rate"))
		notice := rapid.Uint64Range(1, 86_400).Draw(t, "notice")
		left := rapid.Uint64Range(0, 86_400).Draw(t, "seconds left")
		balance := amounts(t, "balance")
		given := min(notice, left)
		stakes := leases.Stakes{Balance: balance, BookingFee: math.ZeroInt(), NoticePay: leases.Cost(rate, given)}

		// The customer wants to leave. Truth: it gives notice, has the device for that time and pays for it. Lie: it complains, has nothing,
		// and closes. It must not have paid less.
		honest := math.MinInt(leases.Cost(rate, given), balance)
		lie := leases.Settle(leases.Disputed, stakes)
		if paid := balance.Sub(lie.Refund); paid.LT(honest) {
			t.Fatalf("a customer that lies pays %s, one that doesn't %s", paid, honest)
		}
		// And the operator must have nothing of a quarrel that it could provoke.
		if lie.ToOperator.IsPositive() {
			t.Fatalf("a quarrel pays the operator %s", lie.ToOperator)
		}
		// Whoever complains and stays pays for exactly the time in which it had the device.
		out := rapid.Uint64Range(0, left).Draw(t, "outage")
		had := left - out
		bill := leases.Bill{Sum: math.ZeroInt()}.Change(rate, 1_000, true).Change(rate, 1_000+int64(had)*1_000, false)
		if cost := leases.Cost(rate, had); bill.Total().GT(cost) || bill.Total().LT(cost.SubRaw(1)) {
			t.Fatalf("%s for %d seconds, which cost %s", bill.Total(), had, cost)
		}
		// An operator that leaves, or is silent, during an outage gets nothing for it either.
		for _, reason := range []leases.Reason{leases.Released, leases.Abandoned, leases.Unattested, leases.NoShow, leases.OperatorJailed} {
			if p := leases.Settle(reason, stakes); !p.Refund.Equal(balance) {
				t.Fatalf("%s: %s of %s comes back", reason, p.Refund, balance)
			}
		}
	})
}

func TestWindows(t *testing.T) {
	w := leases.Window{Start: 100, End: 200}
	for _, c := range []struct {
		start, end int64
		overlaps   bool
	}{{0, 100, false}, {0, 101, true}, {199, 300, true}, {200, 300, false}, {120, 130, true}, {50, 250, true}} {
		require.Equal(t, c.overlaps, w.Overlaps(leases.Window{Start: c.start, End: c.end}), "%+v", c)
	}
	require.EqualValues(t, 100, w.Seconds())
	require.Zero(t, leases.Window{Start: 5, End: 4}.Seconds())
}

// Many statements pay what one does, to the unit, whatever the rate: nothing is lost in a carry, nothing is made.
func TestAttestedTimeIsPaidExactly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rate := math.NewIntFromUint64(rapid.Uint64().Draw(t, "rate"))
		a, paid, total := leases.Attested{}, math.ZeroInt(), uint64(0)
		for _, step := range rapid.SliceOfN(rapid.Uint64Range(1, 1<<40), 1, 30).Draw(t, "steps") {
			total += step
			var due math.Int
			var err error
			if a, due, err = a.Advance(total, rate); err != nil {
				t.Fatal(err)
			}
			paid = paid.Add(due)
		}
		if want := rate.Mul(math.NewIntFromUint64(total)).QuoRaw(leases.Hour); !paid.Equal(want) {
			t.Fatalf("%s paid in parts, %s at once", paid, want)
		}
		if a.Carry >= leases.Hour {
			t.Fatalf("carry %d", a.Carry)
		}
		if _, _, err := a.Advance(total, rate); err == nil {
			t.Fatal("a statement was taken twice")
		}
	})
}

func TestStatementIsBoundToItsLease(t *testing.T) {
	require.Equal(t, "assay/lease/liveness/v1\x00\x00\x00\x03abc\x00\x00\x00\x00\x00\x00\x00\x07\x00\x00\x00\x00\x00\x00\x0e\x10",
		string(leases.Statement("abc", 7, 3600)))
	rapid.Check(t, func(t *rapid.T) {
		type statement struct {
			chain          string
			lease, seconds uint64
		}
		draw := func(name string) statement {
			return statement{rapid.StringN(0, 8, 20).Draw(t, name), rapid.Uint64().Draw(t, name), rapid.Uint64().Draw(t, name)}
		}
		a, b := draw("a"), draw("b")
		same := string(leases.Statement(a.chain, a.lease, a.seconds)) == string(leases.Statement(b.chain, b.lease, b.seconds))
		if same != (a == b) {
			t.Fatalf("%v and %v", a, b)
		}
	})
}

func TestBillCountsOnlyPaidTime(t *testing.T) {
	rate := math.NewInt(3_600_000)
	bill := leases.Bill{Sum: math.ZeroInt()}.Change(rate, 1_000, true).Change(rate, 4_000, false).Change(rate, 9_000, true).Change(rate.MulRaw(2), 9_500, false)
	require.EqualValues(t, 3_000+1_000, bill.Total().Int64())
	require.Zero(t, bill.From)
	require.EqualValues(t, 4_000, bill.Change(rate, 1, false).Total().Int64(), "time that doesn't run costs nothing")
}

func TestScaleRoundsUp(t *testing.T) {
	require.EqualValues(t, 420, leases.Scale(600, 7_000, 10_000))
	require.EqualValues(t, 2_572, leases.Scale(1_800, 10_000, 7_000))
	require.EqualValues(t, 1, leases.Scale(1, 1, 10_000))
	require.EqualValues(t, uint64(1<<64-1), leases.Scale(1<<63, 1<<63, 1))
}

func TestCostRoundsUp(t *testing.T) {
	require.EqualValues(t, 1, leases.Cost(math.NewInt(1), 1).Int64())
	require.EqualValues(t, 100, leases.Cost(math.NewInt(100), 3600).Int64())
	require.EqualValues(t, 101, leases.Cost(math.NewInt(100), 3601).Int64())
	require.True(t, leases.Cost(math.NewInt(100), 0).IsZero())
}

// The specification's tables are the ones that run.
func TestReadmeTables(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	require.Contains(t, string(readme), leases.Markdown())
	require.Contains(t, string(readme), leases.MoneyMarkdown())
}
