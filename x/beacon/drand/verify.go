package drand

import (
	"bytes"
	"fmt"
	"sync"

	bls12381 "github.com/consensys/gnark-crypto/ecc/bls12-381"
)

// Key is a public key, decoded and checked once. It is immutable and safe for concurrent use.
type Key struct {
	point bls12381.G2Affine
	// negatedGenerator is -g2, so that the check is one product of two pairings.
	negatedGenerator bls12381.G2Affine
}

// ParseKey decodes a public key. It accepts only the canonical compressed encoding of a point of G2's prime-order
// subgroup other than infinity, under which every signature at infinity would verify. Errors wrap ErrPublicKey.
func ParseKey(encoded []byte) (key *Key, err error) {
	defer recoverInto(&err, ErrPublicKey)
	if len(encoded) != PublicKeySize {
		return nil, fmt.Errorf("%w: %d bytes: it must be %d", ErrPublicKey, len(encoded), PublicKeySize)
	}
	var point bls12381.G2Affine
	if _, err := point.SetBytes(encoded); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPublicKey, err)
	}
	if canonical := point.Bytes(); !bytes.Equal(canonical[:], encoded) {
		return nil, fmt.Errorf("%w: not in canonical compressed form", ErrPublicKey)
	}
	if point.IsInfinity() || !point.IsOnCurve() || !point.IsInSubGroup() {
		return nil, fmt.Errorf("%w: not a point of the prime-order subgroup other than infinity", ErrPublicKey)
	}
	key = &Key{point: point}
	_, _, _, generator := bls12381.Generators()
	key.negatedGenerator.Neg(&generator)
	return key, nil
}

// Verify checks that this key signed a round. Errors wrap ErrRound, ErrEncoding or ErrSignature.
func (k *Key) Verify(round uint64, signature []byte) (err error) {
	defer recoverInto(&err, ErrEncoding)
	if round == 0 {
		return fmt.Errorf("%w: rounds count from 1", ErrRound)
	}
	point, err := parseSignature(signature)
	if err != nil {
		return err
	}
	message := Message(round)
	hashed, err := bls12381.HashToG1(message[:], []byte(DomainTag))
	if err != nil {
		return fmt.Errorf("hash round %d to the curve: %w", round, err)
	}
	// e(signature, g2) = e(hashed, key), written as one product, which needs one final exponentiation instead of two.
	ok, err := bls12381.PairingCheck(
		[]bls12381.G1Affine{point, hashed}, []bls12381.G2Affine{k.negatedGenerator, k.point})
	if err != nil {
		return fmt.Errorf("%w: round %d: %w", ErrSignature, round, err)
	}
	if !ok {
		return fmt.Errorf("%w: round %d", ErrSignature, round)
	}
	return nil
}

// parseSignature decodes a signature with the same strictness as ParseKey, so that a round has one encoding.
func parseSignature(encoded []byte) (point bls12381.G1Affine, err error) {
	if len(encoded) != SignatureSize {
		return point, fmt.Errorf("%w: %d bytes: it must be %d", ErrEncoding, len(encoded), SignatureSize)
	}
	if _, err := point.SetBytes(encoded); err != nil {
		return point, fmt.Errorf("%w: %w", ErrEncoding, err)
	}
	if canonical := point.Bytes(); !bytes.Equal(canonical[:], encoded) {
		return point, fmt.Errorf("%w: not in canonical compressed form", ErrEncoding)
	}
	if point.IsInfinity() || !point.IsOnCurve() || !point.IsInSubGroup() {
		return point, fmt.Errorf("%w: not a point of the prime-order subgroup other than infinity", ErrEncoding)
	}
	return point, nil
}

// recoverInto turns a panic of the curve library on hostile bytes into an error: a block must survive any input.
func recoverInto(err *error, kind error) {
	if cause := recover(); cause != nil {
		*err = fmt.Errorf("%w: decoding panicked: %v", kind, cause)
	}
}

// Verify checks a round against a chain, decoding the chain's key on each call. Use a Verifier to decode it once.
func Verify(chain Chain, round uint64, signature []byte) error {
	return new(Verifier).Verify(chain, round, signature)
}

// Verifier verifies rounds and remembers the last key it decoded, since a chain follows one beacon for years. The result
// never depends on what it remembers. The zero value is ready; it is safe for concurrent use and must not be copied.
type Verifier struct {
	mu      sync.Mutex
	encoded []byte
	key     *Key
}

// Verify checks that a chain's key signed a round. Errors wrap ErrChain, ErrPublicKey, ErrRound, ErrEncoding or ErrSignature.
func (v *Verifier) Verify(chain Chain, round uint64, signature []byte) error {
	if err := chain.validateClock(); err != nil {
		return err
	}
	if chain.Scheme != Scheme {
		return fmt.Errorf("%w: scheme %q: only %q is supported", ErrChain, chain.Scheme, Scheme)
	}
	key, err := v.parsed(chain.PublicKey)
	if err != nil {
		return err
	}
	return key.Verify(round, signature)
}

func (v *Verifier) parsed(encoded []byte) (*Key, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.key != nil && bytes.Equal(v.encoded, encoded) {
		return v.key, nil
	}
	key, err := ParseKey(encoded)
	if err != nil {
		return nil, err
	}
	v.encoded, v.key = bytes.Clone(encoded), key
	return key, nil
}
