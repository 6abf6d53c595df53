package bench

import (
	"crypto/rand"
	"flag"
	"slices"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/x/authz"

	"github.com/assaychain/assay/testutil/actors"
	markettypes "github.com/assaychain/assay/x/market/types"
	proofskeeper "github.com/assaychain/assay/x/proofs/keeper"
	"github.com/assaychain/assay/x/proofs/simulation"
)

var (
	floodBlocks = flag.Int("flood-blocks", 7, "blocks of TestFloodOfInvalidProofs, a second each, without the flood and as many with it")
	floodRate   = flag.Int("flood-rate", 50, "invalid proofs a second of the flood")
)

const (
	// floodFactor is how much longer a block may take in a flood.
	floodFactor = 1.2
	// jobEvery is how many blocks lie between two honest jobs.
	jobEvery = 3
	// cheats are the cheapest operators, which get the jobs first and answer falsely.
	cheats = 2
)

// TestFloodOfInvalidProofs floods a node with well-formed proofs that prove nothing, first of strangers and then of operators to whom
// jobs were given, and compares with the same chain without: the same honest jobs, and nobody who disturbs. A block takes its second
// and what the node computes, in CPU time: messages that arrive are checked in that second, and only what takes longer delays the block.
func TestFloodOfInvalidProofs(t *testing.T) {
	f := &flood{t: t, n: actors.New(t, actors.Config{Operators: 6, Customers: 2})}
	f.n.Unaudited()
	idle := f.blocks(*floodBlocks, 0)
	f.cheating = true
	flooded := f.blocks(*floodBlocks, *floodRate)
	f.finish()
	idle95, flooded95 := percentile(idle, 95), percentile(flooded, 95)
	ratio := float64(flooded95) / float64(idle95)
	t.Logf("%d invalid proofs a second for %d blocks: block time p95 %s, idle %s, ratio %.3f; a message refused in %s; "+
		"%d false answers by operators, %d honest jobs settled", *floodRate, *floodBlocks, flooded95.Round(time.Millisecond),
		idle95.Round(time.Millisecond), ratio, (f.checking / time.Duration(max(f.sent, 1))).Round(time.Microsecond), f.lied, len(f.jobs))
	require.LessOrEqual(t, ratio, floodFactor)
	require.Positive(t, f.lied, "operators lied")
}

// TestStrangersProofsCostABlockNoVerification has a proposer put strangers' proofs into a block. Each is refused before anything is decoded: well
// formed or not, for the same gas, which is far below what the verification of its proofs would take.
func TestStrangersProofsCostABlockNoVerification(t *testing.T) {
	const proofs = 16
	n := actors.New(t, actors.Config{Operators: 1, Customers: 2})
	n.Unaudited()
	n.Customers[0].Submit(actors.Small(t, 1), 1)
	from := n.Customers[1].Account
	n.MustDeliver(from, n.SendMsg(from, n.Operators[0].Address, math.OneInt())) // The first transaction of an account costs more.
	for _, proof := range [][]byte{simulation.Proof(), noise(len(simulation.Proof()))} {
		n.Queue(from, &markettypes.MsgProveResult{Worker: from.String(), JobId: 1, Attempt: 1, Round: 1,
			StepRoots: [][]byte{noise(32), noise(32)}, Proofs: slices.Repeat([][]byte{proof}, proofs)})
	}
	results := n.Block()
	for _, result := range results {
		n.RequireReason(markettypes.ErrNotWorker, result)
	}
	require.InDelta(t, results[0].GasUsed, results[1].GasUsed, 100, "the second has a longer sequence number at most")
	verification := n.App().Proofs.Units(proofs) * proofskeeper.GasPerUnit
	require.Less(t, uint64(results[0].GasUsed), 2*verification, "most of it is the size of the transaction")
	t.Logf("a stranger's message with %d proofs costs its sender %d gas; the verification would take %d more", proofs, results[0].GasUsed, verification)
}

// flood is a chain with honest jobs, and whoever disturbs it.
type flood struct {
	t        *testing.T
	n        *actors.Network
	jobs     []uint64
	cheating bool
	// lied counts operators' false answers; sent the strangers' messages, which took checking to refuse.
	lied, sent int
	checking   time.Duration
	height     int
}

