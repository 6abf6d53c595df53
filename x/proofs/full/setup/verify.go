package setup

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"math/big"

	"github.com/consensys/gnark-crypto/ecc"
	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/assaychain/assay/x/proofs/full"
	"github.com/assaychain/assay/x/proofs/internal/group"
)

// Verify checks a whole file: the hash at its end, that every point lies on the curve and is not at infinity, that each is
// the last one times x, and that the key's powers are those of the same x. The last two are checked for random combinations
// whose 128-bit coefficients are hashes of the file, so a wrong point passes with a probability of about 2^-127. It takes
// some 4 CPU-seconds for 2^20 points.
func (f *File) Verify(ctx context.Context) error {
	digest, err := f.hash(ctx)
	if err != nil {
		return err
	}
	sums, err := f.combine(ctx, digest)
	if err != nil {
		return err
	}
	points, err := f.keyPoints()
	if err != nil {
		return err
	}
	// e(Σ c_i [x^(i+1)], 1) = e(Σ c_i [x^i], x)
	var negative bn254.G1Affine
	negative.Neg(&sums.lower)
	one, err := bn254.PairingCheck([]bn254.G1Affine{sums.upper, negative}, []bn254.G2Affine{points.G2[0], points.G2[1]})
	if err != nil || !one {
		return fmt.Errorf("%w: the points are not the powers of the key's x (%v)", ErrFile, err)
	}
	return f.verifyKey(digest, points)
}

// hash checks the hash at the file's end and returns it.
func (f *File) hash(ctx context.Context) ([]byte, error) {
	h := sha256.New()
	end := f.offset(f.count)
	for from := int64(0); from < end; from += chunk * pointSize {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		part := io.NewSectionReader(f.file, from, min(chunk*pointSize, end-from))
		if _, err := io.Copy(h, part); err != nil {
			return nil, err
		}
	}
	written := make([]byte, hashSize)
	if _, err := f.file.ReadAt(written, end); err != nil {
		return nil, err
	}
	digest := h.Sum(nil)
	if !bytes.Equal(digest, written) {
		return nil, fmt.Errorf("%w: the hash at its end is not that of its content", ErrFile)
	}
	return digest, nil
}

// sums are combinations of all points but the last, and of all but the first, with equal coefficients.
type sums struct {
	lower, upper bn254.G1Affine
}

func (f *File) combine(ctx context.Context, digest []byte) (out sums, err error) {
	points, coefficients := make([]bn254.G1Affine, chunk+1), make([]fr.Element, chunk)
	for from := 0; from < f.count-1; from += chunk {
		if err := ctx.Err(); err != nil {
			return out, err
		}
		n := min(chunk, f.count-1-from)
		if err := f.Read(points[:n+1], from); err != nil {
			return out, err
		}
		for i := range n + 1 {
			if points[i].IsInfinity() || !points[i].IsOnCurve() {
				return out, fmt.Errorf("%w: point %d is not on the curve", ErrFile, from+i)
			}
		}
		for i := range n {
			coefficients[i] = coefficient(digest, "g1", from+i)
		}
		if err := accumulate(&out.lower, points[:n], coefficients[:n]); err != nil {
			return out, err
		}
		if err := accumulate(&out.upper, points[1:n+1], coefficients[:n]); err != nil {
			return out, err
		}
	}
	return out, nil
}

func accumulate(sum *bn254.G1Affine, points []bn254.G1Affine, scalars []fr.Element) error {
	var part bn254.G1Affine
	if _, err := part.MultiExp(points, scalars, ecc.MultiExpConfig{}); err != nil {
		return err
	}
	sum.Add(sum, &part)
	return nil
}

func coefficient(digest []byte, group string, i int) (c fr.Element) {
	sum := sha256.Sum256(binary.BigEndian.AppendUint64(append(append([]byte{}, digest...), group...), uint64(i)))
	c.SetBytes(sum[:16])
	return c
}

// keyPoints decodes the key's points, which Open has checked.
func (f *File) keyPoints() (out full.KeyPoints, err error) {
	raw := f.raw[2:]
	for i := range out.G1 {
		if out.G1[i], err = group.DecodeG1(raw[:group.G1Size]); err != nil {
			return out, err
		}
		raw = raw[group.G1Size:]
	}
	for i := range out.G2 {
		if out.G2[i], err = group.DecodeG2(raw[:group.G2Size]); err != nil {
			return out, err
		}
		raw = raw[group.G2Size:]
	}
	return out, nil
}

// verifyKey checks that the key's points of G1 are the file's and that those of G2 are the same powers.
func (f *File) verifyKey(digest []byte, key full.KeyPoints) error {
	var one [1]bn254.G1Affine
	for i := range key.G1 {
		if err := f.Read(one[:], i); err != nil {
			return err
		}
		if !one[0].Equal(&key.G1[i]) {
			return fmt.Errorf("%w: power %d of the key is not point %d", ErrFile, i, i)
		}
	}
	var left, scaled1 bn254.G1Affine
	var right, scaled2 bn254.G2Affine
	for i := range key.G2 {
		if err := f.Read(one[:], int(full.Exponent(i))); err != nil {
			return err
		}
		c := coefficient(digest, "g2", i)
		number := c.BigInt(new(big.Int))
		left.Add(&left, scaled1.ScalarMultiplication(&one[0], number))
		right.Add(&right, scaled2.ScalarMultiplication(&key.G2[i], number))
	}
	left.Neg(&left)
	equal, err := bn254.PairingCheck([]bn254.G1Affine{left, key.G1[0]}, []bn254.G2Affine{key.G2[0], right})
	if err != nil || !equal {
		return fmt.Errorf("%w: the key's powers in g2 are not those of its points (%v)", ErrFile, err)
	}
	return nil
}
