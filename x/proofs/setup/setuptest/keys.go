// Package setuptest shares one set of development keys between the tests of all packages, because making them takes
// seconds of CPU.
package setuptest

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/assaychain/assay/x/proofs/setup"
)

// Dir is a directory with the keys of all circuits. It survives in the user's cache, where its checksums guard it; where
// there is no such place it lasts for the test.
func Dir(t testing.TB) string {
	t.Helper()
	if cache, err := os.UserCacheDir(); err == nil {
		dir := filepath.Join(cache, "assay", "test-keys")
		if _, err := setup.Make(dir, nil); err == nil {
			return dir
		}
	}
	dir := t.TempDir()
	if _, err := setup.Make(dir, nil); err != nil {
		t.Fatalf("make test keys in %s: %v", dir, err)
	}
	return dir
}
