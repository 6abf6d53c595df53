// Command bench runs the benchmarks of the repository and writes BENCHMARKS.md: every figure as a ratio of two figures of
// the same run, so that it says something on any machine, beside the command that gives it again.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"

	"github.com/assaychain/assay/scripts/bench/markdown"
	"github.com/assaychain/assay/scripts/bench/measured"
)

func main() {
	output := flag.String("o", "BENCHMARKS.md", "file to write")
	from := flag.String("from", "", "output of an earlier run, to write the file from instead of running the benchmarks")
	flag.Parse()
	if err := run(*output, *from); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(output, from string) error {
	results, err := figures(from)
	if err != nil {
		return err
	}
	document, err := render(results)
	if err != nil {
		return err
	}
	return os.WriteFile(output, []byte(keep(output, document)), 0o644)
}

// keep takes over the section that scripts/simulate wrote from the file as it is, if it has one.
func keep(file, document string) string {
	old, err := os.ReadFile(file)
	if err != nil {
		return document // There is none yet.
	}
	if kept := markdown.Find(string(old), markdown.Simulated); kept != "" {
		return markdown.Replace(document, markdown.Simulated, kept)
	}
	return document
}

// figures are those of an earlier run's output, or of a run now.
func figures(from string) (measured.Results, error) {
	found := measured.Results{}
	if from != "" {
		saved, err := os.Open(from)
		if err != nil {
			return nil, err
		}
		defer saved.Close()
		return found, found.Read(saved)
	}
	for _, s := range suites {
		fmt.Fprintln(os.Stderr, s.command())
		if err := s.run(found); err != nil {
			return nil, fmt.Errorf("%s: %w", s.command(), err)
		}
	}
	return found, nil
}

// suite is one call of the test tool.
type suite struct {
	pkg, bench, time string
}

// suites are everything that BENCHMARKS.md reports. Times are given for each benchmark.
var suites = []suite{
	{"./x/proofs/internal/groth16", "^BenchmarkVerify$", "2s"},
	{"./testutil/bench", "^BenchmarkJob$", "1s"},
	{"./testutil/bench", "^BenchmarkSettle$", "1x"},
	{"./offchain-worker/compute", "^BenchmarkProduct$/n=1024", "1s"},
	{"./x/proofs/keeper", "^BenchmarkVerifyUnits$", "30x"},
}

func (s suite) arguments() []string {
	return []string{"test", "-vet=off", "-run", "^$", "-bench", s.bench, "-benchtime", s.time, s.pkg}
}

func (s suite) command() string {
	return fmt.Sprintf("go test -vet=off -run '^$' -bench '%s' -benchtime %s %s", s.bench, s.time, s.pkg)
}

// run adds what the suite measured to the results and shows it as it comes.
func (s suite) run(into measured.Results) error {
	command := exec.Command("go", s.arguments()...)
	command.Stderr = os.Stderr
	pipe, err := command.StdoutPipe()
	if err != nil {
		return err
	}
	if err := command.Start(); err != nil {
		return err
	}
	if err := into.Read(io.TeeReader(pipe, os.Stderr)); err != nil {
		return err
	}
	return command.Wait()
}
