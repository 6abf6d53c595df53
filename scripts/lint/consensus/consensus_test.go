package consensus_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/assaychain/assay/scripts/lint/consensus"
	"github.com/assaychain/assay/scripts/lint/source"
)

// TestPlanted holds that each planted violation is found, that nothing else is, and that exceptions are counted.
func TestPlanted(t *testing.T) {
	results := analysistest.Run(t, analysistest.TestData(), consensus.Analyzer, source.Module+"/...")
	require.NotEmpty(t, results)
	reasons := make(map[string]bool)
	findings := 0
	for _, result := range results {
		findings += len(result.Diagnostics)
		for _, exception := range result.Result.([]consensus.Exception) {
			require.Positive(t, exception.Position.Line)
			reasons[exception.Reason] = true
		}
	}
	require.Greater(t, findings, 50, "the planted files were not all read")
	require.Equal(t, map[string]bool{
		"the order does not matter: values are summed": true,
		"shown to the operator only":                   true,
		"holds at most one record":                     true,
	}, reasons)
}

// TestEveryPlantedFileHasFindings guards the test above against a planted file that is silently left out.
func TestEveryPlantedFileHasFindings(t *testing.T) {
	results := analysistest.Run(t, analysistest.TestData(), consensus.Analyzer, source.Module+"/x/planted", source.Module+"/x/planted/keeper")
	found := make(map[string]int)
	for _, result := range results {
		for _, diagnostic := range result.Diagnostics {
			found[result.Action.Package.Fset.Position(diagnostic.Pos).Filename]++
		}
	}
	require.Len(t, found, 6, "floats, order, machine, header, hooks, directives")
}
