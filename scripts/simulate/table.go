package main

import (
	"fmt"
	"strings"

	"github.com/assaychain/assay/scripts/simulate/netsim"
)

// table shows a report on a terminal.
func table(r *netsim.Report) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d devices of %d operators, %d hours, %d jobs, %.3g%% of the devices fail an hour, seed %d\n\n", r.Devices, r.Operators, r.Hours, r.Jobs,
		100*r.FailuresPerHour, r.Seed)
	fmt.Fprintf(&b, "%-11s %9s %9s %9s %10s %10s %6s %6s %8s %8s %9s\n", "POLICY", "MEDIAN", "P95", "P99", "COMPLETED", "$/PETAMAC", "GINI", "BUSY", "FAILED", "VISITS", "MESSAGES")
	for _, o := range r.Policies {
		fmt.Fprintf(&b, "%-11s %9s %9s %9s %9.2f%% %10.3g %6.3f %5.1f%% %7.2f%% %8.1f %9.0f\n", o.Policy, seconds(o.Waiting.Median), seconds(o.Waiting.P95), seconds(o.Waiting.P99),
			100*o.Completed, o.EdgeCost, o.Gini, 100*o.Busy, 100*o.FailedAttempts, o.Visits, o.Messages)
	}
	b.WriteString("\nLatencies are of jobs that somebody waits for; cost is of work that needs no datacentre; visits and messages are for each placement.\n")
	fmt.Fprintf(&b, "\n%-11s %-9s %9s %9s %9s %9s %9s %10s\n", "POLICY", "WORKLOAD", "ARRIVED", "COMPLETED", "MEDIAN", "P95", "P99", "$/PETAMAC")
	for _, o := range r.Policies {
		for _, k := range o.Workloads {
			fmt.Fprintf(&b, "%-11s %-9s %9d %9d %9s %9s %9s %10.3g\n", o.Policy, k.Name, k.Arrived, k.Completed, seconds(k.Latency.Median), seconds(k.Latency.P95),
				seconds(k.Latency.P99), k.Cost)
		}
	}
	fmt.Fprintf(&b, "\n%-62s %10s %10s  %s\n", "BOUND", "FIGURE", "LIMIT", "RESULT")
	for _, bound := range r.Bounds {
		fmt.Fprintf(&b, "%-62s %10.4g %10s  %s\n", bound.Name, bound.Value, limit(bound), verdict(bound))
	}
	return b.String()
}

func limit(b netsim.Bound) string {
	if b.Most {
		return fmt.Sprintf("<= %g", b.Limit)
	}
	return fmt.Sprintf(">= %g", b.Limit)
}

func verdict(b netsim.Bound) string {
	if b.Holds() {
		return "pass"
	}
	return "FAIL"
}

// seconds in a readable unit.
func seconds(s float64) string {
	switch {
	case s < 1:
		return fmt.Sprintf("%.0f ms", s*1000)
	case s < 600:
		return fmt.Sprintf("%.1f s", s)
	case s < 36_000:
		return fmt.Sprintf("%.0f min", s/60)
	default:
		return fmt.Sprintf("%.1f h", s/3600)
	}
}
