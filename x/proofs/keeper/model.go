package keeper

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/proofs/challenge"
	"github.com/assaychain/assay/x/proofs/circuits"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/types"
)

// Model proves drawn rows of the input through a whole network in zero knowledge: a Groth16 proof each, under the circuit that
// has the network as its constants. Every output of every step in a drawn row is proven.
type Model struct {
	Merkle
	keeper *Keeper
}

// Model returns the proof system over the models that the network accepts.
func (k *Keeper) Model() *Model { return &Model{keeper: k} }

// Fix finds the active circuit of the model that the program and the roots of its weights are, and names it for every step. A
// job of other weights, or of steps in another order, is of another model. More samples than rows can't be drawn.
func (m *Model) Fix(ctx context.Context, work challenge.Work) ([]string, error) {
	if err := work.Program.CheckTrees(); err != nil {
		return nil, types.ErrModel.Wrap(err.Error())
	}
	model, err := program.ModelOf(work.Program, work.Inputs)
	if err != nil {
		return nil, types.ErrModel.Wrap(err.Error())
	}
	circuit, err := m.keeper.CircuitOf(ctx, model)
	if err != nil {
		return nil, err
	}
	result, err := work.Program.Result()
	if err != nil {
		return nil, types.ErrStatement.Wrap(err.Error())
	}
	if work.Samples > result.Rows {
		return nil, types.ErrProofCount.Wrapf("%d samples: the input has %d rows, and each is drawn once at most", work.Samples, result.Rows)
	}
	ids := make([]string, len(work.Program.Steps))
	for i := range ids {
		ids[i] = circuit.Id
	}
	return ids, nil
}

// Pool is the pool that a job of the model must name; 0 when all operators may have it.
func (m *Model) Pool(ctx context.Context, work challenge.Work) (uint64, error) {
	model, err := program.ModelOf(work.Program, work.Inputs)
	if err != nil {
		return 0, types.ErrModel.Wrap(err.Error())
	}
	circuit, err := m.keeper.CircuitOf(ctx, model)
	return circuit.Pool, err
}

// Bytes is the size of the proofs.
func (m *Model) Bytes(work challenge.Work) (uint64, error) {
	return uint64(work.Samples) * types.ProofSize, nil
}

// Positions are the drawn rows: each stands for its whole row.
func (m *Model) Positions(seed [32]byte, work challenge.Work) ([]program.Position, error) {
	return program.RowPositions(seed, work.Program, work.Samples)
}

// Admit charges for the verification, and then decodes.
func (m *Model) Admit(ctx sdk.Context, trace challenge.Trace, proofs [][]byte) error {
	if err := checkCount(trace, proofs); err != nil {
		return err
	}
	m.keeper.Charge(ctx, len(proofs))
	for i, proof := range proofs {
		if err := m.keeper.CheckProof(proof); err != nil {
			return types.ErrProofEncoding.Wrapf("proofs[%d]: %s", i, err)
		}
	}
	return nil
}

// Effort is that of all rows, by an estimate of the constraints of the model's circuit. It needs no roots, and says nothing of whether
// the program is a model: a price is asked before there are any.
func (m *Model) Effort(work challenge.Work) (uint64, error) {
	if err := work.Program.CheckTrees(); err != nil {
		return 0, types.ErrStatement.Wrap(err.Error())
	}
	constraints, err := circuits.ModelConstraints(work.Program)
	if err != nil {
		return 0, types.ErrStatement.Wrap(err.Error())
	}
	return uint64(work.Samples) * proofMillis(constraints), nil
}

// Units is the cost of one batch.
func (m *Model) Units(trace challenge.Trace) (uint64, error) {
	return m.keeper.Units(int(trace.Samples)), nil
}

// Verify checks all proofs as one batch under the model's circuit.
func (m *Model) Verify(ctx context.Context, trace challenge.Trace, proofs [][]byte) (bool, error) {
	_, statements, err := challenge.Rows(trace)
	if err != nil {
		return false, types.ErrStatement.Wrap(err.Error())
	}
	if len(proofs) != len(statements) || len(trace.Circuits) != len(trace.Steps) {
		return false, types.ErrStatement.Wrapf("%d proofs of %d statements, %d circuits of %d steps",
			len(proofs), len(statements), len(trace.Circuits), len(trace.Steps))
	}
	digests := make([][]byte, len(statements))
	for i := range statements {
		digest, err := statements[i].Digest()
		if err != nil {
			return false, types.ErrStatement.Wrapf("statement %d: %s", i, err)
		}
		digests[i] = digest[:]
	}
	valid, _, err := m.keeper.VerifyBatch(ctx, trace.Circuits[0], digests, proofs)
	return valid, err
}
