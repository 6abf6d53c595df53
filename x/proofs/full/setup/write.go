package setup

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/consensys/gnark-crypto/ecc/bn254"

	"github.com/assaychain/assay/x/proofs/full"
)

// source makes the points of a file: it fills dst with those from number from on.
type source func(dst []bn254.G1Affine, from int) error

// write writes a file beside its place, verifies it, and moves it there, so that an interrupted or refused one is never found.
func write(ctx context.Context, path string, count int, key full.KeyPoints, points source) (err error) {
	if count < MinPoints || count > MaxPoints {
		return fmt.Errorf("%w: %d points, want %d..%d", ErrFile, count, MinPoints, MaxPoints)
	}
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".part-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(file.Name()))
		}
	}()
	if err := errors.Join(writeTo(ctx, file, count, key, points), file.Sync(), file.Close()); err != nil {
		return err
	}
	if err := verifyPath(ctx, file.Name()); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}

func verifyPath(ctx context.Context, path string) error {
	f, err := Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Verify(ctx), f.Close())
}

func writeTo(ctx context.Context, file io.Writer, count int, key full.KeyPoints, points source) error {
	hash := sha256.New()
	buffered := bufio.NewWriterSize(file, 1<<20)
	out := io.MultiWriter(buffered, hash)
	head := binary.BigEndian.AppendUint64([]byte(magic), uint64(count))
	if _, err := out.Write(append(head, full.EncodeKey(key)...)); err != nil {
		return err
	}
	batch := make([]bn254.G1Affine, chunk)
	for from := 0; from < count; from += chunk {
		if err := ctx.Err(); err != nil {
			return err
		}
		part := batch[:min(chunk, count-from)]
		if err := points(part, from); err != nil {
			return err
		}
		for i := range part {
			raw := part[i].RawBytes()
			if _, err := out.Write(raw[:]); err != nil {
				return err
			}
		}
	}
	if _, err := buffered.Write(hash.Sum(nil)); err != nil {
		return err
	}
	return buffered.Flush()
}
