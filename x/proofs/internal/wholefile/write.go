// Package wholefile writes files whole or not at all. Not consensus code.
package wholefile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Replace writes a file in the place of what is there: readers see the old contents or the new ones, never a part.
func Replace(path string, contents []byte, mode fs.FileMode) error {
	return write(path, contents, mode, os.Rename)
}

// Create writes a file that must not exist; the error wraps fs.ErrExist if it does, also when two create it at a time.
func Create(path string, contents []byte, mode fs.FileMode) error {
	return write(path, contents, mode, func(temporary, path string) error {
		// A link fails where a rename would replace.
		return errors.Join(os.Link(temporary, path), os.Remove(temporary))
	})
}

// write fills and syncs a file beside its place and puts it there.
func write(path string, contents []byte, mode fs.FileMode, put func(temporary, path string) error) error {
	file, err := os.CreateTemp(filepath.Dir(path), ".partial-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	_, err = file.Write(contents)
	if err = errors.Join(err, file.Chmod(mode), file.Sync(), file.Close()); err == nil {
		err = put(file.Name(), path)
	}
	if err == nil {
		return nil
	}
	if left := os.Remove(file.Name()); left != nil && !errors.Is(left, fs.ErrNotExist) {
		err = errors.Join(err, left)
	}
	return fmt.Errorf("write %s: %w", path, err)
}
