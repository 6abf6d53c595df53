// Package offloadtest holds what the tests of back ends have in common: random products and programs whose right results are
// known.
package offloadtest

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/assaychain/assay/offchain-worker/compute"
	"github.com/assaychain/assay/x/proofs/interpreter"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
)

var anyInt8 = rapid.OneOf(rapid.Int8(), rapid.SampledFrom([]int8{-128, 127, 0}))

// sequence fills n values from a few drawn ones, so that long operands are cheap to draw.
func sequence(t *rapid.T, n int, label string) []int8 {
	seed := rapid.SliceOfN(anyInt8, 1, 67).Draw(t, label)
	out := make([]int8, n)
	for i := range out {
		out[i] = seed[(i+i/len(seed)*i)%len(seed)]
	}
	return out
}

// Product draws a product of any shape and compares every entry of a kernel's result with the triple loop's.
func Product(t *rapid.T, kernel compute.Kernel) {
	m, n := rapid.IntRange(1, 150).Draw(t, "m"), rapid.IntRange(1, 150).Draw(t, "n")
	k := rapid.OneOf(rapid.IntRange(1, 80), rapid.IntRange(1000, 1100)).Draw(t, "k")
	p := compute.Product{M: m, N: n, K: k, A: sequence(t, m*k, "a"), B: sequence(t, n*k, "b"), C: make([]int32, m*n)}
	p.C[0] = 12345 // what was there before must not matter
	require.NoError(t, kernel.Product(context.Background(), p, nil))
	for i, got := range p.C {
		var want int32
		for j := range k {
			want += int32(p.A[i/n*k+j]) * int32(p.B[i%n*k+j])
		}
		if got != want {
			t.Fatalf("entry %d of %d x %d x %d is %d, must be %d", i, m, n, k, got, want)
		}
	}
}

// Programs compares count random programs' outputs with the interpreter's.
func Programs(t *testing.T, kernel compute.Kernel, count int) {
	t.Helper()
	jobs := rapid.Custom(job)
	for seed := range count {
		j := jobs.Example(seed)
		want, err := interpreter.Run(j.Program, j.Inputs)
		require.NoError(t, err)
		got, err := compute.Execute(context.Background(), kernel, j, nil)
		require.NoError(t, err, "%s, program %d", kernel.Name(), seed)
		require.Len(t, got, len(want))
		for i := range want {
			require.True(t, compute.Equal(want[i], got[i]), "%s, program %d, step %d", kernel.Name(), seed, i)
		}
	}
	t.Logf("%s: %d programs, 0 differences", kernel.Name(), count)
}

// job draws a chain of up to three dense steps over the whole range of values that programs allow.
func job(t *rapid.T) compute.Job {
	rows, cols := rapid.Uint32Range(1, 140).Draw(t, "rows"), rapid.Uint32Range(1, 300).Draw(t, "cols")
	x, err := tensor.NewInt8(rows, cols, sequence(t, int(rows*cols), "x"))
	require.NoError(t, err)
	j := compute.Job{Inputs: []*tensor.Tensor{x}, Program: program.Program{Version: program.Version, Inputs: []program.Tensor{declare("y0", x)}}}
	steps := rapid.IntRange(1, 3).Draw(t, "steps")
	for i := 1; i <= steps; i++ {
		w := weight(t, rapid.Uint32Range(1, 140).Draw(t, "width"), cols)
		j.Inputs = append(j.Inputs, w)
		j.Program.Inputs = append(j.Program.Inputs, declare(fmt.Sprintf("w%d", i), w))
		step := program.DenseStep{
			Input: fmt.Sprintf("y%d", i-1), Weight: fmt.Sprintf("w%d", i), Output: fmt.Sprintf("y%d", i),
			Shift:      rapid.Uint32Range(1, program.MaxShift).Draw(t, "shift"),
			Activation: rapid.SampledFrom([]program.Activation{program.ACTIVATION_IDENTITY, program.ACTIVATION_RELU}).Draw(t, "activation"),
			OutputType: program.DATA_TYPE_INT8,
		}
		if i == steps && rapid.Bool().Draw(t, "int32") {
			step.OutputType, step.Shift = program.DATA_TYPE_INT32, 0
		}
		j.Program.Steps = append(j.Program.Steps, step)
		cols = w.Rows
	}
	return j
}

func declare(name string, t *tensor.Tensor) program.Tensor {
	return program.Tensor{Name: name, Kind: t.Kind, Type: t.Type, Rows: t.Rows, Cols: t.Cols}
}

func weight(t *rapid.T, rows, cols uint32) *tensor.Tensor {
	weights := tensor.Weights{Values: sequence(t, int(rows*cols), "w")}
	for range rows {
		weights.Bias = append(weights.Bias, rapid.Int32Range(-program.MaxBias+1, program.MaxBias-1).Draw(t, "bias"))
		weights.Multiplier = append(weights.Multiplier, rapid.Uint32Range(1, program.MaxMultiplier-1).Draw(t, "multiplier"))
	}
	w, err := tensor.NewWeight(rows, cols, weights)
	require.NoError(t, err)
	return w
}

// Operands are those of a product of mixed values.
func Operands(m, n, k int) compute.Product {
	p := compute.Product{M: m, N: n, K: k, A: make([]int8, m*k), B: make([]int8, n*k), C: make([]int32, m*n)}
	for i := range p.A {
		p.A[i] = int8(i*7 + i>>8)
	}
	for i := range p.B {
		p.B[i] = int8(i*13 + i>>9)
	}
	return p
}

// Benchmark reports multiply-accumulates a second for a square product, copies to and from the device included.
func Benchmark(b *testing.B, kernel compute.Kernel, n int) {
	p := Operands(n, n, n)
	require.NoError(b, kernel.Product(context.Background(), p, nil), "the first product, which learns the device's pace")
	for b.Loop() {
		require.NoError(b, kernel.Product(context.Background(), p, nil))
	}
	b.ReportMetric(float64(p.Work())*float64(b.N)/b.Elapsed().Seconds()/1e9, "GMAC/s")
}
