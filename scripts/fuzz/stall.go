package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"time"
)

// mostStalls bounds how often a target goes on after a stall.
const mostStalls = 5

var (
	// stalled matches what the fuzzer says when its worker ended while it ran an input, of which it keeps a copy: because it crashed, or because
	// ten seconds of the wall clock had passed, of which it says nothing. A machine that stands still for so long, or is too busy, makes that happen
	// with any input.
	stalled = regexp.MustCompile(`hung or terminated unexpectedly[^\n]*\s+Failing input written to testdata/fuzz/(\S+)`)
	// pace is the part of a line of progress that tells how fast it goes, or how many of the inputs kept from earlier have been run.
	pace = regexp.MustCompile(`elapsed: \S+, (?:execs: \d+ \((\d+)/sec\)|gathering baseline coverage: (\d+)/)`)
)

// stall is the input at which a worker ended after it had stood still, as the name of a subtest; empty when the fuzzer says nothing of the kind.
// A line of progress comes every three seconds: ten seconds have at least two in which nothing was run, the last of all may come a moment after
// another. A crash comes at once.
func stall(said string) string {
	const lines, still = 5, 2
	found := stalled.FindStringSubmatch(said)
	paces := pace.FindAllStringSubmatch(said, -1)
	stood := 0
	for i, one := range paces {
		if i >= len(paces)-lines && (one[1] == "0" || i > 0 && one[2] != "" && one[2] == paces[i-1][2]) {
			stood++
		}
	}
	if found == nil || stood < still {
		return ""
	}
	return filepath.ToSlash(found[1])
}

// excused tells whether an input at which a worker ended does nothing of the kind when it is run again, a few times, each within the time that
// the fuzzer would have given it. Then its copy is removed.
func (f *fuzzer) excused(ctx context.Context, path string, t target, input string) bool {
	const times, limit = 3, 10 * time.Second
	command := exec.CommandContext(ctx, path, "-test.run", "^"+t.name+"$/^"+filepath.Base(input)+"$", "-test.count", fmt.Sprint(times),
		"-test.timeout", (times * limit).String(), "-test.v")
	command.Dir = t.folder
	out, err := command.CombinedOutput()
	ran := regexp.MustCompile(`(?m)^\s+--- PASS: `+regexp.QuoteMeta(input)).FindAll(out, -1)
	return err == nil && len(ran) == times && os.Remove(filepath.Join(t.folder, "testdata", "fuzz", filepath.FromSlash(input))) == nil
}
