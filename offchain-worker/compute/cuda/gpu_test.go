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

// onGPUs calls f with a kernel on each of the machine's GPUs that run it, and skips where there is none.
func onGPUs(t testing.TB, wanted string, f func(one compute.Accelerator)) {
	found, err := Open(context.Background(), Options{Kernel: wanted})
	if errors.Is(err, ErrNoDriver) {
		t.Skip("no NVIDIA GPU here: ", err)
	}
	if errors.Is(err, ErrUnsupported) && len(found) == 0 {
		t.Skip(err)
	}
	require.NotEmpty(t, found, "%v", err)
	for _, one := range found {
		t.Logf("%s on %s, %s, %d MiB", one.Kernel.Name(), one.Name, one.UUID, one.Memory>>20)
		f(one)
		require.NoError(t, one.Close())
	}
}

// each runs a test with each kernel.
func each(t *testing.T, f func(t *testing.T, kernel compute.Kernel)) {
	for _, wanted := range []string{DP4A, MMA} {
		t.Run(wanted, func(t *testing.T) { onGPUs(t, wanted, func(one compute.Accelerator) { f(t, one.Kernel) }) })
	}
}

func TestGPUPassesTheSelfTest(t *testing.T) {
	each(t, func(t *testing.T, kernel compute.Kernel) {
		require.NoError(t, compute.SelfTest(context.Background(), kernel))
	})
}

func TestGPUDifferential(t *testing.T) {
	each(t, func(t *testing.T, kernel compute.Kernel) { computetest.Differential(t, kernel) })
}

// Sizes around and far above the tile's, each checked by Freivalds' method, with whatever was in the memory before.
func TestGPUProductsAreExact(t *testing.T) {
	each(t, func(t *testing.T, kernel compute.Kernel) {
		for _, size := range [][3]int{
			{128, 128, 64}, {129, 127, 65}, {1, 4096, 4096}, {4096, 1, 4096}, {1023, 2049, 511}, {300, 300, compute.MaxDepth}, {2048, 2048, 2048},
			{2500, 1100, 100},
		} {
			p := randomProduct(size[0], size[1], size[2])
			require.NoError(t, kernel.Product(context.Background(), p, nil), "%v", size)
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
	for _, wanted := range []string{DP4A, MMA} {
		b.Run(wanted, func(b *testing.B) {
			onGPUs(b, wanted, func(one compute.Accelerator) {
				for _, n := range []int{1024, 4096, 8192} {
					b.Run(fmt.Sprintf("n=%d", n), func(b *testing.B) { benchmark(b, one, randomProduct(n, n, n)) })
				}
			})
		})
	}
}

func benchmark(b *testing.B, one compute.Accelerator, p compute.Product) {
	b.Run("alone", func(b *testing.B) { alone(b, one.Kernel.(*kernel).gpu, p) })
	b.Run("transferred", func(b *testing.B) {
		for b.Loop() {
			require.NoError(b, one.Kernel.Product(context.Background(), p, nil))
		}
		rate(b, p)
	})
	b.Run("checked", func(b *testing.B) {
		checked, err := compute.NewChecked(compute.CheckedConfig{Kernel: one.Kernel, Threads: runtime.GOMAXPROCS(0), MaxBytes: one.Memory / 4})
		require.NoError(b, err)
		require.NoError(b, checked.Product(context.Background(), p, nil), "it learns the device's speed")
		before := checked.Stats()
		for b.Loop() {
			require.NoError(b, checked.Product(context.Background(), p, nil))
		}
		rate(b, p)
		stats := checked.Stats()
		checking, computing := stats.Checking-before.Checking, stats.Computing-before.Computing
		b.ReportMetric(float64(checking)/float64(checking+computing), "check-share")
		b.ReportMetric(stats.Longest.Seconds()*1000, "longest-ms")
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
