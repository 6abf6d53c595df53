// Simulate compares the chain's scheduler with other ways to give jobs to devices, on a simulated network of 100,000 devices and a day of
// jobs, and says whether the bounds hold. It exits with 1 when one doesn't, and with 2 on bad input.
//
//	go run ./scripts/simulate [--devices N] [--hours N] [--policies LIST] [--output json] [--document BENCHMARKS.md]
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/assaychain/assay/scripts/simulate/netsim"
)

const help = `Simulate a network of devices and a day of jobs under the chain's scheduler and others.

Usage:
  go run ./scripts/simulate [flags]

Examples:
  go run ./scripts/simulate                                        the whole: 100,000 devices, a day, every policy
  go run ./scripts/simulate --devices 2000 --hours 2               a small network, in seconds
  go run ./scripts/simulate --policies ours,random --seed 7        two of the policies on another network
  go run ./scripts/simulate --devices 5000 --jobs 40 --failures 0.2
  go run ./scripts/simulate --devices 5000 --policies ours --identities 100   what ten operators gain by a hundred names each
  go run ./scripts/simulate --devices 2000 --hours 2 --output json | jq .bounds

Policies: ours (the chain's scheduler), random (any device that will do), cheapest (the cheapest that will do, anywhere), auction (every
device bids; the fastest wins what is waited for, the cheapest the rest), datacentre (the cheapest of datacentres, at what clouds list),
marketplace (the same at what marketplaces ask).

Flags:
`

// options are what the command line says.
type options struct {
	config netsim.Config
	plan   netsim.Plan
	output string
	// from is the file of an earlier run's report, to show instead of simulating; folder for the plots, document for the section; none when empty.
	from, folder, document string
}

func main() {
	o, err := parse(os.Args[1:], os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "simulate:", err)
		os.Exit(2)
	}
	held, err := o.run(os.Stdout, os.Stderr)
	if err != nil {
		fmt.Fprintln(os.Stderr, "simulate:", err)
		os.Exit(2)
	}
	if !held {
		os.Exit(1)
	}
}

func parse(args []string, usage io.Writer) (options, error) {
	o := options{config: netsim.Default()}
	flags := flag.NewFlagSet("simulate", flag.ContinueOnError)
	flags.SetOutput(usage)
	flags.Usage = func() {
		fmt.Fprint(usage, help)
		flags.PrintDefaults()
	}
	flags.IntVar(&o.config.Devices, "devices", o.config.Devices, "devices in the network")
	flags.IntVar(&o.config.Hours, "hours", o.config.Hours, "hours of arrivals; what arrived is followed to its end")
	flags.Uint64Var(&o.config.Seed, "seed", o.config.Seed, "of everything random: the same seed gives the same figures")
	flags.Float64Var(&o.config.JobsPerDevice, "jobs", o.config.JobsPerDevice, "jobs for every device a day")
	flags.Float64Var(&o.config.FailuresPerHour, "failures", o.config.FailuresPerHour, "part of the devices that fails in an hour")
	policies := flags.String("policies", "", "names parted by commas (default all)")
	flags.IntVar(&o.plan.Workers, "workers", runtime.NumCPU(), "policies that run at the same time; the figures don't depend on it")
	flags.IntVar(&o.plan.Identities, "identities", 10, "names under which the largest operators appear in a run of their own, to see what they gain; 0 for no such run")
	flags.StringVar(&o.output, "output", "table", "table or json")
	flags.StringVar(&o.folder, "plots", filepath.Join("build", "simulation"), "folder for the plots; none when empty")
	flags.StringVar(&o.from, "from", "", "show the report of an earlier run, printed with --output json, instead of simulating")
	flags.StringVar(&o.document, "document", "", "Markdown file whose section on the simulation is written anew")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("%q is no flag: see --help", flags.Arg(0))
	}
	if o.output != "table" && o.output != "json" {
		return o, fmt.Errorf("output is %q: it must be table or json", o.output)
	}
	o.plan.Policies = netsim.Policies()
	if *policies != "" {
		o.plan.Policies = strings.Split(strings.ReplaceAll(*policies, " ", ""), ",")
	}
	if err := o.plan.Validate(); err != nil {
		return o, err
	}
	return o, o.config.Validate()
}

// run simulates, shows and writes; it tells whether all bounds held.
func (o options) run(out, progress io.Writer) (bool, error) {
	report, err := o.report(progress)
	if err != nil {
		return false, err
	}
	if o.output == "json" {
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		err = encoder.Encode(report)
	} else {
		fmt.Fprint(out, table(report))
	}
	if err != nil {
		return false, err
	}
	if o.folder != "" {
		if err := draw(report, o.folder); err != nil {
			return false, err
		}
		fmt.Fprintln(progress, "plots in", o.folder)
	}
	if o.document != "" {
		if err := document(report, o.document); err != nil {
			return false, err
		}
		fmt.Fprintln(progress, "section written to", o.document)
	}
	held := true
	for _, b := range report.Bounds {
		held = held && b.Holds()
	}
	return held, nil
}

// report simulates, or reads what an earlier run found.
func (o options) report(progress io.Writer) (*netsim.Report, error) {
	if o.from == "" {
		return netsim.Simulate(o.config, o.plan, teller(progress))
	}
	raw, err := os.ReadFile(o.from)
	if err != nil {
		return nil, err
	}
	report := new(netsim.Report)
	if err := json.Unmarshal(raw, report); err != nil {
		return nil, fmt.Errorf("%s is no report: %w", o.from, err)
	}
	return report, report.Validate()
}

// teller shows how far the runs are, in one line, at every tenth.
func teller(out io.Writer) netsim.Progress {
	shown := map[string]int{}
	return func(what string, part float64) {
		if tenth := int(part * 10); tenth > shown[what] {
			shown[what] = tenth
			fmt.Fprintf(out, "%s: %d%% of the arrivals\n", what, tenth*10)
		}
	}
}
