package challenge

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"github.com/assaychain/assay/x/proofs/full"
	"github.com/assaychain/assay/x/proofs/program"
)

// fullDomain separates the digest of a full statement from every other hash of the chain.
const fullDomain = "assay/full/statement/v1"

// CheckFull refuses work that the level full doesn't prove: a step whose output is not the whole int32 result, or a number of
// samples other than the number of steps, since every step takes one proof and no entry is left to be drawn.
func CheckFull(work Work) ([]program.StepShape, error) {
	shapes, err := work.Program.Shapes()
	if err != nil {
		return nil, err
	}
	for i, step := range work.Program.Steps {
		if step.OutputType != program.DATA_TYPE_INT32 {
			return nil, fmt.Errorf("steps[%d].output_type is %s: it must be %s, since requantisation is not proven", i, step.OutputType, program.DATA_TYPE_INT32)
		}
		if step.Activation != program.ACTIVATION_IDENTITY {
			return nil, fmt.Errorf("steps[%d].activation is %s: it must be %s, since no other is proven", i, step.Activation, program.ACTIVATION_IDENTITY)
		}
		if err := FullShape(shapes[i]).Validate(); err != nil {
			return nil, fmt.Errorf("steps[%d]: %w", i, err)
		}
	}
	if int(work.Samples) != len(shapes) {
		return nil, fmt.Errorf("samples is %d: it must be %d, one proof for every step", work.Samples, len(shapes))
	}
	return shapes, nil
}

// FullShape is that of a step's product.
func FullShape(shape program.StepShape) full.Shape {
	return full.Shape{M: shape.M, N: shape.N, K: shape.K}
}

// FullStatements are one for each step, in their order: that every entry of its output is right.
func FullStatements(t Trace) ([]full.Statement, error) {
	shapes, err := CheckFull(t.Work)
	if err != nil {
		return nil, err
	}
	if err := t.check(); err != nil {
		return nil, err
	}
	encoded, err := t.Program.Encode()
	if err != nil {
		return nil, err
	}
	statements := make([]full.Statement, len(shapes))
	for i, shape := range shapes {
		statements[i] = full.Statement{
			Digest: t.fullDigest(sha256.Sum256(encoded), uint32(i)), N: shape.N, K: shape.K,
			Weights: t.root(program.Ref{Index: shape.Weight}),
			Products: []full.Product{{
				M: shape.M, X: full.Commitment(t.root(shape.Input)), Y: full.Commitment(t.root(program.Ref{Step: true, Index: i})),
			}},
		}
	}
	return statements, nil
}

// fullDigest names everything that a step's proof is for. With u32 and u64 big endian and byte strings prefixed by their
// length as u32:
//
//	SHA-256("assay/full/statement/v1" ‖ chain id ‖ job u64 ‖ attempt u32 ‖ worker ‖ seed ‖ SHA-256(program) ‖ step u32)
func (t Trace) fullDigest(encoded [sha256.Size]byte, step uint32) [sha256.Size]byte {
	b := []byte(fullDomain)
	b = binary.BigEndian.AppendUint32(b, uint32(len(t.Claim.ChainID)))
	b = append(b, t.Claim.ChainID...)
	b = binary.BigEndian.AppendUint64(b, t.Claim.JobID)
	b = binary.BigEndian.AppendUint32(b, t.Claim.Attempt)
	b = binary.BigEndian.AppendUint32(b, uint32(len(t.Claim.Worker)))
	b = append(b, t.Claim.Worker...)
	b = append(b, t.Seed[:]...)
	b = append(b, encoded[:]...)
	return sha256.Sum256(binary.BigEndian.AppendUint32(b, step))
}
