// Acceptance runs the checks that a release must pass and prints one line each: name, figure, bound, pass or fail. It exits
// with 1 when any fails. There are four suites: the spine, which is the life of jobs, the economy, which is what happens to
// the tokens, proof, which is how work and hardware are proven, and matching, which is who gets a job.
//
//	go run ./scripts/acceptance [-suite spine|economy|proof|matching] [-warm] [-only NAME]
//
// With -warm the tests are not timed from an empty build cache, which takes most of the time.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"
)

// check is one line: what is measured, what it must reach, and how.
type check struct {
	name  string
	bound string
	// measure returns the figure; an error fails the check.
	measure func(context.Context) (figure string, err error)
}

func main() {
	name := flag.String("suite", "spine", "the checks to run: spine, economy, proof or matching")
	warm := flag.Bool("warm", false, "don't empty the build cache for the test run")
	only := flag.String("only", "", "run only the checks whose name contains this")
	flag.Parse()
	suites := map[string]func(bool) []check{"spine": spine, "economy": economy, "proof": proof, "matching": matching}
	if suites[*name] == nil {
		fmt.Fprintf(os.Stderr, "suite %q is unknown: choose spine, economy, proof or matching\n", *name)
		os.Exit(2)
	}
	failed := run(context.Background(), suites[*name](*warm), *only)
	if failed > 0 {
		fmt.Printf("%d checks failed\n", failed)
		os.Exit(1)
	}
}

// run prints a line a check and returns how many failed.
func run(ctx context.Context, all []check, only string) (failed int) {
	const format = "%-44s  %-52s  %-40s  %s\n"
	fmt.Printf(format, "NAME", "FIGURE", "BOUND", "RESULT")
	for _, c := range all {
		if !strings.Contains(c.name, only) {
			continue
		}
		began := time.Now()
		figure, err := c.measure(ctx)
		result := "pass"
		if err != nil {
			failed++
			result = "FAIL: " + strings.ReplaceAll(lastLines(err.Error(), 12), "\n", "\n      ")
		}
		fmt.Printf(format, c.name, fmt.Sprintf("%s [%d s]", figure, int(time.Since(began).Seconds())), c.bound, result)
	}
	return failed
}

// lastLines keeps the end of a long text.
func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
