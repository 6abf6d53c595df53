package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
)

// mostOfOne is what a proof in a batch of 64 may cost, as a part of one alone.
const mostOfOne = 0.25

// benchmarked is the CPU time of a proof in a line of the benchmark.
var benchmarked = regexp.MustCompile(`BenchmarkVerify/batch-(1|64)\S*\s.*?([0-9.]+) cpu-µs/proof`)

// batchRatio compares a proof in a batch with one alone, in CPU time and in one run.
func batchRatio(ctx context.Context) (string, error) {
	out, err := command(ctx, nil, "go", "test", "-vet=off", "-run", "^$", "-bench", "^BenchmarkVerify$/^batch-(1|64)$", "-benchtime", "3s", "./x/proofs/internal/groth16")
	if err != nil {
		return "", err
	}
	times := map[string]float64{}
	for _, found := range benchmarked.FindAllStringSubmatch(out, -1) {
		if times[found[1]], err = strconv.ParseFloat(found[2], 64); err != nil {
			return "", err
		}
	}
	if times["1"] == 0 || times["64"] == 0 {
		return "", errors.New("the benchmark printed no CPU times")
	}
	ratio := times["64"] / times["1"]
	figure := fmt.Sprintf("%.0f / %.0f µs of CPU time = %.3f", times["64"], times["1"], ratio)
	if ratio > mostOfOne {
		return figure, fmt.Errorf("more than %.2f", mostOfOne)
	}
	return figure, nil
}
