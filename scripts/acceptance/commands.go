package main

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
)

// temperature says whether the build cache was emptied.
func temperature(warm bool) string {
	if warm {
		return "warm"
	}
	return "cold"
}

// makeTest times the README's test command, from an empty build cache unless warm.
func makeTest(warm bool) func(context.Context) (string, error) {
	if warm {
		return timed(testLimit, nil, "make", "test")
	}
	return func(ctx context.Context) (string, error) {
		cache, err := os.MkdirTemp("", "assay-cold-")
		if err != nil {
			return "", err
		}
		defer os.RemoveAll(cache)
		return timed(testLimit, []string{"GOCACHE=" + filepath.Join(cache, "build"), "XDG_CACHE_HOME=" + cache}, "make", "test")(ctx)
	}
}

// crashLine is what the crash program prints at its end.
var crashLine = regexp.MustCompile(`\d+ runs, \d+ double submissions, \d+ lost jobs`)

// crash kills a worker of a real network, run after run.
func crash(ctx context.Context) (string, error) {
	out, err := command(ctx, nil, "go", "run", "./scripts/crash", "-runs", crashRuns)
	return crashLine.FindString(out), err
}
