package adversary

import (
	"maps"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/app"
	"github.com/assaychain/assay/testutil/actors"
	"github.com/assaychain/assay/testutil/chain"
	beacontypes "github.com/assaychain/assay/x/beacon/types"
	"github.com/assaychain/assay/x/market/lifecycle"
	markettypes "github.com/assaychain/assay/x/market/types"
	proofstypes "github.com/assaychain/assay/x/proofs/types"
)

// Every line of the market's state table is walked by real messages and blocks, but for those of relays and of several operators:
// TestEveryPathOfTheTable of x/market/keeper walks them, with stand-ins for the proofs. After each block the auditor holds the
// supply against what the events explain and every module's balance against its books; at the end the bank's total is
// what it was, less what penalties and payments burnt.
func TestEveryTransition(t *testing.T) {
	n := actors.New(t, actors.Config{Operators: 12, Customers: 1, Full: true})
	before := n.Supply()
	w := walk{t, n, n.Customers[0], actors.Small(t, 1)}
	w.open()
	w.failures()
	w.reports()
	w.deliveries()
	w.contests()
	w.replacedBeacon()
	w.disputes()
	settlePunishments(t, n)
	require.True(t, n.Audit.PenaltiesBurnt().IsPositive())
	require.Equal(t, before.String(), n.Supply().Add(n.Audit.PenaltiesBurnt()).Add(n.Audit.FeesBurnt).String())
	seen := maps.Clone(n.Audit.Seen)

	for _, inside := range []map[lifecycle.Event]int{abandoned(t), dropped(t)} {
		for event, times := range inside {
			seen[event] += times
		}
	}
	for _, line := range lifecycle.Table() {
		if relayed[line.From] || relayed[line.To] || line.From.IsReplicated() || line.To.IsReplicated() || line.Event == lifecycle.PassOn {
			continue
		}
		require.Positive(t, seen[line.Event], "no job went from %s by %q", line.From, line.Event)
	}
}

type walk struct {
	t        *testing.T
	n        *actors.Network
	customer *actors.Customer
	work     *actors.Work
}

// open: cancel and expire.
func (w walk) open() {
	w.t.Helper()
	id := w.customer.Post(nobody(w.customer, w.work))
	w.n.MustDeliver(w.customer.Account, w.customer.CancelMsg(id))
	message := nobody(w.customer, w.work)
	message.Deadline = w.n.Now().Add(3 * minute)
	id = w.customer.Post(message)
	w.n.Pass(2)
	w.closed(id, markettypes.CLOSE_REASON_EXPIRED)
}

func (w walk) closed(id uint64, reason markettypes.CloseReason) {
	w.t.Helper()
	require.Equal(w.t, reason.String(), w.n.Job(id).CloseReason.String())
}

// failures: a job that three workers fail in three ways.
func (w walk) failures() {
	w.t.Helper()
	n, id := w.n, w.customer.Submit(w.work, 1)
	n.Pass(3)
	n.Worker(id).Commit(id)
	n.Sample(id)
	n.Pass(3)
	cheat := n.Worker(id)
	wrong := cheat.Trace(id).Corrupt(w.t)
	n.MustDeliver(cheat.Account, cheat.CommitMsg(id, wrong))
	n.Sample(id)
	proofs := n.Proofs(n.Challenge(id, cheat.Trace(id).Roots()), cheat.Trace(id))
	n.MustDeliver(cheat.Account, cheat.Answer(id, wrong.Roots(), proofs))
	w.closed(id, markettypes.CLOSE_REASON_ATTEMPTS_EXHAUSTED)
}

// reports: two workers can't fetch the inputs.
func (w walk) reports() {
	w.t.Helper()
	n, id := w.n, w.customer.Submit(w.work, 1)
	for range 2 {
		reporter := n.Worker(id)
		n.MustDeliver(reporter.Account, reporter.ReportMsg(id))
		n.Step()
	}
	w.closed(id, markettypes.CLOSE_REASON_INPUT_UNAVAILABLE)
}

// deliveries: every way from proven to closed.
func (w walk) deliveries() {
	w.t.Helper()
	n := w.n
	plain := w.customer.Submit(w.work, 1)
	n.Bring(plain)
	n.Settle(plain)

	silent := w.customer.Submit(w.work, 1)
	n.Bring(silent)
	n.MustDeliver(w.customer.Account, w.customer.ClaimMsg(silent))
	n.Pass(1)
	w.closed(silent, markettypes.CLOSE_REASON_UNDELIVERED)

	for _, contest := range []bool{false, true} {
		id := w.customer.Submit(w.work, 1)
		worker := n.Bring(id)
		n.MustDeliver(w.customer.Account, w.customer.ClaimMsg(id))
		n.MustDeliver(worker.Account, worker.DeliverMsg(id, worker.Trace(id).Result()))
		if contest {
			n.MustDeliver(w.customer.Account, w.customer.ContestMsg(id))
		}
		n.Settle(id)
	}

	falsified := w.customer.Submit(w.work, 1)
	worker := n.Bring(falsified)
	n.MustDeliver(w.customer.Account, w.customer.ClaimMsg(falsified))
	n.MustDeliver(worker.Account, worker.DeliverMsg(falsified, worker.Trace(falsified).Corrupt(w.t).Result()))
	n.MustDeliver(w.customer.Account, w.customer.ContestMsg(falsified))
	w.closed(falsified, markettypes.CLOSE_REASON_FALSE_DELIVERY)
}

