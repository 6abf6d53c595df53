package netsim_test

import (
	"encoding/json"
	"flag"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/scripts/simulate/netsim"
)

var (
	devices = flag.Int("devices", 2_000, "devices of the simulated network")
	hours   = flag.Int("hours", 1, "hours of arrivals")
)

func quiet(string, float64) {}

func small() netsim.Config {
	c := netsim.Default()
	c.Devices, c.Hours = *devices, *hours
	return c
}

// The bounds hold on a small network and a short time too, though little is learnt there, and each figure is on the right side of the others'.
func TestBoundsHold(t *testing.T) {
	report, err := netsim.Simulate(small(), netsim.Plan{Policies: netsim.Policies(), Identities: 10}, quiet)
	require.NoError(t, err)
	require.Len(t, report.Bounds, 5)
	for _, bound := range report.Bounds {
		t.Logf("%s: %.4g", bound.Name, bound.Value)
		require.True(t, bound.Holds(), "%s is %g, the limit is %g", bound.Name, bound.Value, bound.Limit)
	}
	of := map[string]netsim.Outcome{}
	for _, o := range report.Policies {
		of[o.Policy] = o
	}
	for _, other := range []string{netsim.Random, netsim.Cheapest, netsim.Datacentre} {
		require.Less(t, of[netsim.Ours].Waiting.Median, of[other].Waiting.Median, other)
		if other == netsim.Datacentre {
			continue // Its GPUs are faster than most; it is the price that is bounded.
		}
		for i, kind := range of[netsim.Ours].Workloads[:2] {
			require.Less(t, kind.Latency.Median, of[other].Workloads[i].Latency.Median, "%s, %s", kind.Name, other)
		}
	}
	require.LessOrEqual(t, of[netsim.Ours].Visits, 32.0, "candidates are bounded")
	require.Greater(t, of[netsim.Auction].Messages, float64(*devices)/2, "an auction asks everybody")
	require.Less(t, of[netsim.Marketplace].EdgeCost, of[netsim.Datacentre].EdgeCost)
}

// The same seed gives the same bytes, however many run at a time; another seed gives others.
func TestRepeatsItself(t *testing.T) {
	encode := func(seed uint64, workers int) string {
		c := small()
		c.Devices, c.Seed = 500, seed
		report, err := netsim.Simulate(c, netsim.Plan{Policies: netsim.Policies(), Workers: workers}, quiet)
		require.NoError(t, err)
		raw, err := json.Marshal(report)
		require.NoError(t, err)
		return string(raw)
	}
	first := encode(7, 1)
	require.Equal(t, first, encode(7, 3))
	require.NotEqual(t, first, encode(8, 1))
}

func TestConfigurationsThatAreRefused(t *testing.T) {
	for want, change := range map[string]func(*netsim.Config){
		"devices is 199: it must be from 200 to 1000000":      func(c *netsim.Config) { c.Devices = 199 },
		"devices is 1000001: it must be from 200":             func(c *netsim.Config) { c.Devices = 1_000_001 },
		"hours is 0: it must be from 1 to 168":                func(c *netsim.Config) { c.Hours = 0 },
		"hours is 169":                                        func(c *netsim.Config) { c.Hours = 169 },
		"jobs a device and day is 0: it must be above 0":      func(c *netsim.Config) { c.JobsPerDevice = 0 },
		"jobs a device and day is 201":                        func(c *netsim.Config) { c.JobsPerDevice = 201 },
		"failures an hour is -0.1: it must be from 0 to 1":    func(c *netsim.Config) { c.FailuresPerHour = -0.1 },
		"failures an hour is 1.5: it must be from 0 to 1":     func(c *netsim.Config) { c.FailuresPerHour = 1.5 },
		"failures an hour is NaN: it must be from 0 to 1":     func(c *netsim.Config) { c.FailuresPerHour = nan() },
		"jobs a device and day is NaN: it must be above 0 an": func(c *netsim.Config) { c.JobsPerDevice = nan() },
	} {
		c := netsim.Default()
		change(&c)
		_, err := netsim.Simulate(c, netsim.Plan{Policies: netsim.Policies()}, quiet)
		require.ErrorContains(t, err, want)
	}
}

func nan() float64 {
	zero := 0.0
	return zero / zero
}

func TestPlansThatAreRefused(t *testing.T) {
	for want, p := range map[string]netsim.Plan{
		"no policy is named":                          {},
		`policy "best" is unknown: choose from [our`:  {Policies: []string{"best"}},
		`policy "ours" is named twice`:                {Policies: []string{"ours", "random", "ours"}},
		"workers is -1: it must not be negative":      {Policies: []string{"ours"}, Workers: -1},
		"identities is 1001: it must be from 0 to 10": {Policies: []string{"ours"}, Identities: 1001},
	} {
		_, err := netsim.Simulate(small(), p, quiet)
		require.ErrorContains(t, err, want)
	}
}

// Where everything fails every hour, jobs are lost, but each is closed.
func TestFailingNetwork(t *testing.T) {
	c := small()
	c.Devices, c.FailuresPerHour = 500, 1
	bad, err := netsim.Simulate(c, netsim.Plan{Policies: []string{netsim.Ours}}, quiet)
	require.NoError(t, err)
	c.FailuresPerHour = 0
	good, err := netsim.Simulate(c, netsim.Plan{Policies: []string{netsim.Ours}}, quiet)
	require.NoError(t, err)
	require.Zero(t, good.Policies[0].FailedAttempts)
	require.Greater(t, bad.Policies[0].FailedAttempts, 0.02)
	require.Greater(t, good.Policies[0].Completed, bad.Policies[0].Completed)
}
