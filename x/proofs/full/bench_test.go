package full_test

import (
	"context"
	"crypto/sha256"
	"flag"
	"fmt"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/proofs/full"
	"github.com/assaychain/assay/x/proofs/interpreter"
	"github.com/assaychain/assay/x/proofs/program"
)

var (
	// large adds n = 4096 to the benchmarks: some minutes, and a reference string of 1 GiB in the temporary folder.
	large = flag.Bool("large", false, "benchmark products of n = 4096 too")
	// huge is for BenchmarkHuge and BenchmarkHugeStep: some 20 and 40 minutes of a core with the string of 4 GiB.
	huge = flag.Bool("huge", false, "benchmark a product and a step of n = 8192")
	// kept saves the time of making the strings again.
	kept = flag.String("strings", "", "folder that keeps the reference strings, which else are temporary")
)

func sizes() []uint32 {
	if *large {
		return []uint32{256, 1024, 4096}
	}
	return []uint32{256, 1024}
}

// cpuTime is what the process has used: on a busy machine it says more than the clock.
func cpuTime(b testing.TB) time.Duration {
	var usage syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func measure(b *testing.B, unit string, per time.Duration, work func()) {
	before := cpuTime(b)
	for b.Loop() {
		work()
	}
	b.ReportMetric(float64((cpuTime(b)-before)/per)/float64(b.N), unit)
}

// random is a task of n×n×n, made once: its result takes as long as what BenchmarkNaive measures.
func random(n uint32) *task {
	if randoms[n] == nil {
		randoms[n] = draw(fmt.Sprint("bench", n), n, n, n)
	}
	return randoms[n]
}

var randoms = map[uint32]*task{}

func BenchmarkNaive(b *testing.B) {
	for _, n := range sizes() {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			t := random(n)
			measure(b, "cpu-ms/op", time.Millisecond, func() { multiply(t.x[0], &t.weights, int(n)) })
		})
	}
}

func BenchmarkCommit(b *testing.B) {
	for _, n := range sizes() {
		f, t := load(b, int(n*n)), random(n)
		b.Run(fmt.Sprint("int8-", n), func(b *testing.B) {
			measure(b, "cpu-ms/op", time.Millisecond, func() {
				_, err := f.prover.CommitX(context.Background(), n, n, t.x[0])
				require.NoError(b, err)
			})
		})
		b.Run(fmt.Sprint("weights-", n), func(b *testing.B) {
			measure(b, "cpu-ms/op", time.Millisecond, func() {
				_, err := f.prover.CommitWeights(context.Background(), t.weights)
				require.NoError(b, err)
			})
		})
		b.Run(fmt.Sprint("int32-", n), func(b *testing.B) {
			measure(b, "cpu-ms/op", time.Millisecond, func() {
				_, err := f.prover.CommitY(context.Background(), n, n, t.y[0])
				require.NoError(b, err)
			})
		})
	}
}

// BenchmarkProve is the proof alone; the tensors are committed to before. The memory is the most that the process ever held,
// with the operands and what made the reference string.
func BenchmarkProve(b *testing.B) {
	for _, n := range sizes() {
		f, t := load(b, int(n*n)), random(n)
		w, err := f.prover.CommitWeights(context.Background(), t.weights)
		require.NoError(b, err)
		products := t.products(b, f.prover)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			measure(b, "cpu-ms/op", time.Millisecond, func() {
				_, err := f.prover.Prove(context.Background(), sha256.Sum256(nil), w, products)
				require.NoError(b, err)
			})
			var usage syscall.Rusage
			require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
			b.ReportMetric(float64(usage.Maxrss>>10), "MiB")
		})
	}
}

