// Package opencl computes on every device that an OpenCL driver of this machine drives, without cgo: the loader library is
// opened when it is first asked for. Kernels are OpenCL C in multiply.cl, compiled by the driver.
package opencl

import (
	"context"
	"fmt"

	"github.com/assaychain/assay/offchain-worker/compute"
	"github.com/assaychain/assay/offchain-worker/compute/internal/offload"
)

// Options say which devices are wanted.
type Options struct {
	// Processors includes drivers that compute on the CPU, such as PoCL. They are for tests: the CPU kernels are faster.
	Processors bool
	// Machine is an identity of this machine, such as the CPU's UUID of package device. It makes the UUIDs of cards unique whose
	// drivers only name the slot; without it those have none.
	Machine string
	// Skipped, if set, is told of every device and platform that can't be used, with the reason.
	Skipped func(name string, reason error)
}

// Accelerators prepares every device of every platform, which compiles the kernel for each: that may take seconds. Kernels are
// named "opencl/0" and so on, in the drivers' order. A device that can't be prepared is skipped. It fails with ErrAbsent where
// there is no OpenCL, with ctx.Err(), or when the loader doesn't list the drivers. The caller closes every accelerator.
//
// A call into a driver can't be interrupted: a driver that hangs blocks the kernel's call for good.
func Accelerators(ctx context.Context, options Options) ([]compute.Accelerator, error) {
	if options.Skipped == nil {
		options.Skipped = func(string, error) {}
	}
	l, err := load()
	if err != nil {
		return nil, err
	}
	ids, err := l.list(options.Skipped)
	if err != nil {
		return nil, fmt.Errorf("OpenCL: %w", err)
	}
	var found []compute.Accelerator
	for i, id := range ids {
		if err := ctx.Err(); err != nil {
			return nil, closeAll(found, err)
		}
		name := fmt.Sprintf("opencl/%d", i)
		accelerator, err := l.accelerator(name, id, options)
		switch {
		case err != nil:
			options.Skipped(name, err)
		case accelerator != nil:
			found = append(found, *accelerator)
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

// accelerator prepares one device, or returns nil for one that is not wanted.
func (l *library) accelerator(name string, id deviceID, options Options) (*compute.Accelerator, error) {
	t, err := l.inspect(id)
	if err != nil {
		return nil, err
	}
	if t.processor && !options.Processors {
		return nil, nil
	}
	if !t.ready || t.maxGroup < groupSide*groupSide {
		return nil, fmt.Errorf("%s: it is not available, has no compiler, or runs groups of %d only, %d needed", t.name, t.maxGroup, groupSide*groupSide)
	}
	kernel, err := l.kernel(name, id, t)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", t.name, err)
	}
	return &compute.Accelerator{
		Kernel: kernel, UUID: offload.UUID(t.vendor, t.uuid, options.Machine), Name: t.name, Memory: t.memory, Close: kernel.Close,
	}, nil
}

func (l *library) kernel(name string, id deviceID, t traits) (*offload.Kernel, error) {
	d, err := start(l, id, t.dialects())
	if err != nil {
		return nil, err
	}
	kernel, err := offload.NewKernel(name, d, t.limits())
	if err != nil {
		return nil, fmt.Errorf("%w; %w", err, d.Close())
	}
	return kernel, nil
}

// limits leave three quarters of a small device's memory to others.
func (t traits) limits() offload.Limits {
	share := min(t.memory/4/3, t.maxAlloc)
	return offload.Limits{PanelBytes: int(min(share, panelBytes)), Entries: int(min(share/4, maxEntries)), Tile: tile}
}
