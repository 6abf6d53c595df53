// Package atomicfile replaces files whole.
package atomicfile

import (
	"fmt"
	"os"
	"path/filepath"
)

// Write writes data to path, whole or not at all: it writes and syncs a file beside it and renames that, so that a reader, also
// after a crash, sees the old contents or the new ones. The file's mode becomes 0644.
func Write(path string, data []byte) (err error) {
	file, err := os.CreateTemp(filepath.Dir(path), ".incomplete-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			os.Remove(file.Name()) // Best effort: the write's own error is the one to report.
		}
	}()
	if err := fill(file, data); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := os.Rename(file.Name(), path); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

// fill writes, syncs and closes the file; it closes it on every path.
func fill(file *os.File, data []byte) error {
	_, err := file.Write(data)
	if err == nil {
		err = file.Chmod(0o644)
	}
	if err == nil {
		err = file.Sync()
	}
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	return err
}
