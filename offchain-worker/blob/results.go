package blob

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/crypto/nacl/box"
)

// SealOverhead is what sealing adds to a blob: an ephemeral public key and an authenticator.
const SealOverhead = box.AnonymousOverhead

// Seal closes a blob in a NaCl anonymous box to the 32-byte X25519 key of a job.
func Seal(raw, deliveryKey []byte) ([]byte, error) {
	if len(deliveryKey) != 32 {
		return nil, fmt.Errorf("delivery key has %d bytes, must have 32", len(deliveryKey))
	}
	return box.SealAnonymous(nil, raw, (*[32]byte)(deliveryKey), rand.Reader)
}

// ResultIndex remembers on disk which blob is the result of which job, beside a store that holds the blobs.
type ResultIndex struct{ dir string }

var _ Results = (*ResultIndex)(nil)

// NewResultIndex opens or creates an index in a directory.
func NewResultIndex(dir string) (*ResultIndex, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("result index: %w", err)
	}
	return &ResultIndex{dir: dir}, nil
}

// Publish names the result of a job, durably.
func (x *ResultIndex) Publish(chainID string, job uint64, root Root) error {
	path, err := x.path(chainID, job)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("publish result: %w", err)
	}
	return writeAtomic(path, []byte(root.String()))
}

// Result is the blob published for a job.
func (x *ResultIndex) Result(chainID string, job uint64) (Root, bool) {
	path, err := x.path(chainID, job)
	if err != nil {
		return Root{}, false
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return Root{}, false
	}
	root, err := ParseRootHex(string(text))
	return root, err == nil
}

// Withdraw forgets the result of a job; one that is not there is no error.
func (x *ResultIndex) Withdraw(chainID string, job uint64) error {
	path, err := x.path(chainID, job)
	if err != nil {
		return err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("withdraw result: %w", err)
	}
	return nil
}

// path refuses chain ids that would lead out of the directory.
func (x *ResultIndex) path(chainID string, job uint64) (string, error) {
	if chainID == "" || strings.HasPrefix(chainID, ".") || strings.ContainsAny(chainID, `/\`) {
		return "", fmt.Errorf("chain id %q can't name a directory", chainID)
	}
	return filepath.Join(x.dir, chainID, strconv.FormatUint(job, 10)), nil
}
