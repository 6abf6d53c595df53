package adversary

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/testutil/actors"
	markettypes "github.com/assaychain/assay/x/market/types"
	penaltytypes "github.com/assaychain/assay/x/penalty/types"
	"github.com/assaychain/assay/x/proofs/challenge"
	"github.com/assaychain/assay/x/proofs/circuits/opening"
)

// A wrong entry at a sampled position can't be proven, and the proof of what it should have been is refused.
func TestWrongEntryAtASampledPosition(t *testing.T) {
	n, customer := start(t, 2)
	id := customer.Submit(actors.Small(t, 1), 2)
	cheat := n.Worker(id)
	honest := cheat.Trace(id)
	wrong := honest.Corrupt(t)
	n.MustDeliver(cheat.Account, cheat.CommitMsg(id, wrong))
	n.Sample(id)

	positions, statements, err := challenge.Statements(n.Challenge(id, wrong.Roots()))
	require.NoError(t, err)
	require.ErrorIs(t, n.TryToProve(wrong.Tasks(t, positions, statements)), opening.ErrOpenings)

	proofs := n.Proofs(n.Challenge(id, honest.Roots()), honest)
	n.Refused(markettypes.ErrCommitmentMismatch, cheat.Account, cheat.Answer(id, honest.Roots(), proofs))
	n.RequireState(id, markettypes.JOB_STATE_SAMPLED)
	n.MustDeliver(cheat.Account, cheat.Answer(id, wrong.Roots(), proofs))
	requireFailure(t, n, id, markettypes.FAILURE_REASON_PROOF_INVALID)
	requirePunished(t, n, cheat, penaltytypes.OFFENCE_WRONG_RESULT, actors.DefaultBond/10)
	finish(t, n, id, cheat)
}

// One bad proof among good ones is enough.
func TestOneWrongProofOfSeveral(t *testing.T) {
	n, customer := start(t, 2)
	id := customer.Submit(actors.Small(t, 1), 2)
	cheat := n.Worker(id)
	cheat.Commit(id)
	n.Sample(id)
	answer := cheat.ProveMsg(id, cheat.Trace(id))
	answer.Proofs[1] = answer.Proofs[0]
	n.MustDeliver(cheat.Account, answer)
	requireFailure(t, n, id, markettypes.FAILURE_REASON_PROOF_INVALID)
	requirePunished(t, n, cheat, penaltytypes.OFFENCE_WRONG_RESULT, actors.DefaultBond/10)
	finish(t, n, id, cheat)
}

func TestNoProof(t *testing.T) {
	n, customer := start(t, 2)
	id := customer.Submit(actors.Small(t, 1), 1)
	cheat := n.Worker(id)
	cheat.Commit(id)
	n.Sample(id)
	n.Pass(3)
	requireFailure(t, n, id, markettypes.FAILURE_REASON_PROOF_LATE)
	requirePunished(t, n, cheat, penaltytypes.OFFENCE_MISSING_PROOF, actors.DefaultBond/20)
	finish(t, n, id, cheat)
}

func TestLateProof(t *testing.T) {
	n, customer := start(t, 2)
	id := customer.Submit(actors.Small(t, 1), 1)
	late := n.Worker(id)
	late.Commit(id)
	n.Sample(id)
	answer := late.ProveMsg(id, late.Trace(id))
	n.Pass(2)
	n.RequireState(id, markettypes.JOB_STATE_SAMPLED)
	n.Queue(late.Account, answer)
	n.RequireReason(markettypes.ErrLate, n.BlockAfter(minute)[0])
	requireFailure(t, n, id, markettypes.FAILURE_REASON_PROOF_LATE)
	requirePunished(t, n, late, penaltytypes.OFFENCE_MISSING_PROOF, actors.DefaultBond/20)
	n.Refused(markettypes.ErrNotWorker, late.Account, answer)
	finish(t, n, id, late)
}

func TestNoCommit(t *testing.T) {
	n, customer := start(t, 2)
	id := customer.Submit(actors.Small(t, 1), 1)
	idle := n.Worker(id)
	n.Pass(3)
	requireFailure(t, n, id, markettypes.FAILURE_REASON_COMMIT_LATE)
	requirePunished(t, n, idle, penaltytypes.OFFENCE_MISSED_COMMIT, actors.DefaultBond/100)
	finish(t, n, id, idle)
}

func TestLateCommit(t *testing.T) {
	n, customer := start(t, 2)
	id := customer.Submit(actors.Small(t, 1), 1)
	late := n.Worker(id)
	commit := late.CommitMsg(id, late.Trace(id))
	n.Pass(2)
	n.RequireState(id, markettypes.JOB_STATE_ASSIGNED)
	n.Queue(late.Account, commit)
	n.RequireReason(markettypes.ErrLate, n.BlockAfter(minute)[0])
	requirePunished(t, n, late, penaltytypes.OFFENCE_MISSED_COMMIT, actors.DefaultBond/100)
	finish(t, n, id, late)
}

// The block of the deadline itself is in time.
func TestProofInTheBlockOfTheDeadline(t *testing.T) {
	n, customer := start(t, 1)
	id := customer.Submit(actors.Small(t, 1), 1)
	worker := n.Worker(id)
	worker.Commit(id)
	n.Sample(id)
	now, err := n.App().Market.Now(n.Context())
	require.NoError(t, err)
	left := n.Job(id).Due - now
	answer := n.Sign(worker.Account, worker.ProveMsg(id, worker.Trace(id)))
	// In quarters, since a gap of more than a minute does not count in full.
	for range 3 {
		n.BlockAfter(milliseconds(left / 4))
	}
	n.BlockAfter(milliseconds(left-3*(left/4)), answer)
	n.RequireState(id, markettypes.JOB_STATE_PROVEN)
	require.Empty(t, n.Audit.Punishments)
}
