package setup_test

import (
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/proofs/setup"
)

// BenchmarkMake makes the keys of all circuits from nothing.
func BenchmarkMake(b *testing.B) {
	before := cpuTime(b)
	for b.Loop() {
		_, err := setup.Make(b.TempDir(), nil)
		require.NoError(b, err)
	}
	b.ReportMetric((cpuTime(b)-before).Seconds()/float64(b.N), "cpu-s/op")
}

// cpuTime is what the process has used: on a busy machine it says more than the clock.
func cpuTime(b testing.TB) time.Duration {
	var usage syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