// BenchmarkProveBatch is the cost of products over the same weights in one proof, with the commitments to their tensors.
func BenchmarkProveBatch(b *testing.B) {
	const n = 256
	f := load(b, n*n)
	for _, count := range []int{1, 4, 16} {
		t := draw("batch", n, n, slices.Repeat([]uint32{n}, count)...)
		w, err := f.prover.CommitWeights(context.Background(), t.weights)
		require.NoError(b, err)
		b.Run(fmt.Sprint(count), func(b *testing.B) {
			before := cpuTime(b)
			for b.Loop() {
				_, err := f.prover.Prove(context.Background(), sha256.Sum256(nil), w, t.products(b, f.prover))
				require.NoError(b, err)
			}
			b.ReportMetric(float64((cpuTime(b)-before).Milliseconds())/float64(b.N*count), "cpu-ms/product")
		})
	}
}

// BenchmarkVerify is where Units comes from.
func BenchmarkVerify(b *testing.B) {
	f := load(b, 0)
	for _, rows := range [][]uint32{{1, 1, 1}, {16, 16, 16}, {64, 64, 64}, {4096, 1, 1}, {16, 16, 16, 16, 16, 16, 16, 16, 16, 16}} {
		c := f.prove(b, draw("verify", rows[0], rows[1], rows[2:]...))
		s := c.Statement.Shape()
		b.Run(fmt.Sprintf("%dx%dx%d-products-%d", s.M, s.N, s.K, len(rows)-2), func(b *testing.B) {
			measure(b, "cpu-µs/op", time.Microsecond, func() { require.NoError(b, f.verify(c)) })
			b.ReportMetric(float64(full.Units(s, len(rows)-2)), "units")
			b.ReportMetric(float64(len(c.Proof)), "bytes")
		})
	}
}

// BenchmarkVerifyBatch is the cost of a proof among several that are settled together, all of them different. The second shape
// has the proofs of n = 1024 but for a few scalars, and takes less time to prove.
func BenchmarkVerifyBatch(b *testing.B) {
	f := load(b, 1<<15)
	for _, s := range []full.Shape{{M: 64, N: 64, K: 64}, {M: 32, N: 1024, K: 32}} {
		for _, size := range []int{1, 4, 16, 64} {
			b.Run(fmt.Sprintf("%dx%dx%d-%d", s.M, s.N, s.K, size), func(b *testing.B) {
				batch := f.different(b, s)[:size]
				before := cpuTime(b)
				for b.Loop() {
					require.NoError(b, full.VerifyBatch(f.file.Key(), batch)[size-1])
				}
				b.ReportMetric(float64((cpuTime(b)-before).Microseconds())/float64(b.N*size), "cpu-µs/proof")
			})
		}
	}
}

// different are 64 proofs of a shape, made once.
func (f *fixture) different(b *testing.B, s full.Shape) []full.Claimed {
	for i := len(differents[s]); i < 64; i++ {
		differents[s] = append(differents[s], *f.prove(b, draw(fmt.Sprint("different", i), s.N, s.K, s.M)))
	}
	return differents[s]
}

var differents = map[full.Shape][]full.Claimed{}

// spread is the step of a task of one product, with multipliers for its results.
func spread(of *task) *stepTask {
	t := &stepTask{task: of, shift: 24}
	// Sums are about 2^(13 + log(n)/2), biases up to 2^30: some results are cut off, most are not.
	for i := range t.weights.Multiplier {
		t.weights.Multiplier[i] = 1 + t.weights.Multiplier[i]>>29
	}
	t.requant()
	return t
}

// BenchmarkProveStep is a step's proof with the commitments that only it needs; X, W and Z are committed to before.
func BenchmarkProveStep(b *testing.B) {
	for _, n := range sizes() {
		f, t := load(b, int(n*n)), spread(random(n))
		w, err := f.prover.CommitWeights(context.Background(), t.weights)
		require.NoError(b, err)
		step := t.step(b, f.prover)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			var size int
			measure(b, "cpu-ms/op", time.Millisecond, func() {
				p, err := f.prover.ProveStep(context.Background(), sha256.Sum256(nil), w, step)
				require.NoError(b, err)
				size = len(p.Proof)
			})
			var usage syscall.Rusage
			require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
			b.ReportMetric(float64(usage.Maxrss>>10), "MiB")
			b.ReportMetric(float64(size), "bytes")
		})
	}
}

