package keeper_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/assaychain/assay/x/internal/banktest"
	"github.com/assaychain/assay/x/market/audits"
	"github.com/assaychain/assay/x/market/replicas"
	"github.com/assaychain/assay/x/market/scheduler"
	"github.com/assaychain/assay/x/market/types"
	registrykeeper "github.com/assaychain/assay/x/registry/keeper"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// workerIn registers an operator with a device in a cell.
func (f *fixture) workerIn(cell uint32, name string, asked int64) string {
	f.T.Helper()
	operator := f.worker(name, asked)
	_, err := registrykeeper.NewMsgServer(f.registry).UpdateDevice(f.Ctx, &registrytypes.MsgUpdateDevice{
		Operator: operator.String(), Id: hashOf(name), Lanes: 4, Price: math.NewInt(asked), Available: true, Levels: testLevels(), Cell: cell,
	})
	require.NoError(f.T, err)
	return operator.String()
}

// cellsOf are where the operators of a round are that stand, in the order in which they got the job.
func (f *fixture) cellsOf(id uint64) (cells []uint32) {
	f.T.Helper()
	record := f.round(id)
	for _, i := range record.Standing() {
		cells = append(cells, record.Replicas[i].Cell)
	}
	return cells
}

// explainsRound checks that the explanation of a round is what the scheduler's own arithmetic makes of what it shows: each operator's
// terms, those that fitted too, and why better ones were passed over.
func (f *fixture) explainsRound(job types.Job) {
	f.T.Helper()
	answer, record := f.explain(job.Id), f.round(job.Id)
	require.True(f.T, answer.Decided)
	require.Equal(f.T, answer.Replicas[0], answer.Decision)
	most := replicas.MaxDrawn(job.Replicas)
	if job.Audited() {
		most += audits.MaxDraws
	}
	require.LessOrEqual(f.T, len(answer.Replicas), most)
	if len(record.Replicas) > 0 {
		require.Len(f.T, answer.Replicas, len(record.Replicas))
	}
	var had []uint32
	for i, d := range answer.Replicas {
		winner := d.Candidates[0]
		if len(record.Replicas) > 0 {
			replica := record.Replicas[i]
			require.Equal(f.T, []any{replica.Worker, replica.Device, replica.Price, replica.Cell}, []any{winner.Operator, winner.Device, winner.Price, winner.Cell})
		}
		require.Equal(f.T, job.Attempt, d.Attempt)
		looked := d.Eligible
		for _, r := range d.Refused {
			looked += r.Devices
		}
		require.Equal(f.T, d.Visited, looked)
		asked := scheduler.Job{Home: uint16(d.Home), Tier: d.Tier.Scheduler()}
		fit := len(d.Fitting())
		for n, c := range d.Candidates {
			rated := scheduler.Rate(asked, scheduler.Terms{MinPrice: d.Floor}, c.Seen(), c.Price)
			require.Equal(f.T, types.Score(rated), c.Score, "job %d, operator %d, candidate %d", job.Id, i+1, n)
			require.True(f.T, c.Price.MulRaw(int64(job.Replicas)).LTE(job.MaxPrice) && c.InUse < c.Lanes)
			if n > 0 && n != fit {
				require.LessOrEqual(f.T, d.Candidates[n-1].Score.Total, c.Score.Total)
			}
			if n >= fit {
				require.LessOrEqual(f.T, c.Score.Total, winner.Score.Total, "only who scores better is passed over")
				require.True(f.T, c.Refusal != "cell taken" || slices.Contains(had, c.Cell), "cell %d is not among %v", c.Cell, had)
				require.Equal(f.T, c.Refusal == "cell untold", c.Cell == 0)
			}
		}
		had = append(had, winner.Cell)
	}
}

