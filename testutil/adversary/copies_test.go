package adversary

import (
	"crypto/rand"
	"testing"
	"time"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/testutil/actors"
	markettypes "github.com/assaychain/assay/x/market/types"
	penaltytypes "github.com/assaychain/assay/x/penalty/types"
	"github.com/assaychain/assay/x/proofs/challenge"
	"github.com/assaychain/assay/x/proofs/statement"
	"github.com/assaychain/assay/x/proofs/verify"
)

func milliseconds(n uint64) time.Duration { return time.Duration(n) * time.Millisecond }

// A worker that copies another's commitment to the same work can never open it.
func TestCopiedCommitment(t *testing.T) {
	n, customer := start(t, 2)
	work := actors.Small(t, 1)
	first, second := customer.Submit(work, 1), customer.Submit(work, 1)
	honest, thief := n.Worker(first), n.Worker(second)
	require.NotEqual(t, honest.String(), thief.String())
	stolen := honest.CommitMsg(first, honest.Trace(first))
	honest.Commit(first)
	n.MustDeliver(thief.Account, &markettypes.MsgCommitResult{Worker: thief.String(), JobId: second, Attempt: 1, Commitment: stolen.Commitment})
	n.Sample(first)
	n.Sample(second)
	n.Refused(markettypes.ErrCommitmentMismatch, thief.Account, thief.ProveMsg(second, thief.Trace(second)))
	n.RequireState(second, markettypes.JOB_STATE_SAMPLED)
	honest.Prove(first)
	n.Settle(first)
	require.Empty(t, n.Audit.Punishments)
	n.Pass(3)
	requirePunished(t, n, thief, penaltytypes.OFFENCE_MISSING_PROOF, actors.DefaultBond/20)
	finish(t, n, second, thief)
}

// A proof of the right opening of the right entry that was made for another place in the world proves nothing here. One
// part of the statement differs at a time; position and tensors are the same.
func TestProofFromElsewhere(t *testing.T) {
	for name, move := range map[string]func(*statement.Statement){
		"another job":     func(s *statement.Statement) { s.JobID++ },
		"another attempt": func(s *statement.Statement) { s.Attempt++ },
		"another worker":  func(s *statement.Statement) { s.Worker = append([]byte(nil), s.Worker...); s.Worker[0] ^= 1 },
		"another chain":   func(s *statement.Statement) { s.ChainID = "assay-test-2" },
		"another seed":    func(s *statement.Statement) { s.Seed[0] ^= 1 },
		"another sample":  func(s *statement.Statement) { s.Index++ },
	} {
		t.Run(name, func(t *testing.T) {
			n, customer := start(t, 2)
			id := customer.Submit(actors.Small(t, 1), 1)
			cheat := n.Worker(id)
			cheat.Commit(id)
			n.Sample(id)
			trace := cheat.Trace(id)
			positions, statements, err := challenge.Statements(n.Challenge(id, trace.Roots()))
			require.NoError(t, err)
			move(&statements[0])
			proofs := n.ProveTasks(trace.Tasks(t, positions, statements))
			n.MustDeliver(cheat.Account, cheat.Answer(id, trace.Roots(), proofs))
			requireFailure(t, n, id, markettypes.FAILURE_REASON_PROOF_INVALID)
			requirePunished(t, n, cheat, penaltytypes.OFFENCE_WRONG_RESULT, actors.DefaultBond/10)
			finish(t, n, id, cheat)
		})
	}
}

// Proofs that the chain accepted for one job are worth nothing for another with the same program and inputs, and nobody can
// hand in proofs in another worker's place or for another attempt.
func TestReplayedProof(t *testing.T) {
	n, customer := start(t, 3)
	work := actors.Small(t, 1)
	first, second := customer.Submit(work, 1), customer.Submit(work, 1)
	honest, cheat := n.Worker(first), n.Worker(second)
	honest.Commit(first)
	cheat.Commit(second)
	n.Sample(first)
	n.Sample(second)
	accepted := honest.ProveMsg(first, honest.Trace(first))

	impostor := *accepted
	impostor.Worker = cheat.String()
	n.Refused(markettypes.ErrNotWorker, cheat.Account, &impostor)
	other := *accepted
	other.Attempt++
	n.Refused(markettypes.ErrAttempt, honest.Account, &other)
	n.MustDeliver(honest.Account, accepted)
	n.RequireState(first, markettypes.JOB_STATE_PROVEN)
	n.Settle(first)

	n.MustDeliver(cheat.Account, cheat.Answer(second, cheat.Trace(second).Roots(), accepted.Proofs))
	requirePunished(t, n, cheat, penaltytypes.OFFENCE_WRONG_RESULT, actors.DefaultBond/10)
	finish(t, n, second, cheat)
}

// Whoever sees a proof can make another of the same statement out of it. It verifies, and is of no use: an attempt is
// proven once, by its worker.
func TestRerandomisedProof(t *testing.T) {
	n, customer := start(t, 2)
	id := customer.Submit(actors.Small(t, 1), 1)
	worker := n.Worker(id)
	worker.Commit(id)
	n.Sample(id)
	roots := worker.Trace(id).Roots()
	asked := n.Challenge(id, roots)
	answer := worker.ProveMsg(id, worker.Trace(id))
	again := worker.Answer(id, roots, [][]byte{rerandomise(t, answer.Proofs[0])})
	require.NotEqual(t, answer.Proofs, again.Proofs)

	_, statements, err := challenge.Statements(asked)
	require.NoError(t, err)
	circuit := actors.Circuits(t)[0]
	verifier, err := verify.New(circuit.Class, circuit.VerifyingKey)
	require.NoError(t, err)
	require.NoError(t, verifier.Openings([]verify.Opening{{Statement: &statements[0], Proof: again.Proofs[0]}})[0])

	stolen := *again
	thief := n.Operators[0]
	if thief == worker {
		thief = n.Operators[1]
	}
	stolen.Worker = thief.String()
	n.Refused(markettypes.ErrNotWorker, thief.Account, &stolen)
	n.Queue(worker.Account, answer)
	n.Queue(worker.Account, again)
	results := n.Block()
	require.Zero(t, results[0].Code, results[0].Log)
	n.RequireReason(markettypes.ErrAlreadyProven, results[1])
	n.RequireState(id, markettypes.JOB_STATE_PROVEN)
	n.Refused(markettypes.ErrAlreadyProven, worker.Account, again)
	n.Settle(id)
	n.Refused(markettypes.ErrAlreadyProven, worker.Account, again)
	require.Empty(t, n.Audit.Punishments)
}

// rerandomise multiplies the first point of a Groth16 proof by a random number and the second by its inverse.
func rerandomise(t *testing.T, proof []byte) []byte {
	t.Helper()
	const g1, g2 = bn254.SizeOfG1AffineCompressed, bn254.SizeOfG2AffineCompressed
	var a bn254.G1Affine
	var b bn254.G2Affine
	_, err := a.SetBytes(proof[:g1])
	require.NoError(t, err)
	_, err = b.SetBytes(proof[g1 : g1+g2])
	require.NoError(t, err)
	scalar, err := rand.Int(rand.Reader, fr.Modulus())
	require.NoError(t, err)
	var inverse fr.Element
	inverse.SetBigInt(scalar).Inverse(&inverse)
	a.ScalarMultiplication(&a, scalar)
	b.ScalarMultiplication(&b, inverse.BigInt(scalar))
	first, second := a.Bytes(), b.Bytes()
	return append(append(first[:], second[:]...), proof[g1+g2:]...)
}
