package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// module writes a module of the given files and returns its folder.
func module(t *testing.T, files map[string]string) string {
	directory := t.TempDir()
	files["go.mod"] = "module github.com/assaychain/assay\n\ngo 1.26\n"
	for name, content := range files {
		path := filepath.Join(directory, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(content), 0o644))
	}
	return directory
}

const clean = `// Package bond is clean.
package bond

func sum(values map[string]int) (total int) {
	for _, value := range values { //lint:consensus a sum has no order
		total += value
	}
	return total
}
`

func TestCleanModule(t *testing.T) {
	var out strings.Builder
	directory := module(t, map[string]string{"x/bond/bond.go": clean})
	require.Equal(t, exitClean, lint(&out, directory, []string{"./..."}), out.String())
	require.Equal(t, "lint: 0 findings, 1 lines excused\n  excused: x/bond/bond.go:5:33: a sum has no order\n", out.String())
}

func TestEveryRuleIsWiredIn(t *testing.T) {
	var out strings.Builder
	directory := module(t, map[string]string{
		"x/bond/bond.go":        clean,
		"x/bond/types/types.go": "// Package types is empty.\npackage types\n",
		"x/escrow/escrow.go": `package escrow

import (
	"time"

	_ "github.com/assaychain/assay/x/bond/types"
)

func Started() time.Time { return time.Now() }

func wide(a, b, c, d, e, f int) {}
`,
	})
	require.Equal(t, exitFindings, lint(&out, directory, []string{"./..."}))
	for _, want := range []string{
		"x/escrow/escrow.go:1:1: package escrow has no doc comment (document)",
		"x/escrow/escrow.go:6:2: x/escrow imports its sibling x/bond/types: modules of one floor don't know each other (floors)",
		"x/escrow/escrow.go:9:6: exported function Started has no doc comment (document)",
		"x/escrow/escrow.go:9:40: use of time.Now in consensus code: use the block's time (consensus)",
		"x/escrow/escrow.go:11:6: function wide takes 6 parameters, at most 5: pass a struct (shape)",
		"lint: 5 findings, 1 lines excused",
	} {
		require.Contains(t, out.String(), want)
	}
}

func TestCodeThatDoesNotCompileFails(t *testing.T) {
	var out strings.Builder
	directory := module(t, map[string]string{"x/bond/bond.go": "package bond\n\nvar broken = missing\n"})
	require.Equal(t, exitFailure, lint(&out, directory, []string{"./..."}))
	require.Contains(t, out.String(), "mend them first")
	require.Equal(t, exitFailure, lint(&out, directory, []string{"./nowhere"}))
}
