package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const output = `goos: linux
BenchmarkVerify/batch-1-2         	     100	   2000000 ns/op	      2000 cpu-µs/proof
BenchmarkVerify/batch-16-2        	     100	  10000000 ns/op	       500.0 cpu-µs/proof
PASS
`

func TestRatiosOfOneRun(t *testing.T) {
	r := results{}
	require.NoError(t, r.read(strings.NewReader(output)))
	got, err := r.quotient(ratio{
		over: "BenchmarkVerify/batch-16", overUnit: cpuMicroseconds, under: "BenchmarkVerify/batch-1", underUnit: cpuMicroseconds,
	})
	require.NoError(t, err)
	require.Equal(t, 0.25, got)
}

// A figure that a benchmark no longer reports must not become a zero in the document.
func TestMissingFigureIsAnError(t *testing.T) {
	r := results{}
	require.NoError(t, r.read(strings.NewReader(output)))
	_, err := render(r)
	require.ErrorContains(t, err, "BenchmarkVerify/batch-4 reported no")
	require.Error(t, r.add("BenchmarkOdd", []string{"1"}))
	require.Error(t, r.add("BenchmarkWord", []string{"fast", "ns/op"}))
}
