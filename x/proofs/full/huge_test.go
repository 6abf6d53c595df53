package full_test

import (
	"context"
	"crypto/sha256"
	"slices"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/proofs/full"
	"github.com/assaychain/assay/x/proofs/full/prover"
)

// hugeRows is how many rows of a huge task differ. The others repeat them, so that the product itself takes less time; commitments and proof
// don't make use of it.
const hugeRows = 256

// drawHuge is a task of the largest size.
func drawHuge() *task {
	const n = full.MaxDimension
	t := draw("huge", n, n, hugeRows)
	t.shape.M, t.x[0], t.y[0] = n, slices.Repeat(t.x[0], n/hugeRows), slices.Repeat(t.y[0], n/hugeRows)
	return t
}

// phase does something once, and reports its CPU time.
func phase(b *testing.B, unit string, work func()) {
	before := cpuTime(b)
	work()
	b.ReportMetric((cpuTime(b) - before).Seconds(), unit)
}

// reportPeak reports the most that the process ever held, with the operands and what made the reference string.
func reportPeak(b *testing.B, size int) {
	var usage syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	b.ReportMetric(float64(usage.Maxrss>>10), "MiB")
	b.ReportMetric(float64(size), "bytes")
}

// BenchmarkHuge is one product of the largest size, from the commitments to the verdict, each done once.
func BenchmarkHuge(b *testing.B) {
	if !*huge {
		b.Skip("needs -huge")
	}
	f, t := load(b, full.MaxDimension*full.MaxDimension), drawHuge()
	var products []prover.Product
	var w *prover.CommittedWeights
	var c *full.Claimed
	var err error
	phase(b, "cpu-s/weights", func() { w, err = f.prover.CommitWeights(context.Background(), t.weights) })
	require.NoError(b, err)
	phase(b, "cpu-s/x-and-y", func() { products = t.products(b, f.prover) })
	phase(b, "cpu-s/proof", func() { c, err = f.prover.Prove(context.Background(), sha256.Sum256(nil), w, products) })
	require.NoError(b, err)
	phase(b, "cpu-s/verdict", func() { require.NoError(b, f.verify(c)) })
	reportPeak(b, len(c.Proof))
}

// BenchmarkHugeStep is the same for a step.
func BenchmarkHugeStep(b *testing.B) {
	if !*huge {
		b.Skip("needs -huge")
	}
	f, t := load(b, full.MaxDimension*full.MaxDimension), spread(drawHuge())
	var step prover.Step
	var w *prover.CommittedWeights
	var p *prover.ProvenStep
	var err error
	phase(b, "cpu-s/weights", func() { w, err = f.prover.CommitWeights(context.Background(), t.weights) })
	require.NoError(b, err)
	phase(b, "cpu-s/x-and-z", func() { step = t.step(b, f.prover) })
	phase(b, "cpu-s/proof", func() { p, err = f.prover.ProveStep(context.Background(), sha256.Sum256(nil), w, step) })
	require.NoError(b, err)
	phase(b, "cpu-s/verdict", func() { require.NoError(b, f.verifyStep(p)) })
	reportPeak(b, len(p.Proof))
}
