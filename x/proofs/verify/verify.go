// Package verify checks opening proofs outside of the chain: in a worker before it submits, and in the offline check of a
// job's certificate. It runs the chain's own verifier.
package verify

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	"github.com/assaychain/assay/x/proofs/internal/groth16"
	"github.com/assaychain/assay/x/proofs/statement"
)

const (
	// ProofSize is the exact length of a proof in bytes.
	ProofSize = groth16.ProofSize
	// KeySize is the exact length of a verifying key in bytes.
	KeySize = groth16.KeySize
)

// The kinds of refusal, to be matched with errors.Is.
var (
	ErrProofLength   = groth16.ErrProofLength
	ErrProofEncoding = groth16.ErrProofEncoding
	ErrProofInvalid  = groth16.ErrProofInvalid
	ErrKey           = groth16.ErrKey
	// ErrClass marks a class that has no circuit, or a statement of another class or model than the key's.
	ErrClass = errors.New("wrong circuit class")
)

// Verifier checks proofs under the verifying key of one class. It may be used concurrently.
type Verifier struct {
	key   *groth16.VerifyingKey
	class uint32
}

// New parses and lints the verifying key of a class, one of statement.Classes.
func New(class uint32, key []byte) (*Verifier, error) {
	if classes := statement.Classes(); !slices.Contains(classes, class) {
		return nil, fmt.Errorf("%w: %d, must be one of %v", ErrClass, class, classes)
	}
	parsed, err := groth16.ParseVerifyingKey(key)
	if err != nil {
		return nil, err
	}
	return &Verifier{parsed, class}, nil
}

// KeyHash is the SHA-256 of the key, by which the genesis names it.
func (v *Verifier) KeyHash() [sha256.Size]byte { return v.key.Hash() }

// Opening is a statement and its proof.
type Opening struct {
	Statement *statement.Statement
	Proof     []byte
}

// Openings gives one verdict for each opening, nil for those that are proven.
func (v *Verifier) Openings(openings []Opening) []error {
	verdicts := make([]error, len(openings))
	claims := make([]groth16.Claim, 0, len(openings))
	places := make([]int, 0, len(openings))
	for i, opening := range openings {
		digest, err := v.digest(opening.Statement)
		if err != nil {
			verdicts[i] = fmt.Errorf("position %d: %w", i, err)
			continue
		}
		claims = append(claims, groth16.Claim{Digest: digest, Proof: opening.Proof})
		places = append(places, i)
	}
	for i, err := range v.key.VerifyBatch(claims) {
		if err != nil {
			verdicts[places[i]] = fmt.Errorf("position %d: %w", places[i], err)
		}
	}
	return verdicts
}

// digest refuses statements of another class: their rows are committed in another way, so the key has nothing to say about
// them.
func (v *Verifier) digest(s *statement.Statement) (digest [statement.DigestSize]byte, err error) {
	if s == nil {
		return digest, fmt.Errorf("%w: it is missing", statement.ErrStatement)
	}
	class, err := statement.ClassFor(s.K)
	if err != nil {
		return digest, err
	}
	if class != v.class {
		return digest, fmt.Errorf("%w: inner dimension %d is of class %d, the key of class %d", ErrClass, s.K, class, v.class)
	}
	return s.Digest()
}
