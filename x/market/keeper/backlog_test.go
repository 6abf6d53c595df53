package keeper_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/market/types"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// patientParams leave a worker a day to commit, so that lanes stay taken, and try no job twice.
func patientParams() types.Params {
	params := testParams()
	params.CommitBaseSeconds, params.RetrySeconds = 86_400, 1_000_000
	return params
}

// submitFor submits a job for processors with changes to its submission.
func (f *fixture) submitFor(change func(*types.MsgSubmitJob)) (id uint64) {
	f.T.Helper()
	msg := f.submission()
	msg.Spec.Requirements.Classes = []registrytypes.DeviceClass{registrytypes.DEVICE_CLASS_CPU}
	msg.Deadline = f.Ctx.BlockTime().Add(72 * time.Hour)
	change(msg)
	require.NoError(f.T, f.do(func(ctx context.Context) error {
		response, err := f.msgs.SubmitJob(ctx, msg)
		if err == nil {
			id = response.JobId
		}
		return err
	}))
	return id
}

func asItIs(*types.MsgSubmitJob) {}

// backlogs are what waits, as an export tells.
func (f *fixture) backlogs() []types.Backlog {
	f.T.Helper()
	state, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(f.T, err)
	require.NoError(f.T, state.Validate())
	return state.Backlogs
}

// nextSpan goes on to the first block of the next measurement.
func (f *fixture) nextSpan() {
	f.T.Helper()
	for span := f.Ctx.BlockTime().Unix() / 300; f.Ctx.BlockTime().Unix()/300 == span; {
		f.block(20)
	}
}

// large is a program of 16·10^9 multiply-accumulates.
func large(msg *types.MsgSubmitJob) {
	for i := range msg.Spec.Program.Inputs {
		msg.Spec.Program.Inputs[i].Rows, msg.Spec.Program.Inputs[i].Cols = 4_000, 1_000
	}
	msg.MaxPrice = sdk.NewInt64Coin("uassay", 10*assay)
}

// lane offers one more lane, of a new operator.
func (f *fixture) lane(name string) {
	f.T.Helper()
	f.device(f.operator(name, 100*assay), name, 100_000, 1)
}

// priced quotes the large job, places it on a lane that is free and tells both prices.
func (f *fixture) priced() (quoted, charged int64) {
	f.T.Helper()
	var program types.QueryQuoteRequest
	id := f.submitFor(func(msg *types.MsgSubmitJob) {
		large(msg)
		program.Program, program.Requirements = msg.Spec.Program, msg.Spec.Requirements
	})
	quote, err := f.queries.Quote(f.Ctx, &program)
	require.NoError(f.T, err)
	f.block(1)
	return quote.Choice.Amount.Int64(), f.requireState(id, types.JOB_STATE_ASSIGNED).Price.Int64()
}

// What waits for lanes is demand, as it was measured: all of four lanes are taken and two jobs wait, which is half of a further turn and
// half of the way from the low factor to the high one. What is charged is the lower of the last two measurements, so that a quote by the
// present one holds until two newer ones were taken. Once nothing waits, nothing is kept of it.
func TestWaitingJobsAreDemand(t *testing.T) {
	f := newFixtureWith(t, patientParams())
	f.worker("worker", 100_000)
	f.nextSpan()
	var ids []uint64
	for range 6 {
		ids = append(ids, f.submitFor(asItIs))
	}
	f.block(1)
	want := types.Backlog{Class: registrytypes.DEVICE_CLASS_CPU, Waiting: 2 * types.BacklogUnit}
	require.Equal(t, []types.Backlog{want}, f.backlogs())
	f.lane("early")
	quoted, charged := f.priced()
	require.EqualValues(t, [2]int64{1_600_000, 1_600_000}, [2]int64{quoted, charged}, "nothing is measured yet")

	f.nextSpan()
	want.PresentBps = 4_000
	require.Equal(t, []types.Backlog{want}, f.backlogs(), "two jobs for five lanes")
	f.lane("late")
	quoted, charged = f.priced()
	require.EqualValues(t, [2]int64{1_920_000, 1_600_000}, [2]int64{quoted, charged}, "the quote of the span before holds")

	f.nextSpan()
	want.PresentBps, want.PreviousBps = 3_333, 4_000
	require.Equal(t, []types.Backlog{want}, f.backlogs(), "six lanes")
	f.lane("last")
	quoted, charged = f.priced()
	require.EqualValues(t, [2]int64{1_866_560, 1_866_560}, [2]int64{quoted, charged})

	for _, id := range ids[4:] {
		require.NoError(t, f.cancelErr(f.customer, id))
	}
	want.Waiting = 0
	require.Equal(t, []types.Backlog{want}, f.backlogs(), "what was measured stays until it is no more among the last two")
	f.nextSpan()
	f.nextSpan()
	require.Empty(t, f.backlogs())
}

