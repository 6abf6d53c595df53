package keeper

import (
	"context"
	"errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/proofs/challenge"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/revealed"
	"github.com/assaychain/assay/x/proofs/statement"
	"github.com/assaychain/assay/x/proofs/tensor"
	"github.com/assaychain/assay/x/proofs/types"
)

// MaxRevealed bounds the openings of one job in bytes: a quarter of what a node's mempool takes for a transaction by default,
// and the work of some 30 ms.
const MaxRevealed = 256 << 10

// Revealed checks drawn entries in the clear: an opening each, of rows and paths that everyone can read. It needs no keys.
type Revealed struct{ Merkle }

// Fix refuses a job whose openings might exceed MaxRevealed, whatever positions are drawn. There is nothing to name.
func (r Revealed) Fix(_ context.Context, work challenge.Work) ([]string, error) {
	size, err := r.Bytes(work)
	if err != nil {
		return nil, err
	}
	if size > MaxRevealed {
		return nil, types.ErrProofCount.Wrapf("%d openings of up to %d bytes each: all of them must fit %d bytes",
			work.Samples, size/uint64(work.Samples), MaxRevealed)
	}
	return nil, nil
}

// Bytes is the size of the openings if all are of the step with the largest.
func (Revealed) Bytes(work challenge.Work) (uint64, error) {
	shapes, err := treeShapes(work)
	if err != nil {
		return 0, err
	}
	largest := 0
	for i, shape := range shapes {
		if _, err := statement.ClassFor(shape.K); err != nil {
			return 0, types.ErrStatement.Wrapf("steps[%d]: %s", i, err)
		}
		largest = max(largest, revealed.Size(shape.K, outputOf(shape)))
	}
	return uint64(work.Samples) * uint64(largest), nil
}

// Effort is nothing: there is only hashing to do.
func (Revealed) Effort(challenge.Work) (uint64, error) { return 0, nil }

func outputOf(shape program.StepShape) tensor.Shape {
	return tensor.Shape{Kind: shape.Output.Kind, Type: shape.Output.Type, Rows: shape.Output.Rows, Cols: shape.Output.Cols}
}

// Dispute asks about one entry by name.
func (Revealed) Dispute(trace challenge.Trace, number uint32, at program.Position) (challenge.Trace, error) {
	return dispute(trace, number, at)
}

// Admit charges for decoding and checking, and then decodes: an opening has the length of its position's step, and one encoding.
func (r Revealed) Admit(ctx sdk.Context, trace challenge.Trace, proofs [][]byte) error {
	if err := checkCount(trace, proofs); err != nil {
		return err
	}
	units, err := r.Units(trace)
	if err != nil {
		return err
	}
	ctx.GasMeter().ConsumeGas(units*GasPerUnit, "proofs: check openings")
	_, statements, err := challenge.Statements(trace)
	if err != nil {
		return types.ErrStatement.Wrap(err.Error())
	}
	for i := range statements {
		if _, err := revealed.Decode(&statements[i], proofs[i]); err != nil {
			return refusal(i, err)
		}
	}
	return nil
}

// refusal is the registered error of a refused encoding.
func refusal(i int, err error) error {
	if errors.Is(err, revealed.ErrLength) {
		return types.ErrProofLength.Wrapf("openings[%d]: %s", i, err)
	}
	return types.ErrProofEncoding.Wrapf("openings[%d]: %s", i, err)
}

// Units is the sum over the positions.
func (Revealed) Units(trace challenge.Trace) (units uint64, err error) {
	_, statements, err := challenge.Statements(trace)
	if err != nil {
		return 0, types.ErrStatement.Wrap(err.Error())
	}
	for i := range statements {
		units += revealed.Units(&statements[i])
	}
	return units, nil
}

// Verify recomputes every entry, up to the first that is wrong.
func (Revealed) Verify(_ context.Context, trace challenge.Trace, proofs [][]byte) (bool, error) {
	_, statements, err := challenge.Statements(trace)
	if err != nil {
		return false, types.ErrStatement.Wrap(err.Error())
	}
	if len(proofs) != len(statements) {
		return false, types.ErrStatement.Wrapf("%d openings of %d statements", len(proofs), len(statements))
	}
	for i := range statements {
		err := revealed.Verify(&statements[i], proofs[i])
		if errors.Is(err, statement.ErrStatement) {
			return false, types.ErrStatement.Wrapf("statement %d: %s", i, err)
		}
		if err != nil {
			return false, nil
		}
	}
	return true, nil
}
