package consensus

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"
)

// bannedImports are packages that consensus code has no use for, with the reason.
var bannedImports = map[string]string{
	"math/rand":    "random numbers differ between validators: derive them from a beacon round",
	"math/rand/v2": "random numbers differ between validators: derive them from a beacon round",
	"crypto/rand":  "random numbers differ between validators: derive them from a beacon round",
	"unsafe":       "memory layout differs between machines",
	"C":            "foreign code is out of the compiler's sight",
}

// bannedNames are functions and variables that give different answers on different machines, by their full names.
var bannedNames = map[string]string{
	"time.Now": "use the block's time", "time.Since": "use the block's time", "time.Until": "use the block's time",
	"time.After": "no timers", "time.AfterFunc": "no timers", "time.Sleep": "no timers", "time.Tick": "no timers",
	"time.NewTimer": "no timers", "time.NewTicker": "no timers",
	"time.Local": "the zone is the machine's: use time.UTC", "(time.Time).Local": "the zone is the machine's: use UTC",
	"os.Getenv": "the environment is the machine's", "os.LookupEnv": "the environment is the machine's",
	"os.Environ": "the environment is the machine's", "os.Hostname": "the name is the machine's", "os.Getpid": "the number is the machine's",
	"runtime.NumCPU": "the number is the machine's", "runtime.GOMAXPROCS": "the number is the machine's",
	"runtime.NumGoroutine":    "the number is the machine's",
	"(*sync.Map).Range":       "the order is random",
	"(reflect.Value).MapKeys": "the order is random", "(reflect.Value).MapRange": "the order is random",
	"maps.All": "the order is random: sort the keys", "golang.org/x/exp/maps.Keys": "the order is random: sort the keys",
	"golang.org/x/exp/maps.Values": "the order is random: sort the keys",
	mapKeys:                        "the order is random: pass it straight to slices.Sorted",
	mapValues:                      "the order is random: pass it straight to slices.Sorted",
}

const mapKeys, mapValues = "maps.Keys", "maps.Values"

func hasElement(path, element string) bool { return slices.Contains(strings.Split(path, "/"), element) }

func (c *fileCheck) imports(file *ast.File) {
	for _, spec := range file.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue // The compiler reports it.
		}
		if reason, banned := bannedImports[path]; banned {
			c.report(spec, "import", fmt.Sprintf("import of %s in consensus code: %s", path, reason))
		}
	}
}

// floatingPoint finds float and complex literals, types and values. An integer literal that a call takes as a float is
// let through: counting a metric by 1 computes nothing.
func floatingPoint(info *types.Info, node ast.Node) string {
	const advice = "in consensus code: results differ between machines, use integers or fixed point"
	expression, ok := node.(ast.Expr)
	if !ok {
		return ""
	}
	if literal, ok := expression.(*ast.BasicLit); ok {
		if literal.Kind == token.FLOAT || literal.Kind == token.IMAG {
			return "floating-point literal " + literal.Value + " " + advice
		}
		return ""
	}
	if of := info.TypeOf(expression); of != nil && isFloat(of) {
		return fmt.Sprintf("floating point (%s) %s", of, advice)
	}
	return ""
}

func isFloat(of types.Type) bool {
	basic, ok := of.Underlying().(*types.Basic)
	return ok && basic.Info()&(types.IsFloat|types.IsComplex) != 0
}

func mapOrder(info *types.Info, node ast.Node) string {
	statement, ok := node.(*ast.RangeStmt)
	if !ok || !mayBeMap(info.TypeOf(statement.X)) {
		return ""
	}
	return "range over a map in consensus code: the order is random, walk sorted keys"
}

// mayBeMap tells whether a type is a map or a type parameter that a map may stand for.
func mayBeMap(of types.Type) bool {
	if of == nil {
		return false
	}
	if _, ok := of.Underlying().(*types.Map); ok {
		return true
	}
	parameter, ok := types.Unalias(of).(*types.TypeParam)
	if !ok {
		return false
	}
	constraint, ok := parameter.Constraint().Underlying().(*types.Interface)
	return ok && embedsMap(constraint)
}

func embedsMap(constraint *types.Interface) bool {
	for embedded := range constraint.EmbeddedTypes() {
		union, ok := embedded.(*types.Union)
		if !ok {
			if mayBeMap(embedded) {
				return true
			}
			continue
		}
		for term := range union.Terms() {
			if mayBeMap(term.Type()) {
				return true
			}
		}
	}
	return false
}

func concurrency(node ast.Node) string {
	switch node.(type) {
	case *ast.GoStmt:
		return "go statement in consensus code: the order of effects is the scheduler's"
	case *ast.SelectStmt:
		return "select statement in consensus code: the choice is random"
	}
	return ""
}

// nondeterministic finds uses of the banned names, calls or not.
func (c *fileCheck) nondeterministic(node ast.Node) string {
	if call, ok := node.(*ast.CallExpr); ok {
		c.noteSorted(call)
		return ""
	}
	name, ok := node.(*ast.Ident)
	if !ok || c.sorted[name] {
		return ""
	}
	full := fullName(c.pass.TypesInfo.Uses[name])
	if reason, banned := bannedNames[full]; banned {
		return fmt.Sprintf("use of %s in consensus code: %s", full, reason)
	}
	return ""
}

// noteSorted remembers the argument of slices.Sorted(maps.Keys(m)), the one order-free way to walk a map.
func (c *fileCheck) noteSorted(call *ast.CallExpr) {
	info := c.pass.TypesInfo
	outer := calledName(call)
	if outer == nil || len(call.Args) != 1 || fullName(info.Uses[outer]) != "slices.Sorted" {
		return
	}
	inner, ok := ast.Unparen(call.Args[0]).(*ast.CallExpr)
	if !ok {
		return
	}
	if name := calledName(inner); name != nil {
		if full := fullName(info.Uses[name]); full == mapKeys || full == mapValues {
			c.sorted[name] = true
		}
	}
}

// calledName returns the identifier that names what a call calls, or nil.
func calledName(call *ast.CallExpr) *ast.Ident {
	switch function := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		return function
	case *ast.SelectorExpr:
		return function.Sel
	}
	return nil
}

// fullName names a function as go/types does, or a package's variable as "path.Name"; it is empty for anything else.
func fullName(object types.Object) string {
	switch object := object.(type) {
	case *types.Func:
		return object.Origin().FullName()
	case *types.Var:
		if object.Pkg() != nil && object.Parent() == object.Pkg().Scope() {
			return object.Pkg().Path() + "." + object.Name()
		}
	}
	return ""
}
