package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func write(t *testing.T, root, path, content string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Join(root, filepath.Dir(path)), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(root, path), []byte(content), 0o600))
}

// The targets that files declare are found, and no package without any is built.
func TestDiscover(t *testing.T) {
	root := t.TempDir()
	write(t, root, "a/a_test.go", "package a\n\nfunc FuzzTwo(f *testing.F) {}\n\nfunc FuzzHelper(n int) {}\n")
	write(t, root, "a/b_test.go", "package a\n\nfunc FuzzOne(f *testing.F) {}\n\nconst quoted = `\nfunc FuzzQuoted(f *testing.F) {}\n`\n")
	write(t, root, "a/windows_plan9_test.go", "//go:build windows && plan9\n\npackage a\n\nfunc FuzzNowhere(f *testing.F) {}\n")
	write(t, root, "b/b_test.go", "package b\n\n// func FuzzThree(f *testing.F)\n\nfunc TestFuzz(t *testing.T) {}\n")
	write(t, root, "c/testdata/c_test.go", "package c\n\nfunc FuzzFour(f *testing.F) {}\n")
	write(t, root, "d/d.go", "package d\n\nfunc FuzzFive(f *testing.F) {}\n")
	write(t, root, "e/e_test.go", "package e\n\nfunc (x T) FuzzMethod(f *testing.F) {}\n\nfunc FuzzMore(f *testing.F, n int) {}\n")
	targets, err := discover(root)
	require.NoError(t, err)
	a := filepath.Join(root, "a")
	require.Equal(t, []target{{a, "FuzzOne"}, {a, "FuzzTwo"}}, targets)
}

func TestChoose(t *testing.T) {
	for said, o := range map[string]options{
		"-jobs":             {time: time.Second},
		"-time":             {jobs: 1},
		"-match":            {time: time.Second, jobs: 1, match: "("},
		"no target matches": {time: time.Second, jobs: 1, match: "^nothing$"},
	} {
		_, err := choose(o)
		require.ErrorContains(t, err, said)
	}
	require.Equal(t, 1, workers(1_000_000))
	require.GreaterOrEqual(t, workers(1), workers(2))
}

func TestLastProgress(t *testing.T) {
	for said, line := range map[string]string{
		"": "",
		"fuzz: elapsed: 0s, gathering baseline coverage: 0/3 completed\nPASS\n":                                                                            "",
		"fuzz: elapsed: 3s, execs: 10 (3/sec), new interesting: 1 (total: 4)\nfuzz: elapsed: 6s, execs: 25 (5/sec), new interesting: 2 (total: 5)\nPASS\n": "25 executions in 6s, 2 new interesting inputs of 5",
		"fuzz: elapsed: 3s, execs: 7 (2/sec)\n": "7 executions in 3s",
		"fuzz: elapsed: 3s, execs: 7 (2/sec)\nstalled once, and passes when repeated: FuzzX/0\nfuzz: elapsed: 2s, execs: 4 (2/sec)\n": "1 stalls that don't repeat, since the last 4 executions in 2s",
	} {
		require.Equal(t, line, lastProgress(said))
	}
}

// A target whose time ended among the inputs that it had is told from one that was not run at all.
func TestRan(t *testing.T) {
	const kept = "fuzz: elapsed: 3s, gathering baseline coverage: 8/351 completed\nPASS\n"
	require.ErrorIs(t, ran(kept), errKeptOnly)
	require.NoError(t, ran(kept+"fuzz: elapsed: 6s, execs: 12 (4/sec), new interesting: 0 (total: 351)\n"))
	require.ErrorContains(t, ran("PASS\n"), "was not run")
}

