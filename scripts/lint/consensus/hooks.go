package consensus

import (
	"fmt"
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/analysis"
)

// hookNames are the functions that run in every block, whoever pays for it.
var hookNames = map[string]bool{
	"PreBlock": true, "PreBlocker": true, "BeginBlock": true, "BeginBlocker": true, "EndBlock": true, "EndBlocker": true,
}

// upperBound maps a method that goes through stored records to the index of the argument that ends it.
var upperBound = map[string]int{
	"Walk": 1, "Iterate": 1, "Clear": 1, "IterateRaw": 2, "Iterator": 1, "ReverseIterator": 1,
}

// hookFunctions returns the package's functions that a block hook reaches within the package. A function that is only
// mentioned counts as called, so that passing it on does not hide it.
func hookFunctions(pass *analysis.Pass, files []*ast.File) map[*ast.FuncDecl]bool {
	declared := make(map[types.Object]*ast.FuncDecl)
	var queue []*ast.FuncDecl
	for _, file := range files {
		for _, declaration := range file.Decls {
			function, ok := declaration.(*ast.FuncDecl)
			if !ok {
				continue
			}
			declared[pass.TypesInfo.Defs[function.Name]] = function
			if hookNames[function.Name.Name] {
				queue = append(queue, function)
			}
		}
	}
	reached := make(map[*ast.FuncDecl]bool)
	for len(queue) > 0 {
		function := queue[0]
		queue = queue[1:]
		if !reached[function] {
			reached[function] = true
			queue = append(queue, mentioned(pass, function, declared)...)
		}
	}
	return reached
}

func mentioned(pass *analysis.Pass, function *ast.FuncDecl, declared map[types.Object]*ast.FuncDecl) []*ast.FuncDecl {
	var found []*ast.FuncDecl
	ast.Inspect(function, func(node ast.Node) bool {
		name, ok := node.(*ast.Ident)
		if !ok {
			return true
		}
		object := pass.TypesInfo.Uses[name]
		if method, ok := object.(*types.Func); ok {
			object = method.Origin()
		}
		if callee := declared[object]; callee != nil {
			found = append(found, callee)
		}
		return true
	})
	return found
}

// unboundedWalk finds walks over a whole collection: a nil range, or no upper end.
func unboundedWalk(info *types.Info, node ast.Node) string {
	call, ok := node.(*ast.CallExpr)
	if !ok {
		return ""
	}
	method, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	index, walks := upperBound[method.Sel.Name]
	if !walks || len(call.Args) <= index || !info.Types[call.Args[index]].IsNil() {
		return ""
	}
	return fmt.Sprintf("unbounded %s in a block hook: give a range, and stop after a number of records set by a parameter", method.Sel.Name)
}
