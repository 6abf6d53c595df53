package compute_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/assaychain/assay/offchain-worker/compute"
	"github.com/assaychain/assay/offchain-worker/compute/computetest"
	"github.com/assaychain/assay/x/proofs/interpreter"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// gpu stands for a device behind a kernel: it has a speed on a clock of its own, a memory, and faults.
type gpu struct {
	compute.Kernel
	now     time.Time
	macs    float64
	memory  uint64
	longest time.Duration
	calls   int
	// spoil changes a result; fail is returned instead of one.
	spoil func(c []int32)
	fail  error
}

func newGPU(t require.TestingT, macs float64) *gpu {
	return &gpu{Kernel: cpus(t, 1)[0], now: time.Unix(1, 0), macs: macs, memory: 1 << 40}
}

func (g *gpu) Name() string { return "gpu" }

func (g *gpu) Product(ctx context.Context, p compute.Product, progress compute.Progress) error {
	g.calls++
	took := 50*time.Microsecond + time.Duration(float64(p.Work())/g.macs*float64(time.Second))
	g.now = g.now.Add(took)
	g.longest = max(g.longest, took)
	if g.fail != nil {
		return g.fail
	}
	if taken := uint64(p.K)*uint64(p.M+p.N) + 4*uint64(p.M)*uint64(p.N); taken > g.memory {
		return errors.New("out of memory")
	}
	if err := g.Kernel.Product(ctx, p, progress); err != nil {
		return err
	}
	if g.spoil != nil {
		g.spoil(p.C)
	}
	return nil
}

// Dense would requantise on the device, which could not be checked.
func (g *gpu) Dense(context.Context, compute.Dense, compute.Progress) (*tensor.Tensor, error) {
	return nil, errors.New("a checked kernel must not requantise on the device")
}

func checked(t require.TestingT, g *gpu) *compute.Checked {
	kernel, err := compute.NewChecked(compute.CheckedConfig{
		Kernel: g, Threads: 2, MaxBytes: g.memory, Now: func() time.Time { return g.now },
	})
	require.NoError(t, err)
	return kernel
}

func TestCheckedPassesTheSelfTest(t *testing.T) {
	require.NoError(t, compute.SelfTest(context.Background(), checked(t, newGPU(t, 1e12))))
}

func TestDifferential(t *testing.T) {
	kernels := []compute.Kernel{checked(t, newGPU(t, 1e12))}
	for _, kernel := range cpus(t, 2) {
		kernels = append(kernels, kernel)
	}
	computetest.Differential(t, kernels...)
}

// Whatever the device's speed and memory, work is cut so that no dispatch takes too long or too much, and the parts add up.
func TestCheckedCutsLongWork(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, n := rapid.IntRange(1, 90).Draw(t, "m"), rapid.IntRange(1, 90).Draw(t, "n")
		k := rapid.OneOf(rapid.IntRange(1, 40), rapid.IntRange(300, 400)).Draw(t, "k")
		p := operands(m, n, k)
		// From all at once to some hundred dispatches, but at least one entry a dispatch must be within reach.
		g := newGPU(t, max(float64(p.Work())/rapid.Float64Range(0.01, 20).Draw(t, "seconds"), 1e6))
		g.memory = uint64(rapid.IntRange(2*k+8, k*(m+n)+4*m*n+100).Draw(t, "memory"))
		kernel := checked(t, g)
		want := p
		want.C = make([]int32, m*n)
		naive(want)
		var last uint64
		require.NoError(t, kernel.Product(context.Background(), p, func(done, total uint64) {
			require.Greater(t, done, last)
			last = done
		}))
		require.Equal(t, want.C, p.C)
		require.Equal(t, p.Work(), last)
		require.EqualValues(t, g.calls, kernel.Stats().Dispatches)
	})
}

func TestDispatchesStayUnderTheLimit(t *testing.T) {
	for _, speed := range []float64{6e8, 2e9, 1e10} {
		g := newGPU(t, speed)
		kernel := checked(t, g)
		p := operands(640, 1024, 2048)
		require.NoError(t, kernel.Product(context.Background(), p, nil))
		require.NoError(t, kernel.Product(context.Background(), operands(1, 1, 1), nil))
		require.NoError(t, kernel.Product(context.Background(), p, nil))
		require.Less(t, g.longest, compute.DispatchLimit, "at %g", speed)
		require.Equal(t, g.longest, kernel.Stats().Longest)
	}
}

// A fast device gets long work in few dispatches once its speed is known, whatever the size.
func TestFastDevicesGetLongDispatches(t *testing.T) {
	for _, side := range []int{768, 1000, 1100} {
		g := newGPU(t, 1e13)
		kernel := checked(t, g)
		p := operands(side, side, side)
		for range 3 {
			require.NoError(t, kernel.Product(context.Background(), p, nil))
		}
		before := g.calls
		require.NoError(t, kernel.Product(context.Background(), p, nil))
		require.Equal(t, before+1, g.calls, "side %d", side)
	}
}

