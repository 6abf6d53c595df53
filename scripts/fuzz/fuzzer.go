package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// minimising is how often the fuzzer tries to shorten an input that it finds interesting. Its own default is a minute for each: a target
// of whole blocks would do nothing else.
const minimising = "5x"

// errKeptOnly says that the time was too short for more than the inputs that were kept from earlier. A target that fails for it is run again for
// twice the time, mostLonger times at most.
var errKeptOnly = errors.New("the time ended among the inputs kept from earlier: raise -time")

const mostLonger = 6

// fuzzer runs targets.
type fuzzer struct {
	options
	// temporary is a folder for the binaries.
	temporary string
	// flags of their builds.
	flags []string
	// found holds the interesting inputs of all packages, by import path.
	found string
	// module is the import path of the folder in which the command runs.
	module string
	// out takes the progress.
	out io.Writer
	// stalls counts those that were excused.
	stalls atomic.Int64
	// printing keeps what different targets say apart.
	printing sync.Mutex
}

func newFuzzer(o options) (*fuzzer, error) {
	cache, err := exec.Command("go", "env", "GOCACHE").Output()
	if err != nil {
		return nil, fmt.Errorf("find the build cache: %w", err)
	}
	module, err := exec.Command("go", "list", "-m").Output()
	if err != nil {
		return nil, fmt.Errorf("find the module's path: %w", err)
	}
	temporary, err := os.MkdirTemp("", "assay-fuzz-")
	return &fuzzer{
		options: o, temporary: temporary, flags: instrumented, out: os.Stdout,
		found: filepath.Join(strings.TrimSpace(string(cache)), "fuzz"), module: strings.TrimSpace(string(module)),
	}, err
}

// close removes what is left of the binaries.
func (f *fuzzer) close() { _ = os.RemoveAll(f.temporary) }

// all runs the targets, so many at once, and returns those that failed, sorted. It starts no more once the context has ended.
func (f *fuzzer) all(ctx context.Context, targets []target) (failed []string) {
	built := newBinaries(f.temporary, f.flags, targets)
	next := make(chan target)
	var running sync.WaitGroup
	ended := 0
	for range f.jobs {
		running.Go(func() {
			for t := range next {
				said, err := f.one(ctx, built, t)
				f.printing.Lock()
				ended++
				f.tell(fmt.Sprintf("%d of %d: %s", ended, len(targets), t), said, err)
				if err != nil {
					failed = append(failed, t.String())
				}
				f.printing.Unlock()
			}
		})
	}
	for _, t := range targets {
		if ctx.Err() == nil {
			next <- t
		}
	}
	close(next)
	running.Wait()
	slices.Sort(failed)
	return failed
}

// tell prints how a target ended: a line, and all that a failing one said.
func (f *fuzzer) tell(which, said string, err error) {
	if err != nil {
		fmt.Fprintf(f.out, "%s: FAILED: %v\n%s\n", which, err, said)
		return
	}
	fmt.Fprintf(f.out, "%s: %s\n", which, lastProgress(said))
}

// progress is what the fuzzer prints every few seconds and at its end.
var progress = regexp.MustCompile(`elapsed: (\S+), execs: (\d+) \([^)]*\)(?:, new interesting: (\d+) \(total: (\d+)\))?`)

// lastProgress is how far a target came; empty when it never ran.
func lastProgress(said string) string {
	all := progress.FindAllStringSubmatch(said, -1)
	if all == nil {
		return ""
	}
	last := all[len(all)-1]
	line := fmt.Sprintf("%s executions in %s", last[2], last[1])
	if stalls := strings.Count(said, "stalled once"); stalls > 0 {
		line = fmt.Sprintf("%d stalls that don't repeat, since the last %s", stalls, line)
	}
	if last[3] == "" {
		return line
	}
	return fmt.Sprintf("%s, %s new interesting inputs of %s", line, last[3], last[4])
}

// one runs a target for its whole time and returns what it said. A worker that stalled at an input which passes when it is run again is no
// failure: the target goes on for the rest of its time.
func (f *fuzzer) one(ctx context.Context, built *binaries, t target) (said string, err error) {
	path, err := built.get(ctx, t)
	defer func() { err = errors.Join(err, built.done(t)) }()
	if err != nil {
		return "", err
	}
	left, longer, stalls := f.time, 0, 0
	for {
		began := time.Now()
		out, err := f.attempt(ctx, path, t, left)
		said += out
		if errors.Is(err, errKeptOnly) && ctx.Err() == nil && longer < mostLonger {
			left, longer = 2*left, longer+1
			said += fmt.Sprintf("the inputs kept from earlier take longer: once more, for %s\n", left)
			continue
		}
		input := stall(out)
		if err == nil || ctx.Err() != nil || input == "" || stalls == mostStalls || !f.excused(ctx, path, t, input) {
			return said, err
		}
		stalls++
		f.stalls.Add(1)
		said += "stalled once, and passes when repeated: " + input + "\n"
		if left -= time.Since(began); left <= 0 {
			return said, nil
		}
	}
}

// attempt runs a target in its folder for a time, as 'go test -fuzz' would, and returns what it said.
func (f *fuzzer) attempt(ctx context.Context, path string, t target, left time.Duration) (string, error) {
	command := exec.CommandContext(ctx, path, "-test.run", "^$", "-test.fuzz", "^"+t.name+"$", "-test.fuzztime", left.String(),
		"-test.fuzzminimizetime", minimising, "-test.timeout", "0", "-test.paniconexit0", "-test.parallel", fmt.Sprint(workers(f.jobs)),
		"-test.fuzzcachedir", filepath.Join(f.found, filepath.FromSlash(f.module), t.folder))
	command.Dir = t.folder
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.WaitDelay = time.Minute // A worker that hangs keeps the pipe open.
	out, err := command.CombinedOutput()
	if err == nil {
		err = ran(string(out))
	}
	return string(out), err
}

// ran tells whether a target that did not fail did anything beyond the inputs that it had.
func ran(said string) error {
	switch {
	case lastProgress(said) != "":
		return nil
	case strings.Contains(said, "gathering baseline coverage: "):
		return errKeptOnly
	default:
		return errors.New("the target was not run")
	}
}
