package measured_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/scripts/bench/measured"
)

const output = `goos: linux
BenchmarkCommit/int8-1024-2       	       1	 303000000 ns/op	       303.0 cpu-ms/op
BenchmarkProve/1024-2             	       1	5637000000 ns/op	       253.0 MiB	      5637 cpu-ms/op
PASS
`

func TestValues(t *testing.T) {
	r := measured.Results{}
	require.NoError(t, r.Read(strings.NewReader(output)))
	held, err := r.Get("BenchmarkProve/1024", "MiB")
	require.NoError(t, err)
	require.Equal(t, 253.0, held)
	took, err := r.Sum("cpu-ms/op", "BenchmarkProve/1024", "BenchmarkCommit/int8-1024")
	require.NoError(t, err)
	require.Equal(t, 5940.0, took)
	_, err = r.Sum("cpu-ms/op", "BenchmarkProve/1024", "BenchmarkProve/4096")
	require.ErrorContains(t, err, "BenchmarkProve/4096 reported no cpu-ms/op")
}

func TestDamagedLines(t *testing.T) {
	for _, line := range []string{"BenchmarkOdd 1 2 ns/op 3", "BenchmarkWord 1 fast ns/op"} {
		require.Error(t, measured.Results{}.Read(strings.NewReader(line)), line)
	}
}
