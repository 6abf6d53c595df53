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

// Full proves every entry of every step: a sumcheck with KZG commitments a step, and look-ups where it requantises, under a key that
// serves all sizes. The steps of a job are one chain. It does not recompute commitments; a delivery is contested by an opening
// instead.
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

// Fix refuses work that can't be proven (challenge.FullChain), and names the active KZG key for every step.
func (f *Full) Fix(ctx context.Context, work challenge.Work) ([]string, error) {
	params, err := f.keeper.params.Get(ctx)
	if err != nil {
		return nil, err
	}
	if !params.FullEnabled {
		return nil, types.ErrFullDisabled.Wrap("full_enabled is false")
	}
	chain, err := fullChain(work)
	if err != nil {
		return nil, err
	}
	id, err := f.keeper.active.Get(ctx, types.FullClass)
	if errors.Is(err, collections.ErrNotFound) {
		return nil, types.ErrNoCircuit.Wrapf("no active KZG key (class %d)", types.FullClass)
	}
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(chain.Links))
	for i := range ids {
		ids[i] = id
	}
	return ids, nil
}

// fullChain is challenge.FullChain with an error of this module.
func fullChain(work challenge.Work) (full.Chain, error) {
	chain, err := challenge.FullChain(work)
	if err != nil {
		return chain, types.ErrStatement.Wrap(err.Error())
	}
	return chain, nil
}

// Bytes is the size of the proofs, one a step.
func (*Full) Bytes(work challenge.Work) (uint64, error) {
	chain, err := fullChain(work)
	return uint64(full.ChainProofSize(chain)), err
}

// Effort is in proportion to the largest tensor of each step, and to the outputs that are requantised.
func (*Full) Effort(work challenge.Work) (uint64, error) {
	chain, err := fullChain(work)
	return full.ChainEffort(chain), err
}

// Admit charges for the verification and for decoding twice, and then decodes: a proof has the length that its step's shape and
// shift give it, and one encoding.
func (f *Full) Admit(ctx sdk.Context, trace challenge.Trace, proofs [][]byte) error {
	if err := checkCount(trace, proofs); err != nil {
		return err
	}
	chain, err := fullChain(trace.Work)
	if err != nil {
		return err
	}
	ctx.GasMeter().ConsumeGas((full.ChainUnits(chain)+full.ChainDecodeUnits(chain))*GasPerUnit, "proofs: verify every entry")
	if _, err := full.JoinChainProofs(chain, proofs); err != nil {
		return types.ErrProofLength.Wrap(err.Error())
	}
	if err := full.DecodeChainProofs(chain, proofs); err != nil {
		return types.ErrProofEncoding.Wrap(err.Error())
	}
	return nil
}

// Units is the sum over the steps.
func (*Full) Units(trace challenge.Trace) (uint64, error) {
	chain, err := fullChain(trace.Work)
	return full.ChainUnits(chain), err
}

// Verify checks the proofs of all steps together, under the key that was fixed at submission. A wrong one costs no more than right
// ones: nobody asks which it is.
func (f *Full) Verify(ctx context.Context, trace challenge.Trace, proofs [][]byte) (bool, error) {
	chain, err := challenge.FullStatement(trace)
	if err != nil {
		return false, types.ErrStatement.Wrap(err.Error())
	}
	joined, err := full.JoinChainProofs(chain, proofs)
	if err != nil {
		return false, types.ErrStatement.Wrap(err.Error())
	}
	key, err := f.key(ctx, trace)
	if err != nil {
		return false, err
	}
	err = full.VerifyChain(key, chain, joined)
	if errors.Is(err, full.ErrProof) || errors.Is(err, full.ErrProofEncoding) {
		return false, nil
	}
	if err != nil {
		return false, types.ErrStatement.Wrap(err.Error())
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
	ctx.GasMeter().ConsumeGas(uint64(len(t.Int8)+len(t.Int32))*fullGasPerValue, "proofs: evaluate a delivered tensor")
	z := full.OpeningPoint(contestContext(trace, secret, sealed))
	v, err := evaluate(t, z)
	if err != nil {
		return nil, nil, types.ErrStatement.Wrap(err.Error())
	}
	return z[:], v[:], nil
}

// evaluate is the value of a result of either type at a point.
func evaluate(t *tensor.Tensor, at [full.ScalarSize]byte) ([full.ScalarSize]byte, error) {
	if t.Type == program.DATA_TYPE_INT8 {
		return full.Evaluate(t.Rows, t.Cols, t.Int8, at)
	}
	return full.Evaluate(t.Rows, t.Cols, t.Int32, at)
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
