package document_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/assaychain/assay/scripts/lint/document"
	"github.com/assaychain/assay/scripts/lint/source"
)

func TestPlanted(t *testing.T) {
	results := analysistest.Run(t, analysistest.TestData(), document.Analyzer, source.Module+"/planted")
	require.Len(t, results, 1)
	require.Len(t, results[0].Diagnostics, 13)
}

func TestClean(t *testing.T) {
	results := analysistest.Run(t, analysistest.TestData(), document.Analyzer, source.Module+"/clean")
	require.NotEmpty(t, results)
	for _, result := range results {
		require.Empty(t, result.Diagnostics)
	}
}
