package keeper

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/proofs/challenge"
	"github.com/assaychain/assay/x/proofs/full"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
	"github.com/assaychain/assay/x/proofs/types"
)

// fullDecodeUnits is the cost of decoding a proof once more, as Admit does when it arrives: some 20 square roots in G1.
// BenchmarkDecodeProof in x/proofs/full.
const fullDecodeUnits = 400

// Full proves every entry of every step: a sumcheck with KZG commitments a step, under a key that serves all sizes. It does not
// recompute commitments; a delivery is contested by an opening instead.
type Full struct{ keeper *Keeper }

// Full returns the proof system over the KZG key that the network accepts.
func (k *Keeper) Full() *Full { return &Full{keeper: k} }

// CheckRoot refuses what is not the one encoding of a point, for a plain tensor. The root of a weight tensor is a hash, of which
// only a proof shows the points.
func (*Full) CheckRoot(kind program.TensorKind, root []byte) error {
	if len(root) != full.CommitmentSize {
		return types.ErrRoot.Wrapf("%d bytes, want %d", len(root), full.CommitmentSize)
	}
	if kind == program.TENSOR_KIND_WEIGHT {
		return nil
	}
	if _, err := full.DecodeCommitment(full.Commitment(root)); err != nil {
		return types.ErrRoot.Wrap(err.Error())
	}
	return nil
}

// Commits refuses: it takes the points of a reference string, which no chain holds.
func (*Full) Commits(sdk.Context, *tensor.Tensor, []byte) (bool, error) {
	return false, types.ErrRoot.Wrap("the chain can't compute a KZG commitment: ask for an opening")
}

// Fix refuses work whose steps are not all whole int32 results, and names the active KZG key for every step.
func (f *Full) Fix(ctx context.Context, work challenge.Work) ([]string, error) {
	params, err := f.keeper.params.Get(ctx)
	if err != nil {
		return nil, err
	}
	if !params.FullEnabled {
		return nil, types.ErrFullDisabled.Wrap("full_enabled is false")
	}
	shapes, err := challenge.CheckFull(work)
	if err != nil {
		return nil, types.ErrStatement.Wrap(err.Error())
	}
	id, err := f.keeper.active.Get(ctx, types.FullClass)
	if errors.Is(err, collections.ErrNotFound) {
		return nil, types.ErrNoCircuit.Wrapf("no active KZG key (class %d)", types.FullClass)
	}
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(shapes))
	for i := range ids {
		ids[i] = id
	}
	return ids, nil
}

// Bytes is the size of the proofs, one a step.
func (*Full) Bytes(work challenge.Work) (size uint64, err error) {
	shapes, err := challenge.CheckFull(work)
	if err != nil {
		return 0, types.ErrStatement.Wrap(err.Error())
	}
	for _, shape := range shapes {
		size += uint64(full.ProofSize(challenge.FullShape(shape)))
	}
	return size, nil
}

// fullPointsPerMilli is how many points of the string a core handles in a millisecond, all of a proof and the commitment to the
// result included: the table of costs in x/proofs/full's README.
const fullPointsPerMilli = 125

// Effort is in proportion to the largest tensor of each step.
func (*Full) Effort(work challenge.Work) (millis uint64, err error) {
	shapes, err := challenge.CheckFull(work)
	if err != nil {
		return 0, types.ErrStatement.Wrap(err.Error())
	}
	for _, shape := range shapes {
		millis += uint64(challenge.FullShape(shape).Points()) / fullPointsPerMilli
	}
	return millis, nil
}

// Admit charges for the verification and for decoding twice, and then decodes: a proof has the length of its step's shape,
// and one encoding.
func (f *Full) Admit(ctx sdk.Context, trace challenge.Trace, proofs [][]byte) error {
	if err := checkCount(trace, proofs); err != nil {
		return err
	}
	units, err := f.Units(trace)
	if err != nil {
		return err
	}
	ctx.GasMeter().ConsumeGas((units+uint64(len(proofs))*fullDecodeUnits)*GasPerUnit, "proofs: verify every entry")
	statements, err := challenge.FullStatements(trace)
	if err != nil {
		return types.ErrStatement.Wrap(err.Error())
	}
	for i := range statements {
		shape := statements[i].Shape()
		if want := full.ProofSize(shape); len(proofs[i]) != want {
			return types.ErrProofLength.Wrapf("proofs[%d] has %d bytes: it must have %d", i, len(proofs[i]), want)
		}
		if _, err := full.DecodeProof(shape, proofs[i]); err != nil {
			return types.ErrProofEncoding.Wrapf("proofs[%d]: %s", i, err)
		}
	}
	return nil
}

// Units is the sum over the steps.
func (*Full) Units(trace challenge.Trace) (units uint64, err error) {
	shapes, err := challenge.CheckFull(trace.Work)
	if err != nil {
		return 0, types.ErrStatement.Wrap(err.Error())
	}
	for _, shape := range shapes {
		units += full.Units(challenge.FullShape(shape), 1)
	}
	return units, nil
}

