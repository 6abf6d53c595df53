package certificate

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/assaychain/assay/x/proofs/challenge"
	proofstypes "github.com/assaychain/assay/x/proofs/types"
	"github.com/assaychain/assay/x/proofs/verify"
)

// modelOf is the hash of the model whose circuit it is; nil for a circuit that opens entries.
func modelOf(c proofstypes.Circuit) ([]byte, error) {
	if c.Model == nil {
		return nil, nil
	}
	hash, err := c.Model.Hash()
	return hash[:], err
}

// whole verifies the proofs of drawn rows under the key of the job's model. The job's own program and inputs say which model that is;
// the circuit's record must be of the same.
func whole(v *verification) error {
	trace, err := v.trace()
	if err != nil {
		return err
	}
	_, statements, err := challenge.Rows(trace)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	ids := circuitIDs(v.job)
	if len(statements) != len(v.certificate.Proofs) || len(ids) != 1 {
		return fmt.Errorf("%w: %d proofs for %d rows under %d circuits, a model has one", ErrInvalid, len(v.certificate.Proofs), len(statements), len(ids))
	}
	circuit := v.keys[ids[0]]
	if model, err := modelOf(circuit); err != nil || !bytes.Equal(model, statements[0].Model[:]) {
		return fmt.Errorf("%w: circuit %s is of model %x, the job's is %x", ErrInvalid, ids[0], model, statements[0].Model)
	}
	verifier, err := verify.NewRows(statements[0].Model, circuit.VerifyingKey)
	if err != nil {
		return fmt.Errorf("%w: %s: %w", ErrInvalid, ids[0], err)
	}
	rows := make([]verify.Row, len(statements))
	for i := range statements {
		rows[i] = verify.Row{Statement: &statements[i], Proof: v.certificate.Proofs[i]}
	}
	if err := errors.Join(verifier.Rows(rows)...); err != nil {
		return fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return nil
}
