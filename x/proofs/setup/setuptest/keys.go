// Package setuptest shares one set of development keys between the tests of all packages, because making them takes
// seconds of CPU.
package setuptest

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"

	"github.com/assaychain/assay/x/proofs/circuits"
	"github.com/assaychain/assay/x/proofs/circuits/model"
	"github.com/assaychain/assay/x/proofs/setup"
)

// Dir is a directory with the keys of all circuits. It survives in the user's cache, where its checksums guard it; where
// there is no such place it lasts for the test.
func Dir(t testing.TB) string {
	t.Helper()
	return made(t, "test-keys", func(dir string) error {
		_, err := setup.Make(dir, nil)
		return err
	})
}

// Model is a directory with the keys of a network's circuit, beside those of other tests' networks but without the keys of Dir.
func Model(t testing.TB, network *model.Network) string {
	t.Helper()
	return made(t, "test-model-keys", func(dir string) error {
		_, err := setup.MakeModel(dir, network, nil)
		return err
	})
}

// made is a directory of the user's cache, or else of the test, with what fill puts there. It is named after the circuits, so that two
// versions of them that are tested at a time don't make each other's keys anew again and again.
func made(t testing.TB, name string, fill func(dir string) error) string {
	t.Helper()
	if cache, err := os.UserCacheDir(); err == nil {
		dir := filepath.Join(cache, "assay", name+"-"+version())
		if fill(dir) == nil {
			return dir
		}
	}
	dir := t.TempDir()
	if err := fill(dir); err != nil {
		t.Fatalf("make test keys in %s: %v", dir, err)
	}
	return dir
}

// version names the circuits of the manifest.
func version() string {
	hash := sha256.New()
	for _, circuit := range circuits.Manifest() {
		hash.Write([]byte(circuit.SHA256))
	}
	return hex.EncodeToString(hash.Sum(nil)[:8])
}
