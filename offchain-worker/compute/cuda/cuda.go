// Package cuda multiplies int8 matrices on NVIDIA GPUs through the driver's library alone: no CUDA toolkit, no cgo. The
// kernels are PTX, which the driver compiles for the GPU at hand: one of dp4a instructions for compute capability 6.1 and
// newer, one for the tensor cores from 8.0 on. Linux on amd64 and arm64; elsewhere Open returns ErrNoDriver.
package cuda

import (
	"errors"
	"fmt"
)

// Library is the driver's library, which comes with the driver.
const Library = "libcuda.so.1"

var (
	// ErrNoDriver is wrapped when the machine has no NVIDIA driver, or none for this platform: there is nothing to compute on,
	// and nothing is wrong.
	ErrNoDriver = errors.New("no NVIDIA driver")
	// ErrDriver is wrapped by what the driver answers; the text names the call and the driver's code.
	ErrDriver = errors.New("NVIDIA driver")
	// ErrClosed is returned by a kernel whose accelerator was closed.
	ErrClosed = errors.New("GPU is closed")
	// ErrUnsupported is wrapped when a GPU can't run a kernel.
	ErrUnsupported = errors.New("not supported by this GPU")
)

// Kernels that Open can be asked for.
const (
	// DP4A adds four products an instruction.
	DP4A = "dp4a"
	// MMA uses the tensor cores.
	MMA = "mma"
)

// Options are what Open works with; the zero value is what a worker uses.
type Options struct {
	// Library is the path of the driver's library; Library if empty.
	Library string
	// Kernel is DP4A or MMA, or empty for the fastest that each GPU runs.
	Kernel string
}

func (o *Options) validate() error {
	if o.Kernel != "" && o.Kernel != DP4A && o.Kernel != MMA {
		return fmt.Errorf("cuda kernel is %q, must be %s, %s or empty", o.Kernel, DP4A, MMA)
	}
	if o.Library == "" {
		o.Library = Library
	}
	return nil
}

// capability is a GPU's compute capability, 90 for 9.0.
type capability int

// String is "9.0".
func (c capability) String() string { return fmt.Sprintf("%d.%d", c/10, c%10) }

// choose is the kernel for a GPU: the wanted one, or the fastest.
func choose(c capability, wanted string) (program, error) {
	var last program
	for _, p := range programs {
		if (wanted == "" || wanted == p.name) && c >= p.least {
			return p, nil
		}
		if wanted == "" || wanted == p.name {
			last = p
		}
	}
	return program{}, fmt.Errorf("%w: compute capability is %s, kernel %s needs %s", ErrUnsupported, c, last.name, last.least)
}
