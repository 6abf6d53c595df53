package full

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/bits"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/assaychain/assay/x/proofs/internal/group"
)

const (
	// ScalarSize is the length of an encoded scalar in bytes: big endian and below the field's modulus.
	ScalarSize = fr.Bytes
	// OpeningSize is the exact length of an opening in bytes: the value, then the commitment to the quotient.
	OpeningSize = fr.Bytes + group.G1Size
	// OpeningUnits is the cost of CheckOpening in microseconds on the reference machine, from BenchmarkOpening, rounded up.
	OpeningUnits = 1500

	pointDomain = "assay/full/point/v1"
)

// OpeningPoint hashes what an opening is for to the point that it is at: SHA-256(domain ‖ 0 ‖ length ‖ context) and
// SHA-256(domain ‖ 1 ‖ length ‖ context) make a number of 64 bytes, which is reduced.
func OpeningPoint(context []byte) [ScalarSize]byte {
	var wide []byte
	for i := range byte(2) {
		in := binary.BigEndian.AppendUint32(append([]byte(pointDomain), i), uint32(len(context)))
		digest := sha256.Sum256(append(in, context...))
		wide = append(wide, digest[:]...)
	}
	var z fr.Element
	return z.SetBytes(wide).Bytes()
}

// Evaluate is the value at a point of the polynomial of a tensor, row major: the sum of entry (i, j) times the point to
// the power of i·2^⌈log₂ cols⌉ + j. It refuses dimensions outside 1..MaxDimension, another number of values, and a point
// that is not canonical.
func Evaluate[T int8 | int32](rows, cols uint32, values []T, point [ScalarSize]byte) (out [ScalarSize]byte, err error) {
	if rows < 1 || rows > MaxDimension || cols < 1 || cols > MaxDimension || len(values) != int(rows)*int(cols) {
		return out, fmt.Errorf("%w: %d values of %d x %d, want 1..%d each", ErrShape, len(values), rows, cols, MaxDimension)
	}
	var z, sum fr.Element
	if err := z.SetBytesCanonical(point[:]); err != nil {
		return out, fmt.Errorf("%w: the point is not below the field's modulus", ErrStatement)
	}
	stride := z
	for range bits.Len32(cols - 1) {
		stride.Square(&stride)
	}
	for row := int(rows) - 1; row >= 0; row-- {
		inner := hornerOf(values[row*int(cols):(row+1)*int(cols)], &z)
		sum.Mul(&sum, &stride).Add(&sum, &inner)
	}
	return sum.Bytes(), nil
}

func hornerOf[T int8 | int32](values []T, z *fr.Element) (sum fr.Element) {
	var term fr.Element
	for i := len(values) - 1; i >= 0; i-- {
		term.SetInt64(int64(values[i]))
		sum.Mul(&sum, z).Add(&sum, &term)
	}
	return sum
}

// CheckOpening checks a KZG opening of a commitment at a point, and returns the value v that it opens to:
//
//	e(C - v·[1]₁ + z·π, [1]₂) = e(π, [x]₂)
//
// Errors wrap ErrProofEncoding for a wrong length or encoding, ErrProof for an opening that does not hold, and ErrStatement for
// a commitment or a point that the verifier should not have asked about. Like Verify it computes the same on every machine.
func CheckOpening(key *VerifyingKey, c Commitment, point [ScalarSize]byte, opening []byte) (value [ScalarSize]byte, err error) {
	defer recoverTo(&err, ErrProof)
	committed, err := DecodeCommitment(c)
	if err != nil {
		return value, err
	}
	var z, v fr.Element
	if err := z.SetBytesCanonical(point[:]); err != nil {
		return value, fmt.Errorf("%w: the point is not below the field's modulus", ErrStatement)
	}
	if len(opening) != OpeningSize {
		return value, fmt.Errorf("%w: an opening of %d bytes, want %d", ErrProofEncoding, len(opening), OpeningSize)
	}
	if err := v.SetBytesCanonical(opening[:ScalarSize]); err != nil {
		return value, fmt.Errorf("%w: value: not below the field's modulus", ErrProofEncoding)
	}
	quotient, err := group.DecodeG1(opening[ScalarSize:])
	if err != nil {
		return value, fmt.Errorf("%w: quotient: %w", ErrProofEncoding, err)
	}
	o := &obligation{}
	o.add(0, equationBlocks, fr.One(), committed)
	o.subtract(0, equationBlocks, v, key.g1[0])
	o.add(0, equationBlocks, z, quotient)
	o.subtract(power(0), equationBlocks, fr.One(), quotient)
	if err := settleOne(key, o); err != nil {
		return value, err
	}
	return [ScalarSize]byte(opening[:ScalarSize]), nil
}
