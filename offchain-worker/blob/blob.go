// Package blob moves tensors between the customer's machine and the worker's. A blob is named by the Poseidon root of its
// tensor, travels over HTTP, and is verified on arrival: exact size, contents, root. Nothing depends on who serves it.
package blob

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/assaychain/assay/x/proofs/tensor"
)

// Root names a tensor: its commitment, 32 bytes big-endian.
type Root [tensor.RootSize]byte

// String is lower-case hexadecimal.
func (r Root) String() string { return hex.EncodeToString(r[:]) }

var (
	// ErrRoot is wrapped when a root is not 32 canonical bytes, or contents do not have the root they were asked for.
	ErrRoot = errors.New("blob has another root")
	// ErrSize is wrapped when a blob is not exactly as long as its shape says.
	ErrSize = errors.New("blob has another size")
	// ErrNotFound is wrapped when a blob is not there.
	ErrNotFound = errors.New("blob not found")
	// ErrQuota is wrapped when a blob does not fit the disk quota although everything evictable is gone.
	ErrQuota = errors.New("blob store is full")
	// ErrForbidden is wrapped when a locator leads to an address that the worker must not open.
	ErrForbidden = errors.New("locator leads to a forbidden address")
)

// Locator is where a server that Handler makes has a blob; base is the server's URL.
func Locator(base string, root Root) string {
	return strings.TrimRight(base, "/") + "/blobs/" + root.String()
}

// ParseRoot reads a root of 32 canonical bytes.
func ParseRoot(raw []byte) (Root, error) {
	if _, err := tensor.ParseRoot(raw); err != nil {
		return Root{}, fmt.Errorf("%w: %w", ErrRoot, err)
	}
	return Root(raw), nil
}

// ParseRootHex reads 64 lower-case hexadecimal characters.
func ParseRootHex(text string) (Root, error) {
	raw, err := hex.DecodeString(text)
	if err != nil {
		return Root{}, fmt.Errorf("%w: %q is not hexadecimal", ErrRoot, text)
	}
	root, err := ParseRoot(raw)
	if err == nil && root.String() != text {
		return Root{}, fmt.Errorf("%w: %q is not lower case", ErrRoot, text)
	}
	return root, err
}

// Commit computes a tensor's root, its rows on all cores.
func Commit(t *tensor.Tensor) (Root, error) {
	if err := t.Validate(); err != nil {
		return Root{}, err
	}
	root, err := tensor.RootFromRowDigests(rowDigests(t))
	if err != nil {
		return Root{}, err
	}
	return Root(root.Bytes()), nil
}

// Tree is a tensor's commitment tree, its rows hashed on all cores.
func Tree(t *tensor.Tensor) (*tensor.Tree, error) {
	if err := t.Validate(); err != nil {
		return nil, err
	}
	return tensor.NewTree(rowDigests(t))
}

func rowDigests(t *tensor.Tensor) []fr.Element {
	digests := make([]fr.Element, t.Rows)
	workers := min(runtime.GOMAXPROCS(0), len(digests))
	var wait sync.WaitGroup
	for worker := range workers {
		wait.Go(func() {
			for row := worker; row < len(digests); row += workers {
				digests[row] = t.RowDigest(uint32(row))
			}
		})
	}
	wait.Wait()
	return digests
}

// Verify decodes a blob of a known shape and checks that it has the root.
func Verify(shape tensor.Shape, root Root, raw []byte) (*tensor.Tensor, error) {
	if uint64(len(raw)) != shape.BlobSize() {
		return nil, fmt.Errorf("%w: %d bytes, a tensor of %d x %d has %d", ErrSize, len(raw), shape.Rows, shape.Cols, shape.BlobSize())
	}
	t, err := tensor.DecodeBlob(shape, raw)
	if err != nil {
		return nil, err
	}
	got, err := Commit(t)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(got[:], root[:]) {
		return nil, fmt.Errorf("%w: asked for %s, got %s", ErrRoot, root, got)
	}
	return t, nil
}
