package main

import (
	"cmp"
	"go/build"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// target is one fuzz function.
type target struct{ folder, name string }

// String is the folder and the name, which -match looks at.
func (t target) String() string { return t.folder + " " + t.name }

// declaration is how a fuzz target begins.
var declaration = regexp.MustCompile(`(?m)^func (Fuzz\w*)\(\w+ \*testing\.F\)`)

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

// declared lists the targets of a file.
func declared(path string) (targets []target, err error) {
	folder, file := filepath.Split(path)
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	names := declaration.FindAllSubmatch(content, -1)
	if names == nil {
		return nil, nil
	}
	if built, err := build.Default.MatchFile(folder, file); err != nil || !built {
		return nil, err
	}
	for _, name := range names {
		targets = append(targets, target{filepath.Clean(folder), string(name[1])})
	}
	return targets, nil
}
