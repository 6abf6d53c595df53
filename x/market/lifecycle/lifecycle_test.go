package lifecycle_test

import (
	"os"
	"testing"

	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/assaychain/assay/x/market/lifecycle"
	"github.com/assaychain/assay/x/market/relays"
)

func TestClosedAcceptsNothing(t *testing.T) {
	for _, event := range lifecycle.Events() {
		_, err := lifecycle.Next(lifecycle.Closed, event)
		require.ErrorIs(t, err, lifecycle.ErrRefused, event.String())
	}
}

func TestTableIsAFunctionAndComplete(t *testing.T) {
	type key struct {
		from  lifecycle.State
		event lifecycle.Event
	}
	seen := map[key]bool{}
	events := map[lifecycle.Event]bool{}
	for _, line := range lifecycle.Table() {
		k := key{line.From, line.Event}
		require.False(t, seen[k], "%s %s twice", line.From, line.Event)
		seen[k], events[line.Event] = true, true
		require.Equal(t, line.To == lifecycle.Closed, line.Reason != lifecycle.NotClosed, "%s %s", line.From, line.Event)
		require.Equal(t, line.Failure != lifecycle.NoFailure, (line.From != lifecycle.Open && line.To == lifecycle.Open) || line.Event == lifecycle.PassOn)
		if line.Offence != lifecycle.NoOffence {
			require.True(t, line.From.HoldsExposure(), "an offence needs a worker: %s %s", line.From, line.Event)
		}
	}
	for _, event := range lifecycle.Events() {
		require.True(t, events[event], "%s is in no line", event)
	}
}

// Nobody's silence keeps a job open: from every state the chain and the beacon alone lead to CLOSED.
func TestEveryStateClosesWithoutUsers(t *testing.T) {
	closes := map[lifecycle.State]bool{lifecycle.Closed: true}
	for range lifecycle.States() {
		for _, line := range lifecycle.Table() {
			if closes[line.To] && (line.By == lifecycle.ByChain || line.By == lifecycle.ByBeacon) {
				closes[line.From] = true
			}
		}
	}
	for _, state := range lifecycle.States() {
		require.True(t, closes[state], state.String())
	}
}

