package main

import (
	_ "embed" // for what was recorded
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/assaychain/assay/scripts/bench/measured"
)

// recorded is the end of BENCHMARKS.md: figures of machines that are not at hand, kept by people.
//
//go:embed recorded.md
var recorded string

// section is a table of BENCHMARKS.md.
type section struct {
	title, text string
	suite       suite
	rows        []ratio
}

const (
	cpuMicroseconds = "cpu-µs/proof"
	cpuMilliseconds = "cpu-ms/op"
	gmacs           = "GMAC/s"
)

// sections are all of the document.
func sections(r measured.Results) []section {
	return []section{
		{"Verifying proofs", "CPU time a proof in a batch takes, as a part of what it takes alone.", suites[0], batches()},
		{"What the chain charges for it", "CPU time in microseconds, as a part of the units that the chain takes for it; a unit is a microsecond of the reference machine. Figures well " +
			"above 1 on a machine like that one mean that a constant of x/proofs/keeper/budget.go has to be raised.", suites[4], units()},
		{"A worker's job", "CPU time of each step, against the proof of one sample of the same job. `interpret` is the plain reference that gives every " +
			"program its meaning; `execute` is the worker's kernel; `commit` hashes the outputs of all steps.", suites[1], steps()},
		{"Settling jobs", "A node's CPU time for one job from submission to payment with one proof — three transactions and " +
			"a share of the beacon's round — against one bank send, each with its checks on entering the mempool.", suites[2], []ratio{
			{label: "bank sends that cost as much as one settled job", over: "BenchmarkSettle", overUnit: "sends/s", under: "BenchmarkSettle", underUnit: "jobs/s"},
		}},
		{"Matrix kernels", "Multiply–accumulates per second, by the clock, of products of int8 matrices of 1,024 x 1,024 on all cores.", suites[3], kernels(r)},
	}
}

func batches() []ratio {
	const alone = "BenchmarkVerify/batch-1"
	var rows []ratio
	for _, size := range []int{4, 16, 64} {
		name := fmt.Sprintf("BenchmarkVerify/batch-%d", size)
		rows = append(rows, ratio{label: fmt.Sprintf("a proof in a batch of %d / alone", size), over: name, overUnit: cpuMicroseconds, under: alone, underUnit: cpuMicroseconds})
	}
	return rows
}

// units are the constants of the chain against what they stand for.
func units() []ratio {
	const name = "BenchmarkVerifyUnits"
	var rows []ratio
	for _, what := range []string{"batch-of-1", "batch-of-64", "further-proof", "decode", "secp256k1"} {
		rows = append(rows, ratio{label: what + " / its units", over: name, overUnit: "µs/" + what, under: name, underUnit: "units/" + what})
	}
	return rows
}

func steps() []ratio {
	var rows []ratio
	for _, job := range []string{"digits", "matmul-256", "matmul-512"} {
		name := "BenchmarkJob/" + job
		for _, step := range []string{"interpret", "execute", "commit"} {
			rows = append(rows, ratio{label: job + ": " + step + " / prove", over: name + "/" + step, overUnit: cpuMilliseconds, under: name + "/prove", underUnit: cpuMilliseconds})
		}
		rows = append(rows, ratio{label: job + ": interpret / execute", over: name + "/interpret", overUnit: cpuMilliseconds, under: name + "/execute", underUnit: cpuMilliseconds})
	}
	verify := "BenchmarkVerify/batch-1"
	rows = append(rows, ratio{
		label: "digits: prove / verify one proof alone",
		over:  "BenchmarkJob/digits/prove", overUnit: cpuMilliseconds, under: verify, underUnit: cpuMicroseconds, scale: 1000,
	})
	return rows
}

// kernels are those that the machine can run, against the naive loop.
func kernels(r measured.Results) []ratio {
	const name = "BenchmarkProduct/n=1024/"
	rows := []ratio{{label: "gonum float32 / naive loop", over: name + "gonum-float32", overUnit: gmacs, under: name + "naive", underUnit: gmacs}}
	for _, measured := range slices.Sorted(maps.Keys(r)) {
		if kernel, ok := strings.CutPrefix(measured, name+"cpu/"); ok {
			rows = append(rows, ratio{label: "kernel " + kernel + " / naive loop", over: measured, overUnit: gmacs, under: name + "naive", underUnit: gmacs})
		}
	}
	return append(rows, ratio{label: "check of a product / naive loop", over: name + "check", overUnit: gmacs, under: name + "naive", underUnit: gmacs})
}

// render writes the document.
func render(r measured.Results) (string, error) {
	var b strings.Builder
	b.WriteString("# Benchmarks\n\n`make bench` writes this file, all but what is headed as recorded or simulated. Every figure is a ratio of two figures of one run on one machine; CPU time, where nothing " +
		"else is said, so that a busy machine changes little. The commands give the figures behind them.\n")
	for _, s := range sections(r) {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n    %s\n\n| ratio | value |\n|---|---:|\n", s.title, s.text, s.suite.command())
		for _, row := range s.rows {
			value, err := quotient(r, row)
			if err != nil {
				return "", err
			}
			fmt.Fprintf(&b, "| %s | %.3g |\n", row.label, value)
		}
	}
	return b.String() + recorded, nil
}
