package certificate

import (
	"bytes"
	"fmt"

	"cosmossdk.io/collections"

	"github.com/cosmos/cosmos-sdk/types/bech32"

	"github.com/assaychain/assay/x/market/challenge"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/statement"
	"github.com/assaychain/assay/x/proofs/verify"
)

// addressPrefix is the human-readable part of account addresses.
const addressPrefix = "assay"

// claim names who answered the job at which attempt.
func (v *verification) claim() (program.Claim, error) {
	prefix, worker, err := bech32.DecodeAndConvert(v.job.Worker)
	if err != nil || prefix != addressPrefix {
		return program.Claim{}, fmt.Errorf("%w: worker %.100q is not an address", ErrInvalid, v.job.Worker)
	}
	return program.Claim{ChainID: v.certificate.ChainID, JobID: v.job.Id, Attempt: v.job.Attempt, Worker: worker}, nil
}

// openings are the statements of all drawn positions with their proofs, by circuit.
func (v *verification) openings() (map[string][]verify.Opening, error) {
	claim, err := v.claim()
	if err != nil {
		return nil, err
	}
	if len(v.job.Seed) != 32 {
		return nil, fmt.Errorf("%w: the seed has %d bytes, must have 32", ErrInvalid, len(v.job.Seed))
	}
	trace := challenge.Trace{Claim: claim, Seed: [32]byte(v.job.Seed), Program: v.spec.Program, Samples: v.spec.Samples, Steps: v.job.StepRoots}
	for _, input := range v.spec.Inputs {
		trace.Inputs = append(trace.Inputs, input.Root)
	}
	positions, statements, err := challenge.Statements(trace)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	if len(statements) != len(v.certificate.Proofs) || len(v.job.Circuits) != len(v.spec.Program.Steps) {
		return nil, fmt.Errorf("%w: %d proofs and %d circuits for %d positions and %d steps", ErrInvalid,
			len(v.certificate.Proofs), len(v.job.Circuits), len(statements), len(v.spec.Program.Steps))
	}
	openings := map[string][]verify.Opening{}
	for i := range statements {
		id := v.job.Circuits[positions[i].Step]
		if class, err := statement.ClassFor(statements[i].K); err != nil || v.keys[id].Class != class {
			return nil, fmt.Errorf("%w: position %d has inner dimension %d, its circuit is of class %d", ErrInvalid, i, statements[i].K, v.keys[id].Class)
		}
		openings[id] = append(openings[id], verify.Opening{Statement: &statements[i], Proof: v.certificate.Proofs[i]})
	}
	return openings, nil
}

// decodeGeneration reads the collection's encoding of a number.
func decodeGeneration(raw []byte) (uint64, error) {
	generation, err := collections.Uint64Value.Decode(raw)
	if err != nil {
		return 0, fmt.Errorf("%w: beacon generation: %w", ErrInvalid, err)
	}
	again, err := collections.Uint64Value.Encode(generation)
	if err != nil || !bytes.Equal(raw, again) {
		return 0, fmt.Errorf("%w: beacon generation is not in its canonical encoding", ErrInvalid)
	}
	return generation, nil
}
