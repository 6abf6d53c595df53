// Command fuzz runs every fuzz target of the project, one after another, each for the given time. Targets are found, not listed:
// packages by their test files, targets by what their test binary says.
//
// The corpus of a target is in testdata/fuzz of its package; what fails is added to it by the fuzzer.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// target is one fuzz function.
type target struct{ folder, name string }

func main() {
	duration := flag.Duration("time", 10*time.Minute, "time of each target")
	match := flag.String("match", "", "only targets whose folder and name match this regular expression")
	list := flag.Bool("list", false, "only list the targets")
	flag.Parse()
	if err := run(*duration, *match, *list); err != nil {
		fmt.Fprintln(os.Stderr, "fuzz:", err)
		os.Exit(1)
	}
}

func run(duration time.Duration, match string, list bool) error {
	wanted, err := regexp.Compile(match)
	if err != nil {
		return fmt.Errorf("-match: %w", err)
	}
	targets, err := discover(".")
	if err != nil {
		return err
	}
	targets = slices.DeleteFunc(targets, func(t target) bool { return !wanted.MatchString(t.folder + " " + t.name) })
	if len(targets) == 0 {
		return errors.New("no target matches")
	}
	var failed []string
	for i, t := range targets {
		fmt.Printf("%d of %d: %s %s\n", i+1, len(targets), t.folder, t.name)
		if list {
			continue
		}
		if err := t.fuzz(duration); err != nil {
			failed = append(failed, t.folder+" "+t.name)
		}
	}
	if len(failed) > 0 {
		return fmt.Errorf("%d of %d targets failed: %s", len(failed), len(targets), strings.Join(failed, ", "))
	}
	fmt.Printf("%d targets, none failed\n", len(targets))
	return nil
}

// declaration is how a fuzz target begins.
var declaration = regexp.MustCompile(`(?m)^func Fuzz\w*\(`)

// discover finds the packages that declare targets, and asks their test binaries for them.
func discover(root string) ([]target, error) {
	var targets []target
	folders, err := declaring(root)
	if err != nil {
		return nil, err
	}
	for _, folder := range folders {
		out, err := exec.Command("go", "test", "-vet=off", "-run", "^$", "-list", "^Fuzz", "./"+folder).Output()
		if err != nil {
			return nil, fmt.Errorf("list the targets of %s: %w", folder, err)
		}
		for line := range strings.Lines(string(out)) {
			if name := strings.TrimSpace(line); strings.HasPrefix(name, "Fuzz") {
				targets = append(targets, target{folder, name})
			}
		}
	}
	return targets, nil
}

func declaring(root string) ([]string, error) {
	var folders []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (entry.Name() == "testdata" || entry.Name() == "build" || strings.HasPrefix(entry.Name(), ".") && path != root) {
			return filepath.SkipDir
		}
		if entry.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		content, err := os.ReadFile(path)
		if err == nil && declaration.Match(content) {
			folders = append(folders, filepath.Dir(path))
		}
		return err
	})
	slices.Sort(folders)
	return slices.Compact(folders), err
}

// minimising is how often the fuzzer tries to shorten an input that it finds interesting. Its own default is a minute for each: a target
// of whole blocks would do nothing else.
const minimising = "5x"

// fuzz runs one target and shows what a failing one said.
func (t target) fuzz(duration time.Duration) error {
	command := exec.Command("go", "test", "-vet=off", "-timeout", "0", "-run", "^$", "-fuzz", "^"+t.name+"$", "-fuzztime", duration.String(),
		"-fuzzminimizetime", minimising, "./"+t.folder)
	var out bytes.Buffer
	command.Stdout, command.Stderr = &out, &out
	err := command.Run()
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if err != nil {
		fmt.Println(out.String())
		return err
	}
	fmt.Println("   ", lines[max(len(lines)-3, 0)])
	return nil
}
