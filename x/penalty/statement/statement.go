// Package statement is what an operator may sign about a subject and a slot, in one canonical encoding. Two different
// statements by one operator about the same subject and slot are equivocation, and anyone who holds both can show it to the
// chain. Workers sign with Sign, or with a keyring over SignBytes; whoever relies on a statement checks it with Verify.
//
// A slot is the second (Unix time) that the statement is about, such as the time at which a round or an epoch is due. So a
// statement's age follows from what it is about, and nobody can date it otherwise.
package statement

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/decred/dcrd/dcrec/secp256k1/v4/ecdsa"
)

const (
	// Domain opens every statement's bytes, so that no signature made for anything else is one of a statement.
	Domain = "assay/statement/v1"
	// DigestSize is the length of what is stated, a hash.
	DigestSize = 32
	// SignatureSize is the length of a signature: r and s, 32 bytes each, big-endian.
	SignatureSize = 64
	// PublicKeySize is the length of a compressed public key.
	PublicKeySize = 33
	// PrivateKeySize is the length of a private key.
	PrivateKeySize = 32
	// MaxChainIDLength bounds the chain id, in bytes.
	MaxChainIDLength = 64
	// MaxOperatorLength bounds the operator's address, in bytes.
	MaxOperatorLength = 255
	// MaxSubjectLength bounds the subject, in bytes.
	MaxSubjectLength = 64
)

// Errors of the package.
var (
	// ErrField says that a field has no canonical encoding.
	ErrField = errors.New("statement field out of range")
	// ErrKey says that a key is not one of secp256k1.
	ErrKey = errors.New("not a secp256k1 key")
	// ErrEncoding says that a signature is not in its only encoding.
	ErrEncoding = errors.New("signature is not canonical")
	// ErrSignature says that a signature is not by the key over the statement.
	ErrSignature = errors.New("signature does not match")
)

// Statement is what an operator says.
type Statement struct {
	// ChainID is the chain it is said on.
	ChainID string
	// Operator is the address of who says it, in bytes.
	Operator []byte
	// Subject is what it is about: 1 to 64 printable ASCII characters without spaces.
	Subject string
	// Slot is the second (Unix time) that it is about.
	Slot uint64
	// Digest is what is said, by its SHA-256.
	Digest [DigestSize]byte
}

// SignBytes is the canonical encoding, whose SHA-256 is signed. Every field of variable length follows its length as two
// bytes, big-endian, so that no two statements share their bytes:
//
//	len ‖ "assay/statement/v1" ‖ len ‖ chain id ‖ len ‖ operator ‖ len ‖ subject ‖ slot (8 bytes, big-endian) ‖ digest (32)
func (s Statement) SignBytes() ([]byte, error) {
	if err := s.validate(); err != nil {
		return nil, err
	}
	size := 8 + len(Domain) + len(s.ChainID) + len(s.Operator) + len(s.Subject) + 8 + DigestSize
	out := make([]byte, 0, size)
	for _, field := range [][]byte{[]byte(Domain), []byte(s.ChainID), s.Operator, []byte(s.Subject)} {
		out = binary.BigEndian.AppendUint16(out, uint16(len(field)))
		out = append(out, field...)
	}
	out = binary.BigEndian.AppendUint64(out, s.Slot)
	return append(out, s.Digest[:]...), nil
}

func (s Statement) validate() error {
	if len(s.ChainID) == 0 || len(s.ChainID) > MaxChainIDLength {
		return fmt.Errorf("%w: chain id must have from 1 to %d bytes, got %d", ErrField, MaxChainIDLength, len(s.ChainID))
	}
	if len(s.Operator) == 0 || len(s.Operator) > MaxOperatorLength {
		return fmt.Errorf("%w: operator must have from 1 to %d bytes, got %d", ErrField, MaxOperatorLength, len(s.Operator))
	}
	return ValidateSubject(s.Subject)
}

// ValidateSubject checks a subject.
func ValidateSubject(subject string) error {
	if len(subject) == 0 || len(subject) > MaxSubjectLength {
		return fmt.Errorf("%w: subject must have from 1 to %d characters, got %d", ErrField, MaxSubjectLength, len(subject))
	}
	for i := 0; i < len(subject); i++ {
		if subject[i] <= ' ' || subject[i] > '~' {
			return fmt.Errorf("%w: subject %q must be printable ASCII without spaces", ErrField, subject)
		}
	}
	return nil
}

// Sign signs a statement with the operator's account key. The same statement always gets the same signature.
func Sign(privateKey []byte, s Statement) ([]byte, error) {
	content, err := s.SignBytes()
	if err != nil {
		return nil, err
	}
	if len(privateKey) != PrivateKeySize {
		return nil, fmt.Errorf("%w: private keys have %d bytes, got %d", ErrKey, PrivateKeySize, len(privateKey))
	}
	var scalar secp256k1.ModNScalar
	if overflow := scalar.SetByteSlice(privateKey); overflow || scalar.IsZero() {
		return nil, fmt.Errorf("%w: private key out of range", ErrKey)
	}
	digest := sha256.Sum256(content)
	compact := ecdsa.SignCompact(secp256k1.NewPrivateKey(&scalar), digest[:], true)
	return compact[1:], nil // The first byte helps to recover the key, which is known.
}

// Verify checks that the owner of a compressed public key signed a statement. A signature has one encoding: r and s from 1
// to the group's order less 1, s in the lower half.
func Verify(publicKey []byte, s Statement, signature []byte) error {
	content, err := s.SignBytes()
	if err != nil {
		return err
	}
	parsed, err := parse(signature)
	if err != nil {
		return err
	}
	if len(publicKey) != PublicKeySize {
		return fmt.Errorf("%w: compressed public keys have %d bytes, got %d", ErrKey, PublicKeySize, len(publicKey))
	}
	key, err := secp256k1.ParsePubKey(publicKey)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrKey, err)
	}
	digest := sha256.Sum256(content)
	if !parsed.Verify(digest[:], key) {
		return ErrSignature
	}
	return nil
}

func parse(signature []byte) (*ecdsa.Signature, error) {
	if len(signature) != SignatureSize {
		return nil, fmt.Errorf("%w: it must have %d bytes, got %d", ErrEncoding, SignatureSize, len(signature))
	}
	var r, s secp256k1.ModNScalar
	if overflow := r.SetByteSlice(signature[:32]); overflow || r.IsZero() {
		return nil, fmt.Errorf("%w: r out of range", ErrEncoding)
	}
	if overflow := s.SetByteSlice(signature[32:]); overflow || s.IsZero() || s.IsOverHalfOrder() {
		return nil, fmt.Errorf("%w: s out of range", ErrEncoding)
	}
	return ecdsa.NewSignature(&r, &s), nil
}

// Mark names an operator and a subject in 32 bytes: with the slot, what may be punished once.
func Mark(operator []byte, subject string) [DigestSize]byte {
	content := make([]byte, 0, 6+len(Domain)+len(operator)+len(subject))
	for _, field := range [][]byte{[]byte(Domain), operator, []byte(subject)} {
		content = binary.BigEndian.AppendUint16(content, uint16(len(field)))
		content = append(content, field...)
	}
	return sha256.Sum256(content)
}
