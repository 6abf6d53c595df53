package adversary

import (
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/assaychain/assay/testutil/actors"
	"github.com/assaychain/assay/testutil/chain"
	bondtypes "github.com/assaychain/assay/x/bond/types"
	"github.com/assaychain/assay/x/market/lifecycle"
	markettypes "github.com/assaychain/assay/x/market/types"
)

// The state goes out, in and out again without a byte's difference while jobs are in every state of the table but the
// relayed ones, and every
// job ends on the new chain as it would have ended on the old one.
func TestGenesisWithJobsInEveryState(t *testing.T) {
	n := actors.New(t, actors.Config{Operators: 3, Customers: 1, Full: true, Chain: chain.Config{Edit: func(s chain.State) error {
		if err := smallBudget(s); err != nil {
			return err
		}
		return chain.Change(s, markettypes.ModuleName, func(g *markettypes.GenesisState) {
			g.Params.DisputeSeconds, g.Params.DeliverySeconds, g.Params.AnswerSeconds = 600, 600, 600
		})
	}}})
	jobs := everyState(t, n)
	exported := n.Export()
	m := n.Over(n.Import(t, exported, nil))
	require.Equal(t, string(exported.AppState), string(m.ExportUncommitted()))
	for range 3 {
		n.Block()
		m.Block()
		require.Equal(t, string(n.Export().AppState), string(m.Export().AppState))
	}
	committed := jobs[markettypes.JOB_STATE_COMMITTED]
	m.Sample(committed)
	m.Worker(committed).Prove(committed)
	sampled := jobs[markettypes.JOB_STATE_SAMPLED]
	m.Worker(sampled).Prove(sampled)
	for range 65 {
		m.BlockAfter(minute)
	}
	for _, id := range jobs {
		m.RequireState(id, markettypes.JOB_STATE_CLOSED)
	}
	require.Equal(t, markettypes.CLOSE_REASON_SETTLED.String(), m.Job(jobs[markettypes.JOB_STATE_VERIFYING]).CloseReason.String())
	require.Equal(t, markettypes.CLOSE_REASON_UNDELIVERED.String(), m.Job(jobs[markettypes.JOB_STATE_CLAIMED]).CloseReason.String())
	require.Equal(t, markettypes.CLOSE_REASON_SETTLED.String(), m.Job(jobs[markettypes.JOB_STATE_DELIVERED]).CloseReason.String())
}

// relayed are the states of a claim that relays answer. No operator here runs a relay: TestGenesisRoundTripInEveryState and
// TestRelayedJobsSurviveExportAndImport of x/market/keeper export and import jobs in these states.
var relayed = map[lifecycle.State]bool{lifecycle.Drawing: true, lifecycle.Relaying: true, lifecycle.HandedOver: true}

// everyState brings one job into each state but the relayed ones and those of several operators, all at the same height, beside unbonding stake and a punished operator.
func everyState(t *testing.T, n *actors.Network) map[markettypes.JobState]uint64 {
	t.Helper()
	c, work := n.Customers[0], actors.Small(t, 1)
	missed := c.Submit(work, 1)
	punished := n.Worker(missed)
	n.Pass(3)
	n.MustDeliver(punished.Account, &bondtypes.MsgUnbond{Operator: punished.String(), Amount: math.NewInt(2_000_000)})
	n.Bring(missed)
	n.MustDeliver(c.Account, c.ClaimMsg(missed))
	jobs := map[markettypes.JobState]uint64{markettypes.JOB_STATE_CLAIMED: missed}

	delivered := c.Submit(work, 1)
	worker := n.Bring(delivered)
	n.MustDeliver(c.Account, c.ClaimMsg(delivered))
	n.MustDeliver(worker.Account, worker.DeliverMsg(delivered, worker.Trace(delivered).Result()))
	jobs[markettypes.JOB_STATE_DELIVERED] = delivered

	contested := c.Post(c.SubmitMsg(c.FullSpec(actors.FullProduct(t, 1))))
	worker = n.Bring(contested)
	n.MustDeliver(c.Account, c.ClaimMsg(contested))
	n.MustDeliver(worker.Account, worker.DeliverMsg(contested, worker.Trace(contested).Result()))
	n.MustDeliver(c.Account, c.ContestMsg(contested))
	jobs[markettypes.JOB_STATE_CONTESTED] = contested

	jobs[markettypes.JOB_STATE_OPEN], jobs[markettypes.JOB_STATE_CLOSED] = c.Post(nobody(c, work)), c.Post(nobody(c, work))
	n.MustDeliver(c.Account, c.CancelMsg(jobs[markettypes.JOB_STATE_CLOSED]))
	late := c.Submit(work, 1)
	n.Worker(late).Commit(late)
	n.Sample(late)
	jobs[markettypes.JOB_STATE_SAMPLED] = late
	both := sampled(t, n)
	asked := [2]uint64{shown(c, work), shown(c, work)}
	for _, id := range asked {
		worker = n.Bring(id)
		n.MustDeliver(n.Relayer, n.DisputeMsg(n.Relayer, id, n.Undrawn(id, worker.Trace(id))))
	}
	jobs[markettypes.JOB_STATE_DISPUTED] = asked[0]
	committed := c.Submit(work, 1)
	worker = n.Worker(committed)

	queueProofs(n, both)
	n.Queue(worker.Account, worker.CommitMsg(committed, worker.Trace(committed)))
	n.Queue(c.Account, c.SubmitMsg(c.Spec(work, 1)))
	answering := n.Worker(asked[1])
	n.Queue(answering.Account, answering.AnswerMsg(asked[1], answering.Trace(asked[1])))
	jobs[markettypes.JOB_STATE_ANSWERED] = asked[1]
	results := n.Block()
	jobs[markettypes.JOB_STATE_PROVEN], jobs[markettypes.JOB_STATE_VERIFYING] = both[0], both[1]
	jobs[markettypes.JOB_STATE_COMMITTED], jobs[markettypes.JOB_STATE_ASSIGNED] = committed, n.JobID(results[3])
	for state, id := range jobs {
		n.RequireState(id, state)
	}
	for _, state := range lifecycle.States() {
		if !relayed[state] && !state.IsReplicated() {
			require.Contains(t, jobs, markettypes.JobState(state), "one job in each state")
		}
	}
	return jobs
}
