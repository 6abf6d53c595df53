package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/scripts/bench/markdown"
	"github.com/assaychain/assay/scripts/bench/measured"
)

const output = `goos: linux
BenchmarkVerify/batch-1-2         	     100	   2000000 ns/op	      2000 cpu-µs/proof
BenchmarkVerify/batch-16-2        	     100	  10000000 ns/op	       500.0 cpu-µs/proof
PASS
`

func TestRatiosOfOneRun(t *testing.T) {
	r := measured.Results{}
	require.NoError(t, r.Read(strings.NewReader(output)))
	got, err := quotient(r, ratio{
		over: "BenchmarkVerify/batch-16", overUnit: cpuMicroseconds, under: "BenchmarkVerify/batch-1", underUnit: cpuMicroseconds,
	})
	require.NoError(t, err)
	require.Equal(t, 0.25, got)
}

// A figure that a benchmark no longer reports must not become a zero in the document.
func TestMissingFigureIsAnError(t *testing.T) {
	r := measured.Results{}
	require.NoError(t, r.Read(strings.NewReader(output)))
	_, err := render(r)
	require.ErrorContains(t, err, "BenchmarkVerify/batch-4 reported no")
}

// What scripts/simulate wrote stays when the benchmarks are written anew; without it nothing is added.
func TestTheSimulatedSectionIsKept(t *testing.T) {
	file := filepath.Join(t.TempDir(), "BENCHMARKS.md")
	fresh := "# Benchmarks\n\n## Verifying proofs\n\nnew\n"
	require.Equal(t, fresh, keep(file, fresh), "there is no file yet")
	require.NoError(t, os.WriteFile(file, []byte(fresh), 0o600))
	require.Equal(t, fresh, keep(file, fresh))
	section := "## " + markdown.Simulated + "\n\nfigures\n"
	require.NoError(t, os.WriteFile(file, []byte("# Benchmarks\n\n"+section+"\n## Verifying proofs\n\nold\n"), 0o600))
	require.Equal(t, fresh+"\n"+section, keep(file, fresh))
}
