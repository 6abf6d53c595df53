// Package consensus finds code that could make two validators disagree, or a block hook grow with the state: floating
// point, map order, clocks, random numbers, concurrency, the environment, and unbounded walks in hooks.
//
// A line may be excused with a directive on it or alone on the line above; the reason is mandatory and gets printed:
//
//	//lint:consensus the order does not matter: values are summed
package consensus

import (
	"go/ast"
	"go/token"
	"reflect"

	"golang.org/x/tools/go/analysis"

	"github.com/assaychain/assay/scripts/lint/source"
)

// Analyzer checks the packages under x/ and app/. Its result is the []Exception that directives excused.
var Analyzer = &analysis.Analyzer{
	Name:       "consensus",
	Doc:        "report non-determinism and unbounded work in consensus code",
	Run:        run,
	ResultType: reflect.TypeFor[[]Exception](),
}

// offChain lists the packages under x/ and app/ that no block executes.
var offChain = []struct{ folder, reason string }{
	{"x/proofs/setup", "makes proving and verifying keys on an operator's machine"},
	{"x/internal", "imported by tests alone, which the lint of imports enforces"},
}

// offChainElements lists path elements that mark such a package in any module.
var offChainElements = []struct{ element, reason string }{
	{"client", "command lines run on a user's machine"},
	{"simulation", "the simulator draws random operations in tests"},
	{"testutil", "imported by tests alone"},
}

// Exception is one finding that a directive excused.
type Exception struct {
	// Position is where the directive stands.
	Position token.Position
	// Reason is what its author gave.
	Reason string
}

func run(pass *analysis.Pass) (any, error) {
	var excused []Exception
	path, ours := source.Rel(pass.Pkg.Path())
	if !ours || !executes(path) {
		return excused, nil
	}
	files := source.Consensus(pass)
	inHook := hookFunctions(pass, files)
	for _, file := range files {
		check := &fileCheck{pass: pass, seen: make(map[finding]bool), sorted: make(map[*ast.Ident]bool)}
		var err error
		if check.directives, err = parseDirectives(pass, file); err != nil {
			return nil, err
		}
		check.file(file, inHook)
		excused = append(excused, check.settle()...)
	}
	return excused, nil
}

// executes tells whether a block may run the code of a package.
func executes(path string) bool {
	if !source.Under(path, "x") && !source.Under(path, "app") {
		return false
	}
	for _, entry := range offChain {
		if source.Under(path, entry.folder) {
			return false
		}
	}
	for _, entry := range offChainElements {
		if hasElement(path, entry.element) {
			return false
		}
	}
	return true
}

// finding identifies what a line is reported for, so that one line is reported once a rule.
type finding struct {
	line int
	rule string
}

// fileCheck is the state of checking one file.
type fileCheck struct {
	pass       *analysis.Pass
	directives []*directive
	seen       map[finding]bool
	// sorted holds the uses of maps.Keys and maps.Values whose result is sorted at once.
	sorted map[*ast.Ident]bool
}

func (c *fileCheck) file(file *ast.File, inHook map[*ast.FuncDecl]bool) {
	c.imports(file)
	for _, declaration := range file.Decls {
		function, ok := declaration.(*ast.FuncDecl)
		hook := ok && inHook[function]
		ast.Inspect(declaration, func(node ast.Node) bool { return c.node(node, hook) })
	}
}

// node applies every rule to one node and tells whether to look inside it.
func (c *fileCheck) node(node ast.Node, hook bool) bool {
	if message := floatingPoint(c.pass.TypesInfo, node); message != "" {
		c.report(node, "float", message)
		return false // The outermost expression is enough: its parts are floating point too.
	}
	c.report(node, "order", mapOrder(c.pass.TypesInfo, node))
	c.report(node, "concurrency", concurrency(node))
	c.report(node, "call", c.nondeterministic(node))
	if hook {
		c.report(node, "walk", unboundedWalk(c.pass.TypesInfo, node))
	}
	return true
}

// report takes an empty message as nothing to report.
func (c *fileCheck) report(node ast.Node, rule, message string) {
	if message == "" {
		return
	}
	at := finding{line: c.pass.Fset.Position(node.Pos()).Line, rule: rule}
	if c.seen[at] {
		return
	}
	c.seen[at] = true
	for _, directive := range c.directives {
		if directive.covers(at.line) {
			directive.used = true
			return
		}
	}
	c.pass.Reportf(node.Pos(), "%s", message)
}
