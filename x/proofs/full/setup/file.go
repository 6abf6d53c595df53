// Package setup keeps the structured reference string of x/proofs/full: powers of a secret x in G1, for provers, and the few
// powers that a verifier needs. It runs on a worker's or an operator's machine, never in a block.
//
// # File
//
// 16 bytes "assay-full-srs-1", the number of points in 8 bytes big endian, the verifying key in the encoding of
// full.EncodeKey, the points [x^i] of G1 from i = 0, each as its coordinates X and Y in 32 bytes big endian and canonical,
// and the SHA-256 of everything before it. Points are not compressed: decompressing 2^24 of them takes minutes.
package setup

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fp"

	"github.com/assaychain/assay/x/proofs/full"
)

const (
	magic     = "assay-full-srs-1"
	countSize = 8
	pointSize = 2 * fp.Bytes
	headSize  = len(magic) + countSize + full.KeySize
	hashSize  = 32

	// MinPoints is the fewest points of a file: one more than the highest power in a verifying key, so that every power of G2
	// can be checked.
	MinPoints = full.MaxDimension + 1
	// MaxPoints is what the largest shape needs.
	MaxPoints = 1 << 26

	// chunk is how many points are handled at a time, 8 MiB in memory.
	chunk = 1 << 17
)

// ErrFile is wrapped when a file is not a reference string.
var ErrFile = errors.New("malformed reference string")

// File is an open reference string. Any number of goroutines may read from it.
type File struct {
	file  *os.File
	count int
	raw   []byte
	key   *full.VerifyingKey
}

// Open reads the head of a file and checks the file's length. It doesn't check the points; see Verify.
func Open(path string) (*File, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	f := &File{file: file}
	if err := f.readHead(); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), file.Close())
	}
	return f, nil
}

func (f *File) readHead() error {
	head := make([]byte, headSize)
	if _, err := f.file.ReadAt(head, 0); err != nil {
		return fmt.Errorf("%w: head: %w", ErrFile, err)
	}
	if string(head[:len(magic)]) != magic {
		return fmt.Errorf("%w: does not begin with %q", ErrFile, magic)
	}
	count := binary.BigEndian.Uint64(head[len(magic):])
	if count < MinPoints || count > MaxPoints {
		return fmt.Errorf("%w: %d points, want %d..%d", ErrFile, count, MinPoints, MaxPoints)
	}
	f.count, f.raw = int(count), head[len(magic)+countSize:]
	info, err := f.file.Stat()
	if err != nil {
		return err
	}
	if want := f.offset(f.count) + hashSize; info.Size() != want {
		return fmt.Errorf("%w: %d bytes, want %d", ErrFile, info.Size(), want)
	}
	f.key, err = full.ParseVerifyingKey(f.raw)
	return err
}

func (f *File) offset(point int) int64 { return int64(headSize) + int64(point)*pointSize }

// Close closes the file.
func (f *File) Close() error { return f.file.Close() }

// Key is the verifying key.
func (f *File) Key() *full.VerifyingKey { return f.key }

// RawKey is the verifying key's encoding.
func (f *File) RawKey() []byte { return append([]byte{}, f.raw...) }

// Len is the number of points.
func (f *File) Len() int { return f.count }

// Read fills dst with the points from number from on. It refuses coordinates that are not canonical; that points lie on the
// curve is checked by Verify, once for a file, and a prover verifies what it made.
func (f *File) Read(dst []bn254.G1Affine, from int) error {
	if from < 0 || from+len(dst) > f.count {
		return fmt.Errorf("%w: points %d..%d of %d: use a larger one", ErrFile, from, from+len(dst), f.count)
	}
	raw := make([]byte, min(len(dst), chunk)*pointSize)
	for len(dst) > 0 {
		n := min(len(dst), chunk)
		if _, err := f.file.ReadAt(raw[:n*pointSize], f.offset(from)); err != nil {
			return err
		}
		for i := range n {
			if err := decodePoint(&dst[i], raw[i*pointSize:]); err != nil {
				return fmt.Errorf("%w: point %d: %w", ErrFile, from+i, err)
			}
		}
		dst, from = dst[n:], from+n
	}
	return nil
}

func decodePoint(p *bn254.G1Affine, raw []byte) error {
	if err := p.X.SetBytesCanonical(raw[:fp.Bytes]); err != nil {
		return err
	}
	return p.Y.SetBytesCanonical(raw[fp.Bytes:pointSize])
}
