package verify

import (
	"crypto/sha256"
	"fmt"

	"github.com/assaychain/assay/x/proofs/internal/groth16"
	"github.com/assaychain/assay/x/proofs/statement"
)

// RowVerifier checks proofs under the verifying key of one model. It may be used concurrently.
type RowVerifier struct {
	key   *groth16.VerifyingKey
	model [sha256.Size]byte
}

// NewRows parses and lints the verifying key of the model with this hash.
func NewRows(model [sha256.Size]byte, key []byte) (*RowVerifier, error) {
	parsed, err := groth16.ParseVerifyingKey(key)
	if err != nil {
		return nil, err
	}
	return &RowVerifier{parsed, model}, nil
}

// KeyHash is the SHA-256 of the key, by which the chain names it.
func (v *RowVerifier) KeyHash() [sha256.Size]byte { return v.key.Hash() }

// Row is a statement about a row and its proof.
type Row struct {
	Statement *statement.Row
	Proof     []byte
}

// Rows gives one verdict for each row, nil for those that are proven.
func (v *RowVerifier) Rows(rows []Row) []error {
	verdicts := make([]error, len(rows))
	claims := make([]groth16.Claim, 0, len(rows))
	places := make([]int, 0, len(rows))
	for i, row := range rows {
		digest, err := v.digest(row.Statement)
		if err != nil {
			verdicts[i] = fmt.Errorf("draw %d: %w", i, err)
			continue
		}
		claims = append(claims, groth16.Claim{Digest: digest, Proof: row.Proof})
		places = append(places, i)
	}
	for i, err := range v.key.VerifyBatch(claims) {
		if err != nil {
			verdicts[places[i]] = fmt.Errorf("draw %d: %w", places[i], err)
		}
	}
	return verdicts
}

// digest refuses statements about another model, about which the key has nothing to say.
func (v *RowVerifier) digest(s *statement.Row) (digest [statement.DigestSize]byte, err error) {
	if s == nil {
		return digest, fmt.Errorf("%w: it is missing", statement.ErrStatement)
	}
	if s.Model != v.model {
		return digest, fmt.Errorf("%w: the statement is about model %x, the key is of %x", ErrClass, s.Model[:8], v.model[:8])
	}
	return s.Digest()
}
