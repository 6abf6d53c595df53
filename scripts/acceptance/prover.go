package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"runtime"
	"strconv"
	"strings"
)

// benchmarkLine is a line of a benchmark's output: its name, and its figures with their units.
var benchmarkLine = regexp.MustCompile(`(?m)^Benchmark(\S+)\s+\d+\s+(.+)$`)

// figures are what benchmarks measured, by "name unit".
type figures map[string]float64

// benchmarks runs what a pattern names, each a number of times in one run, and returns the last figures of each.
func benchmarks(ctx context.Context, pattern, times, folder string, flags ...string) (figures, error) {
	args := []string{"test", "-vet=off", "-timeout", "60m", "-run", "^$", "-bench", pattern, "-benchtime", times, folder}
	out, err := command(ctx, nil, "go", append(args, flags...)...)
	if err != nil {
		return nil, err
	}
	return readFigures(out)
}

// readFigures reads the output of benchmarks.
func readFigures(out string) (figures, error) {
	found := figures{}
	for _, line := range benchmarkLine.FindAllStringSubmatch(out, -1) {
		name := line[1]
		if n := runtime.GOMAXPROCS(0); n > 1 {
			name = strings.TrimSuffix(name, fmt.Sprintf("-%d", n)) // The testing package adds it.
		}
		fields := strings.Fields(line[2])
		for i := 0; i+1 < len(fields); i += 2 {
			value, err := strconv.ParseFloat(fields[i], 64)
			if err != nil {
				return nil, fmt.Errorf("benchmark %s: %w", name, err)
			}
			found[name+" "+fields[i+1]] = value
		}
	}
	return found, nil
}

// sum adds figures up, all of which must be there.
func (f figures) sum(names ...string) (total float64, err error) {
	for _, name := range names {
		value, ok := f[name]
		if !ok {
			return 0, fmt.Errorf("the benchmark printed no %s", name)
		}
		total += value
	}
	return total, nil
}

const (
	// mostProofSeconds bounds the CPU time of a whole product of n = 1024, and mostOfNaive that of n = 4096 against the naive loop.
	mostProofSeconds, mostOfNaive = 8, 2.5
	// mostProofMiB bounds the memory of the latter.
	mostProofMiB = 4_096
	// leastSpeedUp is what the kernel for AVX-512 VNNI must be against the naive loop.
	leastSpeedUp = 20
)

// parts are what a whole product takes of a prover: the commitments of X, W and Y, and the proof.
func parts(n string) []string {
	return []string{"Commit/int8-" + n + " cpu-ms/op", "Commit/weights-" + n + " cpu-ms/op", "Commit/int32-" + n + " cpu-ms/op", "Prove/" + n + " cpu-ms/op"}
}

// wholeProduct measures a product of n = 1024, all commitments included.
func wholeProduct(ctx context.Context) (string, error) {
	f, err := benchmarks(ctx, "^(BenchmarkProve|BenchmarkCommit)$/1024$", "1x", fullProofs)
	if err != nil {
		return "", err
	}
	took, err := f.sum(parts("1024")...)
	if err != nil {
		return "", err
	}
	figure := fmt.Sprintf("%.2f CPU-s, commitments included", took/1000)
	if took > 1000*mostProofSeconds {
		return figure, fmt.Errorf("more than %d", mostProofSeconds)
	}
	return figure, nil
}

// largeProduct compares one of n = 4096 with the naive loop over the same matrices, and bounds what it takes of memory.
func largeProduct(ctx context.Context) (string, error) {
	f, err := benchmarks(ctx, "^(BenchmarkNaive|BenchmarkProve|BenchmarkCommit)$/4096$", "1x", fullProofs, "-large")
	if err != nil {
		return "", err
	}
	took, err1 := f.sum(parts("4096")...)
	naive, err2 := f.sum("Naive/4096 cpu-ms/op")
	held, err3 := f.sum("Prove/4096 MiB")
	if err := errors.Join(err1, err2, err3); err != nil {
		return "", err
	}
	figure := fmt.Sprintf("%.0f CPU-s / %.0f CPU-s = %.2f, %.0f MiB", took/1000, naive/1000, took/naive, held)
	if took > mostOfNaive*naive || held > mostProofMiB {
		return figure, fmt.Errorf("more than %.1f, or than %d MiB", mostOfNaive, mostProofMiB)
	}
	return figure, nil
}

// sharedWeights compares a product among 16 over the same weights with one alone, their commitments included.
func sharedWeights(ctx context.Context) (string, error) {
	f, err := benchmarks(ctx, "^BenchmarkProveBatch$/^(1|16)$", "2x", fullProofs)
	if err != nil {
		return "", err
	}
	alone, err1 := f.sum("ProveBatch/1 cpu-ms/product")
	among, err2 := f.sum("ProveBatch/16 cpu-ms/product")
	if err := errors.Join(err1, err2); err != nil {
		return "", err
	}
	figure := fmt.Sprintf("%.0f / %.0f CPU-ms = %.2f", among, alone, among/alone)
	if among >= alone {
		return figure, errors.New("no cheaper")
	}
	return figure, nil
}

// speedUp compares this processor's kernels with the naive loop, n = 1024. Only the one for AVX-512 VNNI has a bound: others may run.
func speedUp(ctx context.Context) (string, error) {
	f, err := benchmarks(ctx, "^BenchmarkProduct$/^n=1024$", "1s", kernels)
	if err != nil {
		return "", err
	}
	naive, err := f.sum("Product/n=1024/naive GMAC/s")
	if err != nil {
		return "", err
	}
	var figure []string
	for _, kernel := range []string{"avx512-vnni", "avx2", "neon", "portable"} {
		rate, ok := f["Product/n=1024/cpu/"+kernel+" GMAC/s"]
		if !ok {
			continue
		}
		figure = append(figure, fmt.Sprintf("%s %.1f", kernel, rate/naive))
		if kernel == "avx512-vnni" && rate < leastSpeedUp*naive {
			err = fmt.Errorf("less than %d", leastSpeedUp)
		}
	}
	if len(figure) == 0 {
		return "", errors.New("the benchmark printed no kernel")
	}
	return strings.Join(figure, ", "), err
}
