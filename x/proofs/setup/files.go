package setup

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/assaychain/assay/x/proofs/internal/wholefile"
)

const (
	dirMode     fs.FileMode = 0o755
	privateMode fs.FileMode = 0o600
	publicMode  fs.FileMode = 0o644
	// nameHashLength is how many hex digits of its checksum a file's name carries, so that concurrent runs never write the
	// same name with different contents.
	nameHashLength = 16
)

// store writes contents under a name that carries their checksum.
func store(dir, prefix, suffix string, contents []byte, mode fs.FileMode) (File, error) {
	sum := checksum(contents)
	file := File{Name: prefix + "-" + sum[:nameHashLength] + suffix, Size: int64(len(contents)), SHA256: sum}
	return file, wholefile.Replace(filepath.Join(dir, file.Name), contents, mode)
}

// load reads a file and checks it against the manifest.
func load(dir string, file File) ([]byte, error) {
	if file.Name != filepath.Base(file.Name) || file.Size < 0 || file.Size > maxFileSize {
		return nil, fmt.Errorf("%w: %s names %q of %d bytes", ErrCorrupt, manifestName, file.Name, file.Size)
	}
	path := filepath.Join(dir, file.Name)
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %s is missing", ErrCorrupt, path)
	}
	if err != nil {
		return nil, fmt.Errorf("read a key file: %w", err)
	}
	if info.Size() != file.Size {
		return nil, fmt.Errorf("%w: %s has %d bytes, want %d", ErrCorrupt, path, info.Size(), file.Size)
	}
	contents, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read a key file: %w", err)
	}
	if sum := checksum(contents); sum != file.SHA256 {
		return nil, fmt.Errorf("%w: %s has checksum %s, want %s", ErrCorrupt, path, sum, file.SHA256)
	}
	return contents, nil
}

func checksum(contents []byte) string {
	sum := sha256.Sum256(contents)
	return hex.EncodeToString(sum[:])
}
