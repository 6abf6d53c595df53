package challenge

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"github.com/assaychain/assay/x/proofs/full"
	"github.com/assaychain/assay/x/proofs/program"
)

// fullDomain separates the digest of a full statement from every other hash of the chain.
const fullDomain = "assay/full/statement/v2"

// FullChain is a program as x/proofs/full proves it, a link for each step, without commitments and digest: enough for its
// proofs' lengths and cost. It refuses work that the level full doesn't prove: an int32 output with an activation, or a number of
// samples other than the number of steps, since every step takes one proof and no entry is left to be drawn.
func FullChain(work Work) (full.Chain, error) {
	shapes, err := work.Program.Shapes()
	if err != nil {
		return full.Chain{}, err
	}
	var chain full.Chain
	numbers := make([]int, len(work.Program.Inputs))
	for i, input := range work.Program.Inputs {
		if input.Kind == program.TENSOR_KIND_PLAIN {
			numbers[i] = len(chain.Inputs)
			chain.Inputs = append(chain.Inputs, full.Input{Rows: input.Rows, Cols: input.Cols})
		}
	}
	for i, shape := range shapes {
		link, err := fullLink(work.Program.Steps[i], shape)
		if err != nil {
			return full.Chain{}, fmt.Errorf("steps[%d]%w", i, err)
		}
		if link.Operand = len(chain.Inputs) + shape.Input.Index; !shape.Input.Step {
			link.Operand = numbers[shape.Input.Index]
		}
		chain.Links = append(chain.Links, link)
	}
	if int(work.Samples) != len(shapes) {
		return full.Chain{}, fmt.Errorf("samples is %d: it must be %d, one proof for every step", work.Samples, len(shapes))
	}
	return chain, chain.Validate()
}

// fullLink is a step without its operand.
func fullLink(step program.DenseStep, shape program.StepShape) (full.Link, error) {
	link := full.Link{N: shape.N, Shift: step.Shift, Relu: step.Activation == program.ACTIVATION_RELU, Int32: step.OutputType == program.DATA_TYPE_INT32}
	if link.Int32 && link.Relu {
		return link, fmt.Errorf(".activation is %s: it must be %s where output_type is %s, since no other is proven of sums",
			step.Activation, program.ACTIVATION_IDENTITY, step.OutputType)
	}
	if err := (full.Shape{M: shape.M, N: shape.N, K: shape.K}).Validate(); err != nil {
		return link, fmt.Errorf(": %w", err)
	}
	return link, nil
}

// FullStatement is what the proofs of a trace show, link by link: that every entry of every step's output is what the step makes
// of its operand, which is an input or an earlier step's output under the very commitment that the worker gave it.
func FullStatement(t Trace) (full.Chain, error) {
	chain, err := FullChain(t.Work)
	if err != nil {
		return chain, err
	}
	if err := t.check(); err != nil {
		return chain, err
	}
	if chain.Digest, err = t.fullDigest(); err != nil {
		return chain, err
	}
	shapes, err := t.Program.Shapes()
	if err != nil {
		return chain, err
	}
	number := 0
	for i, input := range t.Program.Inputs {
		if input.Kind == program.TENSOR_KIND_PLAIN {
			chain.Inputs[number].Commitment = t.root(program.Ref{Index: i})
			number++
		}
	}
	for i := range chain.Links {
		chain.Links[i].Weights = t.root(program.Ref{Index: shapes[i].Weight})
		chain.Links[i].Output = t.root(program.Ref{Step: true, Index: i})
	}
	return chain, nil
}

// fullDigest names everything that a job's proofs are for; each step's proof adds the step's number (full.LinkDigest). With u32
// and u64 big endian and byte strings prefixed by their length as u32:
//
//	SHA-256("assay/full/statement/v2" ‖ chain id ‖ job u64 ‖ attempt u32 ‖ worker ‖ seed ‖ SHA-256(program))
func (t Trace) fullDigest() ([sha256.Size]byte, error) {
	encoded, err := t.Program.Encode()
	if err != nil {
		return [sha256.Size]byte{}, err
	}
	hashed := sha256.Sum256(encoded)
	b := []byte(fullDomain)
	b = binary.BigEndian.AppendUint32(b, uint32(len(t.Claim.ChainID)))
	b = append(b, t.Claim.ChainID...)
	b = binary.BigEndian.AppendUint64(b, t.Claim.JobID)
	b = binary.BigEndian.AppendUint32(b, t.Claim.Attempt)
	b = binary.BigEndian.AppendUint32(b, uint32(len(t.Claim.Worker)))
	b = append(b, t.Claim.Worker...)
	b = append(b, t.Seed[:]...)
	return sha256.Sum256(append(b, hashed[:]...)), nil
}
