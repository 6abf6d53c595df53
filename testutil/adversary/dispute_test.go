package adversary

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/testutil/actors"
	"github.com/assaychain/assay/testutil/chain"
	marketkeeper "github.com/assaychain/assay/x/market/keeper"
	"github.com/assaychain/assay/x/market/lifecycle"
	markettypes "github.com/assaychain/assay/x/market/types"
	penaltytypes "github.com/assaychain/assay/x/penalty/types"
	"github.com/assaychain/assay/x/proofs/challenge"
	"github.com/assaychain/assay/x/proofs/program"
)

// bond is what the first dispute of a cheap job costs.
const bond = 50_000

// withWatcher has a second customer, who watches.
func withWatcher(t *testing.T, operators int) (*actors.Network, *actors.Customer, *chain.Account) {
	t.Helper()
	n := actors.New(t, actors.Config{Operators: operators, Customers: 2})
	return n, n.Customers[0], n.Customers[1].Account
}

// flipped brings a job to where it is proven, although one entry that no sample hit is wrong.
func flipped(t *testing.T, n *actors.Network, id uint64) (*actors.Operator, *actors.Trace, program.Position) {
	t.Helper()
	cheat := n.Worker(id)
	honest := cheat.Trace(id)
	at := program.Position{Row: 700, Col: 900}
	wrong := honest.Flip(t, at)
	n.MustDeliver(cheat.Account, cheat.CommitMsg(id, wrong))
	n.Sample(id)
	asked := n.Challenge(id, wrong.Roots())
	drawn, err := asked.Positions()
	require.NoError(t, err)
	require.NotContains(t, drawn, at, "one entry in a million")
	n.MustDeliver(cheat.Account, cheat.Answer(id, wrong.Roots(), n.Proofs(asked, wrong)))
	n.RequireState(id, markettypes.JOB_STATE_PROVEN)
	return cheat, wrong, at
}

// One flipped entry in a 1024 × 1024 result escapes sampling, and no dispute: the worker has no proof of it.
func TestOneFlippedEntryIsConvicted(t *testing.T) {
	n, customer, watcher := withWatcher(t, 2)
	id := customer.Submit(actors.Product(t, 1, 1024, 40, 1024), 1)
	cheat, wrong, at := flipped(t, n, id)
	before := n.Balance(watcher.Address)
	n.MustDeliver(watcher, n.DisputeMsg(watcher, id, at))
	n.RequireState(id, markettypes.JOB_STATE_DISPUTED)
	asked := n.Disputed(id, wrong.Roots())
	require.Error(t, n.TryToProve(tasksOf(t, asked, wrong)), "there is no proof of what it committed to")
	// The best it can do is a real proof of the right entry, which is under another root.
	right := cheat.Trace(id)
	n.MustDeliver(cheat.Account, cheat.AnswerMsg(id, right))
	requireFailure(t, n, id, markettypes.FAILURE_REASON_DISPUTE_LOST)
	slashed := int64(actors.DefaultBond / 5)
	settlePunishments(t, n)
	require.Len(t, n.Audit.Punishments, 1)
	record := n.Audit.Punishments[0]
	require.Equal(t, penaltytypes.OFFENCE_LOST_DISPUTE.String(), record.Offence.String())
	require.Equal(t, cheat.String(), record.Operator)
	require.Equal(t, watcher.String(), record.Reporter)
	require.Equal(t, slashed, record.Slashed.Int64())
	require.Equal(t, slashed/10, record.ToReporter.Int64())
	require.EqualValues(t, slashed/10, n.Balance(watcher.Address).Sub(before).Int64(), "the bond is back, with the reporter's share")
}

// An honest worker is asked for any entry and proves it, in zero knowledge or in the clear: the bond is its gain.
func TestHonestWorkersWinDisputes(t *testing.T) {
	for _, level := range []markettypes.Assurance{markettypes.ASSURANCE_SAMPLED, markettypes.ASSURANCE_REVEALED} {
		n, customer, watcher := withWatcher(t, 1)
		spec := customer.Spec(actors.Small(t, 1), 1)
		spec.Assurance = level
		id := customer.Post(customer.SubmitMsg(spec))
		worker := n.Bring(id)
		earned, lost := n.Balance(worker.Address), n.Balance(watcher.Address)
		n.MustDeliver(watcher, n.DisputeMsg(watcher, id, n.Undrawn(id, worker.Trace(id))))
		n.MustDeliver(worker.Account, worker.AnswerMsg(id, worker.Trace(id)))
		n.RequireState(id, markettypes.JOB_STATE_PROVEN)
		require.EqualValues(t, bond, lost.Sub(n.Balance(watcher.Address)).Int64())
		require.EqualValues(t, bond/2, n.Balance(worker.Address).Sub(earned).Int64())
		n.RequireReason(markettypes.ErrEntry, n.Deliver(watcher, n.DisputeMsg(watcher, id, n.Job(id).Disputed[0].Position())))
		n.Pass(15)
		require.Equal(t, markettypes.CLOSE_REASON_SETTLED.String(), n.Job(id).CloseReason.String())
		require.Empty(t, n.Audit.Punishments)
	}
}

