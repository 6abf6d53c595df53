//go:build unix

package setup

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// lock waits until no other process makes keys in the directory, so that two that start together end with the same keys.
// The system releases the lock of a process that dies.
func lock(dir string) (unlock func() error, err error) {
	file, err := os.OpenFile(filepath.Join(dir, ".lock"), os.O_CREATE|os.O_RDWR, publicMode)
	if err != nil {
		return nil, fmt.Errorf("lock the key directory: %w", err)
	}
	for {
		err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock the key directory: %w", err), file.Close())
	}
	return file.Close, nil
}
