//go:build linux && (amd64 || arm64)

package cuda

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/assaychain/assay/offchain-worker/compute"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// Open finds the machine's NVIDIA GPUs and makes a kernel on each, named "cuda/mma" or "cuda/dp4a". GPUs that can't be used
// are left out; the error tells why, and comes with those that can. It wraps ErrNoDriver when the machine has none.
// The caller closes every accelerator.
func Open(ctx context.Context, options Options) ([]compute.Accelerator, error) {
	if err := options.validate(); err != nil {
		return nil, err
	}
	l, err := load(options.Library)
	if err != nil {
		return nil, err
	}
	var count int32
	if err := l.check("cuDeviceGetCount", l.cuDeviceGetCount(&count)); err != nil {
		return nil, err
	}
	if count == 0 {
		return nil, fmt.Errorf("%w: the driver finds no GPU", ErrNoDriver)
	}
	var found []compute.Accelerator
	var unusable []error
	for ordinal := range count {
		if ctx.Err() != nil {
			return found, ctx.Err()
		}
		one, err := open(l, ordinal, options.Kernel)
		if err != nil {
			unusable = append(unusable, fmt.Errorf("GPU %d: %w", ordinal, err))
			continue
		}
		found = append(found, one)
	}
	return found, errors.Join(unusable...)
}

func open(l *library, ordinal int32, wanted string) (compute.Accelerator, error) {
	var device int32
	if err := l.check("cuDeviceGet", l.cuDeviceGet(&device, ordinal)); err != nil {
		return compute.Accelerator{}, err
	}
	told, has, err := l.describe(device)
	if err != nil {
		return compute.Accelerator{}, err
	}
	p, err := choose(has, wanted)
	if err != nil {
		return compute.Accelerator{}, fmt.Errorf("%s: %w", told.Name, err)
	}
	g, err := start(l, device, p)
	if err != nil {
		return compute.Accelerator{}, fmt.Errorf("%s: %w", told.Name, err)
	}
	told.Kernel, told.Close = &kernel{g}, g.close
	return told, nil
}

// describe reads name, UUID, memory and compute capability.
func (l *library) describe(device int32) (told compute.Accelerator, has capability, err error) {
	var name [256]byte
	if err := l.check("cuDeviceGetName", l.cuDeviceGetName(&name[0], int32(len(name)), device)); err != nil {
		return told, 0, err
	}
	var uuid [16]byte
	if err := l.check("cuDeviceGetUuid", l.cuDeviceGetUuid(&uuid, device)); err != nil {
		return told, 0, err
	}
	var memory uintptr
	if err := l.check("cuDeviceTotalMem", l.cuDeviceTotalMem(&memory, device)); err != nil {
		return told, 0, err
	}
	var values [3]int32
	for i, attribute := range []int32{attributeMajor, attributeMinor, attributeComputeMode} {
		if err := l.check("cuDeviceGetAttribute", l.cuDeviceGetAttribute(&values[i], attribute, device)); err != nil {
			return told, 0, err
		}
	}
	if values[2] == computeProhibited {
		return told, 0, fmt.Errorf("%w: its compute mode is Prohibited", ErrUnsupported)
	}
	told = compute.Accelerator{Name: goString(&name[0], len(name)), UUID: uuidText(uuid), Memory: uint64(memory)}
	return told, capability(10*values[0] + values[1]), nil
}

// uuidText is a UUID as NVML and nvidia-smi write it.
func uuidText(u [16]byte) string {
	h := hex.EncodeToString(u[:])
	return "GPU-" + h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// kernel is the back end on one GPU.
type kernel struct{ gpu *gpu }

var _ compute.Kernel = (*kernel)(nil)

// Name is "cuda/" and the program.
func (k *kernel) Name() string { return "cuda/" + k.gpu.program.name }

// Product multiplies in one dispatch: compute.Checked cuts long work. Calls wait for each other.
func (k *kernel) Product(ctx context.Context, p compute.Product, progress compute.Progress) error {
	if err := p.Validate(); err != nil {
		return err
	}
	err := k.gpu.do(func() error { return k.gpu.multiply(ctx, p) })
	if err == nil && progress != nil {
		progress(p.Work(), p.Work())
	}
	return err
}

// Dense multiplies on the GPU and ends the step on the processor.
func (k *kernel) Dense(ctx context.Context, d compute.Dense, progress compute.Progress) (*tensor.Tensor, error) {
	return compute.DenseByProduct(ctx, k.Product, d, progress)
}

func (g *gpu) multiply(ctx context.Context, p compute.Product) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err := g.upload(&g.left, p.A, p.M, p.K); err != nil {
		return err
	}
	if err := g.upload(&g.right, p.B, p.N, p.K); err != nil {
		return err
	}
	if err := g.launch(p.M, p.N, p.K); err != nil {
		return err
	}
	if err := g.wait(); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return g.download(p.C, p.M, p.N)
}
