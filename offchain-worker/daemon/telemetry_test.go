package daemon

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/offchain-worker/device"
	"github.com/assaychain/assay/x/registry/qos"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// TestReportsAreDue: at first, when the heat changes, and after the interval; never sooner than the chain takes them, and a report that fails
// is not repeated at every look.
func TestReportsAreDue(t *testing.T) {
	h, start := newHerald(10*time.Minute), time.Unix(1_000_000, 0)
	at := func(celsius float64) device.Telemetry {
		telemetry := device.Unknown()
		telemetry.TemperatureC = celsius
		return telemetry
	}
	heat, due := h.due("a", at(50), start)
	require.True(t, due)
	require.Equal(t, qos.Normal, heat)
	h.sent["a"] = sentReport{at: start}
	for _, c := range []struct {
		after   time.Duration
		celsius float64
		due     bool
	}{
		{time.Minute, 74.4, false}, {time.Minute, 74.5, true}, {time.Minute, 99, true}, {24 * time.Second, 99, false}, {25 * time.Second, 99, true},
		{10 * time.Minute, 50, true}, {time.Hour, -1, false}, {time.Hour, 151, false},
	} {
		_, due := h.due("a", at(c.celsius), start.Add(c.after))
		require.Equal(t, c.due, due, "%+v", c)
	}
	h.sent["a"] = sentReport{at: start, heat: qos.Warm}
	_, due = h.due("a", at(71), start.Add(time.Minute))
	require.False(t, due, "still warm, until it is cooler by the band")
	_, due = h.due("a", at(69), start.Add(time.Minute))
	require.True(t, due)
	h.sent["a"] = sentReport{at: start, heat: qos.Warm, failed: true}
	_, due = h.due("a", at(60), start.Add(time.Minute))
	require.False(t, due, "it failed a moment ago")
	_, due = h.due("a", at(90), start.Add(time.Minute))
	require.True(t, due, "hotter is worth another try")
	_, due = newHerald(0).due("a", at(90), start)
	require.False(t, due, "turned off")
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
