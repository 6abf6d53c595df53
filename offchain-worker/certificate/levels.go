package certificate

import (
	"errors"
	"fmt"

	markettypes "github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/challenge"
	"github.com/assaychain/assay/x/proofs/full"
	"github.com/assaychain/assay/x/proofs/revealed"
	"github.com/assaychain/assay/x/proofs/statement"
	proofstypes "github.com/assaychain/assay/x/proofs/types"
	"github.com/assaychain/assay/x/proofs/verify"
)

// levels verify the proofs of a certificate, by what the customer asked for.
var levels = map[markettypes.Assurance]func(*verification) error{
	markettypes.ASSURANCE_SAMPLED:  sampled,
	markettypes.ASSURANCE_REVEALED: shown,
	markettypes.ASSURANCE_MODEL:    whole,
	markettypes.ASSURANCE_FULL:     everything,
}

// systems prove the levels that have circuits.
var systems = map[markettypes.Assurance]proofstypes.ProofSystem{
	markettypes.ASSURANCE_SAMPLED: proofstypes.PROOF_SYSTEM_GROTH16_BN254,
	markettypes.ASSURANCE_FULL:    proofstypes.PROOF_SYSTEM_KZG_BN254,
	markettypes.ASSURANCE_MODEL:   proofstypes.PROOF_SYSTEM_GROTH16_BN254,
}

// proofs verifies the proof of every position that the seed draws.
func (v *verification) proofs() (string, error) {
	verifyLevel, known := levels[v.spec.Assurance]
	if !known || v.job.Assurance != v.spec.Assurance {
		return "", fmt.Errorf("%w: assurance %s: this program can't verify it", ErrInvalid, v.spec.Assurance.Word())
	}
	if err := verifyLevel(v); err != nil {
		return "", err
	}
	detail := fmt.Sprintf("%d of %d valid, assurance %s", len(v.certificate.Proofs), v.spec.Samples, v.spec.Assurance.Word())
	if v.spec.Assurance == markettypes.ASSURANCE_FULL {
		detail += ": every entry of every step is proven"
	}
	return detail, nil
}

// sampled verifies Groth16 proofs under the keys of the job's circuits.
func sampled(v *verification) error {
	openings, err := v.openings()
	if err != nil {
		return err
	}
	for id, group := range openings {
		verifier, err := verify.New(v.keys[id].Class, v.keys[id].VerifyingKey)
		if err != nil {
			return fmt.Errorf("%w: %s: %w", ErrInvalid, id, err)
		}
		if err := errors.Join(verifier.Openings(group)...); err != nil {
			return fmt.Errorf("%w: %w", ErrInvalid, err)
		}
	}
	return nil
}

// openings are the statements of all drawn positions with their proofs, by circuit.
func (v *verification) openings() (map[string][]verify.Opening, error) {
	positions, statements, err := v.statements()
	if err != nil {
		return nil, err
	}
	if len(v.job.Circuits) != len(v.spec.Program.Steps) {
		return nil, fmt.Errorf("%w: %d circuits for %d steps", ErrInvalid, len(v.job.Circuits), len(v.spec.Program.Steps))
	}
	openings := map[string][]verify.Opening{}
	for i := range statements {
		id := v.job.Circuits[positions[i].Step]
		if class, err := statement.ClassFor(statements[i].K); err != nil || v.keys[id].Model != nil || v.keys[id].Class != class {
			return nil, fmt.Errorf("%w: position %d has inner dimension %d, its circuit is of class %d", ErrInvalid, i, statements[i].K, v.keys[id].Class)
		}
		openings[id] = append(openings[id], verify.Opening{Statement: &statements[i], Proof: v.certificate.Proofs[i]})
	}
	return openings, nil
}

// shown recomputes the drawn entries from what the worker opened.
func shown(v *verification) error {
	_, statements, err := v.statements()
	if err != nil {
		return err
	}
	for i := range statements {
		if err := revealed.Verify(&statements[i], v.certificate.Proofs[i]); err != nil {
			return fmt.Errorf("%w: position %d: %w", ErrInvalid, i, err)
		}
	}
	return nil
}

// everything verifies the proofs of all steps under the job's KZG key.
func everything(v *verification) error {
	trace, err := v.trace()
	if err != nil {
		return err
	}
	chain, err := challenge.FullStatement(trace)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	if len(circuitIDs(v.job)) != 1 || len(v.job.Circuits) != len(chain.Links) {
		return fmt.Errorf("%w: %d circuits for %d steps: they must be one key", ErrInvalid, len(v.job.Circuits), len(chain.Links))
	}
	proof, err := full.JoinChainProofs(chain, v.certificate.Proofs)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	key, err := full.ParseVerifyingKey(v.keys[v.job.Circuits[0]].VerifyingKey)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	if err := full.VerifyChain(key, chain, proof); err != nil {
		return fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return nil
}
