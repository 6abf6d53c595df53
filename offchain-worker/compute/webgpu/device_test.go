package webgpu

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/assaychain/assay/offchain-worker/compute"
	"github.com/assaychain/assay/offchain-worker/compute/internal/offload/offloadtest"
)

var (
	programs  = flag.Int("programs", 30, "random programs that each adapter's results are compared with the interpreter's for")
	gpuBinary = flag.String("assay-gpu", "", "path of an assay-gpu; without it the tests build one")
)

// built compiles assay-gpu once. The folder is left to the system's own cleaning, since several tests share it.
var built = sync.OnceValues(func() (string, error) {
	folder, err := os.MkdirTemp("", "assay-gpu")
	if err != nil {
		return "", err
	}
	path := filepath.Join(folder, "assay-gpu")
	build := exec.Command("go", "build", "-o", path, "github.com/assaychain/assay/cmd/assay-gpu")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return path, nil
})

// accelerators are this machine's adapters, software ones too. Without any, the test is skipped.
func accelerators(t testing.TB) []compute.Accelerator {
	t.Helper()
	path := *gpuBinary
	if path == "" {
		var err error
		path, err = built()
		require.NoError(t, err)
	}
	found, err := Accelerators(context.Background(), Options{Program: path, Software: true, Skipped: func(name string, reason error) {
		t.Errorf("%s: %v", name, reason)
	}})
	require.NoError(t, err)
	if len(found) == 0 {
		t.Skip("no adapter to test on (Debian: apt install mesa-vulkan-drivers libvulkan1)")
	}
	for _, accelerator := range found {
		t.Cleanup(func() { require.NoError(t, accelerator.Close()) })
		t.Logf("%s: %s, UUID %q, %d MiB", accelerator.Kernel.Name(), accelerator.Name, accelerator.UUID, accelerator.Memory>>20)
	}
	return found
}

func TestAdaptersPassTheSelfTest(t *testing.T) {
	for _, accelerator := range accelerators(t) {
		require.NoError(t, compute.SelfTest(context.Background(), accelerator.Kernel))
		require.NotEmpty(t, accelerator.Name)
	}
}

func TestRandomProgramsEqualTheInterpreter(t *testing.T) {
	for _, accelerator := range accelerators(t) {
		offloadtest.Programs(t, accelerator.Kernel, *programs)
	}
}

func TestDrawnProducts(t *testing.T) {
	for _, accelerator := range accelerators(t) {
		rapid.Check(t, func(t *rapid.T) { offloadtest.Product(t, accelerator.Kernel) })
	}
}

func TestTheContextIsHeeded(t *testing.T) {
	for _, accelerator := range accelerators(t) {
		ctx, cancel := context.WithCancel(context.Background())
		var stopped time.Time
		err := accelerator.Kernel.Product(ctx, offloadtest.Operands(2048, 2048, 4096), func(done, total uint64) {
			if stopped.IsZero() {
				require.Less(t, done, total, "the product is too small to be stopped")
				stopped = time.Now()
				cancel()
			}
		})
		require.ErrorIs(t, err, context.Canceled)
		require.Less(t, time.Since(stopped), 5*time.Second)
	}
}

func TestAKilledProcessIsReplaced(t *testing.T) {
	for _, accelerator := range accelerators(t) {
		exact(t, accelerator.Kernel)
	}
}

func BenchmarkProduct(b *testing.B) {
	for _, accelerator := range accelerators(b) {
		for _, n := range []int{1024, 4096} {
			b.Run(fmt.Sprintf("n=%d/%s", n, accelerator.Kernel.Name()), func(b *testing.B) { offloadtest.Benchmark(b, accelerator.Kernel, n) })
		}
	}
}