// Any walk that asks Resume whenever it is open, and isn't given a new beacon for ever, ends in CLOSED.
func TestEveryWalkEnds(t *testing.T) {
	table := lifecycle.Table()
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.Uint32Range(1, 10).Draw(t, "max attempts")
		progress := lifecycle.Progress{MaxAttempts: limit, Remaining: 1_000, Window: 10}
		state, refixed, disputed, steps := lifecycle.Open, 0, 0, 0
		var resumes lifecycle.State
		claims, draws, relayed := 0, 0, lifecycle.Relayed{}
		replicated, standing, narrowed := rapid.Bool().Draw(t, "replicated"), 0, 0
		for state != lifecycle.Closed {
			if steps++; steps > 400 {
				t.Fatalf("still %s after %d steps", state, steps)
			}
			var choices []lifecycle.Transition
			for _, line := range table {
				usable := line.From == state && (line.Event != lifecycle.Refix && line.Event != lifecycle.Reinforce || refixed < 5)
				usable = usable && (line.Event != lifecycle.Dispute || disputed < 5)
				// A dispute leads back to where it began.
				usable = usable && (line.From != lifecycle.Answered || line.To == lifecycle.Open || line.To == resumes)
				switch line.Event {
				case lifecycle.PassOn:
					usable = usable && replicated && standing > 1
				case lifecycle.Diverge:
					usable = usable && standing > 1
				case lifecycle.Narrow:
					usable = usable && narrowed < 4
				case lifecycle.Audit:
					usable = usable && refixed < 5
				case lifecycle.ClaimRelayed:
					usable = usable && claims < relays.MaxClaims && !replicated
				case lifecycle.DrawRelays, lifecycle.LackRelays, lifecycle.LoseRelays:
					usable = usable && line.Event == relayed.Drawn()
				case lifecycle.Redraw, lifecycle.MissDelivery:
					usable = usable && (state != lifecycle.Relaying || line.Event == relayed.Missed())
				}
				if state == lifecycle.Open && usable {
					next := lifecycle.Resume(progress)
					usable = line.Event == next || line.Event == lifecycle.Cancel || (next == 0 && (line.Event == lifecycle.Recruit) == replicated &&
						(line.Event == lifecycle.Assign || line.Event == lifecycle.Recruit))
				}
				if usable {
					choices = append(choices, line)
				}
			}
			line := rapid.SampledFrom(choices).Draw(t, "event")
			switch line.Event {
			case lifecycle.Assign:
				progress.Attempts++
			case lifecycle.Recruit:
				progress.Attempts, standing = progress.Attempts+1, 5
			case lifecycle.Reinforce:
				refixed++ // As bounded as the other: a round looks for others once for each of its operators.
			case lifecycle.Diverge, lifecycle.PassOn:
				// Somebody is out of the job, or the results would not differ.
				standing, narrowed = standing-1, 0
			case lifecycle.Narrow:
				narrowed++
			case lifecycle.ReportInputs:
				progress.Reports++
			case lifecycle.Refix, lifecycle.Audit:
				refixed++ // A job has a few auditors at most.
			case lifecycle.Dispute:
				disputed++
				resumes = state
			case lifecycle.ClaimRelayed:
				claims, draws, relayed.Redrawn = claims+1, draws+1, false
			case lifecycle.Redraw:
				draws, relayed.Redrawn = draws+1, true
			}
			if line.Failure != lifecycle.NoFailure {
				disputed = 0
			}
			state = line.To
			relayed.Found, relayed.Threshold = rapid.Uint32Range(0, 3).Draw(t, "found"), 2
		}
		if progress.Attempts > limit+lifecycle.ReportsToClose {
			t.Fatalf("%d attempts of %d", progress.Attempts, limit)
		}
		if draws > relays.MaxDraws {
			t.Fatalf("%d draws of relays", draws)
		}
	})
}

func TestResume(t *testing.T) {
	ok := lifecycle.Progress{Attempts: 1, MaxAttempts: 3, Remaining: 10, Window: 10}
	require.Equal(t, lifecycle.Event(0), lifecycle.Resume(ok))
	late := ok
	late.Remaining = 9
	require.Equal(t, lifecycle.Expire, lifecycle.Resume(late))
	spent := ok
	spent.Attempts, spent.Reports = 4, 1
	require.Equal(t, lifecycle.Exhaust, lifecycle.Resume(spent))
	spent.Attempts = 3
	require.Equal(t, lifecycle.Event(0), lifecycle.Resume(spent), "an attempt that ended with a report does not count")
	spent.Reports = 2
	require.Equal(t, lifecycle.GiveUp, lifecycle.Resume(spent))
}

func TestHoldings(t *testing.T) {
	for _, line := range lifecycle.Table() {
		assigns := line.Event == lifecycle.Assign || line.Event == lifecycle.Recruit
		takes := !line.From.HoldsLane() && line.To.HoldsLane()
		require.Equal(t, assigns, takes, "only an assignment takes a lane: %s", line.Event)
		locks := !line.From.HoldsExposure() && line.To.HoldsExposure()
		require.Equal(t, assigns, locks, "only an assignment locks bond: %s", line.Event)
		if line.To == lifecycle.Closed || line.To == lifecycle.Open {
			require.Equal(t, line.From.HoldsLane(), line.FreesLane())
			require.Equal(t, line.From.HoldsExposure(), line.FreesExposure())
		}
	}
}

