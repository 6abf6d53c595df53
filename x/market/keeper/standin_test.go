package keeper_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/challenge"
	proofskeeper "github.com/assaychain/assay/x/proofs/keeper"
	"github.com/assaychain/assay/x/proofs/tensor"
	proofstypes "github.com/assaychain/assay/x/proofs/types"
)

// standIn takes the place of a proof system, so that the state machine can be walked without proving: a proof is a byte of free
// choice and the hash of circuit and digest. Like a real proof it is bound to its statement, and has many encodings.
type standIn struct {
	proofskeeper.Merkle
	// verified counts the digests looked at, charged and spent the samples paid and budgeted for.
	verified, charged int
	// perBlock bounds the units of a block; 0 for no bound.
	perBlock, spent uint64
	height          int64
	// broken makes the verifier fail inside.
	broken error
	// together lists how many jobs each batch had; undecided is how many of its last ones it leaves for the next block.
	together  []int
	undecided int
	// restricted is the pool whose operators alone may have jobs of the system that asks in contests.
	restricted uint64
}

const proofSize = 1 + sha256.Size

// prove makes a proof of a digest.
func prove(circuit string, digest []byte, free byte) []byte {
	sum := sha256.Sum256(append([]byte("proof "+circuit), digest...))
	return append([]byte{free}, sum[:]...)
}

// systemsOf is a registry in which one system proves the default level, many jobs together, another one the level revealed, and a
// third one, which asks in contests, the level full.
func systemsOf(t require.TestingT, many, single, asking types.ProofSystem) *types.ProofSystems {
	systems := &types.ProofSystems{}
	require.NoError(t, systems.Register(types.ASSURANCE_SAMPLED, many))
	require.NoError(t, systems.Register(types.ASSURANCE_REVEALED, single))
	require.NoError(t, systems.Register(types.ASSURANCE_FULL, asking))
	require.NoError(t, systems.Seal())
	return systems
}

// Fix names the circuit of every step by its class.
func (s *standIn) Fix(_ context.Context, work challenge.Work) ([]string, error) {
	shapes, err := work.Program.Shapes()
	if err != nil {
		return nil, err
	}
	circuits := make([]string, len(shapes))
	for i, shape := range shapes {
		switch {
		case shape.K <= 256:
			circuits[i] = "opening-256"
		case shape.K <= 1024:
			circuits[i] = "opening-1024"
		default:
			return nil, proofstypes.ErrNoCircuit.Wrapf("inner dimension %d", shape.K)
		}
	}
	return circuits, nil
}

// Bytes are those of the proofs.
func (s *standIn) Bytes(work challenge.Work) (uint64, error) {
	return uint64(work.Samples) * proofSize, nil
}

// Effort is a millisecond a proof.
func (s *standIn) Effort(work challenge.Work) (uint64, error) { return uint64(work.Samples), nil }

// Admit charges a thousand gas a sample.
func (s *standIn) Admit(ctx sdk.Context, trace challenge.Trace, proofs [][]byte) error {
	if len(proofs) != int(trace.Samples) {
		return fmt.Errorf("%d proofs of %d samples", len(proofs), trace.Samples)
	}
	s.charged += len(proofs)
	ctx.GasMeter().ConsumeGas(uint64(len(proofs))*1_000, "proofs")
	for _, proof := range proofs {
		if len(proof) != proofSize {
			return fmt.Errorf("proof of %d bytes: it must have %d", len(proof), proofSize)
		}
	}
	return nil
}

// Units are the samples.
func (s *standIn) Units(trace challenge.Trace) (uint64, error) { return uint64(trace.Samples), nil }

// Verify compares the hashes.
func (s *standIn) Verify(_ context.Context, trace challenge.Trace, proofs [][]byte) (bool, error) {
	if s.broken != nil {
		return false, s.broken
	}
	positions, statements, err := challenge.Statements(trace)
	if err != nil {
		return false, err
	}
	for i := range statements {
		digest, err := statements[i].Digest()
		if err != nil {
			return false, err
		}
		s.verified++
		if string(proofs[i][1:]) != string(prove(trace.Circuits[positions[i].Step], digest[:], 0)[1:]) {
			return false, nil
		}
	}
	return true, nil
}

// MoreUnits are the samples: jobs share nothing.
func (s *standIn) MoreUnits(trace challenge.Trace, _ []string) (uint64, error) { return s.Units(trace) }

// VerifyMany asks Verify about each job, but for the last ones.
func (s *standIn) VerifyMany(ctx context.Context, questions []challenge.Question) ([]challenge.Verdict, error) {
	s.together = append(s.together, len(questions))
	verdicts := make([]challenge.Verdict, len(questions))
	for i, q := range questions[:max(1, len(questions)-s.undecided)] {
		valid, err := s.Verify(ctx, q.Trace, q.Proofs)
		verdicts[i] = challenge.Verdict{Decided: err == nil, Valid: valid, Err: err}
	}
	return verdicts, nil
}

// Left is the rest of the budget.
func (s *standIn) Left(ctx context.Context) (uint64, error) {
	if s.perBlock == 0 {
		return math.MaxUint64, nil
	}
	if sdk.UnwrapSDKContext(ctx).BlockHeight() != s.height {
		return s.perBlock, nil
	}
	return s.perBlock - min(s.spent, s.perBlock), nil
}

// Spend keeps a budget of its own.
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

// asking is a stand-in that can't commit to a tensor: the value of a result at every point is its hash, and an opening is that. It
// proves every entry beforehand: nothing of it can be disputed, and a box has no local faults.
type asking struct{ types.ProofSystem }

var _ types.Contests = asking{}

// Commits fails.
func (asking) Commits(sdk.Context, *tensor.Tensor, []byte) (bool, error) {
	return false, errors.New("it can't commit to a tensor")
}

// Ask draws a point from the secret, the box and the root.
func (asking) Ask(ctx sdk.Context, trace challenge.Trace, secret []byte, sealed [32]byte, result *tensor.Tensor) (point, value []byte, err error) {
	ctx.GasMeter().ConsumeGas(1_000, "ask")
	drawn := sha256.Sum256(append(append(append([]byte("point"), secret...), sealed[:]...), trace.Steps[len(trace.Steps)-1]...))
	return drawn[:], openingOf(tensor.EncodeBlob(result)), nil
}

// Answer compares hashes.
func (asking) Answer(ctx sdk.Context, _ challenge.Trace, _, value, opening []byte) (bool, error) {
	ctx.GasMeter().ConsumeGas(1_000, "answer")
	if len(opening) != sha256.Size {
		return false, fmt.Errorf("an opening of %d bytes: it must have %d", len(opening), sha256.Size)
	}
	return bytes.Equal(value, opening), nil
}

// openingOf is what a blob opens to.
func openingOf(blob []byte) []byte {
	sum := sha256.Sum256(blob)
	return sum[:]
}
