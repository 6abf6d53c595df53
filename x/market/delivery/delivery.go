// Package delivery is the arithmetic of contested deliveries: keys, sealed boxes and the verdict on what a box holds. A box is
// a NaCl anonymous sealed box (X25519, XSalsa20-Poly1305), whose opening is deterministic.
package delivery

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"golang.org/x/crypto/curve25519"
	"golang.org/x/crypto/nacl/box"

	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
)

const (
	// KeySize is the size of a key, public or secret, in bytes.
	KeySize = curve25519.PointSize
	// Overhead is what sealing adds to a blob in bytes: the ephemeral public key and the tag.
	Overhead = box.AnonymousOverhead
)

var (
	// ErrKey is wrapped by every refusal of a public key.
	ErrKey = errors.New("invalid delivery key")
	// ErrSecret is wrapped by every refusal of a secret key.
	ErrSecret = errors.New("invalid delivery secret")
)

// CheckKey refuses anything but a canonical public key of full order. A key of low order would make a box that everyone can
// open, and one in another encoding could never be matched with its secret.
func CheckKey(key []byte) error {
	if len(key) != KeySize {
		return fmt.Errorf("%w: %d bytes, must have %d", ErrKey, len(key), KeySize)
	}
	if !belowPrime(key) {
		return fmt.Errorf("%w: not a canonical X25519 coordinate", ErrKey)
	}
	// X25519 clears the cofactor with any scalar, and fails exactly on points of low order.
	one := [KeySize]byte{1}
	if _, err := curve25519.X25519(one[:], key); err != nil {
		return fmt.Errorf("%w: point of low order", ErrKey)
	}
	return nil
}

// belowPrime tells whether a little-endian coordinate is below 2^255-19.
func belowPrime(key []byte) bool {
	if key[KeySize-1] != 0x7f {
		return key[KeySize-1] < 0x7f
	}
	for _, digit := range key[1 : KeySize-1] {
		if digit != 0xff {
			return true
		}
	}
	return key[0] < 0xed
}

// CheckSecret refuses a secret that does not belong to the public key.
func CheckSecret(secret, key []byte) error {
	if len(secret) != KeySize {
		return fmt.Errorf("%w: %d bytes, must have %d", ErrSecret, len(secret), KeySize)
	}
	public, err := curve25519.X25519(secret, curve25519.Basepoint)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrSecret, err)
	}
	if !bytes.Equal(public, key) {
		return fmt.Errorf("%w: it is not the secret half of the job's delivery key", ErrSecret)
	}
	return nil
}

// SealedSize is the exact size in bytes of a sealed tensor.
func SealedSize(t program.Tensor) uint64 { return t.BlobSize() + Overhead }

// Seal puts a blob in a box that only the key's secret opens. random gives the ephemeral key; workers pass a
// cryptographic source.
func Seal(random io.Reader, blob, key []byte) ([]byte, error) {
	if err := CheckKey(key); err != nil {
		return nil, err
	}
	return box.SealAnonymous(nil, blob, (*[KeySize]byte)(key), random)
}

// Open opens a box with its secret to the tensor that it must hold. It is false for everything else: a box that does not
// open, a blob that does not decode.
func Open(sealed, secret []byte, t program.Tensor) (*tensor.Tensor, bool, error) {
	public, err := curve25519.X25519(secret, curve25519.Basepoint)
	if err != nil {
		return nil, false, fmt.Errorf("%w: %w", ErrSecret, err)
	}
	blob, ok := box.OpenAnonymous(nil, sealed, (*[KeySize]byte)(public), (*[KeySize]byte)(secret))
	if !ok {
		return nil, false, nil
	}
	decoded, err := tensor.DecodeBlob(Shape(t), blob)
	return decoded, err == nil, nil
}

// Shape is the shape of a declared tensor.
func Shape(t program.Tensor) tensor.Shape {
	return tensor.Shape{Kind: t.Kind, Type: t.Type, Rows: t.Rows, Cols: t.Cols}
}