// Verify checks the proofs of all steps together, under the key that was fixed at submission. If together they fail, each is
// checked alone, which is added to what the block spent.
func (f *Full) Verify(ctx context.Context, trace challenge.Trace, proofs [][]byte) (bool, error) {
	statements, err := challenge.FullStatements(trace)
	if err != nil {
		return false, types.ErrStatement.Wrap(err.Error())
	}
	if len(proofs) != len(statements) {
		return false, types.ErrStatement.Wrapf("%d proofs of %d statements", len(proofs), len(statements))
	}
	key, err := f.key(ctx, trace)
	if err != nil {
		return false, err
	}
	batch := make([]full.Claimed, len(statements))
	for i := range statements {
		batch[i] = full.Claimed{Statement: statements[i], Proof: proofs[i]}
	}
	valid, err := verdict(full.VerifyBatch(key, batch))
	if err != nil || valid || len(batch) == 1 {
		return valid, err
	}
	units, err := f.Units(trace)
	if err != nil {
		return false, err
	}
	return false, f.keeper.overspend(sdk.UnwrapSDKContext(ctx), units)
}

// verdict tells proofs that are wrong from questions that are.
func verdict(verdicts []error) (bool, error) {
	for i, err := range verdicts {
		switch {
		case err == nil:
		case errors.Is(err, full.ErrProof), errors.Is(err, full.ErrProofEncoding):
			return false, nil
		default:
			return false, types.ErrStatement.Wrapf("statement %d: %s", i, err)
		}
	}
	return true, nil
}

// key is the one that all steps of a job are proven under.
func (f *Full) key(ctx context.Context, trace challenge.Trace) (*full.VerifyingKey, error) {
	if len(trace.Circuits) != len(trace.Program.Steps) || distinct(trace.Circuits) != 1 {
		return nil, types.ErrStatement.Wrapf("circuits are %q: they must be one KZG key for %d steps", trace.Circuits, len(trace.Program.Steps))
	}
	circuit, err := f.keeper.Circuit(ctx, trace.Circuits[0])
	if err != nil {
		return nil, err
	}
	if circuit.System != types.PROOF_SYSTEM_KZG_BN254 {
		return nil, types.ErrStatement.Wrapf("circuit %s is of %s", circuit.Id, circuit.System)
	}
	key, err := f.keeper.fullKeys.get(circuit.VerifyingKey)
	if err != nil {
		return nil, types.ErrKey.Wrapf("circuit %s: %s", circuit.Id, err)
	}
	return key, nil
}

const (
	// fullGasPerValue pays for a value of Evaluate: a multiplication and two additions in the field, some 60 ns.
	fullGasPerValue = 1
	// contestDomain separates the point of a contest from all others.
	contestDomain = "assay/full/contest/v1"
)

// Ask makes the question that decides whether a delivered tensor is the one that was committed to: a point that nobody could
// know before the customer gave its secret away, and the tensor's value there. It charges before it computes.
func (f *Full) Ask(ctx sdk.Context, trace challenge.Trace, secret []byte, sealed [sha256.Size]byte, t *tensor.Tensor) (point, value []byte, err error) {
	ctx.GasMeter().ConsumeGas(uint64(len(t.Int32))*fullGasPerValue, "proofs: evaluate a delivered tensor")
	if t.Type != program.DATA_TYPE_INT32 {
		return nil, nil, types.ErrStatement.Wrapf("a tensor of %s", t.Type)
	}
	z := full.OpeningPoint(contestContext(trace, secret, sealed))
	v, err := full.Evaluate(t.Rows, t.Cols, t.Int32, z)
	if err != nil {
		return nil, nil, types.ErrStatement.Wrap(err.Error())
	}
	return z[:], v[:], nil
}

// contestContext is everything that the point of a contest hangs on. The secret is what the worker could not know when it
// sealed; box and commitment are what it could no longer change.
func contestContext(trace challenge.Trace, secret []byte, sealed [sha256.Size]byte) []byte {
	commitment := trace.Steps[len(trace.Steps)-1]
	claim := sha256.Sum256([]byte(trace.Claim.ChainID))
	b := append([]byte(contestDomain), claim[:]...)
	b = append(b, sdk.Uint64ToBigEndian(trace.Claim.JobID)...)
	b = append(b, sdk.Uint64ToBigEndian(uint64(trace.Claim.Attempt))...)
	b = append(b, secret...)
	b = append(b, sealed[:]...)
	return append(b, commitment...)
}

// Answer tells whether an opening of the result's commitment at a point shows a value. Gas is charged before. An opening that is
// malformed or does not hold is an error, and shows nothing; one that holds shows whether the value is the commitment's.
func (f *Full) Answer(ctx sdk.Context, trace challenge.Trace, point, value, opening []byte) (bool, error) {
	ctx.GasMeter().ConsumeGas(full.OpeningUnits*GasPerUnit, "proofs: check an opening")
	if len(opening) != full.OpeningSize {
		return false, types.ErrProofLength.Wrapf("an opening of %d bytes: it must have %d", len(opening), full.OpeningSize)
	}
	if len(point) != full.ScalarSize || len(value) != full.ScalarSize {
		return false, types.ErrStatement.Wrapf("a point of %d and a value of %d bytes", len(point), len(value))
	}
	key, err := f.key(ctx, trace)
	if err != nil {
		return false, err
	}
	shown, err := full.CheckOpening(key, full.Commitment(trace.Steps[len(trace.Steps)-1]), [full.ScalarSize]byte(point), opening)
	if err != nil {
		return false, types.ErrProofEncoding.Wrap(err.Error())
	}
	return bytes.Equal(shown[:], value), nil
}
