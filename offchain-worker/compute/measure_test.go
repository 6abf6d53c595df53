package compute_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/offchain-worker/compute"
)

// sleeper is a kernel that takes a fixed time and one for each multiply-accumulate, and a long time at first.
type sleeper struct {
	compute.Kernel
	first, fixed time.Duration
	macs         float64
	calls        int
}

func (s *sleeper) Name() string { return "sleeper" }

func (s *sleeper) Product(ctx context.Context, p compute.Product, _ compute.Progress) error {
	wait := s.fixed + time.Duration(float64(p.Work())/s.macs*float64(time.Second))
	if s.calls++; s.calls == 1 {
		wait += s.first
	}
	time.Sleep(wait)
	return ctx.Err()
}

// What a kernel needs at its first product, or for each whatever its size, hides little of its speed.
func TestMeasureFindsTheSpeed(t *testing.T) {
	for _, s := range []*sleeper{
		{macs: 1e9}, {macs: 1e11, fixed: time.Millisecond}, {macs: 1e12, first: 60 * time.Millisecond, fixed: time.Millisecond},
	} {
		rate, err := compute.Measure(context.Background(), s)
		require.NoError(t, err)
		require.InEpsilon(t, s.macs, rate, 0.3)
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := compute.Measure(ended, &sleeper{macs: 1e12})
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorContains(t, err, "measure sleeper")
}
