// Package document finds exported names and packages without a doc comment.
package document

import (
	"fmt"
	"go/ast"

	"golang.org/x/tools/go/analysis"

	"github.com/assaychain/assay/scripts/lint/source"
)

// Analyzer checks every package of the module, tests and generated code left out.
var Analyzer = &analysis.Analyzer{Name: "document", Doc: "report exported names without a doc comment", Run: run}

func run(pass *analysis.Pass) (any, error) {
	if _, ours := source.Rel(pass.Pkg.Path()); !ours {
		return nil, nil
	}
	files := source.Written(pass)
	packageDoc := len(files) == 0
	for _, file := range files {
		packageDoc = packageDoc || documented(file.Doc)
		for _, declaration := range file.Decls {
			checkDeclaration(pass, declaration)
		}
	}
	if !packageDoc {
		pass.Reportf(files[0].Package, "package %s has no doc comment", pass.Pkg.Name())
	}
	return nil, nil
}

// documented tells whether a comment says something; directives for tools don't.
func documented(comments ...*ast.CommentGroup) bool {
	for _, comment := range comments {
		if comment.Text() != "" {
			return true
		}
	}
	return false
}

func checkDeclaration(pass *analysis.Pass, declaration ast.Decl) {
	switch declaration := declaration.(type) {
	case *ast.FuncDecl:
		if exportedFunction(declaration) && !documented(declaration.Doc) {
			report(pass, declaration.Name, "function")
		}
	case *ast.GenDecl:
		for _, spec := range declaration.Specs {
			checkSpec(pass, declaration, spec)
		}
	}
}

// checkSpec takes a comment on a group for each of its members.
func checkSpec(pass *analysis.Pass, group *ast.GenDecl, spec ast.Spec) {
	switch spec := spec.(type) {
	case *ast.TypeSpec:
		if spec.Name.IsExported() && !documented(group.Doc, spec.Doc, spec.Comment) {
			report(pass, spec.Name, "type")
		}
	case *ast.ValueSpec:
		if documented(group.Doc, spec.Doc, spec.Comment) {
			return
		}
		for _, name := range spec.Names {
			if name.IsExported() {
				report(pass, name, group.Tok.String())
			}
		}
	}
}

// exportedFunction tells whether a function can be named from outside; methods of unexported types cannot.
func exportedFunction(function *ast.FuncDecl) bool {
	if !function.Name.IsExported() {
		return false
	}
	if function.Recv == nil || len(function.Recv.List) == 0 {
		return true
	}
	return ast.IsExported(receiver(function.Recv.List[0].Type))
}

func receiver(expression ast.Expr) string {
	switch expression := expression.(type) {
	case *ast.Ident:
		return expression.Name
	case *ast.StarExpr:
		return receiver(expression.X)
	case *ast.ParenExpr:
		return receiver(expression.X)
	case *ast.IndexExpr:
		return receiver(expression.X)
	case *ast.IndexListExpr:
		return receiver(expression.X)
	}
	return ""
}

func report(pass *analysis.Pass, name *ast.Ident, kind string) {
	pass.Report(analysis.Diagnostic{Pos: name.Pos(), Message: fmt.Sprintf("exported %s %s has no doc comment", kind, name.Name)})
}
