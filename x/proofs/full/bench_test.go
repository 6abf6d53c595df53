package full_test

import (
	"context"
	"crypto/sha256"
	"flag"
	"fmt"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/proofs/full"
)

// large adds n = 4096 to the benchmarks: some minutes, and a reference string of 1 GiB in the temporary folder.
var large = flag.Bool("large", false, "benchmark products of n = 4096 too")

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

// random is a task whose result is computed by the same naive product that BenchmarkNaive measures.
func random(n uint32, rows ...uint32) *task { return draw(fmt.Sprint("bench", n), n, n, rows...) }

func BenchmarkNaive(b *testing.B) {
	for _, n := range sizes() {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			t := random(n)
			x := newStream("x").int8s(int(n * n))
			measure(b, "cpu-ms/op", time.Millisecond, func() { multiply(x, &t.weights, int(n)) })
		})
	}
}

func BenchmarkCommit(b *testing.B) {
	for _, n := range sizes() {
		f, t := load(b, int(n*n)), random(n, n)
		b.Run(fmt.Sprint("int8-", n), func(b *testing.B) {
			measure(b, "cpu-ms/op", time.Millisecond, func() {
				_, err := f.prover.CommitX(context.Background(), n, n, t.x[0])
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

// BenchmarkProve is the proof alone; the tensors are committed to before. The memory is the most that the process ever had
// from the system, with the operands and what computed them.
func BenchmarkProve(b *testing.B) {
	for _, n := range sizes() {
		f, t := load(b, int(n*n)), random(n, n)
		w, err := f.prover.CommitWeights(context.Background(), t.weights)
		require.NoError(b, err)
		products := t.products(b, f.prover)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			measure(b, "cpu-ms/op", time.Millisecond, func() {
				_, err := f.prover.Prove(context.Background(), sha256.Sum256(nil), w, products)
				require.NoError(b, err)
			})
			var stats runtime.MemStats
			runtime.ReadMemStats(&stats)
			b.ReportMetric(float64(stats.Sys>>20), "MiB")
		})
	}
}

func BenchmarkVerify(b *testing.B) {
	for _, n := range []uint32{1, 16, 64, 256} {
		f := load(b, int(n*n))
		c := f.prove(b, random(n, n))
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportMetric(float64(len(c.Proof)), "bytes")
			measure(b, "cpu-µs/op", time.Microsecond, func() { require.NoError(b, f.verify(c)) })
		})
	}
}

var _ = full.MaxProducts