// contests: every way from a contest that an opening decides to closed.
func (w walk) contests() {
	w.t.Helper()
	n, product := w.n, actors.FullProduct(w.t, 1)
	for _, way := range []string{"genuine", "false", "silent"} {
		id := w.customer.Post(w.customer.SubmitMsg(w.customer.FullSpec(product)))
		worker := n.Bring(id)
		n.MustDeliver(w.customer.Account, w.customer.ClaimMsg(id))
		result := worker.Trace(id).Result()
		if way != "genuine" {
			result = worker.Trace(id).Corrupt(w.t).Result()
		}
		n.MustDeliver(worker.Account, worker.DeliverMsg(id, result))
		n.MustDeliver(w.customer.Account, w.customer.ContestMsg(id))
		n.RequireState(id, markettypes.JOB_STATE_CONTESTED)
		if way == "silent" {
			n.Pass(1)
		} else {
			n.MustDeliver(worker.Account, worker.OpeningMsg(id, worker.Trace(id)))
		}
		reason := markettypes.CLOSE_REASON_FALSE_DELIVERY
		if way == "genuine" {
			reason = markettypes.CLOSE_REASON_SETTLED
		}
		w.closed(id, reason)
	}
}

// replacedBeacon: governance puts another beacon in the place of one that died, and the jobs that waited go on with it.
func (w walk) replacedBeacon() {
	w.t.Helper()
	n, id := w.n, w.customer.Submit(w.work, 1)
	worker := n.Worker(id)
	worker.Commit(id)
	params, err := n.App().Beacon.Params(n.Context())
	require.NoError(w.t, err)
	params.Chain = n.NextBeacon()
	n.Govern(&beacontypes.MsgUpdateParams{Authority: app.Authority(), Params: params})
	n.Pass(62)
	require.EqualValues(w.t, 1, n.Audit.Seen[lifecycle.Refix])
	n.Sample(id)
	worker.Prove(id)
	n.Settle(id)
}

// abandoned breaks a verification from inside: the circuit of a job that waits for the block's budget is not there any
// more. No message can do that, so the chain is stopped and its exported state is edited.
func abandoned(t *testing.T) map[lifecycle.Event]int {
	t.Helper()
	n := actors.New(t, actors.Config{Operators: 3, Customers: 1, Chain: chain.Config{Edit: smallBudget}})
	ids := verifying(t, n)
	worker := n.Worker(ids[1])
	imported := n.Import(t, n.Export(), func(s chain.State) error {
		return chain.Change(s, markettypes.ModuleName, func(g *markettypes.GenesisState) {
			for i := range g.Jobs {
				if g.Jobs[i].Job.Id == ids[1] {
					g.Jobs[i].Job.Circuits = []string{"opening-0", "opening-0"}
				}
			}
		})
	})
	m := n.Over(imported)
	m.Audit.Tolerated = []string{"verify job"}
	for range 40 {
		m.Block()
	}
	require.Equal(t, markettypes.FAILURE_REASON_UNVERIFIABLE.String(), m.Job(ids[1]).LastFailure.String())
	require.Empty(t, m.Audit.Punishments)
	require.Equal(t, actors.DefaultBond, int(stakeOf(m, worker).Bonded.Int64()))
	return m.Audit.Seen
}

// smallBudget lets a block verify one job.
func smallBudget(s chain.State) error {
	return chain.Change(s, proofstypes.ModuleName, func(g *proofstypes.GenesisState) { g.Params.UnitsPerBlock = proofstypes.MinUnits })
}

// verifying brings two jobs to the point where both are proven in one block, of which the budget covers one.
func verifying(t *testing.T, n *actors.Network) [2]uint64 {
	t.Helper()
	ids := sampled(t, n)
	queueProofs(n, ids)
	n.Block()
	n.RequireState(ids[0], markettypes.JOB_STATE_PROVEN)
	n.RequireState(ids[1], markettypes.JOB_STATE_VERIFYING)
	return ids
}

// sampled brings two jobs to the point where their proofs are asked for.
func sampled(t *testing.T, n *actors.Network) (ids [2]uint64) {
	t.Helper()
	for i := range ids {
		ids[i] = n.Customers[0].Submit(actors.Small(t, 1), 1)
		n.Worker(ids[i]).Commit(ids[i])
	}
	for _, id := range ids {
		n.Sample(id)
	}
	return ids
}

func queueProofs(n *actors.Network, ids [2]uint64) {
	for _, id := range ids {
		worker := n.Worker(id)
		n.Queue(worker.Account, worker.ProveMsg(id, worker.Trace(id)))
	}
}
