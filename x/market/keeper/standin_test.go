package keeper_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	sdk "github.com/cosmos/cosmos-sdk/types"

	proofstypes "github.com/assaychain/assay/x/proofs/types"
)

// standIn takes the place of the verifier, so that the state machine can be walked without proving: a proof is a byte of free
// choice and the hash of circuit and digest. Like a real proof it is bound to its statement, and has many encodings.
type standIn struct {
	// verified counts the digests looked at, charged and spent the samples paid and budgeted for.
	verified, charged int
	// perBlock bounds the units of a block; 0 for no bound.
	perBlock, spent uint64
	height          int64
	// broken makes the verifier fail inside.
	broken error
}

const proofSize = 1 + sha256.Size

// prove makes a proof of a digest.
func prove(circuit string, digest []byte, free byte) []byte {
	sum := sha256.Sum256(append([]byte("proof "+circuit), digest...))
	return append([]byte{free}, sum[:]...)
}

func (s *standIn) CircuitFor(_ context.Context, k uint32) (proofstypes.Circuit, error) {
	switch {
	case k <= 256:
		return proofstypes.Circuit{Id: "opening-256"}, nil
	case k <= 1024:
		return proofstypes.Circuit{Id: "opening-1024"}, nil
	default:
		return proofstypes.Circuit{}, proofstypes.ErrNoCircuit.Wrapf("inner dimension %d", k)
	}
}

func (s *standIn) CheckProof(proof []byte) error {
	if len(proof) != proofSize {
		return fmt.Errorf("proof of %d bytes: it must have %d", len(proof), proofSize)
	}
	return nil
}

func (s *standIn) VerifyBatch(_ context.Context, circuit string, digests, proofs [][]byte) (bool, int, error) {
	if s.broken != nil {
		return false, 0, s.broken
	}
	if len(digests) != len(proofs) {
		return false, 0, errors.New("digests and proofs differ in number")
	}
	s.verified += len(digests)
	for i, digest := range digests {
		if string(proofs[i][1:]) != string(prove(circuit, digest, 0)[1:]) {
			return false, i, nil
		}
	}
	return true, 0, nil
}

func (s *standIn) Charge(ctx sdk.Context, samples int) {
	s.charged += samples
	ctx.GasMeter().ConsumeGas(uint64(samples)*1_000, "proofs")
}

func (s *standIn) Units(samples int) uint64 { return uint64(samples) }

func (s *standIn) Spend(ctx context.Context, units uint64) (bool, error) {
	if height := sdk.UnwrapSDKContext(ctx).BlockHeight(); height != s.height {
		s.height, s.spent = height, 0
	}
	if s.perBlock > 0 && s.spent > 0 && s.spent+units > s.perBlock {
		return false, nil
	}
	s.spent += units
	return true, nil
}
