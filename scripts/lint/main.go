// Lint checks the rules of this repository that no general tool knows.
//
//	go run ./scripts/lint ./x/... ./app/...
//
// consensus: no non-determinism and no unbounded work in what a block executes. floors: who may import whom. document:
// exported names have doc comments. shape: nothing grows too long to read. Findings are errors: the exit status is 1 if
// there are any, and 2 if the packages cannot be loaded.
package main

import (
	"cmp"
	"fmt"
	"go/token"
	"io"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/packages"

	"github.com/assaychain/assay/scripts/lint/consensus"
	"github.com/assaychain/assay/scripts/lint/document"
	"github.com/assaychain/assay/scripts/lint/floors"
	"github.com/assaychain/assay/scripts/lint/shape"
)

const (
	exitClean    = 0
	exitFindings = 1
	exitFailure  = 2
)

var analyzers = []*analysis.Analyzer{consensus.Analyzer, floors.Analyzer, document.Analyzer, shape.Analyzer}

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: lint package-pattern...")
		os.Exit(exitFailure)
	}
	directory, err := os.Getwd()
	if err != nil {
		fmt.Fprintln(os.Stderr, "lint:", err)
		os.Exit(exitFailure)
	}
	os.Exit(lint(os.Stdout, directory, os.Args[1:]))
}

// lint checks the packages that match the patterns, seen from a directory, and returns the exit status.
func lint(out io.Writer, directory string, patterns []string) int {
	graph, err := analyse(directory, patterns)
	if err != nil {
		fmt.Fprintln(out, "lint:", err)
		return exitFailure
	}
	findings, exceptions, err := collect(graph)
	if err != nil {
		fmt.Fprintln(out, "lint:", err)
		return exitFailure
	}
	for _, found := range findings {
		fmt.Fprintln(out, found.describe(directory))
	}
	fmt.Fprintf(out, "lint: %d findings, %d lines excused\n", len(findings), len(exceptions))
	for _, excused := range exceptions {
		fmt.Fprintln(out, "  excused:", excused.describe(directory))
	}
	if len(findings) > 0 {
		return exitFindings
	}
	return exitClean
}

// analyse needs no facts of other packages, so dependencies come compiled from the build cache and only the packages
// asked for are parsed.
func analyse(directory string, patterns []string) (*checker.Graph, error) {
	loaded, err := packages.Load(&packages.Config{Mode: packages.LoadSyntax | packages.NeedModule, Dir: directory}, patterns...)
	if err != nil {
		return nil, err
	}
	if len(loaded) == 0 {
		return nil, fmt.Errorf("no package matches %q", patterns)
	}
	if broken := packages.PrintErrors(loaded); broken > 0 {
		return nil, fmt.Errorf("%d errors in the packages: mend them first", broken)
	}
	return checker.Analyze(analyzers, loaded, nil)
}

// note is one line of the report.
type note struct {
	at      token.Position
	message string
}

func (n note) describe(directory string) string {
	name := n.at.Filename
	if relative, err := filepath.Rel(directory, name); err == nil {
		name = relative
	}
	return fmt.Sprintf("%s:%d:%d: %s", name, n.at.Line, n.at.Column, n.message)
}

// collect gathers findings and exceptions in the order of the files.
func collect(graph *checker.Graph) (findings, exceptions []note, err error) {
	for _, action := range graph.Roots {
		if action.Err != nil {
			return nil, nil, fmt.Errorf("%s: %w", action, action.Err)
		}
		for _, diagnostic := range action.Diagnostics {
			at := action.Package.Fset.Position(diagnostic.Pos)
			findings = append(findings, note{at, fmt.Sprintf("%s (%s)", diagnostic.Message, action.Analyzer.Name)})
		}
		excused, _ := action.Result.([]consensus.Exception)
		for _, exception := range excused {
			exceptions = append(exceptions, note{exception.Position, exception.Reason})
		}
	}
	slices.SortFunc(findings, inOrder)
	slices.SortFunc(exceptions, inOrder)
	return findings, exceptions, nil
}

func inOrder(a, b note) int {
	return cmp.Or(cmp.Compare(a.at.Filename, b.at.Filename), cmp.Compare(a.at.Line, b.at.Line),
		cmp.Compare(a.at.Column, b.at.Column), cmp.Compare(a.message, b.message))
}
