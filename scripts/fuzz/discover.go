package main

import (
	"bytes"
	"cmp"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// target is one fuzz function.
type target struct{ folder, name string }

// String is the folder and the name, which -match looks at.
func (t target) String() string { return t.folder + " " + t.name }

// discover finds the targets that the test files under a folder declare and that this machine builds, sorted.
func discover(root string) ([]target, error) {
	var targets []target
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (entry.Name() == "testdata" || entry.Name() == "build" || strings.HasPrefix(entry.Name(), ".") && path != root) {
			return filepath.SkipDir
		}
		if entry.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		found, err := declared(path)
		targets = append(targets, found...)
		return err
	})
	slices.SortFunc(targets, func(a, b target) int {
		return cmp.Or(strings.Compare(a.folder, b.folder), strings.Compare(a.name, b.name))
	})
	return targets, err
}

// declared lists the targets of a file. What is written between quotes is none.
func declared(path string) (targets []target, err error) {
	folder, file := filepath.Split(path)
	content, err := os.ReadFile(path)
	if err != nil || !bytes.Contains(content, []byte("*testing.F)")) {
		return nil, err
	}
	if built, err := build.Default.MatchFile(folder, file); err != nil || !built {
		return nil, err
	}
	parsed, err := parser.ParseFile(token.NewFileSet(), path, content, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	for _, d := range parsed.Decls {
		f, ok := d.(*ast.FuncDecl)
		if ok && f.Recv == nil && strings.HasPrefix(f.Name.Name, "Fuzz") && takesF(f.Type.Params) {
			targets = append(targets, target{filepath.Clean(folder), f.Name.Name})
		}
	}
	return targets, nil
}

// takesF tells whether the parameters are a *testing.F.
func takesF(params *ast.FieldList) bool {
	return params.NumFields() == 1 && types.ExprString(params.List[0].Type) == "*testing.F"
}
