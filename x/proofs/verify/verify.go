// Package verify checks opening proofs outside of the chain: in a worker before it submits, and in the offline check of a
// job's certificate. It runs the chain's own verifier.
package verify

import (
	"crypto/sha256"
	"fmt"

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
)

// Verifier checks proofs under one verifying key. It may be used concurrently.
type Verifier struct{ key *groth16.VerifyingKey }

// New parses and lints a verifying key.
func New(key []byte) (*Verifier, error) {
	parsed, err := groth16.ParseVerifyingKey(key)
	if err != nil {
		return nil, err
	}
	return &Verifier{parsed}, nil
}

// KeyHash is the SHA-256 of the key, by which the genesis names it.
func (v *Verifier) KeyHash() [sha256.Size]byte { return v.key.Hash() }

// Opening is a statement and its proof.
type Opening struct {
	Statement *statement.Statement
	Proof     []byte
}

// Openings gives one verdict for each opening, nil for those that are proven. All statements must be of the key's class.
func (v *Verifier) Openings(openings []Opening) []error {
	verdicts := make([]error, len(openings))
	claims := make([]groth16.Claim, 0, len(openings))
	places := make([]int, 0, len(openings))
	for i, opening := range openings {
		digest, err := opening.Statement.Digest()
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
