package keeper

import (
	"context"
	"errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/proofs/internal/groth16"
	"github.com/assaychain/assay/x/proofs/types"
)

// CheckProof refuses a proof that has the wrong length or is not the canonical encoding of points. It says nothing about
// whether the proof proves anything.
func (k *Keeper) CheckProof(proof []byte) error {
	_, err := groth16.DecodeProof(proof)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, groth16.ErrProofLength):
		return types.ErrProofLength.Wrapf("%d bytes: it must have %d", len(proof), types.ProofSize)
	default:
		return types.ErrProofEncoding.Wrap(err.Error())
	}
}

// VerifyBatch verifies proofs of one circuit together. Digests are the public inputs the chain computed, one for each
// proof. The batch is valid when all are; else firstBad is the place of the first that is malformed, or if none is, of the
// first that proves nothing, whose search is added to what the block spent. An error means that the question was wrong: an
// unknown circuit, numbers that differ, a digest that is no field element. A bad proof is no error.
func (k *Keeper) VerifyBatch(ctx context.Context, circuitID string, digests, proofs [][]byte) (valid bool, firstBad int, err error) {
	claims, err := claimsOf(digests, proofs)
	if err != nil {
		return false, 0, err
	}
	key, err := k.keyOf(ctx, circuitID)
	if err != nil {
		return false, 0, err
	}
	place, verdict := key.FirstInvalid(claims)
	switch {
	case verdict == nil:
		return true, 0, nil
	case errors.Is(verdict, groth16.ErrDigest):
		return false, place, types.ErrStatement.Wrapf("digest %d: %s", place, verdict)
	case errors.Is(verdict, groth16.ErrProofInvalid):
		return false, place, k.overspend(sdk.UnwrapSDKContext(ctx), SearchUnits(len(proofs)))
	default:
		return false, place, nil
	}
}

// keyOf is the parsed verifying key of a circuit, active or retired.
func (k *Keeper) keyOf(ctx context.Context, circuitID string) (*groth16.VerifyingKey, error) {
	circuit, err := k.Circuit(ctx, circuitID)
	if err != nil {
		return nil, err
	}
	key, err := k.keys.get(circuit.VerifyingKey)
	if err != nil {
		return nil, types.ErrKey.Wrapf("circuit %s: %s", circuitID, err)
	}
	return key, nil
}

func claimsOf(digests, proofs [][]byte) ([]groth16.Claim, error) {
	if len(digests) != len(proofs) || len(proofs) == 0 {
		return nil, types.ErrStatement.Wrapf("%d digests for %d proofs: give one for each, at least one", len(digests), len(proofs))
	}
	claims := make([]groth16.Claim, len(proofs))
	for i, digest := range digests {
		if len(digest) != types.DigestSize {
			return nil, types.ErrStatement.Wrapf("digest %d has %d bytes: it must have %d", i, len(digest), types.DigestSize)
		}
		claims[i].Proof = proofs[i]
		copy(claims[i].Digest[:], digest)
	}
	return claims, nil
}
