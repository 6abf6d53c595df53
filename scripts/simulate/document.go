package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/assaychain/assay/scripts/bench/markdown"
	"github.com/assaychain/assay/scripts/simulate/netsim"
)

// document writes the section on a report into a Markdown file.
func document(r *netsim.Report, file string) error {
	old, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	return os.WriteFile(file, []byte(markdown.Replace(string(old), markdown.Simulated, text(r))), 0o644)
}

// text is the section.
func text(r *netsim.Report) string {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s\n\nThe chain's scheduler beside other ways to give jobs to devices, on a simulated network: %d devices of %d operators, %d hours, %d jobs, "+
		"%.3g%% of the devices fail every hour, seed %d. What the network is made of, and where each number is from or that it is assumed, is in `scripts/simulate/netsim`. "+
		"`make simulate-network` writes this section and the plots, and the same seed gives the same figures.\n\n    %s\n\n", markdown.Simulated, r.Devices, r.Operators, r.Hours, r.Jobs,
		100*r.FailuresPerHour, r.Seed, command(r))
	b.WriteString("| bound | figure | limit | |\n|---|---:|---:|---|\n")
	for _, bound := range r.Bounds {
		fmt.Fprintf(&b, "| %s | %.4g | %s | %s |\n", bound.Name, bound.Value, limit(bound), verdict(bound))
	}
	b.WriteString("\nLatency is from a job's arrival to its result at the customer's, of jobs that somebody waits for, without the block that matches it and the proof, which are the same for " +
		"all; the auction's bidding is not in it either. Cost is in $ for 10^15 multiply-accumulates of work that needs no datacentre; `datacentre` pays what clouds list, `marketplace` what marketplaces ask, both " +
		"without the chain's factors for tiers. Visits and messages are for each placement; Gini is of income beside what a device can do and how long it was there; busy is the part of the lanes that were, seen once an hour. " +
		"The score of a device does not depend on who owns it; " + splitting(r) + " Jobs of several operators (`REPLICA`), which draw distinct ones, are not simulated.\n\n" +
		"| policy | median | p95 | p99 | completed | cost | Gini | busy | failed attempts | visits | messages |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n")
	for _, o := range r.Policies {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %.2f%% | %.3g | %.3f | %.1f%% | %.2f%% | %.1f | %.0f |\n", o.Policy, seconds(o.Waiting.Median), seconds(o.Waiting.P95), seconds(o.Waiting.P99),
			100*o.Completed, o.EdgeCost, o.Gini, 100*o.Busy, 100*o.FailedAttempts, o.Visits, o.Messages)
	}
	b.WriteString("\nBy workload, median / p99 latency and cost:\n\n")
	b.WriteString(workloads(r))
	return b.String()
}

// workloads is the table of them, a column a policy.
func workloads(r *netsim.Report) string {
	var b strings.Builder
	b.WriteString("| workload | jobs |")
	for _, o := range r.Policies {
		fmt.Fprintf(&b, " %s |", o.Policy)
	}
	b.WriteString("\n|---|---:|" + strings.Repeat("---:|", len(r.Policies)) + "\n")
	for i, k := range r.Policies[0].Workloads {
		fmt.Fprintf(&b, "| %s | %d |", k.Name, k.Arrived)
		for _, o := range r.Policies {
			of := o.Workloads[i]
			fmt.Fprintf(&b, " %s / %s, %.3g |", seconds(of.Latency.Median), seconds(of.Latency.P99), of.Cost)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// splitting tells what the largest operators gain by several names.
func splitting(r *netsim.Report) string {
	s := r.Splitting
	if s == nil {
		return "what an operator gains by several names was not simulated."
	}
	return fmt.Sprintf("the %d largest operators that are no clouds, with %d devices, earned $%g under one name each and $%g under %d in the same hours: what differs is who may try again when one of them has failed.",
		s.Operators, s.Devices, s.Together, s.Apart, s.Identities)
}

// command gives the report again.
func command(r *netsim.Report) string {
	names := []string{}
	for _, o := range r.Policies {
		names = append(names, o.Policy)
	}
	identities := 0
	if r.Splitting != nil {
		identities = r.Splitting.Identities
	}
	return fmt.Sprintf("go run ./scripts/simulate --devices %d --hours %d --jobs %g --failures %g --seed %d --policies %s --identities %d", r.Devices, r.Hours, r.JobsPerDevice,
		r.FailuresPerHour, r.Seed, strings.Join(names, ","), identities)
}