// Operators are taken from distinct cells even where others are cheaper, the round's query tells the cells, and what an open job is told is what is
// then decided and kept, to the last term. It is pruned with the job.
func TestReplicasAreRecruitedFromDistinctCells(t *testing.T) {
	f := newFixture(t)
	for i, cell := range []uint32{9, 9, 0, 300, 9, 301} {
		f.workerIn(cell, fmt.Sprintf("worker %d", i), int64(1+i)*1_000_000_000_000)
	}
	msg := f.replicaSubmission(4, 2)
	msg.MaxPrice.Amount = math.NewInt(30 * assay)
	require.NoError(t, f.submitErr(msg))
	before := f.explain(1)
	require.False(t, before.Decided)
	require.Len(t, before.Replicas, 4)
	require.Len(t, before.Decision.Candidates, 6, "all candidates")
	f.block(1)
	job := f.requireState(1, types.JOB_STATE_REPLICATING)
	require.Equal(t, []uint32{9, 300, 301, 9}, f.cellsOf(1), "the fourth is the best that is left: nobody else is in a cell of his own")
	require.Equal(t, banktest.Address("worker 1").String(), f.round(1).Replicas[3].Worker)
	f.explainsRound(job)
	after := f.explain(1)
	for i, d := range after.Replicas {
		require.Equal(t, before.Replicas[i].Candidates, d.Candidates)
		require.Equal(t, before.Replicas[i].Refused, d.Refused)
	}
	var why []string
	second := after.Replicas[1].Candidates
	for _, c := range second[len(after.Replicas[1].Fitting()):] {
		why = append(why, c.Refusal)
	}
	require.Equal(t, []string{"cell taken", "cell untold"}, why, "worker 0 has the job, worker 4 scores worse")
	require.Contains(t, after.Replicas[1].Refused, types.RefusedCount{Refusal: "cell taken", Devices: 2})
	require.Contains(t, after.Replicas[1].Refused, types.RefusedCount{Refusal: "excluded", Devices: 1})

	f.playOut(1, nil)
	settle(f, 1)
	f.explainsRound(f.requireState(1, types.JOB_STATE_CLOSED))
	f.wait(1_001)
	_, err := f.queries.Explain(f.Ctx, &types.QueryExplainRequest{Id: 1})
	require.ErrorIs(t, err, types.ErrNotFound)
	f.checkForgotten(1)
}

// However few cells there are, the job is placed; and who takes the place of another goes where nobody is any more.
func TestFewCellsKeepNoJobWaiting(t *testing.T) {
	f := newFixture(t)
	for i := range 3 {
		f.workerIn(9, fmt.Sprintf("worker %d", i), 1_000_000)
	}
	job := f.replicating(3, 2)
	require.Equal(t, []uint32{9, 9, 9}, f.cellsOf(job.Id))
	f.explainsRound(job)

	for i, cell := range []uint32{9, 300, 300, 301} {
		f.workerIn(cell, fmt.Sprintf("late worker %d", i), int64(2+i)*1_000_000_000_000)
	}
	msg := f.replicaSubmission(2, 2)
	msg.MaxPrice.Amount = math.NewInt(assay)
	require.NoError(t, f.submitErr(msg))
	f.block(1)
	require.Equal(t, []uint32{9, 300}, f.cellsOf(2))
	parts := f.parts(2, honest, honest.until(replicating))
	f.play(2, parts)
	f.wait(61)
	require.Equal(t, []uint32{9, 300}, f.cellsOf(2), "cell 300 is free again: its other device is cheaper than that in 301")
	require.Len(t, f.round(2).Replicas, 3)
	f.explainsRound(f.requireState(2, types.JOB_STATE_REPLICATING))
}

// From a home the cells come in turns, so that a crowd at home does not keep all of them to itself; what no other cell can fill is filled there.
func TestACrowdAtHomeLeavesRoomForOtherCells(t *testing.T) {
	f := newFixture(t)
	params := testParams()
	params.MaxCandidates = 6
	require.NoError(t, f.k.SetParams(f.Ctx, params))
	for i := range 12 {
		f.workerIn(9, fmt.Sprintf("worker %d", i), 1_000_000)
	}
	for i := range 2 {
		f.workerIn(10, fmt.Sprintf("neighbour %d", i), 2_000_000)
	}
	from := func(n uint32) []uint32 {
		msg := f.replicaSubmission(n, 2)
		msg.Spec.Requirements.Cell = 9
		msg.Spec.Requirements.Classes = []registrytypes.DeviceClass{registrytypes.DEVICE_CLASS_CPU}
		require.NoError(t, f.submitErr(msg))
		f.block(1)
		state, err := f.k.ExportGenesis(f.Ctx)
		require.NoError(t, err)
		id := state.NextJobId - 1
		f.explainsRound(f.requireState(id, types.JOB_STATE_REPLICATING))
		return f.cellsOf(id)
	}
	require.Equal(t, []uint32{9, 10}, from(2))
	require.Equal(t, []uint32{9, 10, 9, 9, 9}, from(5))
}
