package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// own takes away what make hands on to those that it runs: flags and variables of the suite are not those of the commands that it measures.
var own = []string{"MAKEFLAGS=", "MFLAGS=", "MAKEOVERRIDES=", "MAKELEVEL=", "ARGS="}

// command runs a program and returns all it printed.
func command(ctx context.Context, environment []string, name string, args ...string) (string, error) {
	process := exec.CommandContext(ctx, name, args...)
	process.Env = slices.Concat(os.Environ(), own, environment)
	out, err := process.CombinedOutput()
	if err != nil {
		return string(out), fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out), nil
}

// timed returns how long a command took, and fails when it took longer than allowed.
func timed(limit time.Duration, environment []string, name string, args ...string) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		began := time.Now()
		_, err := command(ctx, environment, name, args...)
		took := time.Since(began)
		if err == nil && took > limit {
			err = fmt.Errorf("took longer than %s", limit)
		}
		return fmt.Sprintf("exit 0 in %d s", int(took.Seconds())), err
	}
}

// event is a line of 'go test -json'.
type event struct {
	Action, Package, Test, Output string
}

// suite names the Go tests of a check.
type suite struct {
	// pattern selects the tests, packages hold them, flags are the tests' own.
	pattern  string
	packages []string
	flags    []string
	// least is how many tests must pass, and leastParts how many of their subtests: a renamed test must not go missing.
	least, leastParts int
	// standIns says that other subtests stand in for those that are skipped, so that leastParts of them pass all the same.
	standIns bool
	// figure picks the figure out of what passing tests log; the counts when nil. No match fails the check.
	figure *regexp.Regexp
}

// measure runs the suite; none of its tests may fail, nor be skipped unless others stand in.
func (s suite) measure(ctx context.Context) (string, error) {
	args := []string{"test", "-vet=off", "-json", "-count=1", "-timeout", "60m", "-run", s.pattern}
	out, runErr := command(ctx, nil, "go", append(append(args, s.packages...), s.flags...)...)
	t := count(out)
	figure := fmt.Sprintf("%d tests and %d subtests passed, %d failed", t.passed, t.parts, len(t.failures))
	switch {
	case len(t.failures) > 0:
		return figure, errors.New(strings.Join(t.failures, ""))
	case runErr != nil:
		return figure, runErr
	case t.skipped > 0 && !s.standIns:
		return figure, fmt.Errorf("%d tests were skipped", t.skipped)
	case t.passed < s.least || t.parts < s.leastParts:
		return figure, fmt.Errorf("want at least %d tests and %d subtests: was one renamed?", s.least, s.leastParts)
	case s.figure == nil:
		return figure, nil
	}
	found := s.figure.FindAllString(t.printed, -1)
	if found == nil {
		return figure, fmt.Errorf("no test logged a figure like %s", s.figure)
	}
	return strings.Join(found, "; "), nil
}

// tests is a suite of so many tests by name.
func tests(least int, pattern string, packages ...string) func(context.Context) (string, error) {
	return suite{pattern: pattern, packages: packages, least: least}.measure
}

// tally is what 'go test -json' told.
type tally struct {
	passed, parts, skipped int
	failures               []string
	// printed is what passing tests printed.
	printed string
}

// count reads the output of 'go test -json'.
func count(out string) (t tally) {
	printed := map[string]string{}
	lines := bufio.NewScanner(strings.NewReader(out))
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e event
		if json.Unmarshal(lines.Bytes(), &e) != nil || e.Test == "" {
			continue
		}
		key := e.Package + "." + e.Test
		switch e.Action {
		case "output":
			printed[key] += e.Output
		case "pass":
			t.printed += printed[key]
			if strings.Contains(e.Test, "/") {
				t.parts++
			} else {
				t.passed++
			}
		case "skip":
			t.skipped++
		case "fail":
			t.failures = append(t.failures, printed[key])
		}
	}
	return t
}

// accuracyLine is what the demo prints of the digits.
var accuracyLine = regexp.MustCompile(`Accuracy: ([0-9.]+)%.*\n.*same bits`)

// demo runs the demo on what is built, and reads from its story how long it took and how many digits were right.
func demo(limit time.Duration, leastAccuracy float64) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		began := time.Now()
		out, err := command(ctx, nil, "make", "demo")
		took := time.Since(began)
		if err != nil {
			return "", err
		}
		found := accuracyLine.FindStringSubmatch(out)
		if found == nil {
			return "", errors.New("the demo printed no accuracy, or no word that the bits agree")
		}
		accuracy, err := strconv.ParseFloat(found[1], 64)
		if err != nil {
			return "", err
		}
		figure := fmt.Sprintf("exit 0 in %d s, accuracy %.1f%%, same bits", int(took.Seconds()), accuracy)
		if took > limit {
			err = fmt.Errorf("took longer than %s", limit)
		}
		if accuracy < leastAccuracy {
			err = errors.Join(err, fmt.Errorf("accuracy below %.0f%%", leastAccuracy))
		}
		return figure, err
	}
}
