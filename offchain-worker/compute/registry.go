package compute

import (
	"context"
	"errors"
	"fmt"
)

// ErrRegistry is wrapped by every misuse of a registry and by a look-up of a kernel that it does not hold.
var ErrRegistry = errors.New("kernel registry")

// Registry holds the back ends of a worker. Kernels are registered in order of preference, then Seal tests them; from
// then on it is read-only and may be used from several goroutines.
type Registry struct {
	kernels  []Kernel
	rejected []error
	sealed   bool
}

// Register adds a kernel after those that are preferred to it. It refuses a name that is taken, and any kernel once sealed.
func (r *Registry) Register(kernel Kernel) error {
	if r.sealed {
		return fmt.Errorf("%w: %s registered after the registry was sealed", ErrRegistry, kernel.Name())
	}
	for _, known := range r.kernels {
		if known.Name() == kernel.Name() {
			return fmt.Errorf("%w: %s registered twice", ErrRegistry, kernel.Name())
		}
	}
	r.kernels = append(r.kernels, kernel)
	return nil
}

// Seal tests every kernel with SelfTest. One that fails is left out, and Rejected says why: a broken device must not keep
// the others from working. Seal fails if none is left or the context ends.
func (r *Registry) Seal(ctx context.Context) error {
	if r.sealed {
		return fmt.Errorf("%w: sealed twice", ErrRegistry)
	}
	var sound []Kernel
	for _, kernel := range r.kernels {
		err := SelfTest(ctx, kernel)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			r.rejected = append(r.rejected, err)
		default:
			sound = append(sound, kernel)
		}
	}
	r.kernels, r.sealed = sound, true
	if len(sound) == 0 {
		return fmt.Errorf("%w: no kernel passed its self-test: %w", ErrRegistry, errors.Join(r.rejected...))
	}
	return nil
}

// Kernels returns those that passed, in order of preference.
func (r *Registry) Kernels() []Kernel { return append([]Kernel(nil), r.kernels...) }

// Rejected returns an error that names the kernel for each that failed its self-test.
func (r *Registry) Rejected() []error { return append([]error(nil), r.rejected...) }

// Kernel returns the kernel of that name, or the preferred one for an empty name.
func (r *Registry) Kernel(name string) (Kernel, error) {
	if !r.sealed {
		return nil, fmt.Errorf("%w: used before it was sealed", ErrRegistry)
	}
	for _, kernel := range r.kernels {
		if name == "" || kernel.Name() == name {
			return kernel, nil
		}
	}
	return nil, fmt.Errorf("%w: no kernel %q that passed its self-test on this machine", ErrRegistry, name)
}

// NewCPURegistry is a sealed registry of this machine's CPU kernels.
func NewCPURegistry(ctx context.Context, threads int) (*Registry, error) {
	kernels, err := CPUs(threads)
	if err != nil {
		return nil, err
	}
	registry := &Registry{}
	for _, kernel := range kernels {
		if err := registry.Register(kernel); err != nil {
			return nil, err
		}
	}
	if err := registry.Seal(ctx); err != nil {
		return nil, err
	}
	return registry, nil
}
