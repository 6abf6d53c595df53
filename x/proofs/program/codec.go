package program

import (
	"bytes"
	"crypto/sha256"
	"fmt"
)

// Encode returns the canonical encoding of a valid program: protobuf, fields in the order of their numbers, no default
// values. It is what Decode accepts and Hash covers.
func (m Program) Encode() ([]byte, error) {
	if err := m.Validate(); err != nil {
		return nil, err
	}
	return m.Marshal()
}

// Decode parses and validates a program. It refuses more than MaxEncodedSize bytes before it parses anything, and every
// encoding but the canonical one: unknown fields, other orders, explicit defaults and padded integers do not survive
// being encoded again.
func Decode(encoded []byte) (Program, error) {
	if len(encoded) > MaxEncodedSize {
		return Program{}, fmt.Errorf("%w: %d bytes, must be at most %d", ErrEncoding, len(encoded), MaxEncodedSize)
	}
	var p Program
	if err := p.Unmarshal(encoded); err != nil {
		return Program{}, fmt.Errorf("%w: %w", ErrEncoding, err)
	}
	again, err := p.Marshal()
	if err != nil {
		return Program{}, fmt.Errorf("%w: %w", ErrEncoding, err)
	}
	if !bytes.Equal(encoded, again) {
		return Program{}, fmt.Errorf("%w: the bytes differ from the program encoded again", ErrEncoding)
	}
	if err := p.Validate(); err != nil {
		return Program{}, err
	}
	return p, nil
}

// Hash identifies a valid program: SHA-256 of "assay/program/v1" and the length-prefixed canonical encoding.
func (m Program) Hash() ([sha256.Size]byte, error) {
	encoded, err := m.Encode()
	if err != nil {
		return [sha256.Size]byte{}, err
	}
	return sha256.Sum256(appendPrefixed([]byte("assay/program/v1"), encoded)), nil
}