// A proof that was made for sampling is of another statement, though it is of the same entry and the same roots.
func TestSampledProofsDoNotAnswerDisputes(t *testing.T) {
	n, customer, watcher := withWatcher(t, 2)
	id := customer.Submit(actors.Small(t, 1), 1)
	cheat := n.Bring(id)
	trace := cheat.Trace(id)
	at := n.Undrawn(id, trace)
	n.MustDeliver(watcher, n.DisputeMsg(watcher, id, at))
	asked := n.Challenge(id, trace.Roots())
	asked.Named, asked.Samples = []program.Position{at}, 1
	_, statements, err := challenge.Statements(asked)
	require.NoError(t, err)
	require.Len(t, statements, 1)
	n.MustDeliver(cheat.Account, cheat.AnswerWith(id, n.Proofs(asked, trace)[0]))
	requireFailure(t, n, id, markettypes.FAILURE_REASON_DISPUTE_LOST)
}

// shown posts a job whose entries are shown in the clear, which costs its worker no proof.
func shown(c *actors.Customer, work *actors.Work) uint64 {
	spec := c.Spec(work, 1)
	spec.Assurance = markettypes.ASSURANCE_REVEALED
	return c.Post(c.SubmitMsg(spec))
}

// disputes: every way a dispute may end, but by a fault inside the chain.
func (w walk) disputes() {
	w.t.Helper()
	n, watcher := w.n, w.n.Relayer
	for _, deliver := range []bool{false, true} {
		id := shown(w.customer, w.work)
		worker := n.Bring(id)
		if deliver {
			n.MustDeliver(w.customer.Account, w.customer.ClaimMsg(id))
			n.MustDeliver(worker.Account, worker.DeliverMsg(id, worker.Trace(id).Result()))
		}
		n.MustDeliver(watcher, n.DisputeMsg(watcher, id, n.Undrawn(id, worker.Trace(id))))
		n.MustDeliver(worker.Account, worker.AnswerMsg(id, worker.Trace(id)))
		n.Pass(6)
		w.closed(id, markettypes.CLOSE_REASON_SETTLED)
	}
	for _, silent := range []bool{false, true} {
		id := shown(w.customer, w.work)
		worker := n.Bring(id)
		trace := worker.Trace(id)
		n.MustDeliver(watcher, n.DisputeMsg(watcher, id, n.Undrawn(id, trace)))
		if silent {
			n.Pass(6)
			require.Positive(w.t, n.Audit.Seen[lifecycle.MissAnswer])
			continue
		}
		n.MustDeliver(worker.Account, worker.AnswerWith(id, n.Proofs(n.Challenge(id, trace.Roots()), trace)[0]))
		requireFailure(w.t, n, id, markettypes.FAILURE_REASON_DISPUTE_LOST)
	}
	// Nobody works on what is left of the two.
	n.Pass(10)
}

// dropped breaks the verification of answers from inside, as abandoned does that of proofs.
func dropped(t *testing.T) map[lifecycle.Event]int {
	t.Helper()
	n := actors.New(t, actors.Config{Operators: 1, Customers: 2, Chain: chain.Config{Edit: longWindows}})
	c, watcher := n.Customers[0], n.Customers[1].Account
	ids := []uint64{c.Submit(actors.Small(t, 1), 1), c.Submit(actors.Small(t, 1), 1)}
	for i, id := range ids {
		worker := n.Bring(id)
		if i == 1 {
			n.MustDeliver(c.Account, c.ClaimMsg(id))
			n.MustDeliver(worker.Account, worker.DeliverMsg(id, worker.Trace(id).Result()))
		}
		n.MustDeliver(watcher, n.DisputeMsg(watcher, id, n.Undrawn(id, worker.Trace(id))))
	}
	imported := n.Import(t, n.Export(), func(s chain.State) error {
		return chain.Change(s, markettypes.ModuleName, func(g *markettypes.GenesisState) {
			for i := range g.Jobs {
				g.Jobs[i].Job.Circuits = []string{"opening-0", "opening-0"}
			}
		})
	})
	m := n.Over(imported)
	m.Audit.Tolerated = []string{"verify job"}
	m.Block()
	for _, id := range ids {
		worker := m.Worker(id)
		// Any well-formed proof will do, since none is looked at.
		known, err := marketkeeper.NewQueryServer(m.App().Market).Proofs(m.Context(), &markettypes.QueryProofsRequest{Id: id})
		require.NoError(t, err)
		m.MustDeliver(worker.Account, worker.AnswerWith(id, known.Proofs.Proofs[0]))
	}
	for range 60 {
		m.Block()
	}
	require.Empty(t, m.Audit.Punishments)
	return m.Audit.Seen
}

// longWindows keeps proven and delivered jobs open.
func longWindows(s chain.State) error {
	return chain.Change(s, markettypes.ModuleName, func(g *markettypes.GenesisState) {
		g.Params.DisputeSeconds, g.Params.DeliverySeconds, g.Params.AnswerSeconds = 3_600, 3_600, 3_600
	})
}
