package bench

import (
	"flag"
	"testing"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/testutil/actors"
	"github.com/assaychain/assay/testutil/chain"
	markettypes "github.com/assaychain/assay/x/market/types"
)

var jobs = flag.Int("jobs", 64, "jobs that BenchmarkSettle settles; each takes a proof to prepare")

// BenchmarkSettle gives jobs settled per second of one node's CPU, from submission to payment with one proof each, against
// bank sends in the same run. Proofs are made while the clock stands: only the application's calls are measured, each
// transaction with its checks on entering the mempool.
func BenchmarkSettle(b *testing.B) {
	for range b.N {
		n := actors.New(b, actors.Config{Operators: *jobs/4 + 1, Customers: 1, Chain: chain.Config{Edit: wide}})
		n.Unaudited()
		settled := settle(b, n)
		sent := send(b, n)
		b.ReportMetric(settled, "jobs/s")
		b.ReportMetric(sent, "sends/s")
		b.ReportMetric(sent/settled, "sends/job")
	}
}

// wide lets a block take all the jobs.
func wide(s chain.State) error {
	return chain.Change(s, markettypes.ModuleName, func(g *markettypes.GenesisState) {
		g.Params.MaxAssignmentsPerBlock, g.Params.MaxCandidates = markettypes.PerBlockLimit, markettypes.CandidatesLimit
	})
}

// settle takes all jobs from submission to payment and returns how many a second of CPU does.
func settle(b *testing.B, n *actors.Network) float64 {
	b.Helper()
	meter := &meter{b: b, n: n}
	c, work := n.Customers[0], actors.Small(b, 1)
	for range *jobs {
		n.Queue(c.Account, c.SubmitMsg(c.Spec(work, 1)))
	}
	var ids []uint64
	for _, result := range meter.block() {
		ids = append(ids, n.JobID(result))
	}
	for _, id := range ids {
		worker := n.Worker(id)
		n.Queue(worker.Account, worker.CommitMsg(id, worker.Trace(id)))
	}
	meter.block()
	for n.Job(ids[0]).State == markettypes.JOB_STATE_COMMITTED {
		n.PostRounds()
		meter.block()
	}
	for _, id := range ids {
		worker := n.Worker(id)
		n.Queue(worker.Account, worker.ProveMsg(id, worker.Trace(id)))
	}
	meter.block()
	for n.Job(ids[len(ids)-1]).State != markettypes.JOB_STATE_CLOSED {
		meter.block()
	}
	for _, id := range ids {
		require.Equal(b, markettypes.CLOSE_REASON_SETTLED, n.Job(id).CloseReason)
	}
	return float64(len(ids)) / meter.cpu
}

// send moves coins in blocks of as many transactions as settling the jobs took.
func send(b *testing.B, n *actors.Network) float64 {
	b.Helper()
	meter := &meter{b: b, n: n}
	const blocks = 4
	from, to := n.Customers[0], sdk.AccAddress(n.Operators[0].Address)
	for range blocks {
		for range *jobs {
			n.Queue(from.Account, n.SendMsg(from.Account, to, math.NewInt(1)))
		}
		meter.block()
	}
	return float64(blocks**jobs) / meter.cpu
}

// meter adds up the CPU time of blocks.
type meter struct {
	b   *testing.B
	n   *actors.Network
	cpu float64
}

func (m *meter) block() []*abci.ExecTxResult {
	m.b.Helper()
	before := cpuTime(m.b)
	results := m.n.Block()
	m.cpu += (cpuTime(m.b) - before).Seconds()
	for _, result := range results {
		require.Zero(m.b, result.Code, result.Log)
	}
	return results
}
