package opencl

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/assaychain/assay/offchain-worker/compute"
	"github.com/assaychain/assay/offchain-worker/compute/internal/offload"
	"github.com/assaychain/assay/offchain-worker/compute/internal/offload/offloadtest"
)

var (
	programs = flag.Int("programs", 30, "random programs that each device's results are compared with the interpreter's for")
	size     = flag.Int("size", 1024, "rows, columns and depth of the benchmark's product")
)

// accelerators are this machine's OpenCL devices, processors too. Without any, the test is skipped.
func accelerators(t testing.TB) []compute.Accelerator {
	t.Helper()
	ctx := context.Background()
	found, err := Accelerators(ctx, Options{Processors: true, Machine: "test", Skipped: func(name string, reason error) {
		t.Errorf("%s: %v", name, reason)
	}})
	if errors.Is(err, ErrAbsent) {
		t.Skipf("no OpenCL device to test on (Debian: apt install pocl-opencl-icd ocl-icd-libopencl1): %v", err)
	}
	require.NoError(t, err)
	require.NotEmpty(t, found)
	require.NotEmpty(t, found[0].Name)
	require.Positive(t, found[0].Memory)
	for _, accelerator := range found {
		t.Cleanup(func() { require.NoError(t, accelerator.Close()) })
		t.Logf("%s: %s, UUID %q, %d MiB", accelerator.Kernel.Name(), accelerator.Name, accelerator.UUID, accelerator.Memory>>20)
	}
	return found
}

func listed(t *testing.T) (*library, []deviceID) {
	t.Helper()
	l, err := load()
	require.NoError(t, err)
	ids, err := l.list(func(name string, reason error) { t.Errorf("%s: %v", name, reason) })
	require.NoError(t, err)
	return l, ids
}

func TestRandomProgramsEqualTheInterpreter(t *testing.T) {
	for _, accelerator := range accelerators(t) {
		offloadtest.Programs(t, accelerator.Kernel, *programs)
	}
}

// TestEveryDialectPassesTheSelfTest runs the kernel in each of its dialects that a driver can compile. Where the driver has no
// packed dot product, it gets one written in OpenCL C, so that the dialect's own code is run.
func TestEveryDialectPassesTheSelfTest(t *testing.T) {
	accelerators(t)
	l, ids := listed(t)
	for _, id := range ids {
		traits, err := l.inspect(id)
		require.NoError(t, err)
		dialects := map[string]dialect{"portable": portable, "packed": packed}
		if !traits.dot {
			dialects["packed"] = dialect{options: "-DDOT_PACKED", prelude: `int dot_4x8packed_ss_int(uint a, uint b) {
				int4 p = convert_int4(as_char4(a)) * convert_int4(as_char4(b));
				return p.x + p.y + p.z + p.w;
			}
			`}
		}
		if traits.dotDP4A {
			dialects["ptx"] = ptx
		}
		for name, with := range dialects {
			d, err := start(l, id, []dialect{with})
			require.NoError(t, err, "%s on %s", name, traits.name)
			kernel, err := offload.NewKernel(name, d, traits.limits())
			require.NoError(t, err)
			require.NoError(t, compute.SelfTest(context.Background(), kernel), name)
			require.NoError(t, kernel.Close())
		}
	}
}

func TestADialectThatTheCompilerRefusesIsLeftOut(t *testing.T) {
	accelerators(t)
	l, ids := listed(t)
	broken := dialect{prelude: "this is no OpenCL C;\n"}
	d, err := start(l, ids[0], []dialect{broken, portable})
	require.NoError(t, err)
	require.NoError(t, d.Close())
	_, err = start(l, ids[0], []dialect{broken})
	require.ErrorContains(t, err, "build")
}

func TestProcessorsAreOnlyForTests(t *testing.T) {
	for _, tested := range accelerators(t) {
		t.Log(tested.Name)
	}
	l, ids := listed(t)
	offered, err := Accelerators(context.Background(), Options{})
	require.NoError(t, err)
	cards := 0
	for _, id := range ids {
		traits, err := l.inspect(id)
		require.NoError(t, err)
		if !traits.processor {
			cards++
		}
	}
	require.Len(t, offered, cards)
	for _, accelerator := range offered {
		require.NoError(t, accelerator.Close())
	}
}

func TestDispatchesAreShortAndTheContextIsHeeded(t *testing.T) {
	for _, accelerator := range accelerators(t) {
		p := offloadtest.Operands(2048, 2048, 4096)
		ctx, cancel := context.WithCancel(context.Background())
		var stopped time.Time
		err := accelerator.Kernel.Product(ctx, p, func(done, total uint64) {
			if stopped.IsZero() {
				require.Less(t, done, total, "the product is too small to be stopped")
				stopped = time.Now()
				cancel()
			}
		})
		require.ErrorIs(t, err, context.Canceled)
		require.Less(t, time.Since(stopped), time.Second)
	}
}

func TestClosedDevicesRefuseWork(t *testing.T) {
	for _, accelerator := range accelerators(t) {
		require.NoError(t, accelerator.Close())
		require.ErrorIs(t, accelerator.Kernel.Product(context.Background(), offloadtest.Operands(1, 1, 1), nil), offload.ErrClosed)
	}
}

// TestAMachineWithoutDrivers runs itself once more with a loader that finds no driver.
func TestAMachineWithoutDrivers(t *testing.T) {
	const inside = "ASSAY_TEST_NO_OPENCL"
	if runtime.GOOS != "linux" {
		t.Skip("this system's loader can't be told to find no driver")
	}
	if os.Getenv(inside) != "" {
		found, err := Accelerators(context.Background(), Options{Processors: true})
		if len(found) > 0 {
			t.Skip("this loader has drivers of its own")
		}
		require.ErrorIs(t, err, ErrAbsent)
		return
	}
	self, err := os.Executable()
	require.NoError(t, err)
	command := exec.Command(self, "-test.run", "^TestAMachineWithoutDrivers$")
	none := t.TempDir()
	command.Env = append(os.Environ(), inside+"=1", "OCL_ICD_VENDORS="+none, "OPENCL_VENDOR_PATH="+none)
	out, err := command.CombinedOutput()
	require.NoError(t, err, string(out))
}

func TestContextThatEnded(t *testing.T) {
	accelerators(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := Accelerators(ctx, Options{Processors: true})
	require.ErrorIs(t, err, context.Canceled)
}

func TestDrawnProducts(t *testing.T) {
	for _, accelerator := range accelerators(t) {
		rapid.Check(t, func(t *rapid.T) { offloadtest.Product(t, accelerator.Kernel) })
	}
}

func BenchmarkProduct(b *testing.B) {
	for _, accelerator := range accelerators(b) {
		b.Run(fmt.Sprintf("n=%d/%s", *size, accelerator.Kernel.Name()), func(b *testing.B) { offloadtest.Benchmark(b, accelerator.Kernel, *size) })
	}
}
