package spotcheck

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
)

// Matrix is a square matrix of 8-bit entries, row major, that a key stands for. Any of its rows can be made alone.
type Matrix struct {
	size  uint32
	block cipher.Block
}

// Input is the matrix that the first product multiplies.
func Input(seed Hash, size uint32) (*Matrix, error) {
	return newMatrix(size, []byte("assay/spotcheck/input/v1"), seed[:])
}

// Factor is the matrix, transposed, by which a step multiplies: its row c is the factor's column c. before is the root of the product
// before; the first step has none.
func Factor(seed Hash, size, step uint32, before []byte) (*Matrix, error) {
	return newMatrix(size, []byte("assay/spotcheck/factor/v1"), seed[:], binary.BigEndian.AppendUint32(nil, step), before)
}

func newMatrix(size uint32, parts ...[]byte) (*Matrix, error) {
	h := sha256.New()
	for _, part := range parts {
		h.Write(part)
	}
	block, err := aes.NewCipher(h.Sum(nil))
	if err != nil {
		return nil, fmt.Errorf("matrix key: %w", err)
	}
	return &Matrix{size: size, block: block}, nil
}

// Row writes row r into dst, which has the matrix's size: bytes r·size and on of the key stream of AES-256 in counter mode, whose
// counter counts from 0 in 16 bytes, big-endian. A byte is an entry in two's complement.
func (m *Matrix) Row(r uint32, dst []byte) {
	var counter [aes.BlockSize]byte
	binary.BigEndian.PutUint64(counter[8:], uint64(r)*uint64(m.size)/aes.BlockSize)
	clear(dst)
	cipher.NewCTR(m.block, counter[:]).XORKeyStream(dst, dst)
}

// Constants of Mix: odd, without structure.
const (
	mixA = 0x9E3779B1
	mixB = 0x85EBCA77
)

// Mix turns a sum of products into an entry of the product. It is no linear map, not even nearly, so that products don't combine
// to fewer, and its values look uniform, so that entries don't die out.
func Mix(sum int32) byte {
	x := uint32(sum)
	x ^= x >> 15
	x *= mixA
	x ^= x >> 13
	x *= mixB
	return byte(x >> 24)
}

// dot multiplies a row by a column.
func dot(row, column []byte) int32 {
	column = column[:len(row)]
	var sum int32
	for k, x := range row {
		sum += int32(int8(x)) * int32(int8(column[k]))
	}
	return sum
}
