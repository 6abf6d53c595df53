package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// mostOfOne is what a proof in a batch of 64 may cost, as a part of one alone.
const mostOfOne = 0.25

// benchmarked is the CPU time of a proof in a line of a benchmark: what is verified, how many at once, and the time.
var benchmarked = regexp.MustCompile(`(?m)^Benchmark\w+/(\S+?)-(1|64)(?:-\d+)?\s.*?([0-9.]+) cpu-µs/proof`)

// batchRatio compares a proof in a batch with one alone, in CPU time and in one run, for everything that a benchmark verifies. Of
// several times it takes the least, which other programs have disturbed least.
func batchRatio(benchmark, folder string) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		args := []string{"test", "-vet=off", "-run", "^$", "-bench", "^" + benchmark + "$/-(1|64)$", "-benchtime", "1s", "-count", "3", folder}
		out, err := command(ctx, nil, "go", args...)
		if err != nil {
			return "", err
		}
		return ratios(out)
	}
}

// ratios reads the output of a benchmark.
func ratios(out string) (string, error) {
	var names []string
	least := map[string]map[string]float64{"1": {}, "64": {}}
	for _, found := range benchmarked.FindAllStringSubmatch(out, -1) {
		name, size := found[1], found[2]
		took, err := strconv.ParseFloat(found[3], 64)
		if err != nil {
			return "", err
		}
		if before := least[size][name]; before == 0 || took < before {
			least[size][name] = took
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	var figures []string
	worst := 0.0
	for _, name := range names {
		one, many := least["1"][name], least["64"][name]
		if one == 0 || many == 0 {
			return "", fmt.Errorf("the benchmark printed no CPU times of 1 and of 64 for %s", name)
		}
		worst = max(worst, many/one)
		figures = append(figures, fmt.Sprintf("%s: %.0f / %.0f µs of CPU time = %.3f", name, many, one, many/one))
	}
	figure := strings.Join(figures, "; ")
	if len(figures) == 0 {
		return "", errors.New("the benchmark printed no CPU times")
	}
	if worst > mostOfOne {
		return figure, fmt.Errorf("more than %.2f", mostOfOne)
	}
	return figure, nil
}