// blocks commits blocks and returns how long each took.
func (f *flood) blocks(count, rate int) []time.Duration {
	times := make([]time.Duration, count)
	for i := range times {
		checks := f.strangers(rate)
		f.act()
		before := usage(f.t)
		f.n.Block()
		times[i] = max(f.n.Interval(), checks) + usage(f.t) - before
	}
	return times
}

// strangers send so many proofs for jobs that are not theirs, plain and on behalf of those who have them. None gets into the mempool.
func (f *flood) strangers(rate int) time.Duration {
	f.t.Helper()
	from := f.n.Customers[1].Account
	txs := make([][]byte, rate)
	for i := range txs {
		message := &markettypes.MsgProveResult{Worker: from.String(), JobId: uint64(1 + i%max(len(f.jobs), 1)), Attempt: 1, Round: 1,
			StepRoots: [][]byte{noise(32), noise(32)}, Proofs: [][]byte{simulation.Proof()}}
		if i%4 == 0 && len(f.jobs) > 0 {
			victim := f.n.Job(message.JobId)
			message.Worker, message.Attempt, message.Round = victim.Worker, victim.Attempt, victim.Round
			if victim.Worker == "" {
				message.Worker = f.n.Operators[0].String()
			}
			exec := authz.NewMsgExec(from.Address, []sdk.Msg{message})
			txs[i] = f.n.Sign(from, &exec)
			continue
		}
		txs[i] = f.n.Sign(from, message)
	}
	before := usage(f.t)
	for _, tx := range txs {
		response, err := f.n.App().CheckTx(&abci.RequestCheckTx{Tx: tx, Type: abci.CheckTxType_New})
		require.NoError(f.t, err)
		require.NotZero(f.t, response.Code, "a stranger's proof was let in")
	}
	took := usage(f.t) - before
	f.sent, f.checking = f.sent+rate, f.checking+took
	return took
}

// act lets customers, workers and cheats do what is due.
func (f *flood) act() {
	customer := f.n.Customers[0]
	if f.height%jobEvery == 0 {
		f.n.Queue(customer.Account, customer.SubmitMsg(customer.Spec(actors.Small(f.t, 1), 1)))
		f.jobs = append(f.jobs, uint64(len(f.jobs)+1))
	}
	f.height++
	f.n.PostRounds()
	for _, id := range f.jobs {
		f.work(id)
	}
}

// work takes a job a step on.
func (f *flood) work(id uint64) {
	job, err := f.n.App().Market.Job(f.n.Context(), id)
	if err != nil {
		return // It is submitted with this block.
	}
	switch job.State {
	case markettypes.JOB_STATE_ASSIGNED:
		worker := f.n.Worker(id)
		f.n.Queue(worker.Account, worker.CommitMsg(id, worker.Trace(id)))
	case markettypes.JOB_STATE_SAMPLED:
		worker := f.n.Worker(id)
		if f.cheating && slices.Contains(f.n.Operators[:cheats], worker) {
			f.lied++
			f.n.Queue(worker.Account, worker.Answer(id, worker.Trace(id).Roots(), [][]byte{simulation.Proof()}))
			return
		}
		f.n.Queue(worker.Account, worker.ProveMsg(id, worker.Trace(id)))
	}
}

// finish lets the honest go on until every job is settled.
func (f *flood) finish() {
	f.t.Helper()
	f.cheating = false
	for range 300 {
		open := 0
		for _, id := range f.jobs {
			if job, err := f.n.App().Market.Job(f.n.Context(), id); err == nil && job.State != markettypes.JOB_STATE_CLOSED {
				open++
				f.work(id)
			}
		}
		if open == 0 {
			break
		}
		f.n.Step()
	}
	for _, id := range f.jobs {
		require.Equal(f.t, markettypes.CLOSE_REASON_SETTLED.String(), f.n.Job(id).CloseReason.String(), "job %d", id)
	}
}

// noise is a random canonical root.
func noise(n int) []byte {
	raw := make([]byte, n)
	_, _ = rand.Read(raw[1:])
	return raw
}

// percentile of durations.
func percentile(of []time.Duration, p int) time.Duration {
	sorted := slices.Sorted(slices.Values(of))
	return sorted[min(len(sorted)*p/100, len(sorted)-1)]
}
