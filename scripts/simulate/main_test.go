package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/scripts/bench/markdown"
	"github.com/assaychain/assay/scripts/simulate/netsim"
)

// A small network, run as a user would: a table with a verdict for every bound, plots, and the section of a document.
func TestRun(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "BENCHMARKS.md")
	require.NoError(t, os.WriteFile(file, []byte("# Benchmarks\n\n## Others\n\nfigures\n"), 0o600))
	o, err := parse([]string{"--devices", "300", "--hours", "1", "--plots", filepath.Join(folder, "plots"), "--document", file}, io.Discard)
	require.NoError(t, err)
	var shown, progress bytes.Buffer
	_, err = o.run(&shown, &progress)
	require.NoError(t, err)
	for _, words := range []string{"300 devices", "POLICY", "marketplace", "vision", "BOUND", "feasible jobs that complete"} {
		require.Contains(t, shown.String(), words)
	}
	require.Contains(t, progress.String(), "ours: 90% of the arrivals")
	plots, err := filepath.Glob(filepath.Join(folder, "plots", "*.svg"))
	require.NoError(t, err)
	require.Len(t, plots, 10)
	written, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Contains(t, string(written), "## Others\n\nfigures\n")
	require.Contains(t, markdown.Find(string(written), markdown.Simulated), "go run ./scripts/simulate --devices 300 --hours 1 --jobs 10 --failures 0.05 --seed 1 --policies "+
		"ours,random,cheapest,auction,datacentre,marketplace --identities 10")
	require.Contains(t, string(written), "under one name each")
}

// What is printed as JSON is the report; a bound that doesn't hold is told.
func TestJSON(t *testing.T) {
	o, err := parse([]string{"--devices", "200", "--hours", "1", "--jobs", "50", "--failures", "1", "--policies", "ours, random", "--plots", "", "--output", "json"}, io.Discard)
	require.NoError(t, err)
	var shown bytes.Buffer
	held, err := o.run(&shown, io.Discard)
	require.NoError(t, err)
	var report netsim.Report
	require.NoError(t, json.Unmarshal(shown.Bytes(), &report))
	require.Len(t, report.Policies, 2)
	all := true
	for _, b := range report.Bounds {
		all = all && b.Holds()
	}
	require.Equal(t, all, held)
	require.False(t, held, "where everything fails every hour, too little completes")

	// An earlier report is shown without another run.
	file := filepath.Join(t.TempDir(), "report.json")
	require.NoError(t, os.WriteFile(file, shown.Bytes(), 0o600))
	again, err := parse([]string{"--from", file, "--plots", "", "--output", "json"}, io.Discard)
	require.NoError(t, err)
	var copied bytes.Buffer
	_, err = again.run(&copied, io.Discard)
	require.NoError(t, err)
	require.Equal(t, shown.String(), copied.String())
	for content, want := range map[string]string{"{}": "no policies", "[": "is no report", `{"policies": [{"policy": "a"}, {"policy": "b", "workloads": [{}]}]}`: "has 1 workloads, a has 0"} {
		require.NoError(t, os.WriteFile(file, []byte(content), 0o600))
		_, err = again.run(io.Discard, io.Discard)
		require.ErrorContains(t, err, want)
	}
}

func TestBadInput(t *testing.T) {
	for want, args := range map[string][]string{
		"devices is 5: it must be from 200 to 1000000":                   {"--devices", "5"},
		`policy "best" is unknown`:                                       {"--policies", "ours,best"},
		`policy "ours" is named twice`:                                   {"--policies", "ours,ours"},
		`output is "xml": it must be table or json`:                      {"--output", "xml"},
		`"more" is no flag: see --help`:                                  {"more"},
		"flag provided but not defined":                                  {"--device", "300"},
		"failures an hour is 2: it must be from 0 to 1":                  {"--failures", "2"},
		"invalid value":                                                  {"--hours", "day"},
		"workers is -1: it must not be negative":                         {"--workers", "-1"},
		"identities is -1: it must be from 0 to 1000":                    {"--identities", "-1"},
		"jobs a device and day is 0: it must be above 0 and at most 200": {"--jobs", "0"},
	} {
		_, err := parse(args, io.Discard)
		require.ErrorContains(t, err, want)
	}
	var usage bytes.Buffer
	_, err := parse([]string{"--help"}, &usage)
	require.Error(t, err)
	require.Contains(t, usage.String(), "Examples:")
}

// A document that isn't there is an error, not a new file.
func TestMissingDocument(t *testing.T) {
	require.Error(t, document(&netsim.Report{}, filepath.Join(t.TempDir(), "none.md")))
}
