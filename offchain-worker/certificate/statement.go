package certificate

import (
	"bytes"
	"fmt"

	"cosmossdk.io/collections"

	"github.com/cosmos/cosmos-sdk/types/bech32"

	"github.com/assaychain/assay/x/proofs/challenge"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/statement"
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

// trace is what the chain asked about.
func (v *verification) trace() (challenge.Trace, error) {
	claim, err := v.claim()
	if err != nil {
		return challenge.Trace{}, err
	}
	if len(v.job.Seed) != 32 {
		return challenge.Trace{}, fmt.Errorf("%w: the seed has %d bytes, must have 32", ErrInvalid, len(v.job.Seed))
	}
	trace := challenge.Trace{
		Work:  challenge.Work{Program: v.spec.Program, Samples: v.spec.Samples},
		Claim: claim, Seed: [32]byte(v.job.Seed), Circuits: v.job.Circuits, Steps: v.job.StepRoots,
	}
	for _, input := range v.spec.Inputs {
		trace.Inputs = append(trace.Inputs, input.Root)
	}
	return trace, nil
}

// statements are what the proofs must show, one each.
func (v *verification) statements() ([]program.Position, []statement.Statement, error) {
	trace, err := v.trace()
	if err != nil {
		return nil, nil, err
	}
	positions, statements, err := challenge.Statements(trace)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	if len(statements) != len(v.certificate.Proofs) {
		return nil, nil, fmt.Errorf("%w: %d proofs for %d positions", ErrInvalid, len(v.certificate.Proofs), len(statements))
	}
	return positions, statements, nil
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
