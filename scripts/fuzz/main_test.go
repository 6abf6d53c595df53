package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// The targets of a package that declares some are found, and no package without any is built.
func TestDeclaring(t *testing.T) {
	root := t.TempDir()
	write := func(path, content string) {
		require.NoError(t, os.MkdirAll(filepath.Join(root, filepath.Dir(path)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(root, path), []byte(content), 0o600))
	}
	write("a/a_test.go", "package a\n\nfunc FuzzOne(f *testing.F) {}\n")
	write("a/b_test.go", "package a\n\nfunc FuzzTwo(f *testing.F) {}\n")
	write("b/b_test.go", "package b\n\n// func FuzzThree(\n\nfunc TestFuzz(t *testing.T) {}\n")
	write("c/testdata/c_test.go", "package c\n\nfunc FuzzFour(f *testing.F) {}\n")
	write("d/d.go", "package d\n\nfunc FuzzFive(f *testing.F) {}\n")
	folders, err := declaring(root)
	require.NoError(t, err)
	require.Equal(t, []string{filepath.Join(root, "a")}, folders)
}
