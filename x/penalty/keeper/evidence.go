package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/accounts"
	"github.com/assaychain/assay/x/penalty/sentence"
	"github.com/assaychain/assay/x/penalty/statement"
	"github.com/assaychain/assay/x/penalty/types"
)

// SignatureGas is charged before each signature of evidence is checked, from BenchmarkSignatureGas: as much as the SDK
// charges for a transaction's secp256k1 signature, which is the same work.
const SignatureGas = 1_000

// keyType is the only type of account key that signs statements.
const keyType = "secp256k1"

// SubmitEquivocation punishes an operator that signed two different statements about the same subject and slot on this
// chain. It is done once for a subject and slot. Evidence against who has nothing to lose is refused, so that nobody fills
// the state with records of strangers.
func (k *Keeper) SubmitEquivocation(ctx context.Context, reporter sdk.AccAddress, e *types.Equivocation) (types.Record, error) {
	if err := e.Validate(); err != nil {
		return types.Record{}, err
	}
	op, err := accounts.Decode(e.Operator)
	if err != nil {
		return types.Record{}, err
	}
	if err := k.checkSlot(ctx, e.Slot); err != nil {
		return types.Record{}, err
	}
	mark := e.Mark(op)
	taken, err := k.evidence.Has(ctx, collections.Join(mark.Slot, mark.Statement))
	if err != nil {
		return types.Record{}, err
	}
	if taken {
		return types.Record{}, types.ErrRepeated.Wrapf("operator %s was punished for subject %s, slot %d", op, e.Subject, e.Slot)
	}
	if err := k.checkSignatures(ctx, op, e); err != nil {
		return types.Record{}, err
	}
	if err := k.evidence.Set(ctx, collections.Join(mark.Slot, mark.Statement)); err != nil {
		return types.Record{}, err
	}
	record, err := k.Punish(ctx, types.Punishment{Operator: op, Offence: types.OFFENCE_EQUIVOCATION, Subject: e.About(), Reporter: reporter})
	if err != nil {
		return types.Record{}, err
	}
	if record.Slashed.IsZero() {
		return types.Record{}, types.ErrEvidence.Wrapf("operator %s has nothing to slash", op)
	}
	return record, emit(ctx, &types.EventEvidenceTaken{Reporter: reporter.String(), RecordId: record.Id, Mark: mark})
}

// checkSlot refuses evidence about what is too long ago, or still to come.
func (k *Keeper) checkSlot(ctx context.Context, slot uint64) error {
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	pruned, err := k.floor(ctx)
	if err != nil {
		return err
	}
	if floor := max(pruned, sentence.Floor(now(ctx), params.EvidenceSeconds)); slot <= floor {
		return types.ErrExpired.Wrapf("slot %d: evidence is taken about slots after %d", slot, floor)
	}
	if present := now(ctx).Unix(); slot > uint64(max(present, 0)) {
		return types.ErrEvidence.Wrapf("slot %d is still to come, block time is %d", slot, present)
	}
	return nil
}

// floor is the highest slot whose marks were pruned.
func (k *Keeper) floor(ctx context.Context) (uint64, error) {
	floor, err := k.evidenceFloor.Get(ctx)
	if errors.Is(err, collections.ErrNotFound) {
		return 0, nil
	}
	return floor, err
}

// checkSignatures charges for both signatures and checks them with op's account key, over bytes rebuilt for this chain.
func (k *Keeper) checkSignatures(ctx context.Context, op sdk.AccAddress, e *types.Equivocation) error {
	key, err := k.ports.Accounts.GetPubKey(ctx, op)
	if err != nil {
		return types.ErrEvidence.Wrapf("key of operator %s: %v", op, err)
	}
	if key == nil || key.Type() != keyType {
		return types.ErrEvidence.Wrapf("operator %s has no %s key on this chain", op, keyType)
	}
	sdkCtx := sdk.UnwrapSDKContext(ctx)
	for _, said := range []types.SignedDigest{e.First, e.Second} {
		sdkCtx.GasMeter().ConsumeGas(SignatureGas, "signature of evidence")
		if err := statement.Verify(key.Bytes(), e.Statement(sdkCtx.ChainID(), op, said), said.Signature); err != nil {
			return types.ErrEvidence.Wrapf("statement %X of operator %s: %v", said.Digest, op, err)
		}
	}
	return nil
}
