package compute

import (
	"context"
	"fmt"
	"time"
)

const (
	// measureSide is the side of the first square product that speed is measured with, and mostSide of the last.
	measureSide, mostSide = 384, 3072
	// measureTime is how long one is repeated for.
	measureTime = 150 * time.Millisecond
	// measureShort is what a product must take for its size to be enough: below it, a kernel's fixed costs count too much.
	measureShort = 15 * time.Millisecond
)

// Measure is a kernel's speed in multiply-accumulates a second, of square products that are large enough to show it. It
// takes a quarter of a second, or one product if that is longer.
func Measure(ctx context.Context, kernel Kernel) (float64, error) {
	for side := measureSide; ; side *= 2 {
		rate, each, err := measure(ctx, kernel, side)
		if err != nil {
			return 0, fmt.Errorf("measure %s: %w", kernel.Name(), err)
		}
		if each >= measureShort || side >= mostSide {
			return rate, nil
		}
	}
}

// measure repeats a product of a size, after one that warms the kernel up unless that took long. If they are too short it
// leaves it at three.
func measure(ctx context.Context, kernel Kernel, side int) (rate float64, each time.Duration, err error) {
	values := fill(side*side, mixed(4))
	product := Product{M: side, N: side, K: side, A: values, B: values, C: make([]int32, side*side)}
	start, times, warm := time.Now(), 0, false
	for {
		if err := kernel.Product(ctx, product, nil); err != nil {
			return 0, 0, err
		}
		times++
		took := time.Since(start)
		if !warm && took < measureTime {
			start, times, warm = time.Now(), 0, true
			continue
		}
		each = took / time.Duration(times)
		if took >= measureTime || times >= 3 && each < measureShort && side < mostSide {
			return float64(product.Work()) * float64(times) / took.Seconds(), each, nil
		}
	}
}
