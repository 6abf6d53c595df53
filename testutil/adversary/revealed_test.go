package adversary

import (
	"bytes"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/assaychain/assay/offchain-worker/prover"
	"github.com/assaychain/assay/testutil/actors"
	markettypes "github.com/assaychain/assay/x/market/types"
	penaltytypes "github.com/assaychain/assay/x/penalty/types"
	"github.com/assaychain/assay/x/proofs/challenge"
	proofskeeper "github.com/assaychain/assay/x/proofs/keeper"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/revealed"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// reveal posts a job whose openings are to be in the clear, and brings it to where they are asked for.
func reveal(n *actors.Network, customer *actors.Customer, work *actors.Work, samples uint32) (uint64, *actors.Operator) {
	spec := customer.Spec(work, samples)
	spec.Assurance = markettypes.ASSURANCE_REVEALED
	id := customer.Post(customer.SubmitMsg(spec))
	worker := n.Worker(id)
	worker.Commit(id)
	n.Sample(id)
	return id, worker
}

// An honest worker shows what it is asked for and is paid, without a proof and without a key.
func TestHonestRevealedJob(t *testing.T) {
	n, customer := start(t, 1)
	id, worker := reveal(n, customer, actors.Small(t, 1), 4)
	job := n.Job(id)
	require.Equal(t, markettypes.ASSURANCE_REVEALED, job.Assurance)
	require.Empty(t, job.Circuits)
	earned := n.Balance(worker.Address)
	worker.Prove(id)
	n.RequireState(id, markettypes.JOB_STATE_PROVEN)
	n.Settle(id)
	// Four openings of 6,712 bytes are eleven KiB more than what is free, at 500 each; 2% go to the community pool.
	require.EqualValues(t, 15_500, n.Job(id).Price.Int64())
	require.EqualValues(t, 15_190, n.Balance(worker.Address).Sub(earned).Int64())
	require.Empty(t, n.Audit.Punishments)
}

// Nobody gets a worker to put more openings on the chain than the job pays for.
func TestOpeningsHaveAPrice(t *testing.T) {
	n, customer := start(t, 1)
	spec := customer.Spec(actors.Small(t, 1), 4)
	spec.Assurance = markettypes.ASSURANCE_REVEALED
	message := customer.SubmitMsg(spec)
	message.MaxPrice.Amount = math.NewInt(15_499)
	n.Refused(markettypes.ErrPrice, customer.Account, message)
	message.MaxPrice.Amount = math.NewInt(15_500)
	n.RequireState(customer.Post(message), markettypes.JOB_STATE_ASSIGNED)
}

// Openings that are well formed and show something else than what was asked for cost their worker stake.
func TestFalseOpeningsArePunished(t *testing.T) {
	other := func(t *testing.T, n *actors.Network, id uint64, worker *actors.Operator) []prover.Task {
		elsewhere := n.Challenge(id, worker.Trace(id).Roots())
		asked := positionsOf(t, elsewhere)
		for seed := byte(1); ; seed++ {
			elsewhere.Seed[0] = seed
			if drawn := positionsOf(t, elsewhere); drawn[0].Step == asked[0].Step && drawn[0].Row != asked[0].Row && drawn[0].Col != asked[0].Col {
				return tasksOf(t, elsewhere, worker.Trace(id))
			}
		}
	}
	for name, lie := range map[string]func(t *testing.T, n *actors.Network, id uint64, worker *actors.Operator, task *prover.Task){
		"false row": func(_ *testing.T, _ *actors.Network, _ uint64, _ *actors.Operator, task *prover.Task) {
			task.Openings.X.Values = append([]int8(nil), task.Openings.X.Values...)
			task.Openings.X.Values[0]++
		},
		"false bias": func(_ *testing.T, _ *actors.Network, _ uint64, _ *actors.Operator, task *prover.Task) {
			task.Openings.W.Bias++
		},
		"wrong path": func(_ *testing.T, _ *actors.Network, _ uint64, _ *actors.Operator, task *prover.Task) {
			task.Openings.W.Path[1][7].SetOne()
		},
		"a wrong root": func(_ *testing.T, _ *actors.Network, _ uint64, _ *actors.Operator, task *prover.Task) {
			task.Openings.Y.Path[2][9].SetOne()
		},
		"swapped columns": func(t *testing.T, n *actors.Network, id uint64, worker *actors.Operator, task *prover.Task) {
			task.Openings.W = other(t, n, id, worker)[0].Openings.W
		},
		"the right entry of another position": func(t *testing.T, n *actors.Network, id uint64, worker *actors.Operator, task *prover.Task) {
			task.Openings = other(t, n, id, worker)[0].Openings
		},
	} {
		t.Run(name, func(t *testing.T) {
			n, customer := start(t, 2)
			id, cheat := reveal(n, customer, actors.Small(t, 1), 1)
			trace := cheat.Trace(id)
			tasks := tasksOf(t, n.Challenge(id, trace.Roots()), trace)
			lie(t, n, id, cheat, &tasks[0])
			require.ErrorIs(t, revealed.Check(tasks[0].Statement, tasks[0].Openings), revealed.ErrOpening)
			n.MustDeliver(cheat.Account, cheat.Answer(id, trace.Roots(), actors.Reveal(tasks)))
			requireFailure(t, n, id, markettypes.FAILURE_REASON_PROOF_INVALID)
			requirePunished(t, n, cheat, penaltytypes.OFFENCE_WRONG_RESULT, actors.DefaultBond/10)
			finish(t, n, id, cheat)
		})
	}
}

// A worker that committed to wrong entries can neither show them nor the right ones.
func TestWrongEntryRevealed(t *testing.T) {
	n, customer := start(t, 2)
	spec := customer.Spec(actors.Small(t, 1), 2)
	spec.Assurance = markettypes.ASSURANCE_REVEALED
	id := customer.Post(customer.SubmitMsg(spec))
	cheat := n.Worker(id)
	wrong := cheat.Trace(id).Corrupt(t)
	n.MustDeliver(cheat.Account, cheat.CommitMsg(id, wrong))
	n.Sample(id)
	openings := actors.Reveal(tasksOf(t, n.Challenge(id, wrong.Roots()), wrong))
	n.MustDeliver(cheat.Account, cheat.Answer(id, wrong.Roots(), openings))
	requireFailure(t, n, id, markettypes.FAILURE_REASON_PROOF_INVALID)
	requirePunished(t, n, cheat, penaltytypes.OFFENCE_WRONG_RESULT, actors.DefaultBond/10)
	finish(t, n, id, cheat)
}

// What is not the one encoding of an opening is refused, changes nothing and costs nobody his bond.
func TestMalformedOpenings(t *testing.T) {
	n, customer := start(t, 1)
	id, worker := reveal(n, customer, actors.Small(t, 1), 1)
	answer := worker.ProveMsg(id, worker.Trace(id))
	genuine := answer.Proofs[0]
	before := n.Job(id)
	bad := [][]byte{nil, genuine[:1], genuine[:len(genuine)-1], append(bytes.Clone(genuine), 0), append(bytes.Clone(genuine), genuine...)}
	// The last element of the last path, and the same plus the modulus; a multiplier of 0.
	aliased := bytes.Clone(genuine)
	copy(aliased[len(aliased)-fr.Bytes:], alias(aliased[len(aliased)-fr.Bytes:]))
	scale := bytes.Clone(genuine)
	inner := int(tasksOf(t, n.Challenge(id, answer.StepRoots), worker.Trace(id))[0].Statement.K)
	at := 2*inner + tensor.Depth*tensor.Width*fr.Bytes + 4
	copy(scale[at:at+4], make([]byte, 4))
	bad = append(bad, aliased, scale)
	for _, opening := range bad {
		n.Queue(worker.Account, worker.Answer(id, answer.StepRoots, [][]byte{opening}))
	}
	n.Queue(worker.Account, worker.Answer(id, answer.StepRoots, [][]byte{genuine, genuine}))
	n.Queue(worker.Account, worker.Answer(id, answer.StepRoots, nil))
	results := n.Block()
	require.Len(t, results, len(bad)+2)
	for _, result := range results {
		n.RequireReason(markettypes.ErrProofs, result)
	}
	require.Equal(t, before, n.Job(id))
	n.MustDeliver(worker.Account, answer)
	n.Settle(id)
	require.Empty(t, n.Audit.Punishments)
}

// Levels that the chain has no system for, and jobs that would show more than a block should carry, are refused. That the level full
// is refused where the chain has not enabled it is TestFullNotEnabled's.
func TestAssuranceThatIsNotOffered(t *testing.T) {
	n, customer := start(t, 1)
	before := n.Balance(customer.Address)
	spec := customer.Spec(actors.Small(t, 1), 1)
	for _, level := range []markettypes.Assurance{77, -1} {
		spec.Assurance = level
		n.Refused(markettypes.ErrAssurance, customer.Account, customer.SubmitMsg(spec))
	}
	spec.Assurance, spec.Samples = markettypes.ASSURANCE_REVEALED, 60
	require.Greater(t, 60*revealed.Size(40, tensor.Shape{Type: 1, Kind: 1, Rows: 4, Cols: 6}), proofskeeper.MaxRevealed)
	message := customer.SubmitMsg(spec)
	message.MaxPrice.Amount = math.NewInt(1_000_000)
	n.Refused(markettypes.ErrSpec, customer.Account, message)
	require.Equal(t, before.String(), n.Balance(customer.Address).String())
}

func tasksOf(t *testing.T, asked challenge.Trace, trace *actors.Trace) []prover.Task {
	t.Helper()
	positions, statements, err := challenge.Statements(asked)
	require.NoError(t, err)
	return trace.Tasks(t, positions, statements)
}

func positionsOf(t *testing.T, asked challenge.Trace) []program.Position {
	t.Helper()
	positions, _, err := challenge.Statements(asked)
	require.NoError(t, err)
	return positions
}
