//go:build unix

package daemon

import (
	"fmt"
	"syscall"
)

// freeBytes is the space that an unprivileged process may still use in a folder's file system.
func freeBytes(dir string) (uint64, error) {
	var stat syscall.Statfs_t
	if err := syscall.Statfs(dir, &stat); err != nil {
		return 0, fmt.Errorf("free space of %s: %w", dir, err)
	}
	return uint64(stat.Bavail) * uint64(stat.Bsize), nil
}