// Two targets of one package at a time: both run, the failing one is named and leaves its input in the package, the others' say how far
// they came, and no binary stays. The build is without the fuzzer's instruments, which would build the standard library anew.
func TestFuzz(t *testing.T) {
	root := t.TempDir()
	write(t, root, "go.mod", "module example.org/m\n\ngo 1.24\n")
	write(t, root, "in/in_test.go", `package in

import "testing"

func FuzzGood(f *testing.F) { f.Fuzz(func(*testing.T, []byte) {}) }

func FuzzBad(f *testing.F) {
	f.Fuzz(func(t *testing.T, in []byte) {
		if len(in) > 0 {
			t.Fatal("a byte")
		}
	})
}

`)
	write(t, root, "out/out_test.go", "package out\n\nfunc Fuzz( {}\n")
	t.Chdir(root)
	var out bytes.Buffer
	f := &fuzzer{
		options: options{time: 300 * time.Millisecond, jobs: 2}, temporary: t.TempDir(), out: &out, found: t.TempDir(), module: "example.org/m",
	}
	failed := f.all(t.Context(), []target{{"in", "FuzzBad"}, {"in", "FuzzGood"}, {"in", "FuzzMissing"}, {"out", "FuzzOut"}})
	require.Equal(t, []string{"in FuzzBad", "in FuzzMissing", "out FuzzOut"}, failed)
	for _, said := range []string{
		`\d of 4: in FuzzGood: \d+ executions in \S+`, `in FuzzBad: FAILED: exit status 1\n(?s).*a byte`, `in FuzzMissing: FAILED: the target was not run`,
		`out FuzzOut: FAILED: build the tests: `,
	} {
		require.Regexp(t, said, out.String())
	}
	inputs, err := os.ReadDir("in/testdata/fuzz/FuzzBad")
	require.NoError(t, err)
	require.Len(t, inputs, 1)
	ended, end := context.WithCancel(t.Context())
	end()
	require.Empty(t, f.all(ended, []target{{"in", "FuzzGood"}}), "nothing starts any more")
	left, err := os.ReadDir(f.temporary)
	require.NoError(t, err)
	require.Empty(t, left)
}

// Where a worker ended after it had stood still, among new inputs or those kept from earlier, is found; where it ended at once is not.
func TestStall(t *testing.T) {
	const end = "    fuzzing process hung or terminated unexpectedly: exit status 2\n    Failing input written to testdata/fuzz/FuzzX/0\n"
	found, kept := "fuzz: elapsed: 9s, execs: 9 (%d/sec), new interesting: 1\n", "fuzz: elapsed: 9s, gathering baseline coverage: %d/9 completed\n"
	say := func(line string, paces ...int) (said string) {
		for _, pace := range paces {
			said += fmt.Sprintf(line, pace)
		}
		return said
	}
	for said, want := range map[string]string{
		say(found, 5, 0, 0, 0):                   "FuzzX/0",
		say(found, 0, 0, 5, 5, 5, 5, 5):          "",
		say(kept, 1, 2, 3, 3, 3):                 "FuzzX/0",
		say(kept, 1, 1, 1, 2, 3, 4, 5, 6):        "",
		say(kept, 8, 9) + say(found, 3, 0, 0, 0): "FuzzX/0",
		"":                                       "",
	} {
		require.Equal(t, want, stall(said+end), said)
		require.Empty(t, stall(said))
	}
}

// A worker that stood still for ten seconds at an input which passes when it is run again is no failure, and the input isn't kept. One that
// crashes is, though the input passes afterwards.
func TestStallsThatDontRepeatAreExcused(t *testing.T) {
	root := t.TempDir()
	write(t, root, "go.mod", "module example.org/m\n\ngo 1.24\n")
	write(t, root, "in/in_test.go", `package in

import (
	"os"
	"testing"
	"time"
)

// once tells whether a name is new.
func once(name string) bool {
	_, err := os.Stat(name)
	return err != nil && os.WriteFile(name, nil, 0o600) == nil
}

func FuzzStall(f *testing.F) {
	f.Fuzz(func(t *testing.T, in []byte) {
		if len(in) > 0 && once("stalled") {
			time.Sleep(time.Minute)
		}
	})
}

func FuzzCrash(f *testing.F) {
	f.Fuzz(func(t *testing.T, in []byte) {
		if len(in) > 0 && once("crashed") {
			os.Exit(2)
		}
	})
}
`)
	t.Chdir(root)
	var out bytes.Buffer
	f := &fuzzer{
		options: options{time: 12 * time.Second, jobs: 1_000}, temporary: t.TempDir(), out: &out, found: t.TempDir(), module: "example.org/m",
	}
	require.Equal(t, []string{"in FuzzCrash"}, f.all(t.Context(), []target{{"in", "FuzzStall"}, {"in", "FuzzCrash"}}))
	require.Regexp(t, `in FuzzStall: 1 stalls that don't repeat, since the last \d+ executions in`, out.String())
	require.EqualValues(t, 1, f.stalls.Load())
	for name, kept := range map[string]int{"FuzzStall": 0, "FuzzCrash": 1} {
		inputs, err := filepath.Glob("in/testdata/fuzz/" + name + "/*")
		require.NoError(t, err)
		require.Len(t, inputs, kept, name)
	}
}
