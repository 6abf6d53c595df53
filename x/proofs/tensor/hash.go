package tensor

import (
	"fmt"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr/poseidon2"
)

const (
	// Width is the number of field elements that a compression takes.
	Width = 16
	// FullRounds and PartialRounds are those of the permutation.
	FullRounds, PartialRounds = 8, 57
	// RootSize is the length of an encoded root in bytes.
	RootSize = fr.Bytes
)

// Tags separate the uses of the compression; they stand in its first element.
const (
	// TagInt8 starts a row of plain int8 values.
	TagInt8 = 1
	// TagWeight starts a row of weights.
	TagWeight = 2
	// TagInt32 starts a row of int32 values.
	TagInt32 = 3
	// TagStatement starts the digest of a statement.
	TagStatement = 4
	// TagRow starts the digest of a statement about a row of a model.
	TagRow = 5
	// TagRowRest starts the second half of that digest, of models with many layers.
	TagRowRest = 6
)

// permutation is read-only after its construction.
var permutation = poseidon2.NewPermutation(Width, FullRounds, PartialRounds)

// Compress maps 16 field elements to one: the first element of the permutation plus the first input. The feed-forward
// makes it one-way.
func Compress(in [Width]fr.Element) fr.Element {
	state := in
	// The only error is a state of the wrong width, which the array rules out.
	_ = permutation.Permutation(state[:])
	state[0].Add(&state[0], &in[0])
	return state[0]
}

// ParseRoot reads a root: exactly 32 bytes, big endian, below the field's modulus. Other encodings of the same element
// are refused, so that a root has one form.
func ParseRoot(raw []byte) (fr.Element, error) {
	var root fr.Element
	if len(raw) != RootSize {
		return root, fmt.Errorf("%w: %d bytes, want %d", ErrRoot, len(raw), RootSize)
	}
	if err := root.SetBytesCanonical(raw); err != nil {
		return fr.Element{}, fmt.Errorf("%w: not below the field's modulus", ErrRoot)
	}
	return root, nil
}

// EncodeRoot is the inverse of ParseRoot.
func EncodeRoot(root fr.Element) []byte {
	raw := root.Bytes()
	return raw[:]
}
