package customer_test

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/offchain-worker/blob"
	"github.com/assaychain/assay/offchain-worker/canary"
	"github.com/assaychain/assay/offchain-worker/chain"
	"github.com/assaychain/assay/offchain-worker/customer"
	markettypes "github.com/assaychain/assay/x/market/types"
)

// drawn is an order of a template, whose result is its program's.
func drawn(t *testing.T, template *customer.Template, random *rand.Rand, rows int) *customer.Order {
	t.Helper()
	order, err := template.Draw(context.Background(), blob.Merkle{}, random, rows)
	require.NoError(t, err)
	require.NotNil(t, run(t, order))
	tensors, err := order.Tensors()
	require.NoError(t, err)
	for i, one := range tensors {
		root, err := blob.Commit(one)
		require.NoError(t, err)
		require.Equal(t, order.Inputs[i].Root, root)
	}
	return order
}

func TestDrawnOrdersAreOfTheTemplateAndNeverAlike(t *testing.T) {
	random := rand.New(rand.NewChaCha8([32]byte{3}))
	values := canary.Uniform(random, 30, 20)
	other := canary.Uniform(random, 20, 10)
	arrays, err := customer.MatmulTemplate(save(t, "a.npy", []int{30, 20}, values.Values), save(t, "b.npy", []int{20, 10}, other.Values))
	require.NoError(t, err)
	shape, err := customer.ProductTemplate(30, 20, 10)
	require.NoError(t, err)
	const data = "../../scripts/digits/data/"
	network, err := customer.NetworkTemplate(data+"model.safetensors", data+"images.npy")
	require.NoError(t, err)
	for name, c := range map[string]struct {
		template *customer.Template
		rows     int
		fresh    int
	}{"arrays": {arrays, 7, 2}, "shape": {shape, 0, 2}, "network": {network, 50, 1}} {
		one, two := drawn(t, c.template, random, c.rows), drawn(t, c.template, random, c.rows)
		require.Equal(t, one.Program, two.Program, name)
		require.Equal(t, one.Summary, two.Summary, name)
		if c.rows > 0 {
			require.EqualValues(t, c.rows, one.Program.Inputs[0].Rows)
		}
		for i := range one.Inputs {
			require.Equal(t, i < c.fresh, one.Inputs[i].Root != two.Inputs[i].Root, "%s: input %d", name, i)
		}
	}
	flat, err := customer.MatmulTemplate(save(t, "a.npy", []int{30, 20}, make([]int8, 600)), save(t, "b.npy", []int{20, 10}, other.Values))
	require.NoError(t, err)
	_, err = flat.Draw(context.Background(), blob.Merkle{}, random, 0)
	require.ErrorIs(t, err, customer.ErrOrder)
	require.ErrorIs(t, err, canary.ErrAlike)
	require.ErrorContains(t, err, "a.npy")
	_, err = customer.ProductTemplate(1, 5000, 1)
	require.ErrorIs(t, err, customer.ErrOrder)
}

// TestRunsGoOn: fees, open and closed canaries of a run count after a restart, and of a run that is over nothing does.
func TestRunsGoOn(t *testing.T) {
	home := t.TempDir()
	journal, err := customer.OpenJournal(home, "assay-test-1")
	require.NoError(t, err)
	_, err = customer.OpenCanaries(journal, nil)
	require.ErrorIs(t, err, customer.ErrNoRun)
	budget := sdk.NewInt64Coin("uassay", 1_000)
	r, err := customer.OpenCanaries(journal, &budget)
	require.NoError(t, err)
	require.True(t, r.Began)
	fee := func(amount int64) sdk.Coins { return sdk.NewCoins(sdk.NewInt64Coin("uassay", amount)) }
	require.NoError(t, r.Fee(fee(30)))
	require.ErrorIs(t, r.Fee(fee(971)), canary.ErrBudget)

	posted := func(id uint64, hold int64, outcome *canary.Outcome) {
		record := newRecord(t)
		record.JobID = id
		record.Canary = &customer.Canary{Run: r.ID, Base: math.NewInt(hold), Hold: math.NewInt(hold), Outcome: outcome}
		require.NoError(t, journal.Save(record))
		if id > 1 {
			return
		}
		// A crash can leave the pending name beside the number.
		record.JobID = 0
		require.NoError(t, journal.Save(record))
	}
	posted(1, 400, nil)
	posted(2, 400, &canary.Outcome{Job: 2, Cost: math.NewInt(70), Parts: []canary.Part{{Operator: "o", Mark: canary.Right, Spent: math.NewInt(70), Won: math.ZeroInt()}}})
	require.NoError(t, journal.Save(newRecord(t)), "a job that is no canary")
	require.NoError(t, r.Close())

	for _, coin := range []*sdk.Coin{nil, {Denom: "uassay", Amount: math.NewInt(2_000)}} {
		again, err := customer.OpenCanaries(journal, coin)
		require.NoError(t, err)
		require.False(t, again.Began)
		require.Equal(t, r.ID, again.ID)
		fees, spent, held, left := again.Budget.Use()
		limit := int64(1_000)
		if coin != nil {
			limit = 2_000
		}
		require.Equal(t, []int64{30, 70, 400, limit - 500}, []int64{fees.Int64(), spent.Int64(), held.Int64(), left.Int64()})
		outcomes, open, err := again.Outcomes()
		require.NoError(t, err)
		require.Len(t, outcomes, 1)
		require.Equal(t, 1, open)
		require.NoError(t, again.Close())
	}
	_, err = customer.OpenCanaries(journal, &sdk.Coin{Denom: "other", Amount: math.OneInt()})
	require.ErrorContains(t, err, "has a budget in uassay, this one is in other")
	r, err = customer.OpenCanaries(journal, nil)
	require.NoError(t, err)
	require.NoError(t, r.Finish())
	require.NoError(t, r.Close())
	r, err = customer.OpenCanaries(journal, &budget)
	require.NoError(t, err)
	require.True(t, r.Began)
	_, _, _, left := r.Budget.Use()
	require.EqualValues(t, 1_000, left.Int64())
	require.NoError(t, r.Close())
}

