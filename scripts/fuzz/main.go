// Command fuzz runs every fuzz target of the project, each for the given time, one after another or several at once. Targets are
// found, not listed: they are what the test files declare. The targets of a package share its test binary.
//
// The corpus of a target is in testdata/fuzz of its package; what fails is added to it by the fuzzer. Inputs that the fuzzer found
// interesting are kept where 'go test -fuzz' keeps them, in Go's build cache.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

// options are the flags.
type options struct {
	// time of each target.
	time time.Duration
	// match chooses targets by folder and name.
	match string
	// list only lists them.
	list bool
	// jobs is how many targets run at once.
	jobs int
}

func main() {
	var o options
	flag.DurationVar(&o.time, "time", 10*time.Minute, "time of each target")
	flag.StringVar(&o.match, "match", "", "only targets whose folder and name match this regular expression")
	flag.BoolVar(&o.list, "list", false, "only list the targets")
	flag.IntVar(&o.jobs, "jobs", 1, "targets that run at once, at least 1; they share the processor's cores")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "fuzz:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	targets, err := choose(o)
	if err != nil {
		return err
	}
	if o.list {
		for i, t := range targets {
			fmt.Printf("%d of %d: %s\n", i+1, len(targets), t)
		}
		return nil
	}
	f, err := newFuzzer(o)
	if err != nil {
		return err
	}
	defer f.close()
	failed := f.all(ctx, targets)
	if ctx.Err() != nil {
		return fmt.Errorf("stopped: %w", context.Cause(ctx))
	}
	if len(failed) > 0 {
		return fmt.Errorf("%d of %d targets failed: %s", len(failed), len(targets), strings.Join(failed, ", "))
	}
	fmt.Printf("%d targets, none failed, %d stalls that don't repeat\n", len(targets), f.stalls.Load())
	return nil
}

// choose checks the flags and finds the targets that they ask for.
func choose(o options) ([]target, error) {
	if o.jobs < 1 {
		return nil, fmt.Errorf("-jobs: %d targets at once: at least 1", o.jobs)
	}
	if o.time <= 0 {
		return nil, fmt.Errorf("-time: %s is no time to run for", o.time)
	}
	wanted, err := regexp.Compile(o.match)
	if err != nil {
		return nil, fmt.Errorf("-match: %w", err)
	}
	targets, err := discover(".")
	if err != nil {
		return nil, err
	}
	targets = slices.DeleteFunc(targets, func(t target) bool { return !wanted.MatchString(t.String()) })
	if len(targets) == 0 {
		return nil, errors.New("no target matches")
	}
	return targets, nil
}

// workers of one target, so that those that run at once share the cores.
func workers(jobs int) int { return max(1, runtime.NumCPU()/jobs) }
