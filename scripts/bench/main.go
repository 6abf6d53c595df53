// Command bench runs the benchmarks of the repository and writes BENCHMARKS.md: every figure as a ratio of two figures of
// the same run, so that it says something on any machine, beside the command that gives it again.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
)

func main() {
	output := flag.String("o", "BENCHMARKS.md", "file to write")
	flag.Parse()
	if err := run(*output); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(output string) error {
	results := results{}
	for _, s := range suites {
		fmt.Fprintln(os.Stderr, s.command())
		if err := s.run(results); err != nil {
			return fmt.Errorf("%s: %w", s.command(), err)
		}
	}
	document, err := render(results)
	if err != nil {
		return err
	}
	return os.WriteFile(output, []byte(document), 0o644)
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
}

func (s suite) arguments() []string {
	return []string{"test", "-vet=off", "-run", "^$", "-bench", s.bench, "-benchtime", s.time, s.pkg}
}

func (s suite) command() string {
	return fmt.Sprintf("go test -vet=off -run '^$' -bench '%s' -benchtime %s %s", s.bench, s.time, s.pkg)
}

// run adds what the suite measured to the results and shows it as it comes.
func (s suite) run(into results) error {
	command := exec.Command("go", s.arguments()...)
	command.Stderr = os.Stderr
	pipe, err := command.StdoutPipe()
	if err != nil {
		return err
	}
	if err := command.Start(); err != nil {
		return err
	}
	if err := into.read(io.TeeReader(pipe, os.Stderr)); err != nil {
		return err
	}
	return command.Wait()
}
