package adversary

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/testutil/actors"
	marketkeeper "github.com/assaychain/assay/x/market/keeper"
	markettypes "github.com/assaychain/assay/x/market/types"
	penaltytypes "github.com/assaychain/assay/x/penalty/types"
)

// startModel is a network that knows one model, and a job of it.
func startModel(t *testing.T, operators int, samples uint32) (*actors.Network, uint64) {
	t.Helper()
	work := actors.Tiny(t)
	n := actors.New(t, actors.Config{Operators: operators, Customers: 1, Models: []*actors.Work{work}})
	customer := n.Customers[0]
	spec := customer.Spec(work, samples)
	spec.Assurance = markettypes.ASSURANCE_MODEL
	return n, customer.Post(customer.SubmitMsg(spec))
}

// An honest worker proves whole rows through the model and is paid; what the chain shows of the challenge are those rows.
func TestHonestModelJob(t *testing.T) {
	n, id := startModel(t, 1, 2)
	worker := n.Worker(id)
	worker.Commit(id)
	n.Sample(id)
	job := n.Job(id)
	require.Len(t, job.Circuits, 2)
	require.Equal(t, job.Circuits[0], job.Circuits[1])
	shown, err := marketkeeper.NewQueryServer(n.App().Market).Challenge(n.Context(), &markettypes.QueryChallengeRequest{Id: id})
	require.NoError(t, err)
	require.Len(t, shown.Positions, 2)
	for _, p := range shown.Positions {
		require.Equal(t, [2]uint32{1, 0}, [2]uint32{p.Step, p.Col})
		require.Equal(t, job.Circuits[0], p.Circuit)
	}
	require.NotEqual(t, shown.Positions[0].Row, shown.Positions[1].Row)
	worker.Prove(id)
	n.RequireState(id, markettypes.JOB_STATE_PROVEN)
	n.Settle(id)
	require.Empty(t, n.Audit.Punishments)
}

// A worker that committed to one wrong output in every row has no proof for them: those of the right outputs, of the right rows, are
// refused, and cost it stake. The next worker does the job.
func TestWrongModelOutputIsPunished(t *testing.T) {
	n, id := startModel(t, 2, 1)
	cheat := n.Worker(id)
	honest := cheat.Trace(id)
	wrong := honest.Corrupt(t)
	n.MustDeliver(cheat.Account, cheat.CommitMsg(id, wrong))
	n.Sample(id)
	proofs := n.ProveRows(n.Challenge(id, honest.Roots()), honest)
	n.MustDeliver(cheat.Account, cheat.Answer(id, wrong.Roots(), proofs))
	requireFailure(t, n, id, markettypes.FAILURE_REASON_PROOF_INVALID)
	requirePunished(t, n, cheat, penaltytypes.OFFENCE_WRONG_RESULT, actors.DefaultBond/10)
	finish(t, n, id, cheat)
}

// A job of weights that nobody registered, or with more samples than rows, is refused and costs nothing.
func TestUnknownModelsAreRefused(t *testing.T) {
	work := actors.Tiny(t)
	n := actors.New(t, actors.Config{Operators: 1, Customers: 1, Models: []*actors.Work{work}})
	customer := n.Customers[0]
	before := n.Balance(customer.Address)
	spec := customer.Spec(actors.Small(t, 1), 1)
	spec.Assurance = markettypes.ASSURANCE_MODEL
	n.Refused(markettypes.ErrSpec, customer.Account, customer.SubmitMsg(spec))
	spec = customer.Spec(work, 5)
	spec.Assurance = markettypes.ASSURANCE_MODEL
	n.Refused(markettypes.ErrSpec, customer.Account, customer.SubmitMsg(spec))
	require.Equal(t, before.String(), n.Balance(customer.Address).String())
}
