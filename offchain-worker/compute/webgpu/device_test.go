package webgpu

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
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
	size      = flag.Int("size", 1024, "rows, columns and depth of the benchmark's product")
	programs  = flag.Int("programs", 30, "random programs that each adapter's results are compared with the interpreter's for")
	gpuBinary = flag.String("assay-gpu", "", "path of an assay-gpu; without it the tests build one")
)

// buildFolder holds the program that built made, until TestMain removes it.
var buildFolder string

// built compiles assay-gpu once for all tests.
var built = sync.OnceValues(func() (string, error) {
	var err error
	if buildFolder, err = os.MkdirTemp("", "assay-gpu"); err != nil {
		return "", err
	}
	path := filepath.Join(buildFolder, "assay-gpu")
	build := exec.Command("go", "build", "-o", path, "github.com/assaychain/assay/cmd/assay-gpu")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return path, nil
})

func program(t testing.TB) string {
	t.Helper()
	if *gpuBinary != "" {
		return *gpuBinary
	}
	path, err := built()
	require.NoError(t, err)
	return path
}

// accelerators are this machine's adapters, software ones too. Without any, the test is skipped.
func accelerators(t testing.TB) []compute.Accelerator {
	t.Helper()
	found, err := Accelerators(context.Background(), Options{Program: program(t), Software: true, Skipped: func(name string, reason error) {
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
	accelerators(t)
	adapters, err := list(context.Background(), program(t), usual)
	require.NoError(t, err)
	for i, adapter := range adapters {
		d := &device{timing: usual, life: context.Background(), program: program(t), index: uint32(i), adapter: adapter}
		accelerator, err := d.accelerator(context.Background(), "")
		require.NoError(t, err)
		exact(t, accelerator.Kernel)
		first := d.child.command.Process.Pid
		require.NoError(t, d.child.command.Process.Kill())
		exact(t, accelerator.Kernel)
		require.NotEqual(t, first, d.child.command.Process.Pid)
		require.NoError(t, accelerator.Close())
	}
}

// TestTheProgram runs assay-gpu by hand; it does so without any adapter, too.
func TestTheProgram(t *testing.T) {
	for name, test := range map[string]struct {
		args      []string
		input     string
		code      int
		out, said string
	}{
		"end of input": {args: []string{"serve"}}, // it may end before it said Hello
		"nonsense":     {args: []string{"serve"}, input: "GET / HTTP/1.1\r\n\r\n", code: 1, out: "ASSAYGPU", said: "malformed message"},
		"list":         {args: []string{"list"}},
		"no verb":      {code: 1, said: "usage:"},
		"unknown verb": {args: []string{"mine"}, code: 1, said: "usage:"},
	} {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		command := exec.CommandContext(ctx, program(t), test.args...)
		var out, said bytes.Buffer
		command.Stdout, command.Stderr = &out, &said
		stdin, err := command.StdinPipe()
		require.NoError(t, err)
		require.NoError(t, command.Start())
		_, err = io.WriteString(stdin, test.input)
		if test.input == "" || err != nil {
			require.NoError(t, stdin.Close())
		}
		_ = command.Wait() // its exit code is looked at below
		require.Equal(t, test.code, command.ProcessState.ExitCode(), "%s: %s", name, said.String())
		require.Contains(t, out.String(), test.out, name)
		require.Contains(t, said.String(), test.said, name)
	}
}

func BenchmarkProduct(b *testing.B) {
	for _, accelerator := range accelerators(b) {
		b.Run(fmt.Sprintf("n=%d/%s", *size, accelerator.Kernel.Name()), func(b *testing.B) { offloadtest.Benchmark(b, accelerator.Kernel, *size) })
	}
}
