package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/offchain-worker/chain"
	"github.com/assaychain/assay/offchain-worker/device"
	"github.com/assaychain/assay/x/registry/qos"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// newHerald is one that sends to a test.
func newHerald(interval time.Duration, send func(messages []sdk.Msg) error) *herald {
	return &herald{
		interval: interval, rules: registrytypes.DefaultTelemetryRules(), sent: make(map[string]sentReport), log: slog.New(slog.DiscardHandler),
		count: func(bool) {}, send: func(_ context.Context, messages []sdk.Msg) error { return send(messages) },
	}
}

func at(celsius float64) device.Telemetry {
	telemetry := device.Unknown()
	telemetry.TemperatureC = celsius
	return telemetry
}

// TestReportsAreDue: at first, when the heat changes, and again and again only while a device is not cool; never sooner than the chain takes
// them, and a report that fails is not repeated at every look.
func TestReportsAreDue(t *testing.T) {
	h, start := newHerald(10*time.Minute, nil), time.Unix(1_000_000, 0)
	heat, due := h.due("a", at(50), start)
	require.True(t, due)
	require.Equal(t, qos.Normal, heat)
	check := func(sent sentReport, after time.Duration, celsius float64, want bool, why string) {
		t.Helper()
		sent.at = start
		h.sent["a"] = sent
		_, due := h.due("a", at(celsius), start.Add(after))
		require.Equal(t, want, due, why)
	}
	cool, warm := sentReport{}, sentReport{heat: qos.Warm}
	check(cool, time.Minute, 74.4, false, "cool")
	check(cool, 24*time.Hour, 50, false, "cool for a day")
	check(cool, time.Minute, 74.5, true, "warm")
	check(cool, 24*time.Second, 99, false, "too soon for the chain")
	check(cool, 25*time.Second, 99, true, "hot at once")
	check(cool, time.Hour, -1, false, "no temperature")
	check(cool, time.Hour, 151, false, "no temperature that can be")
	check(warm, time.Minute, 71, false, "still warm, until it is cooler by the band")
	check(warm, 10*time.Minute, 71, true, "still warm after the interval")
	check(warm, time.Minute, 69, true, "cool again")
	check(sentReport{heat: qos.Warm, failed: true}, time.Minute, 60, false, "it failed a moment ago")
	check(sentReport{heat: qos.Warm, failed: true}, time.Minute, 90, true, "hotter is worth another try")
	check(sentReport{failed: true}, 10*time.Minute, 50, true, "a failed one is tried again")
	_, due = newHerald(0, nil).due("a", at(90), start)
	require.False(t, due, "turned off")
}

// TestTheChainForgetsNoHotDevice: whatever is configured, a device that stays hot is reported again before the chain forgets it.
func TestTheChainForgetsNoHotDevice(t *testing.T) {
	start := time.Unix(1_000_000, 0)
	for keep, interval := range map[uint64]time.Duration{60: time.Minute, 600: 24 * time.Hour, 1_800: 24 * time.Hour} {
		h := newHerald(interval, nil)
		h.rules.KeepSeconds = keep
		h.sent["a"] = sentReport{at: start, heat: qos.Hot}
		for now := start; ; now = now.Add(watchInterval) {
			if _, due := h.due("a", at(90), now); due {
				break
			}
			require.Less(t, now.Sub(start), time.Duration(keep)*time.Second, "kept for %d s", keep)
		}
	}
}

// TestReportsGoTogether: all that are due in one transaction, or each alone where the chain refuses that. A failure that is not the chain's word
// is not repeated for each.
func TestReportsGoTogether(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	registered := []registrytypes.Device{{Operator: "o", Id: []byte("a")}, {Operator: "o", Id: []byte("b")}}
	due := []condition{{id: "a", telemetry: at(50)}, {id: "b", telemetry: at(90)}, {id: "elsewhere", telemetry: at(90)}}
	for name, c := range map[string]struct {
		together error
		sends    []int
		failed   []bool
	}{
		"taken":     {nil, []int{2}, []bool{false, false, true}},
		"refused":   {fmt.Errorf("%w: b is not right", chain.ErrRefused), []int{2, 1, 1}, []bool{false, true, true}},
		"no effect": {fmt.Errorf("it had %w", errNoEffect), []int{2, 1, 1}, []bool{false, true, true}},
		"no node":   {errors.New("connection refused"), []int{2}, []bool{true, true, true}},
	} {
		var sends []int
		h := newHerald(time.Minute, func(messages []sdk.Msg) error {
			sends = append(sends, len(messages))
			if len(messages) > 1 {
				return c.together
			}
			if string(messages[0].(*registrytypes.MsgReportTelemetry).Device) == "b" {
				return chain.ErrRefused
			}
			return nil
		})
		h.report(context.Background(), h.pair(due, registered, now), now)
		require.Equal(t, c.sends, sends, name)
		for i, id := range []string{"a", "b", "elsewhere"} {
			require.Equal(t, c.failed[i], h.sent[id].failed, "%s: %s", name, id)
		}
		require.Equal(t, qos.Hot, h.sent["b"].heat, name)
	}
}

// TestReportsAreWithinBounds: whatever a driver gives, the chain's bounds of form hold.
func TestReportsAreWithinBounds(t *testing.T) {
	record := registrytypes.Device{Operator: "o", Id: make([]byte, 32), MemoryMib: 1_000}
	report := reportOf(record, device.Telemetry{TemperatureC: 71.6, PowerW: 250.4, UtilisationPercent: 130, MemoryUsedMiB: 400, ClockMHz: 1, ECCErrors: 0})
	require.Equal(t, &registrytypes.MsgReportTelemetry{
		Operator: "o", Device: record.Id, Celsius: 72, Watts: 250, UtilisationPercent: 100, MemoryFreeMib: 600,
	}, report)
	report = reportOf(record, device.Telemetry{TemperatureC: 20, PowerW: -1, UtilisationPercent: -1, MemoryUsedMiB: 5_000})
	require.Zero(t, report.Watts)
	require.Zero(t, report.UtilisationPercent)
	require.Zero(t, report.MemoryFreeMib)
	require.Zero(t, reportOf(record, device.Unknown()).MemoryFreeMib, "not known is not free")
}

// TestSleepersAreLeftAlone: a device that waits for its hours is offered; a stop takes it off too, so that it doesn't wake without a worker.
func TestSleepersAreLeftAlone(t *testing.T) {
	asleep := registrytypes.Device{Id: []byte("a"), Asleep: true, Unproven: true}
	local := map[string]bool{"a": true}
	require.Empty(t, offerMessages([]registrytypes.Device{asleep}, local, true))
	require.Len(t, offerMessages([]registrytypes.Device{asleep}, local, false), 1)
	require.Empty(t, reofferMessages([]registrytypes.Device{asleep}, local))
}
