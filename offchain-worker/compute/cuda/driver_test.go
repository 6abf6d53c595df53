//go:build linux && (amd64 || arm64)

package cuda

import (
	"context"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/ebitengine/purego"
	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/offchain-worker/compute"
	"github.com/assaychain/assay/offchain-worker/compute/computetest"
)

// Settings of testdata/driver.c.
const (
	setDevices = iota
	setMemory
	setSpoil
	setFailLaunch
	setFailCompile
	setProhibited
)

// testDriver is the driver of testdata/driver.c, built and loaded once.
type testDriver struct {
	path string
	set  func(setting, value int32)
	live func() int32
}

var driverOnce = sync.OnceValues(func() (*testDriver, error) {
	compiler, err := exec.LookPath("cc")
	if err != nil {
		return nil, err
	}
	dir, err := filepath.Abs("testdata")
	if err != nil {
		return nil, err
	}
	d := &testDriver{path: filepath.Join(scratch, "libcuda.so.1")}
	build := exec.Command(compiler, "-shared", "-fPIC", "-O3", "-pthread", "-o", d.path, filepath.Join(dir, "driver.c"))
	if output, err := build.CombinedOutput(); err != nil {
		panic(string(output))
	}
	handle, err := purego.Dlopen(d.path, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		panic(err)
	}
	purego.RegisterLibFunc(&d.set, handle, "test_set")
	purego.RegisterLibFunc(&d.live, handle, "test_live")
	return d, nil
})

// withDriver gives the test's driver in its initial state, and requires that nothing is left on its devices in the end.
func withDriver(t *testing.T) *testDriver {
	d, err := driverOnce()
	if err != nil {
		t.Skip("no C compiler to build the test's driver with: ", err)
	}
	t.Cleanup(func() {
		d.reset()
		require.Zero(t, d.live(), "everything is freed")
	})
	d.reset()
	return d
}

func (d *testDriver) reset() {
	for setting, value := range []int32{3, 1 << 30, 0, 0, 0, 0} {
		d.set(int32(setting), value)
	}
}

// one is the accelerator of the first device.
func (d *testDriver) one(t *testing.T, wanted string) compute.Accelerator {
	d.set(setDevices, 1)
	found, err := Open(context.Background(), Options{Library: d.path, Kernel: wanted})
	require.NoError(t, err)
	require.Len(t, found, 1)
	t.Cleanup(func() { require.NoError(t, found[0].Close()) })
	return found[0]
}

func TestOpenTellsWhatIsThere(t *testing.T) {
	d := withDriver(t)
	found, err := Open(context.Background(), Options{Library: d.path})
	require.ErrorIs(t, err, ErrUnsupported)
	require.ErrorContains(t, err, "GPU 2: Old test GPU: not supported by this GPU: compute capability is 5.2")
	require.Len(t, found, 2)
	require.Equal(t, "cuda/mma", found[0].Kernel.Name())
	require.Equal(t, "cuda/dp4a", found[1].Kernel.Name())
	require.Equal(t, "Test GPU with tensor cores", found[0].Name)
	require.Equal(t, "GPU-10111213-1415-1617-1819-1a1b1c1d1e1f", found[1].UUID)
	require.EqualValues(t, 1<<30, found[0].Memory)
	for _, one := range found {
		require.NoError(t, one.Close())
	}
}

func TestKernelsPassTheSelfTest(t *testing.T) {
	d := withDriver(t)
	for _, wanted := range []string{MMA, DP4A} {
		require.NoError(t, compute.SelfTest(context.Background(), d.one(t, wanted).Kernel))
	}
}

// Products of several jobs at a time do not mix.
func TestProductsAtTheSameTime(t *testing.T) {
	d := withDriver(t)
	kernel := d.one(t, "").Kernel
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() { computetest.Differential(t, kernel) })
	}
	wait.Wait()
}

func TestClosedGPURefusesWork(t *testing.T) {
	d := withDriver(t)
	one := d.one(t, "")
	require.NoError(t, one.Close())
	require.NoError(t, one.Close())
	p := compute.Product{M: 1, N: 1, K: 1, A: []int8{2}, B: []int8{3}, C: []int32{0}}
	require.ErrorIs(t, one.Kernel.Product(context.Background(), p, nil), ErrClosed)
}

func TestWrongResultsOfADeviceAreFound(t *testing.T) {
	d := withDriver(t)
	kernel := d.one(t, "").Kernel
	d.set(setSpoil, 1)
	require.ErrorIs(t, compute.SelfTest(context.Background(), kernel), compute.ErrWrong)
	checked, err := compute.NewChecked(compute.CheckedConfig{Kernel: kernel, Threads: 1})
	require.NoError(t, err)
	p := compute.Product{M: 1, N: 1, K: 1, A: []int8{2}, B: []int8{3}, C: []int32{0}}
	require.ErrorIs(t, checked.Product(context.Background(), p, nil), compute.ErrWrong)
	d.set(setSpoil, 0)
	require.NoError(t, checked.Product(context.Background(), p, nil))
	require.Equal(t, []int32{6}, p.C)
}

func TestDriverErrorsAreNamed(t *testing.T) {
	d := withDriver(t)
	kernel := d.one(t, "").Kernel
	ctx := context.Background()
	p := compute.Product{M: 1, N: 1, K: 1, A: []int8{2}, B: []int8{3}, C: []int32{0}}
	d.set(setFailLaunch, 1)
	err := kernel.Product(ctx, p, nil)
	require.ErrorIs(t, err, ErrDriver)
	require.ErrorContains(t, err, "CUDA_ERROR_LAUNCH_FAILED")
	d.set(setFailLaunch, 0)
	d.set(setMemory, 1<<20)
	big := compute.Product{M: 600, N: 600, K: 1, A: make([]int8, 600), B: make([]int8, 600), C: make([]int32, 360000)}
	require.ErrorContains(t, kernel.Product(ctx, big, nil), "allocate 1638400 bytes: CUDA_ERROR_OUT_OF_MEMORY")
	require.NoError(t, kernel.Product(ctx, p, nil), "it goes on after that")
	require.ErrorIs(t, kernel.Product(ctx, compute.Product{}, nil), compute.ErrShape)
	ended, cancel := context.WithCancel(ctx)
	cancel()
	require.ErrorIs(t, kernel.Product(ended, p, nil), context.Canceled)

	d.set(setFailCompile, 1)
	_, err = Open(ctx, Options{Library: d.path})
	require.ErrorIs(t, err, ErrDriver)
	require.ErrorContains(t, err, "no such instruction")
	d.set(setFailCompile, 0)
	d.set(setProhibited, 1)
	_, err = Open(ctx, Options{Library: d.path})
	require.ErrorContains(t, err, "compute mode is Prohibited")
}

func TestNoDriverIsNoPanic(t *testing.T) {
	d := withDriver(t)
	ctx := context.Background()
	_, err := Open(ctx, Options{Library: filepath.Join(t.TempDir(), "none.so")})
	require.ErrorIs(t, err, ErrNoDriver)
	require.NotErrorIs(t, err, ErrDriver)
	_, err = Open(ctx, Options{Library: "libm.so.6"})
	require.ErrorIs(t, err, ErrDriver, "a library that is no driver")
	d.set(setDevices, 0)
	_, err = Open(ctx, Options{Library: d.path})
	require.ErrorIs(t, err, ErrNoDriver)
	_, err = Open(ctx, Options{Kernel: "fast"})
	require.ErrorContains(t, err, `cuda kernel is "fast", must be dp4a, mma or empty`)
}