func TestMoneyIsConserved(t *testing.T) {
	amount := rapid.Custom(func(t *rapid.T) math.Int { return math.NewIntFromUint64(rapid.Uint64().Draw(t, "amount")) })
	rapid.Check(t, func(t *rapid.T) {
		d := lifecycle.Deposit{
			MaxPrice: amount.Draw(t, "max"), ClaimFee: amount.Draw(t, "claim"),
			Price: amount.Draw(t, "price"), UnavailableFee: amount.Draw(t, "fee"),
		}
		reason := rapid.SampledFrom(lifecycle.Reasons()).Draw(t, "reason")
		if rapid.Bool().Draw(t, "relayed") {
			d.RelayFees, d.Unearned = amount.Draw(t, "relays"), amount.Draw(t, "unearned")
			d.ClaimFee = d.ClaimFee.Add(d.RelayFees).Add(d.Unearned)
		}
		if rapid.Bool().Draw(t, "late") {
			d.Late = amount.Draw(t, "lost by lateness")
		}
		s := lifecycle.Outcome(reason, d)
		onTime := d
		onTime.Late = math.Int{}
		if whole := lifecycle.Outcome(reason, onTime); !whole.Price.Equal(s.Price.Add(s.Rebate)) || !s.Refund.Equal(whole.Refund.Add(s.Rebate)) {
			t.Fatalf("%s: lateness moves more than the rebate: %+v, on time %+v", reason, s, whole)
		}
		for _, part := range []math.Int{s.Price, s.Fee, s.Report, s.Relays, s.Refund, s.Rebate} {
			if part.IsNegative() {
				t.Fatalf("%s: negative part in %+v", reason, s)
			}
		}
		sum := s.Price.Add(s.Fee).Add(s.Relays).Add(s.Report.MulRaw(lifecycle.ReportsToClose)).Add(s.Refund)
		if !sum.Equal(d.MaxPrice.Add(d.ClaimFee)) {
			t.Fatalf("%s: %+v of %+v", reason, s, d)
		}
		if reason != lifecycle.Settled && s.Price.Add(s.Fee).IsPositive() {
			t.Fatalf("%s pays the worker", reason)
		}
	})
}

// What a state holds rises along the way to the proofs, and a dispute holds all that the proven result does.
func TestWhatStatesHold(t *testing.T) {
	for _, s := range lifecycle.States() {
		require.True(t, !s.HoldsProofs() || s.HoldsSeed(), s.String())
		require.True(t, !s.HoldsSeed() || s.HoldsCommitment(), s.String())
		require.True(t, !s.HoldsCommitment() || s.HoldsExposure(), s.String())
		require.True(t, !s.HoldsDispute() || s.HoldsProofs(), s.String())
		require.True(t, !s.HoldsLane() || s.HoldsExposure(), s.String())
		require.Equal(t, s != lifecycle.Closed, s.HoldsEscrow(), s.String())
		_, err := lifecycle.Next(s, lifecycle.Dispute)
		require.Equal(t, s.Disputable(), err == nil, s.String())
	}
	for _, line := range lifecycle.Table() {
		opens, ends := !line.From.HoldsDispute() && line.To.HoldsDispute(), line.From.HoldsDispute() && !line.To.HoldsDispute()
		require.Equal(t, line.Event == lifecycle.Dispute, opens, "only a dispute opens one: %s", line.Event)
		require.True(t, !ends || line.To == lifecycle.Open || line.To.Disputable(), "%s leads back, or to another attempt", line.Event)
	}
}

func TestNames(t *testing.T) {
	for _, s := range lifecycle.States() {
		require.NotEqual(t, "UNKNOWN", s.String())
	}
	for _, e := range lifecycle.Events() {
		require.NotEqual(t, "unknown", e.String())
	}
	require.Equal(t, "UNKNOWN", lifecycle.State(77).String())
	require.Equal(t, "UNKNOWN", lifecycle.State(0).String())
	require.Equal(t, "unknown", lifecycle.Event(0).String())
}

// The specification's tables are the ones that run.
func TestReadmeTables(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	require.Contains(t, string(readme), lifecycle.Markdown())
	require.Contains(t, string(readme), lifecycle.MoneyMarkdown())
}
