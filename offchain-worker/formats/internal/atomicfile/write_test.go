package atomicfile

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWriteReplacesWhole(t *testing.T) {
	directory := t.TempDir()
	path := filepath.Join(directory, "a")
	for _, contents := range []string{"a long first version", "short"} {
		require.NoError(t, Write(path, []byte(contents)))
		got, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, contents, string(got))
	}
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o644), info.Mode().Perm())

	require.NoError(t, os.Mkdir(filepath.Join(directory, "taken"), 0o755))
	require.Error(t, Write(filepath.Join(directory, "taken"), []byte("x")), "a directory was replaced")
	require.Error(t, Write(filepath.Join(path, "below"), []byte("x")))
	entries, err := os.ReadDir(directory)
	require.NoError(t, err)
	require.Len(t, entries, 2, "a temporary file was left behind")
}
