package keeper

import (
	"context"
	"slices"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/proofs/challenge"
	"github.com/assaychain/assay/x/proofs/circuits"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/statement"
	"github.com/assaychain/assay/x/proofs/types"
)

// Sampled proves drawn entries in zero knowledge: a Groth16 proof each, under the circuit of the step's class.
type Sampled struct {
	Merkle
	keeper *Keeper
}

// Sampled returns the proof system over the circuits that the network accepts.
func (k *Keeper) Sampled() *Sampled { return &Sampled{keeper: k} }

// Fix finds the active circuit of every step; a step without one cannot be proven.
func (s *Sampled) Fix(ctx context.Context, work challenge.Work) ([]string, error) {
	shapes, err := treeShapes(work)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(shapes))
	for i, shape := range shapes {
		circuit, err := s.keeper.CircuitFor(ctx, shape.K)
		if err != nil {
			return nil, types.ErrNoCircuit.Wrapf("steps[%d]: %s", i, err)
		}
		ids[i] = circuit.Id
	}
	return ids, nil
}

// Bytes is the size of the proofs.
func (s *Sampled) Bytes(work challenge.Work) (uint64, error) {
	return uint64(work.Samples) * types.ProofSize, nil
}

// Dispute asks about one entry by name.
func (s *Sampled) Dispute(trace challenge.Trace, number uint32, at program.Position) (challenge.Trace, error) {
	return dispute(trace, number, at)
}

// dispute is what levels that prove entries one by one ask of a disputed one.
func dispute(trace challenge.Trace, number uint32, at program.Position) (challenge.Trace, error) {
	narrowed, err := trace.Dispute(number, at)
	if err != nil {
		return challenge.Trace{}, types.ErrStatement.Wrap(err.Error())
	}
	return narrowed, nil
}

// What a proof takes of a core: by its constraints, which is what the wide classes need, and no less than provingMillis, some 490 times
// its verification, by the measurements in BENCHMARKS.md.
const (
	provingMillis       = 700
	constraintsPerMilli = 20
)

// proofMillis is what a proof of so many constraints takes of a core.
func proofMillis(constraints uint64) uint64 {
	return max(provingMillis, (constraints+constraintsPerMilli-1)/constraintsPerMilli)
}

// Effort is that of all proofs, each as if of the job's widest step; the trees take far less.
func (s *Sampled) Effort(work challenge.Work) (uint64, error) {
	shapes, err := treeShapes(work)
	if err != nil {
		return 0, err
	}
	widest := uint32(0)
	for _, shape := range shapes {
		widest = max(widest, shape.K)
	}
	class, err := statement.ClassFor(widest)
	if err != nil {
		return 0, types.ErrNoCircuit.Wrap(err.Error())
	}
	chosen, err := circuits.Of(class)
	if err != nil {
		return 0, types.ErrNoCircuit.Wrap(err.Error())
	}
	return uint64(work.Samples) * proofMillis(uint64(chosen[0].Constraints)), nil
}

// Admit charges for the verification, and then decodes.
func (s *Sampled) Admit(ctx sdk.Context, trace challenge.Trace, proofs [][]byte) error {
	if err := checkCount(trace, proofs); err != nil {
		return err
	}
	s.keeper.Charge(ctx, len(proofs))
	for range distinct(trace.Circuits) - 1 {
		s.keeper.Charge(ctx, 0)
	}
	for i, proof := range proofs {
		if err := s.keeper.CheckProof(proof); err != nil {
			return types.ErrProofEncoding.Wrapf("proofs[%d]: %s", i, err)
		}
	}
	return nil
}

// Units is the cost of one batch for each circuit.
func (s *Sampled) Units(trace challenge.Trace) (uint64, error) {
	units := s.keeper.Units(int(trace.Samples))
	for range distinct(trace.Circuits) - 1 {
		units += s.keeper.Units(0)
	}
	return units, nil
}

// Verify checks the proofs of each circuit as a batch.
func (s *Sampled) Verify(ctx context.Context, trace challenge.Trace, proofs [][]byte) (bool, error) {
	batches, err := batchesOf(trace, proofs)
	if err != nil {
		return false, err
	}
	for _, b := range batches {
		valid, _, err := s.keeper.VerifyBatch(ctx, b.circuit, b.digests, b.proofs)
		if err != nil || !valid {
			return false, err
		}
	}
	return true, nil
}

// batch is what one circuit has to check of a job.
type batch struct {
	circuit         string
	digests, proofs [][]byte
}

// batchesOf rebuilds every statement and groups the digests by circuit, in the order of the positions.
func batchesOf(trace challenge.Trace, proofs [][]byte) ([]batch, error) {
	positions, statements, err := challenge.Statements(trace)
	if err != nil {
		return nil, types.ErrStatement.Wrap(err.Error())
	}
	if len(proofs) != len(statements) || len(trace.Circuits) != len(trace.Steps) {
		return nil, types.ErrStatement.Wrapf("%d proofs of %d statements, %d circuits of %d steps",
			len(proofs), len(statements), len(trace.Circuits), len(trace.Steps))
	}
	var batches []batch
	for i := range statements {
		digest, err := statements[i].Digest()
		if err != nil {
			return nil, types.ErrStatement.Wrapf("statement %d: %s", i, err)
		}
		b := batchOf(&batches, trace.Circuits[positions[i].Step])
		b.digests, b.proofs = append(b.digests, digest[:]), append(b.proofs, proofs[i])
	}
	return batches, nil
}

// batchOf finds the batch of a circuit, of which there are as many as classes, or adds one.
func batchOf(batches *[]batch, circuit string) *batch {
	for i := range *batches {
		if (*batches)[i].circuit == circuit {
			return &(*batches)[i]
		}
	}
	*batches = append(*batches, batch{circuit: circuit})
	return &(*batches)[len(*batches)-1]
}

// distinct is the number of circuits a job may need, each of which is a batch with a cost of its own. There are at most as many
// as steps.
func distinct(circuits []string) int {
	n := 0
	for i, id := range circuits {
		if !slices.Contains(circuits[:i], id) {
			n++
		}
	}
	return n
}

// checkCount refuses anything but one proof a sample.
func checkCount(trace challenge.Trace, proofs [][]byte) error {
	if len(proofs) != int(trace.Samples) {
		return types.ErrProofCount.Wrapf("%d proofs: the job has %d samples", len(proofs), trace.Samples)
	}
	return nil
}