func TestCheckedDenseEqualsInterpreterInParts(t *testing.T) {
	g := newGPU(t, 1e12)
	g.memory = 9000
	kernel := checked(t, g)
	for seed := range uint64(40) {
		job, err := computetest.Job(seed)
		require.NoError(t, err)
		want, err := interpreter.Run(job.Program, job.Inputs)
		require.NoError(t, err)
		got, err := compute.Execute(context.Background(), kernel, job, nil)
		require.NoError(t, err)
		for i := range want {
			require.True(t, compute.Equal(want[i], got[i]), "seed %d, step %d", seed, i)
		}
	}
	require.Greater(t, g.calls, 150)
}

// One wrong entry, wherever it is and whatever it is, is never returned, in products and in steps; the third puts the
// kernel out of use.
func TestWrongResultsAreNeverReturned(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := newGPU(t, 1e12)
		kernel := checked(t, g)
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		g.spoil = func(c []int32) { c[random.IntN(len(c))] ^= int32(1 + random.Uint32N(1<<31)) }
		job, err := computetest.Job(rapid.Uint64Range(0, 1000).Draw(t, "job"))
		require.NoError(t, err)
		outputs, err := compute.Execute(context.Background(), kernel, job, nil)
		require.ErrorIs(t, err, compute.ErrWrong)
		require.ErrorContains(t, err, "gpu")
		require.Nil(t, outputs)
		p := operands(20, 30, 40)
		require.ErrorIs(t, kernel.Product(context.Background(), p, nil), compute.ErrWrong)
		require.ErrorIs(t, kernel.Product(context.Background(), p, nil), compute.ErrWrong)
		require.True(t, kernel.Stats().Retired)
		before := g.calls
		err = kernel.Product(context.Background(), p, nil)
		require.ErrorIs(t, err, compute.ErrRetired)
		require.Equal(t, before, g.calls)
		require.EqualValues(t, 3, kernel.Stats().Wrong)
	})
}

func TestFailuresInARowRetireAKernel(t *testing.T) {
	g := newGPU(t, 1e12)
	kernel := checked(t, g)
	p := operands(20, 30, 40)
	lost := errors.New("device lost")
	for range 5 {
		g.fail = lost
		require.ErrorIs(t, kernel.Product(context.Background(), p, nil), lost)
		require.ErrorIs(t, kernel.Product(context.Background(), p, nil), lost)
		g.fail = nil
		require.NoError(t, kernel.Product(context.Background(), p, nil))
	}
	g.fail = lost
	for range 3 {
		require.ErrorIs(t, kernel.Product(context.Background(), p, nil), lost)
	}
	g.fail = nil
	require.ErrorIs(t, kernel.Product(context.Background(), p, nil), compute.ErrRetired)
}

func TestCheckedNeedsRandomNumbers(t *testing.T) {
	kernel, err := compute.NewChecked(compute.CheckedConfig{Kernel: newGPU(t, 1e12), Threads: 1, Random: emptyReader{}})
	require.NoError(t, err)
	require.ErrorContains(t, kernel.Product(context.Background(), operands(2, 2, 2), nil), "no entropy")
	_, err = compute.NewChecked(compute.CheckedConfig{Kernel: newGPU(t, 1)})
	require.ErrorContains(t, err, "threads is 0")
	_, err = compute.NewChecked(compute.CheckedConfig{Threads: 1})
	require.ErrorContains(t, err, "no kernel")
}

func TestFallbackGivesTheRightResult(t *testing.T) {
	g := newGPU(t, 1e12)
	g.spoil = func(c []int32) { c[0]++ }
	var failures []error
	kernel := &compute.Fallback{First: checked(t, g), Second: cpus(t, 1)[0], Failed: func(err error) { failures = append(failures, err) }}
	require.Equal(t, "gpu", kernel.Name())
	require.NoError(t, compute.SelfTest(context.Background(), kernel))
	require.ErrorIs(t, failures[0], compute.ErrWrong)
	require.ErrorIs(t, failures[len(failures)-1], compute.ErrRetired)
	before := len(failures)
	p := operands(2, 2, 2)
	p.C = nil
	require.ErrorIs(t, kernel.Product(context.Background(), p, nil), compute.ErrShape)
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	require.ErrorIs(t, kernel.Product(ended, operands(2, 2, 2), nil), context.Canceled)
	require.Len(t, failures, before, "neither is the device's failure")
}

// The progress of a kernel that starts over does not fall.
func TestFallbackProgressRises(t *testing.T) {
	g := newGPU(t, 1e8)
	parts := 0
	g.spoil = func(c []int32) {
		if parts++; parts == 3 {
			c[0]++
		}
	}
	kernel := &compute.Fallback{First: checked(t, g), Second: cpus(t, 1)[0]}
	p := operands(640, 512, 1024)
	var told []uint64
	require.NoError(t, kernel.Product(context.Background(), p, func(done, _ uint64) { told = append(told, done) }))
	require.IsIncreasing(t, told)
	require.Equal(t, p.Work(), told[len(told)-1])
	require.Equal(t, 3, parts)
}
