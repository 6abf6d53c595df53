// Package shape finds files, functions and parameter lists that grew too long to read.
package shape

import (
	"go/ast"

	"golang.org/x/tools/go/analysis"

	"github.com/assaychain/assay/scripts/lint/source"
)

const (
	maxFileLines     = 300
	maxFunctionLines = 80
	maxParameters    = 5
)

// Analyzer checks every package of the module, tests and generated code left out.
var Analyzer = &analysis.Analyzer{Name: "shape", Doc: "report files, functions and parameter lists that are too long", Run: run}

func run(pass *analysis.Pass) (any, error) {
	if _, ours := source.Rel(pass.Pkg.Path()); !ours {
		return nil, nil
	}
	for _, file := range source.Written(pass) {
		if lines := pass.Fset.File(file.Package).LineCount(); lines > maxFileLines {
			pass.Reportf(file.Package, "file has %d lines, at most %d: split it by concern", lines, maxFileLines)
		}
		for _, declaration := range file.Decls {
			if function, ok := declaration.(*ast.FuncDecl); ok {
				checkFunction(pass, function)
			}
		}
	}
	return nil, nil
}

func checkFunction(pass *analysis.Pass, function *ast.FuncDecl) {
	first, last := pass.Fset.Position(function.Pos()).Line, pass.Fset.Position(function.End()).Line
	if lines := last - first + 1; lines > maxFunctionLines {
		pass.Reportf(function.Name.Pos(), "function %s has %d lines, at most %d: name its phases", function.Name.Name, lines, maxFunctionLines)
	}
	if count := function.Type.Params.NumFields(); count > maxParameters {
		pass.Reportf(function.Name.Pos(), "function %s takes %d parameters, at most %d: pass a struct", function.Name.Name, count, maxParameters)
	}
}
