// Package webgpu computes on any GPU that has a Vulkan, Metal or Direct3D 12 driver, through WebGPU in a process of its own,
// assay-gpu: a driver that crashes or hangs costs a restart of that process, not the worker.
package webgpu

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"github.com/assaychain/assay/offchain-worker/compute"
	"github.com/assaychain/assay/offchain-worker/compute/internal/offload"
	"github.com/assaychain/assay/offchain-worker/compute/webgpu/protocol"
)

// ErrAbsent is wrapped when the program assay-gpu is not there.
var ErrAbsent = errors.New("assay-gpu is not installed")

// tile is how many rows and columns of entries a workgroup of assay-gpu's kernels computes.
const tile = 64

// Bounds of what a device holds for a product.
const (
	maxPanel   = protocol.MaxPanel
	maxEntries = protocol.MaxEntries
	// leastMemory is assumed of an adapter that doesn't tell its memory.
	leastMemory = 512 << 20
)

// Options say which adapters are wanted.
type Options struct {
	// Program is the path of assay-gpu. If empty it is looked for beside the running program, then in PATH.
	Program string
	// Software includes adapters that compute on the CPU, such as Mesa's llvmpipe. They are for tests: the CPU kernels are faster.
	Software bool
	// Machine is an identity of this machine, such as the CPU's UUID of package device. It makes the UUIDs of cards unique whose
	// drivers only name the slot; without it those have none.
	Machine string
	// Skipped, if set, is told of every adapter that can't be used, with the reason.
	Skipped func(name string, reason error)

	// timing is usual if zero.
	timing timing
}

// Accelerators prepares every adapter, each in a process of its own that lives until the accelerator is closed or ctx ends. Kernels
// are named "webgpu/0" and so on, in the drivers' order. An adapter that can't be prepared is skipped; a machine without any has an
// empty list. It fails with ErrAbsent without the program, with ctx.Err(), or when the program doesn't list its adapters. The
// caller closes every accelerator.
//
// A call whose process dies, answers nonsense or doesn't answer starts it again and goes on, up to three times in ten minutes.
func Accelerators(ctx context.Context, options Options) ([]compute.Accelerator, error) {
	if options.timing == (timing{}) {
		options.timing = usual
	}
	if options.Skipped == nil {
		options.Skipped = func(string, error) {}
	}
	program, err := find(options.Program)
	if err != nil {
		return nil, err
	}
	adapters, err := list(ctx, program, options.timing)
	if err != nil {
		return nil, err
	}
	var found []compute.Accelerator
	for i, adapter := range adapters {
		if adapter.Software && !options.Software {
			continue
		}
		d := &device{timing: options.timing, life: ctx, program: program, index: uint32(i), adapter: adapter}
		accelerator, err := d.accelerator(ctx, options.Machine)
		switch {
		case ctx.Err() != nil:
			return nil, closeAll(found, ctx.Err())
		case err != nil:
			options.Skipped(d.name(), fmt.Errorf("%s: %w", printable(adapter.Name), err))
		default:
			found = append(found, accelerator)
		}
	}
	return found, nil
}

func closeAll(accelerators []compute.Accelerator, reason error) error {
	for _, accelerator := range accelerators {
		if err := accelerator.Close(); err != nil {
			reason = fmt.Errorf("%w; %w", reason, err)
		}
	}
	return reason
}

// find returns the program's path.
func find(program string) (string, error) {
	name := "assay-gpu"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	if program != "" {
		return existing(program)
	}
	if self, err := os.Executable(); err == nil {
		if beside, err := existing(filepath.Join(filepath.Dir(self), name)); err == nil {
			return beside, nil
		}
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrAbsent, err)
	}
	return path, nil
}

func existing(path string) (string, error) {
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("%w: %w", ErrAbsent, err)
	}
	return path, nil
}

// list asks a process for the adapters and ends it.
func list(ctx context.Context, program string, t timing) ([]protocol.Adapter, error) {
	c, err := begin(ctx, ctx, program, t)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, err
	}
	return c.hello.Adapters, c.stopped()
}

func (d *device) name() string { return fmt.Sprintf("webgpu/%d", d.index) }

func (d *device) accelerator(ctx context.Context, machine string) (compute.Accelerator, error) {
	if err := d.start(ctx); err != nil {
		return compute.Accelerator{}, err
	}
	kernel, err := offload.NewKernel(d.name(), d, limits(d.adapter.Memory))
	if err != nil {
		return compute.Accelerator{}, fmt.Errorf("%w; %w", err, d.Close())
	}
	uuid := ""
	if !d.adapter.Software {
		uuid = offload.UUID(d.adapter.Vendor, d.adapter.UUID, machine)
	}
	return compute.Accelerator{
		Kernel: kernel, UUID: uuid, Name: printable(d.adapter.Name), Memory: d.adapter.Memory, Close: kernel.Close,
	}, nil
}

// limits leave three quarters of a small device's memory to others.
func limits(memory uint64) offload.Limits {
	if memory == 0 {
		memory = leastMemory
	}
	share := memory / 4 / 3
	return offload.Limits{PanelBytes: int(min(share, maxPanel)), Entries: int(min(share/4, maxEntries)), Tile: tile}
}
