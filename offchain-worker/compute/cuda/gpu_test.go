//go:build linux && (amd64 || arm64)

package cuda

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	mrand "math/rand/v2"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/offchain-worker/compute"
	"github.com/assaychain/assay/offchain-worker/compute/computetest"
)

// onGPUs calls f with each kernel that the machine's GPUs run, and skips where there is none.
func onGPUs[T testing.TB](t T, f func(one compute.Accelerator)) {
	for _, wanted := range []string{DP4A, MMA} {
		found, err := Open(context.Background(), Options{Kernel: wanted})
		if errors.Is(err, ErrNoDriver) {
			t.Skip("no NVIDIA GPU here: ", err)
		}
		if err != nil && !errors.Is(err, ErrUnsupported) {
			t.Fatal(err)
		}
		for _, one := range found {
			t.Logf("%s on %s, %s, %d MiB", one.Kernel.Name(), one.Name, one.UUID, one.Memory>>20)
			f(one)
			require.NoError(t, one.Close())
		}
	}
}

func TestGPUPassesTheSelfTest(t *testing.T) {
	onGPUs(t, func(one compute.Accelerator) { require.NoError(t, compute.SelfTest(context.Background(), one.Kernel)) })
}

func TestGPUDifferential(t *testing.T) {
	onGPUs(t, func(one compute.Accelerator) { computetest.Differential(t, one.Kernel) })
}

// Sizes around and far above the tile's, each checked by Freivalds' method, with whatever was in the memory before.
func TestGPUProductsAreExact(t *testing.T) {
	onGPUs(t, func(one compute.Accelerator) {
		for _, size := range [][3]int{
			{128, 128, 64}, {129, 127, 65}, {1, 4096, 4096}, {4096, 1, 4096}, {1023, 2049, 511}, {300, 300, compute.MaxDepth}, {2048, 2048, 2048},
			{2500, 1100, 100},
		} {
			p := randomProduct(size[0], size[1], size[2])
			require.NoError(t, one.Kernel.Product(context.Background(), p, nil), "%v", size)
			require.NoError(t, compute.CheckProduct(p, rand.Reader), "%v", size)
		}
	})
}

func randomProduct(m, n, k int) compute.Product {
	r := mrand.New(mrand.NewPCG(uint64(m), uint64(n*k)))
	p := compute.Product{M: m, N: n, K: k, A: make([]int8, m*k), B: make([]int8, n*k), C: make([]int32, m*n)}
	for _, values := range [][]int8{p.A, p.B} {
		for i := range values {
			values[i] = int8(r.Uint32())
		}
	}
	return p
}

// BenchmarkProduct gives multiply-accumulates per second of random square products: of the kernel alone, on operands that
// are on the GPU; of a product from and to the machine's memory; and with the check on all of the processor's threads,
// with the share of the time that the check takes.
func BenchmarkProduct(b *testing.B) {
	onGPUs(b, func(one compute.Accelerator) {
		for _, n := range []int{1024, 4096, 8192} {
			p := randomProduct(n, n, n)
			name := fmt.Sprintf("n=%d/%s/", n, one.Kernel.Name())
			b.Run(name+"alone", func(b *testing.B) { alone(b, one.Kernel.(*kernel).gpu, p) })
			b.Run(name+"transferred", func(b *testing.B) {
				for b.Loop() {
					require.NoError(b, one.Kernel.Product(context.Background(), p, nil))
				}
				rate(b, p)
			})
			b.Run(name+"checked", func(b *testing.B) {
				checked, err := compute.NewChecked(compute.CheckedConfig{Kernel: one.Kernel, Threads: runtime.GOMAXPROCS(0), MaxBytes: one.Memory / 4})
				require.NoError(b, err)
				for b.Loop() {
					require.NoError(b, checked.Product(context.Background(), p, nil))
				}
				rate(b, p)
				stats := checked.Stats()
				b.ReportMetric(float64(stats.Checking)/float64(stats.Checking+stats.Computing), "check-share")
				b.ReportMetric(stats.Longest.Seconds()*1000, "longest-ms")
			})
		}
	})
}

func rate(b *testing.B, p compute.Product) {
	b.ReportMetric(float64(p.Work())*float64(b.N)/b.Elapsed().Seconds()/1e9, "GMAC/s")
}

// alone times launches on operands that are uploaded once, 16 between two waits.
func alone(b *testing.B, g *gpu, p compute.Product) {
	require.NoError(b, g.do(func() error { return errors.Join(g.upload(&g.left, p.A, p.M, p.K), g.upload(&g.right, p.B, p.N, p.K)) }))
	launch := func(times int) error {
		for range times {
			if err := g.launch(p.M, p.N, p.K); err != nil {
				return err
			}
		}
		return g.wait()
	}
	require.NoError(b, g.do(func() error { return launch(1) }))
	const times = 16
	for b.Loop() {
		require.NoError(b, g.do(func() error { return launch(times) }))
	}
	b.ReportMetric(float64(p.Work())*times*float64(b.N)/b.Elapsed().Seconds()/1e9, "GMAC/s")
	b.ReportMetric(0, "ns/op")
	require.NoError(b, g.do(func() error { return g.download(p.C, p.M, p.N) }))
	require.NoError(b, compute.CheckProduct(p, rand.Reader))
}
