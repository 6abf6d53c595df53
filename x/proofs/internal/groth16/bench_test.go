package groth16_test

import (
	"fmt"
	"testing"

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
			for b.Loop() {
				require.NoError(b, f.key.VerifyBatch(batch)[size-1])
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*size), "µs/proof")
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
	for b.Loop() {
		require.Error(b, f.key.VerifyBatch(batch)[0])
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*size), "µs/proof")
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
