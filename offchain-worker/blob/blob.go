// Package blob moves tensors between the customer's machine and the worker's. A blob is named by the root of its tensor, which
// the job's level of assurance says how to compute, travels over HTTP, and is verified on arrival: exact size, contents, root.
// Nothing depends on who serves it.
package blob

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// Root names a tensor: its commitment, 32 bytes.
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

// ParseRootHex reads 64 lower-case hexadecimal characters: the name of a blob, whatever it commits by.
func ParseRootHex(text string) (Root, error) {
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw) != len(Root{}) {
		return Root{}, fmt.Errorf("%w: %q is not %d hexadecimal characters", ErrRoot, text, 2*len(Root{}))
	}
	if root := Root(raw); root.String() == text {
		return root, nil
	}
	return Root{}, fmt.Errorf("%w: %q is not lower case", ErrRoot, text)
}

// Scheme is how the tensors of a level of assurance are committed to. It is safe for concurrent use.
type Scheme interface {
	// Root reads a root, and refuses bytes that commit to no tensor of the kind; errors wrap ErrRoot.
	Root(kind program.TensorKind, raw []byte) (Root, error)
	// Commit computes a tensor's root.
	Commit(ctx context.Context, t *tensor.Tensor) (Root, error)
}

// Merkle commits by the Poseidon2 tree of x/proofs/tensor.
type Merkle struct{}

var _ Scheme = Merkle{}

// Root is ParseRoot: the same for every kind.
func (Merkle) Root(_ program.TensorKind, raw []byte) (Root, error) { return ParseRoot(raw) }

// Commit is the package's Commit.
func (Merkle) Commit(_ context.Context, t *tensor.Tensor) (Root, error) { return Commit(t) }

// Commit computes a tensor's root, its rows on all cores.
func Commit(t *tensor.Tensor) (Root, error) {
	if err := t.ValidateTree(); err != nil {
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
	if err := t.ValidateTree(); err != nil {
		return nil, err
	}
	return tensor.NewTree(rowDigests(t))
}

func rowDigests(t *tensor.Tensor) []fr.Element {
	t = t.Folded()
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

// Verify decodes a blob of a known shape and checks that it has the root, by the Poseidon2 tree.
func Verify(shape tensor.Shape, root Root, raw []byte) (*tensor.Tensor, error) {
	return VerifyBy(context.Background(), Merkle{}, shape, root, raw)
}

// VerifyBy decodes a blob of a known shape and checks that it has the root by a scheme; Merkle if it is nil.
func VerifyBy(ctx context.Context, scheme Scheme, shape tensor.Shape, root Root, raw []byte) (*tensor.Tensor, error) {
	if scheme == nil {
		scheme = Merkle{}
	}
	if uint64(len(raw)) != shape.BlobSize() {
		return nil, fmt.Errorf("%w: %d bytes, a tensor of %d x %d has %d", ErrSize, len(raw), shape.Rows, shape.Cols, shape.BlobSize())
	}
	t, err := tensor.DecodeBlob(shape, raw)
	if err != nil {
		return nil, err
	}
	got, err := scheme.Commit(ctx, t)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(got[:], root[:]) {
		return nil, fmt.Errorf("%w: asked for %s, got %s", ErrRoot, root, got)
	}
	return t, nil
}