// Only a job that wants for a lane counts: none that a free device refuses for what the job asks or pays, none that names operators that
// are there, and none of several operators. A job ceases to count as soon as it has a lane.
func TestWhatCountsAsWaiting(t *testing.T) {
	params := patientParams()
	params.RetrySeconds = 30
	f := newFixtureWith(t, params)
	f.worker("worker", 100_000)
	other := f.operator("other", 100*assay)
	cheap := f.submitFor(func(msg *types.MsgSubmitJob) { large(msg); msg.MaxPrice.Amount = msg.MaxPrice.Amount.QuoRaw(100) })
	named := f.submitFor(func(msg *types.MsgSubmitJob) { msg.Spec.Requirements.Operators = []string{other.String()} })
	several := f.submitFor(func(msg *types.MsgSubmitJob) {
		msg.Spec.Policy, msg.Spec.Replicas, msg.Spec.Agreement = types.VERIFICATION_POLICY_REPLICA, 2, 2
	})
	f.block(1)
	for _, id := range []uint64{cheap, named, several} {
		require.False(t, f.requireState(id, types.JOB_STATE_OPEN).Queued)
	}
	require.Empty(t, f.backlogs())
	for range 4 {
		f.submitFor(asItIs)
	}
	f.block(1)
	at := func(cell uint32, classes ...registrytypes.DeviceClass) uint64 {
		return f.submitFor(func(msg *types.MsgSubmitJob) {
			msg.Spec.Requirements.Cell, msg.Spec.Requirements.Classes = cell, classes
		})
	}
	near := at(7, registrytypes.DEVICE_CLASS_CPU, registrytypes.DEVICE_CLASS_EDGE)
	f.block(1)
	require.True(t, f.requireState(near, types.JOB_STATE_OPEN).Queued)
	half := uint64(types.BacklogUnit / 2)
	require.Equal(t, []types.Backlog{
		{Class: registrytypes.DEVICE_CLASS_CPU, Cell: 7, Waiting: half}, {Class: registrytypes.DEVICE_CLASS_EDGE, Cell: 7, Waiting: half},
	}, f.backlogs())
	f.nextSpan()
	require.Equal(t, []types.Backlog{
		{Class: registrytypes.DEVICE_CLASS_CPU, Cell: 7, Waiting: half, PresentBps: 1_250},
		{Class: registrytypes.DEVICE_CLASS_EDGE, Cell: 7, Waiting: half, PresentBps: 10_000},
	}, f.backlogs(), "no lane is in the cell, so those of the class count; none is of the other class")
	f.lane("free")
	f.nextSpan()
	require.False(t, f.requireState(near, types.JOB_STATE_ASSIGNED).Queued)
	f.nextSpan()
	f.nextSpan()
	require.Empty(t, f.backlogs())
}

// A measurement that fails is taken by the next block, and stops nothing.
func TestAMeasurementThatFailsIsTakenLater(t *testing.T) {
	f := newFixtureWith(t, patientParams())
	f.worker("worker", 100_000)
	f.nextSpan()
	for range 5 {
		f.submitFor(asItIs)
	}
	for _, panics := range []bool{false, true} {
		f.faults.name, f.faults.panics, f.faults.hit = "registry.JobLanes", panics, 0
		f.nextSpan()
		require.Positive(t, f.faults.hit)
		before := f.backlogs()
		f.faults.name, f.errors.lines = "", nil
		f.block(1)
		after := f.backlogs()
		require.Equal(t, before[0].PresentBps, after[0].PreviousBps)
		require.EqualValues(t, 2_500, after[0].PresentBps)
	}
}
