package webgpu

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/offchain-worker/compute"
	"github.com/assaychain/assay/offchain-worker/compute/internal/offload"
	"github.com/assaychain/assay/offchain-worker/compute/internal/offload/offloadtest"
)

// fakes prepares the accelerators of a process with a fault.
func fakes(t *testing.T, fault string, at int, once bool) ([]compute.Accelerator, error) {
	t.Helper()
	return fakesIn(context.Background(), t, fault, at, once)
}

func fakesIn(ctx context.Context, t *testing.T, fault string, at int, once bool) ([]compute.Accelerator, error) {
	t.Helper()
	t.Setenv(fakeFault, fault)
	t.Setenv(fakeAt, strconv.Itoa(at))
	t.Setenv(fakeOnce, "")
	if once {
		t.Setenv(fakeOnce, filepath.Join(t.TempDir(), "failed"))
	}
	self, err := os.Executable()
	require.NoError(t, err)
	wait := timing{start: 20 * time.Second, request: 20 * time.Second, grace: 200 * time.Millisecond, stop: 5 * time.Second}
	if fault == "hang" || fault == "deaf" {
		wait.request = time.Second
	}
	found, err := Accelerators(ctx, Options{Program: self, Machine: "test", timing: wait, Skipped: func(name string, reason error) {
		t.Errorf("%s: %v", name, reason)
	}})
	for _, accelerator := range found {
		t.Cleanup(func() { require.NoError(t, accelerator.Close()) })
	}
	return found, err
}

func exact(t *testing.T, kernel compute.Kernel) {
	t.Helper()
	p := offloadtest.Operands(70, 67, 31)
	require.NoError(t, kernel.Product(context.Background(), p, nil))
	requireExact(t, p)
}

func requireExact(t *testing.T, p compute.Product) {
	t.Helper()
	for i, got := range p.C {
		var want int32
		for k := range p.K {
			want += int32(p.A[i/p.N*p.K+k]) * int32(p.B[i%p.N*p.K+k])
		}
		require.Equal(t, want, got, "entry %d", i)
	}
}

func TestASoundProcess(t *testing.T) {
	found, err := fakes(t, "none", 0, false)
	require.NoError(t, err)
	require.Len(t, found, 1, "the software adapter is left out")
	require.Equal(t, "webgpu/0", found[0].Kernel.Name())
	require.Equal(t, "GPU-5f000000-0000-0000-0000-000000000000", found[0].UUID)
	require.Equal(t, "Fake [31m GPU", found[0].Name)
	require.EqualValues(t, 1<<30, found[0].Memory)
	exact(t, found[0].Kernel)
	require.NoError(t, found[0].Close())
	require.ErrorIs(t, found[0].Kernel.Product(context.Background(), offloadtest.Operands(1, 1, 1), nil), offload.ErrClosed)
}

// TestAProcessThatFailsOnceIsReplaced lets the process fail at its first answers: to Load, Load, Multiply and Read.
func TestAProcessThatFailsOnceIsReplaced(t *testing.T) {
	for _, fault := range []string{"crash", "quiet", "text", "zeros", "torn", "huge", "short", "failed", "hang"} {
		t.Run(fault, func(t *testing.T) {
			for at := 2; at <= 5; at++ {
				if fault == "short" && at == 5 || (fault == "hang" || fault == "quiet") && at != 4 {
					continue // a short answer to Read has a test of its own; the others wait or say nothing wherever they are
				}
				found, err := fakes(t, fault, at, true)
				require.NoError(t, err)
				exact(t, found[0].Kernel)
				require.DirExists(t, os.Getenv(fakeOnce), "the fault happened")
				require.NoError(t, found[0].Close())
			}
		})
	}
}

func TestEntriesOfAnotherLength(t *testing.T) {
	found, err := fakes(t, "short", 5, true)
	require.NoError(t, err)
	exact(t, found[0].Kernel)
	require.DirExists(t, os.Getenv(fakeOnce))
}

func TestAProcessThatKeepsFailingIsGivenUp(t *testing.T) {
	for fault, said := range map[string]string{
		"crash": "the driver crashed", "text": "malformed message", "torn": "unexpected EOF", "failed": "assay-gpu: device  lost", "hang": "did not answer",
	} {
		t.Run(fault, func(t *testing.T) {
			found, err := fakes(t, fault, 4, false)
			require.NoError(t, err)
			p := offloadtest.Operands(2, 2, 2)
			err = found[0].Kernel.Product(context.Background(), p, nil)
			require.ErrorContains(t, err, "webgpu/0: given up after 3 restarts within 10m0s")
			require.ErrorContains(t, err, said)
			started := time.Now()
			require.ErrorContains(t, found[0].Kernel.Product(context.Background(), p, nil), "given up")
			require.Less(t, time.Since(started), time.Second, "no process is started any more")
		})
	}
}

func TestAProcessThatDoesNotBegin(t *testing.T) {
	for fault, said := range map[string]string{"crash": "the driver crashed", "text": "malformed message", "quiet": "EOF", "failed": "began with protocol.Failed"} {
		_, err := fakes(t, fault, 0, false)
		require.ErrorContains(t, err, said)
	}
	_, err := Accelerators(context.Background(), Options{Program: filepath.Join(t.TempDir(), "none")})
	require.ErrorIs(t, err, ErrAbsent)
}

func TestAHangEndsWithTheCallersContext(t *testing.T) {
	for _, fault := range []string{"hang", "deaf"} {
		found, err := fakes(t, fault, 4, true)
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		defer cancel()
		started := time.Now()
		require.ErrorIs(t, found[0].Kernel.Product(ctx, offloadtest.Operands(2, 2, 2), nil), context.DeadlineExceeded)
		require.Less(t, time.Since(started), 5*time.Second)
		exact(t, found[0].Kernel)
	}
}

func TestTheProcessEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	found, err := fakesIn(ctx, t, "none", 0, false)
	require.NoError(t, err)
	exact(t, found[0].Kernel)
	cancel()
	require.ErrorIs(t, found[0].Kernel.Product(context.Background(), offloadtest.Operands(200, 200, 2000), nil), context.Canceled)
	_, err = fakesIn(ctx, t, "none", 0, false)
	require.ErrorIs(t, err, context.Canceled)
}

func TestTailKeepsTheEnd(t *testing.T) {
	var kept tail
	for range 1000 {
		_, err := kept.Write([]byte("noise "))
		require.NoError(t, err)
	}
	_, err := kept.Write([]byte("the\x1b reason\n"))
	require.NoError(t, err)
	require.LessOrEqual(t, len(kept.text()), tailBytes)
	require.Regexp(t, "noise the  reason$", kept.text())
}
