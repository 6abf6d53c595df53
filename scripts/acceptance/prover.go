package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/assaychain/assay/scripts/bench/measured"
)

// benchmarks runs what a pattern names, in one run, and returns what it measured.
func benchmarks(ctx context.Context, pattern, times, folder string, flags ...string) (measured.Results, error) {
	args := []string{"test", "-vet=off", "-timeout", "60m", "-run", "^$", "-bench", pattern, "-benchtime", times, folder}
	out, err := command(ctx, nil, "go", append(args, flags...)...)
	if err != nil {
		return nil, err
	}
	found := measured.Results{}
	return found, found.Read(strings.NewReader(out))
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
	return []string{"BenchmarkCommit/int8-" + n, "BenchmarkCommit/weights-" + n, "BenchmarkCommit/int32-" + n, "BenchmarkProve/" + n}
}

// wholeProduct measures a product of n = 1024, all commitments included.
func wholeProduct(ctx context.Context) (string, error) {
	f, err := benchmarks(ctx, "^(BenchmarkProve|BenchmarkCommit)$/1024$", "1x", fullProofs)
	if err != nil {
		return "", err
	}
	took, err := f.Sum("cpu-ms/op", parts("1024")...)
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
	took, err1 := f.Sum("cpu-ms/op", parts("4096")...)
	naive, err2 := f.Get("BenchmarkNaive/4096", "cpu-ms/op")
	held, err3 := f.Get("BenchmarkProve/4096", "MiB")
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
	alone, err1 := f.Get("BenchmarkProveBatch/1", "cpu-ms/product")
	among, err2 := f.Get("BenchmarkProveBatch/16", "cpu-ms/product")
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
	naive, err := f.Get("BenchmarkProduct/n=1024/naive", "GMAC/s")
	if err != nil {
		return "", err
	}
	var figure []string
	for _, kernel := range []string{"avx512-vnni", "avx2", "neon", "portable"} {
		rate, missing := f.Get("BenchmarkProduct/n=1024/cpu/"+kernel, "GMAC/s")
		if missing != nil {
			continue // It is for other processors.
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