// TestRecordsOfJobsSayNothingOfCanaries: the journal of a plain job is what it was.
func TestRecordsOfJobsSayNothingOfCanaries(t *testing.T) {
	content, err := json.Marshal(newRecord(t))
	require.NoError(t, err)
	require.NotContains(t, string(content), "canary")
}

func TestTallies(t *testing.T) {
	type look = markettypes.Job
	roots := [][]byte{{1}}
	const assigned, proven, open, closed = markettypes.JOB_STATE_ASSIGNED, markettypes.JOB_STATE_PROVEN, markettypes.JOB_STATE_OPEN, markettypes.JOB_STATE_CLOSED
	settled := look{State: closed, CloseReason: markettypes.CLOSE_REASON_SETTLED, StepRoots: roots, Paid: math.NewInt(9)}
	end := func(attempt uint32, worker string) look {
		job := settled
		job.Attempt, job.Worker = attempt, worker
		return job
	}
	lost, late := markettypes.FAILURE_REASON_DISPUTE_LOST, markettypes.FAILURE_REASON_COMMIT_LATE
	for name, c := range map[string]struct {
		looks []look
		mark  canary.Mark
		lost  int64
		want  []string
	}{
		"settled": {[]look{{State: open}, {State: assigned, Attempt: 1, Worker: "a"}, end(1, "a")}, canary.Right, 0, []string{"a right 9"}},
		"convicted, and another one is right": {[]look{
			{State: proven, Attempt: 1, Worker: "a", StepRoots: roots}, {State: open, Attempt: 1, Worker: "a", LastFailure: lost},
			{State: assigned, Attempt: 2, Worker: "b", LastFailure: lost}, end(2, "b"),
		}, canary.Right, 0, []string{"a convicted 0", "b right 9"}},
		"late, seen when another one has it": {[]look{
			{State: assigned, Attempt: 1, Worker: "a"}, {State: assigned, Attempt: 2, Worker: "b", LastFailure: late}, end(2, "b"),
		}, canary.Right, 0, []string{"a timed out 0", "b right 9"}},
		"wrong, and settled": {[]look{{State: assigned, Attempt: 1, Worker: "a"}, end(1, "a")}, canary.Wrong, 4, []string{"a wrong 13"}},
		"not delivered": {[]look{
			{State: proven, Attempt: 1, Worker: "a", StepRoots: roots},
			{State: closed, Attempt: 1, Worker: "a", StepRoots: roots, CloseReason: markettypes.CLOSE_REASON_UNDELIVERED, Paid: math.ZeroInt()},
		}, canary.Wrong, 0, []string{"a timed out 0"}},
		"nobody took it": {[]look{{State: open}, {State: closed, CloseReason: markettypes.CLOSE_REASON_EXPIRED}}, canary.Wrong, 0, nil},
	} {
		var tally customer.Tally
		view := chain.JobView{}
		for _, job := range c.looks {
			view.Job = job
			tally.See(view)
		}
		require.Equal(t, c.want, texts(tally.End(view, c.mark, "", math.NewInt(c.lost))), name)
	}
}

func texts(parts []canary.Part) (list []string) {
	for _, part := range parts {
		list = append(list, part.Operator+" "+string(part.Mark)+" "+part.Spent.String())
	}
	return list
}

// TestTalliesOfSeveralOperators: who is out is told once, those who agreed on a false result are convicted one after the other.
func TestTalliesOfSeveralOperators(t *testing.T) {
	var tally customer.Tally
	replica := func(worker string, failure markettypes.FailureReason) markettypes.Replica {
		return markettypes.Replica{Worker: worker, Price: math.NewInt(5), Failure: failure, Commitment: []byte{1}}
	}
	none, lost := markettypes.FAILURE_REASON_UNSPECIFIED, markettypes.FAILURE_REASON_DISPUTE_LOST
	view := chain.JobView{Job: markettypes.Job{
		State: markettypes.JOB_STATE_PROVEN, Attempt: 1, Worker: "a", Replicas: 3, StepRoots: [][]byte{{1}},
	}}
	view.Replicas.Replicas = []markettypes.Replica{replica("a", none), replica("b", none), replica("c", markettypes.FAILURE_REASON_REVEAL_LATE)}
	tally.See(view)
	tally.See(view)
	view.Replicas.Replicas[0].Failure, view.Job.Worker = lost, "b"
	tally.See(view)
	// The last of them is convicted, and the round is gone.
	view.Replicas, view.Job.State, view.Job.StepRoots, view.Job.LastFailure, view.Job.Worker = markettypes.ReplicaRecord{}, markettypes.JOB_STATE_OPEN, nil, lost, ""
	tally.See(view)
	view.Job.State, view.Job.Attempt, view.Job.StepRoots, view.Job.Worker = markettypes.JOB_STATE_PROVEN, 2, [][]byte{{1}}, "d"
	view.Replicas.Replicas = []markettypes.Replica{replica("d", none), replica("e", none)}
	tally.See(view)
	view.Job.State, view.Job.CloseReason, view.Job.Paid = markettypes.JOB_STATE_CLOSED, markettypes.CLOSE_REASON_SETTLED, math.NewInt(12)
	require.Equal(t, []string{"c timed out 0", "a convicted 0", "b convicted 0", "d right 7", "e right 5"},
		texts(tally.End(view, canary.Right, "", math.ZeroInt())), "the fee of a claim goes to who delivered")
}
