package compute_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/assaychain/assay/offchain-worker/compute"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// BenchmarkProduct gives multiply-accumulates per second for the naive loop, for gonum's float32 product (the well-kept Go
// library for matrices, which has no integer one; exact only while sums stay below 2^24) and for every CPU kernel.
func BenchmarkProduct(b *testing.B) {
	for _, n := range []int{256, 1024} {
		p := operands(n, n, n)
		b.Run(fmt.Sprintf("n=%d/naive", n), func(b *testing.B) {
			for b.Loop() {
				naive(p)
			}
			rate(b, p.Work())
		})
		b.Run(fmt.Sprintf("n=%d/gonum-float32", n), func(b *testing.B) {
			x, w, y := float32s(p.A, n), float32s(p.B, n), float32s(make([]int8, n*n), n)
			for b.Loop() {
				blas32.Gemm(blas.NoTrans, blas.Trans, 1, x, w, 0, y)
			}
			rate(b, p.Work())
		})
		for _, kernel := range cpus(b, 2) {
			b.Run(fmt.Sprintf("n=%d/%s", n, kernel.Name()), func(b *testing.B) {
				for b.Loop() {
					require.NoError(b, kernel.Product(context.Background(), p, nil))
				}
				rate(b, p.Work())
			})
		}
		b.Run(fmt.Sprintf("n=%d/check", n), func(b *testing.B) {
			for b.Loop() {
				require.NoError(b, compute.CheckProduct(p, rand.Reader))
			}
			rate(b, p.Work())
		})
	}
}

func rate(b *testing.B, work uint64) {
	b.ReportMetric(float64(work)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GMAC/s")
}

func float32s(values []int8, n int) blas32.General {
	data := make([]float32, len(values))
	for i, v := range values {
		data[i] = float32(v)
	}
	return blas32.General{Rows: n, Cols: n, Stride: n, Data: data}
}

// BenchmarkDense is a whole step with int8 output: 1,024 rows through 256 channels of 1,024 weights.
func BenchmarkDense(b *testing.B) {
	p := operands(1024, 256, 1024)
	x, err := tensor.NewInt8(1024, 1024, p.A)
	require.NoError(b, err)
	weights := tensor.Weights{Values: p.B, Bias: make([]int32, 256), Multiplier: make([]uint32, 256)}
	for i := range weights.Multiplier {
		weights.Multiplier[i] = 1 << 20
	}
	w, err := tensor.NewWeight(256, 1024, weights)
	require.NoError(b, err)
	d := compute.Dense{X: x, W: w, Step: program.DenseStep{Shift: 32, Activation: program.ACTIVATION_RELU, OutputType: program.DATA_TYPE_INT8}}
	for _, kernel := range cpus(b, 2) {
		b.Run(kernel.Name(), func(b *testing.B) {
			for b.Loop() {
				_, err := kernel.Dense(context.Background(), d, nil)
				require.NoError(b, err)
			}
			rate(b, d.Work())
		})
	}
}

// BenchmarkSelfTest is what a worker pays for its CPU kernels when it starts.
func BenchmarkSelfTest(b *testing.B) {
	for _, kernel := range cpus(b, 2) {
		b.Run(kernel.Name(), func(b *testing.B) {
			for b.Loop() {
				require.NoError(b, compute.SelfTest(context.Background(), kernel))
			}
		})
	}
}
