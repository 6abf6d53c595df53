package setup

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/big"
	"os"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fp"

	"github.com/assaychain/assay/x/proofs/full"
)

// A .ptau file, as snarkjs writes it: "ptau", the version 1 and the number of sections, then sections of a type (4 bytes), a
// length (8 bytes) and content. All numbers are little endian, coordinates in Montgomery form.
const (
	ptauMagic                                = "ptau"
	ptauHeader, ptauPowersG1, ptauPowersG2   = 1, 2, 3
	ptauFileHead, ptauSectionHead            = 12, 12
	ptauMaxSections                          = 64
	ptauG1Size, ptauG2Size                   = 2 * fp.Bytes, 4 * fp.Bytes
	ptauHeaderSize                           = 4 + fp.Bytes + 8
	ptauMaxPower, ptauVersion, ptauCoordSize = 28, 1, fp.Bytes
)

// ErrPtau is wrapped when a file is not a powers-of-tau file of BN254.
var ErrPtau = errors.New("malformed powers-of-tau file")

// section is where a section's content lies.
type section struct {
	at, size int64
}

// ImportPtau makes a string of count points from a public powers-of-tau file of BN254, which has 2^(power+1)-1 points. The
// result is verified as a whole, so it doesn't matter who served the file; that at least one contributor was honest is what
// the ceremony's transcript shows, which is not read here.
func ImportPtau(ctx context.Context, ptau, path string, count int) (err error) {
	file, err := os.Open(ptau)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	sections, err := ptauSections(file)
	if err != nil {
		return fmt.Errorf("%s: %w", ptau, err)
	}
	g1, g2 := sections[ptauPowersG1], sections[ptauPowersG2]
	if int64(count) > g1.size/ptauG1Size || full.MaxDimension >= g2.size/ptauG2Size {
		return fmt.Errorf("%w: %d points of g1 and %d of g2, want %d and %d", ErrPtau,
			g1.size/ptauG1Size, g2.size/ptauG2Size, count, full.MaxDimension+1)
	}
	points := func(dst []bn254.G1Affine, from int) error { return readPtauG1(file, g1.at, dst, from) }
	key, err := ptauKey(file, sections, points)
	if err != nil {
		return err
	}
	return write(ctx, path, count, key, points)
}

func ptauSections(file io.ReaderAt) (map[uint32]section, error) {
	head := make([]byte, ptauFileHead)
	if _, err := file.ReadAt(head, 0); err != nil {
		return nil, fmt.Errorf("%w: head: %w", ErrPtau, err)
	}
	count := binary.LittleEndian.Uint32(head[8:])
	if string(head[:4]) != ptauMagic || binary.LittleEndian.Uint32(head[4:]) != ptauVersion || count > ptauMaxSections {
		return nil, fmt.Errorf("%w: not %q of version %d with up to %d sections", ErrPtau, ptauMagic, ptauVersion, ptauMaxSections)
	}
	sections := make(map[uint32]section)
	at := int64(ptauFileHead)
	for range count {
		if _, err := file.ReadAt(head[:ptauSectionHead], at); err != nil {
			return nil, fmt.Errorf("%w: section: %w", ErrPtau, err)
		}
		size := int64(binary.LittleEndian.Uint64(head[4:]))
		at += ptauSectionHead
		if size < 0 || at+size < at {
			return nil, fmt.Errorf("%w: a section of %d bytes", ErrPtau, size)
		}
		sections[binary.LittleEndian.Uint32(head)] = section{at, size}
		at += size
	}
	return sections, checkPtauHeader(file, sections)
}

func checkPtauHeader(file io.ReaderAt, sections map[uint32]section) error {
	head := make([]byte, ptauHeaderSize)
	if sections[ptauHeader].size != ptauHeaderSize {
		return fmt.Errorf("%w: a header of %d bytes, want %d", ErrPtau, sections[ptauHeader].size, ptauHeaderSize)
	}
	if _, err := file.ReadAt(head, sections[ptauHeader].at); err != nil {
		return fmt.Errorf("%w: header: %w", ErrPtau, err)
	}
	modulus := make([]byte, fp.Bytes)
	fp.Modulus().FillBytes(modulus)
	for i := range modulus {
		if head[4+fp.Bytes-1-i] != modulus[i] {
			return fmt.Errorf("%w: not of the curve bn254", ErrPtau)
		}
	}
	power := binary.LittleEndian.Uint32(head[4+fp.Bytes:])
	if binary.LittleEndian.Uint32(head) != fp.Bytes || power > ptauMaxPower {
		return fmt.Errorf("%w: coordinates of %d bytes and power %d, want %d and at most %d", ErrPtau,
			binary.LittleEndian.Uint32(head), power, fp.Bytes, ptauMaxPower)
	}
	if sections[ptauPowersG1].size != (2<<power-1)*ptauG1Size || sections[ptauPowersG2].size != 1<<power*ptauG2Size {
		return fmt.Errorf("%w: the sections' lengths are not those of power %d", ErrPtau, power)
	}
	return nil
}

func readPtauG1(file io.ReaderAt, at int64, dst []bn254.G1Affine, from int) error {
	raw := make([]byte, len(dst)*ptauG1Size)
	if _, err := file.ReadAt(raw, at+int64(from)*ptauG1Size); err != nil {
		return fmt.Errorf("%w: points of g1: %w", ErrPtau, err)
	}
	for i := range dst {
		p := raw[i*ptauG1Size:]
		if err := readPtauCoordinates(p, &dst[i].X, &dst[i].Y); err != nil {
			return fmt.Errorf("%w: point %d of g1: %w", ErrPtau, from+i, err)
		}
	}
	return nil
}

// readPtauCoordinates reads numbers in Montgomery form: the number times 2^256, reduced.
func readPtauCoordinates(raw []byte, into ...*fp.Element) error {
	for i, e := range into {
		var reversed [fp.Bytes]byte
		for j := range reversed {
			reversed[j] = raw[(i+1)*fp.Bytes-1-j]
		}
		if err := e.SetBytesCanonical(reversed[:]); err != nil {
			return err
		}
		e.Mul(e, &montgomeryInverse)
	}
	return nil
}

// montgomeryInverse is 2^-256.
var montgomeryInverse = func() (e fp.Element) {
	e.SetBigInt(new(big.Int).Lsh(big.NewInt(1), 8*fp.Bytes))
	return *e.Inverse(&e)
}()

func ptauKey(file io.ReaderAt, sections map[uint32]section, points source) (key full.KeyPoints, err error) {
	if err := points(key.G1[:], 0); err != nil {
		return key, err
	}
	raw := make([]byte, ptauG2Size)
	for i := range key.G2 {
		p := &key.G2[i]
		if _, err := file.ReadAt(raw, sections[ptauPowersG2].at+int64(full.Exponent(i))*ptauG2Size); err != nil {
			return key, fmt.Errorf("%w: points of g2: %w", ErrPtau, err)
		}
		if err := readPtauCoordinates(raw, &p.X.A0, &p.X.A1, &p.Y.A0, &p.Y.A1); err != nil {
			return key, fmt.Errorf("%w: point %d of g2: %w", ErrPtau, i, err)
		}
		if !p.IsOnCurve() {
			return key, fmt.Errorf("%w: point %d of g2 is not on the curve", ErrPtau, i)
		}
	}
	return key, nil
}
