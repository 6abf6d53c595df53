package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// command runs a program and returns all it printed.
func command(ctx context.Context, environment []string, name string, args ...string) (string, error) {
	process := exec.CommandContext(ctx, name, args...)
	process.Env = append(os.Environ(), environment...)
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

// tests runs Go tests that match and counts those that passed; at least least must, and none may fail or be skipped.
func tests(least int, pattern string, packages ...string) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		args := append([]string{"test", "-vet=off", "-json", "-count=1", "-timeout", "60m", "-run", pattern}, packages...)
		out, runErr := command(ctx, nil, "go", args...)
		passed, skipped, failures := tally(out)
		figure := fmt.Sprintf("%d passed, %d failed", passed, len(failures))
		switch {
		case len(failures) > 0:
			return figure, errors.New(strings.Join(failures, ""))
		case runErr != nil:
			return figure, runErr
		case skipped > 0:
			return figure, fmt.Errorf("%d tests were skipped", skipped)
		case passed < least:
			return figure, fmt.Errorf("only %d tests ran, want at least %d: was one renamed?", passed, least)
		}
		return figure, nil
	}
}

// tally counts the tests in the output of 'go test -json' and gathers what failed ones printed.
func tally(out string) (passed, skipped int, failures []string) {
	printed := map[string]string{}
	lines := bufio.NewScanner(bytes.NewReader([]byte(out)))
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
			passed++
		case "skip":
			skipped++
		case "fail":
			failures = append(failures, printed[key])
		}
	}
	return passed, skipped, failures
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
