//go:build !unix

package daemon

import "fmt"

// freeBytes is not known on this system.
func freeBytes(dir string) (uint64, error) {
	return 0, fmt.Errorf("free space of %s: not known on this system", dir)
}
