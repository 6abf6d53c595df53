//go:build !unix

package journal

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// acquire makes a file that must not exist yet. After a crash it has to be removed by hand.
func acquire(path string) (io.Closer, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("%w: remove %s if no worker runs", ErrLocked, path)
	}
	if err != nil {
		return nil, fmt.Errorf("lock: %w", err)
	}
	return lockFile{file}, nil
}

type lockFile struct{ *os.File }

func (l lockFile) Close() error { return errors.Join(l.File.Close(), os.Remove(l.Name())) }
