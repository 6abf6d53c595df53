//go:build !linux || (!amd64 && !arm64)

package cuda

import (
	"context"
	"fmt"
	"runtime"

	"github.com/assaychain/assay/offchain-worker/compute"
)

// Open tells that this platform is not supported.
func Open(_ context.Context, options Options) ([]compute.Accelerator, error) {
	if err := options.validate(); err != nil {
		return nil, err
	}
	return nil, fmt.Errorf("%w: CUDA is used on Linux only, not on %s/%s", ErrNoDriver, runtime.GOOS, runtime.GOARCH)
}