// BenchmarkVerifyStep is where StepUnits comes from.
func BenchmarkVerifyStep(b *testing.B) {
	f := load(b, 0)
	for _, s := range []full.Shape{{M: 1, N: 1, K: 1}, {M: 16, N: 16, K: 16}, {M: 64, N: 64, K: 64}, {M: 4096, N: 1, K: 1}} {
		p := f.proveStep(b, drawStep("verify", s, 24, false))
		b.Run(fmt.Sprintf("%dx%dx%d", s.M, s.N, s.K), func(b *testing.B) {
			measure(b, "cpu-µs/op", time.Microsecond, func() { require.NoError(b, f.verifyStep(p)) })
			b.ReportMetric(float64(full.StepUnits(p.Statement)), "units")
			b.ReportMetric(float64(len(p.Proof)), "bytes")
		})
	}
}

// oneStep is a program of a step on 16 rows of 64.
func oneStep(b *testing.B, seed string) *run {
	r, s := &run{program: program.Program{Version: program.Version}}, newStream(seed)
	x, w := r.plain(b, s, 16, 64), r.weights(b, s, 32, 64)
	r.program.Steps = []program.DenseStep{{
		Input: x.Name, Weight: w.Name, Output: "y", Shift: 24, Activation: program.ACTIVATION_RELU, OutputType: program.DATA_TYPE_INT8,
	}}
	var err error
	r.outputs, err = interpreter.Run(r.program, r.inputs)
	require.NoError(b, err)
	return r
}

// BenchmarkVerifyChainBatch is the cost of a chain of one step among several that are settled together, all of them different.
func BenchmarkVerifyChainBatch(b *testing.B) {
	f := load(b, 0)
	var all []full.ClaimedChain
	for _, size := range []int{1, 16, 64} {
		b.Run(fmt.Sprint("step-", size), func(b *testing.B) {
			for i := len(all); i < 64; i++ {
				p := oneStep(b, fmt.Sprint("step", i)).prove(b, f)
				all = append(all, full.ClaimedChain{Chain: p.Chain, Proof: p.Proof})
			}
			before := cpuTime(b)
			for b.Loop() {
				require.NoError(b, full.VerifyChainBatch(f.file.Key(), all[:size])[size-1])
			}
			b.ReportMetric(float64((cpuTime(b)-before).Microseconds())/float64(b.N*size), "cpu-µs/proof")
		})
	}
}

// BenchmarkChain is a network of two steps on 64 images: 256 inputs, 128 hidden units, 10 int32 results.
func BenchmarkChain(b *testing.B) {
	f := load(b, 1<<15)
	r, s := &run{program: program.Program{Version: program.Version}}, newStream("network")
	x := r.plain(b, s, 64, 256)
	w1, w2 := r.weights(b, s, 128, 256), r.weights(b, s, 10, 128)
	r.program.Steps = []program.DenseStep{
		{Input: x.Name, Weight: w1.Name, Output: "hidden", Shift: 24, Activation: program.ACTIVATION_RELU, OutputType: program.DATA_TYPE_INT8},
		{Input: "hidden", Weight: w2.Name, Output: "results", Activation: program.ACTIVATION_IDENTITY, OutputType: program.DATA_TYPE_INT32},
	}
	var err error
	r.outputs, err = interpreter.Run(r.program, r.inputs)
	require.NoError(b, err)
	p := r.prove(b, f)
	b.Run("prove", func(b *testing.B) {
		measure(b, "cpu-ms/op", time.Millisecond, func() { r.prove(b, f) })
	})
	b.Run("verify", func(b *testing.B) {
		measure(b, "cpu-µs/op", time.Microsecond, func() { require.NoError(b, full.VerifyChain(f.file.Key(), p.Chain, p.Proof)) })
		b.ReportMetric(float64(full.ChainUnits(p.Chain)), "units")
		b.ReportMetric(float64(len(p.Proof)), "bytes")
	})
}
