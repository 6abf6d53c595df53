package wholefile_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/proofs/internal/wholefile"
)

// requireFile checks that a folder holds one file of these contents and this mode, and nothing else that was left behind.
func requireFile(t *testing.T, path, contents string, mode fs.FileMode) {
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, contents, string(raw))
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, mode, info.Mode().Perm())
	entries, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, entries, 1)
}

func TestCreateAndReplace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	require.NoError(t, wholefile.Create(path, []byte("one"), 0o600))
	requireFile(t, path, "one", 0o600)
	require.ErrorIs(t, wholefile.Create(path, []byte("two"), 0o644), fs.ErrExist)
	requireFile(t, path, "one", 0o600)
	require.NoError(t, wholefile.Replace(path, []byte("three"), 0o644))
	requireFile(t, path, "three", 0o644)
}

func TestNothingIsLeftOfAFailure(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.MkdirAll(filepath.Join(folder, "inside"), 0o755))
	require.Error(t, wholefile.Replace(folder, []byte("x"), 0o644), "a folder that isn't empty is in its place")
	entries, err := os.ReadDir(filepath.Dir(folder))
	require.NoError(t, err)
	require.Len(t, entries, 1)
	require.ErrorIs(t, wholefile.Create(filepath.Join(folder, "missing", "x"), nil, 0o644), fs.ErrNotExist)
}
