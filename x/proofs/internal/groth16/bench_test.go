package groth16_test

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/proofs/internal/groth16"
)

// BenchmarkVerify is where the gas of a proof comes from: one alone, and batches under one key.
func BenchmarkVerify(b *testing.B) {
	f := load(b)
	for _, size := range []int{1, 4, 16, 64} {
		batch := make([]groth16.Claim, size)
		for i := range batch {
			batch[i] = rerandomise(f.claims[i%fixtureProofs], uint64(i+2))
		}
		b.Run(fmt.Sprintf("batch-%d", size), func(b *testing.B) {
			before := cpuTime(b)
			for b.Loop() {
				require.NoError(b, f.key.VerifyBatch(batch)[size-1])
			}
			b.ReportMetric(float64((cpuTime(b)-before).Microseconds())/float64(b.N*size), "cpu-µs/proof")
		})
	}
}

// BenchmarkVerifyWrong is the cost of a batch in which every proof is well formed and wrong.
func BenchmarkVerifyWrong(b *testing.B) {
	f := load(b)
	const size = 16
	batch := make([]groth16.Claim, size)
	for i := range batch {
		batch[i] = clone(f.claims[i%fixtureProofs])
		batch[i].Digest = f.claims[(i+1)%fixtureProofs].Digest
	}
	before := cpuTime(b)
	for b.Loop() {
		require.Error(b, f.key.VerifyBatch(batch)[0])
	}
	b.ReportMetric(float64((cpuTime(b)-before).Microseconds())/float64(b.N*size), "cpu-µs/proof")
}

// BenchmarkFirstInvalid is the cost of finding one wrong proof among 64.
func BenchmarkFirstInvalid(b *testing.B) {
	f := load(b)
	const size = 64
	batch := make([]groth16.Claim, size)
	for i := range batch {
		batch[i] = rerandomise(f.claims[i%fixtureProofs], uint64(i+2))
	}
	batch[size-1].Digest = [32]byte{31: 1}
	before := cpuTime(b)
	for b.Loop() {
		place, err := f.key.FirstInvalid(batch)
		require.Error(b, err)
		require.Equal(b, size-1, place)
	}
	b.ReportMetric(float64((cpuTime(b)-before).Microseconds())/float64(b.N), "cpu-µs/batch")
}

// cpuTime is what the process has used: on a busy machine it says more than the clock.
func cpuTime(b *testing.B) time.Duration {
	var usage syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func BenchmarkDecodeProof(b *testing.B) {
	raw := load(b).claims[0].Proof
	for b.Loop() {
		_, err := groth16.DecodeProof(raw)
		require.NoError(b, err)
	}
}

func BenchmarkParseVerifyingKey(b *testing.B) {
	raw := load(b).rawKey
	for b.Loop() {
		_, err := groth16.ParseVerifyingKey(raw)
		require.NoError(b, err)
	}
}
