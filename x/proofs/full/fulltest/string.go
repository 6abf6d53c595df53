// Package fulltest shares one development reference string between the tests of all packages.
package fulltest

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/assaychain/assay/x/proofs/full"
	"github.com/assaychain/assay/x/proofs/full/setup"
)

// Seed is that of the string's secret.
const Seed = "tests"

// String is the path of a string of setup.MinPoints points, enough for tensors of 64 x 64. It survives in the user's cache, where its
// hash guards it; where there is no such place it lasts for the test.
func String(t testing.TB) string {
	t.Helper()
	if cache, err := os.UserCacheDir(); err == nil {
		path := filepath.Join(cache, "assay", "test-full.srs")
		if usable(t, path) {
			return path
		}
		if os.MkdirAll(filepath.Dir(path), 0o755) == nil && setup.Develop(t.Context(), path, setup.MinPoints, []byte(Seed)) == nil {
			return path
		}
	}
	path := filepath.Join(t.TempDir(), "full.srs")
	if err := setup.Develop(t.Context(), path, setup.MinPoints, []byte(Seed)); err != nil {
		t.Fatalf("make a reference string: %v", err)
	}
	return path
}

// usable tells whether a whole string of the seed lies there.
func usable(t testing.TB, path string) bool {
	file, err := setup.Open(path)
	if err != nil {
		return false
	}
	want := setup.DevelopmentKey(setup.DevelopmentSecret([]byte(Seed)))
	ok := string(file.RawKey()) == string(full.EncodeKey(want)) && file.Verify(t.Context()) == nil
	return file.Close() == nil && ok
}
