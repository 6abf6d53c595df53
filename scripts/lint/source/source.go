// Package source tells the lint's analyzers which code is theirs to judge.
package source

import (
	"go/ast"
	"path/filepath"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// Module is the path of the module that the lint is about.
const Module = "github.com/assaychain/assay"

// Rel returns a package's path inside the module, and false for a package of another module.
func Rel(path string) (string, bool) { return strings.CutPrefix(path, Module+"/") }

// Under tells whether a package's path is a folder or lies below it, by whole path elements.
func Under(path, folder string) bool { return path == folder || strings.HasPrefix(path, folder+"/") }

// Name returns the path of the file that holds a node.
func Name(pass *analysis.Pass, file *ast.File) string {
	return pass.Fset.Position(file.Package).Filename
}

// Consensus returns the files that consensus rules hold for: all but tests and what the protobuf plugins wrote. Other
// generated code gets no pardon, so that a header comment is no way round the lint.
func Consensus(pass *analysis.Pass) []*ast.File {
	return selectFiles(pass, func(name string, _ *ast.File) bool { return !isTest(name) && !isProtobuf(name) })
}

// Written returns the files that people wrote and that ship: neither tests nor generated code of any kind.
func Written(pass *analysis.Pass) []*ast.File {
	return selectFiles(pass, func(name string, file *ast.File) bool {
		return !isTest(name) && !isProtobuf(name) && !ast.IsGenerated(file)
	})
}

func selectFiles(pass *analysis.Pass, keep func(name string, file *ast.File) bool) []*ast.File {
	var kept []*ast.File
	for _, file := range pass.Files {
		name := Name(pass, file)
		// cgo and the test main put files of the build cache among the package's own; their names don't end in .go.
		if filepath.Ext(name) == ".go" && keep(name, file) {
			kept = append(kept, file)
		}
	}
	return kept
}

func isTest(name string) bool { return strings.HasSuffix(name, "_test.go") }

func isProtobuf(name string) bool {
	return strings.HasSuffix(name, ".pb.go") || strings.HasSuffix(name, ".pb.gw.go")
}
