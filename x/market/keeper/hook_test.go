package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/internal/banktest"
	"github.com/assaychain/assay/x/market/keeper"
	"github.com/assaychain/assay/x/market/types"
)

// A halt of the chain extends every deadline by its length, but for one gap.
func TestHaltsExtendDeadlines(t *testing.T) {
	f := newFixture(t)
	f.workers(1)
	job := f.assigned()
	for range 3 {
		f.Advance(10 * time.Hour)
	}
	require.ErrorIs(t, f.commitErr(f.commitMsg(job)), nil, "a gap of 30 hours counts 60 s")
	f.block(1)
	f.requireState(job.Id, types.JOB_STATE_COMMITTED)
}

// A job waits for its round as long as it takes, and nobody is slashed for it.
func TestBeaconOutagesCostNobodyAnything(t *testing.T) {
	f := newFixture(t)
	f.workers(1)
	job := f.committed()
	f.wait(3 * keeper.RecheckSeconds)
	waiting := f.requireState(job.Id, types.JOB_STATE_COMMITTED)
	require.Equal(t, job.Round, waiting.Round, "the same round")
	f.post(job.Round)
	f.block(5)
	require.NoError(t, f.proveErr(f.proveMsg(f.requireState(job.Id, types.JOB_STATE_SAMPLED), 0)))
	f.wait(101)
	closed := f.requireState(job.Id, types.JOB_STATE_CLOSED)
	require.Equal(t, types.CLOSE_REASON_SETTLED, closed.CloseReason)
	require.True(t, f.slashed(job.Worker).IsZero())
}

// A round that many jobs wait for is drained over as many blocks as the limit asks for, and then done with.
func TestSamplingIsBoundedPerBlock(t *testing.T) {
	params := testParams()
	params.MaxSampledPerBlock = 2
	f := newFixtureWith(t, params)
	f.workers(3)
	var jobs []types.Job
	for range 5 {
		f.submit()
	}
	f.block(5)
	for id := uint64(1); id <= 5; id++ {
		require.NoError(t, f.commitErr(f.commitMsg(f.requireState(id, types.JOB_STATE_ASSIGNED))))
		jobs = append(jobs, f.job(id))
		require.Equal(t, jobs[0].Round, f.job(id).Round)
	}
	f.block(5)
	f.post(jobs[0].Round)
	for _, want := range []int{2, 4, 5, 5} {
		f.block(1)
		require.Equal(t, want, f.count(types.JOB_STATE_SAMPLED))
	}
	ready, err := f.beacon.Ready(f.Ctx, types.ModuleName, 10)
	require.NoError(t, err)
	require.Empty(t, ready)
}

func (f *fixture) count(state types.JobState) int {
	f.T.Helper()
	export, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(f.T, err)
	n := 0
	for _, entry := range export.Jobs {
		if entry.Job.State == state {
			n++
		}
	}
	return n
}

// Proofs wait for the budget in the order in which they came, and what came in time stays in time.
func TestVerificationKeepsToItsBudget(t *testing.T) {
	f := newFixture(t)
	f.workers(3)
	f.proofs.perBlock = 7
	for range 5 {
		f.submit()
	}
	f.block(5)
	for id := uint64(1); id <= 5; id++ {
		require.NoError(t, f.commitErr(f.commitMsg(f.requireState(id, types.JOB_STATE_ASSIGNED))))
	}
	round := f.job(1).Round
	f.block(5)
	f.post(round)
	f.block(5)
	for _, id := range []uint64{4, 2, 5, 1, 3} {
		require.NoError(t, f.proveErr(f.proveMsg(f.job(id), 0)))
	}
	for _, want := range []int{2, 4, 5} {
		f.block(60)
		f.block(60)
		require.Equal(t, min(want*2, 5), f.count(types.JOB_STATE_PROVEN)+f.count(types.JOB_STATE_CLOSED))
	}
	for id := uint64(1); id <= 5; id++ {
		require.Equal(t, types.FAILURE_REASON_UNSPECIFIED, f.job(id).LastFailure)
	}
}

func TestAJobLargerThanTheBudgetIsStillVerified(t *testing.T) {
	f := newFixture(t)
	f.workers(1)
	f.proofs.perBlock = 1
	f.proven()
}

func TestAssignmentsAreBoundedPerBlock(t *testing.T) {
	params := testParams()
	params.MaxAssignmentsPerBlock = 2
	f := newFixtureWith(t, params)
	f.workers(2)
	for range 5 {
		f.submit()
	}
	for _, want := range []int{2, 4, 5} {
		f.block(1)
		require.Equal(t, want, f.count(types.JOB_STATE_ASSIGNED))
	}
}

// A job that finds nobody is tried again after the pause, not in every block.
func TestUnplacedJobsWaitForTheirNextTry(t *testing.T) {
	f := newFixture(t)
	id := f.submit()
	f.block(5)
	require.EqualValues(t, 30_000, f.job(id).Due)
	f.worker("late", 1)
	f.block(20)
	f.block(5)
	f.requireState(id, types.JOB_STATE_OPEN)
	f.block(1)
	f.requireState(id, types.JOB_STATE_ASSIGNED)
}

// Lanes, bond and price decide who is chosen; nobody is given more than the bond covers.
func TestAssignmentsRespectLanesAndBond(t *testing.T) {
	f := newFixture(t)
	rich := f.operator("rich", 100*assay)
	f.device(rich, "rich", 2, 1)
	poor := f.operator("poor", 10*assay)
	f.device(poor, "poor", 1, 4)
	for range 6 {
		f.submit()
	}
	f.block(1)
	require.Equal(t, 1, f.held(rich), "one lane")
	require.Equal(t, 4, f.held(poor), "four lanes")
	require.Equal(t, 1, f.count(types.JOB_STATE_OPEN))

	params := testParams()
	params.ExposureBps = 1_000_000
	g := newFixtureWith(t, params)
	weak := g.operator("weak", 10*assay)
	g.device(weak, "weak", 150*assay, 4)
	msg := g.submission()
	msg.MaxPrice = sdk.NewInt64Coin("uassay", 100*assay)
	require.NoError(t, g.submitErr(msg))
	g.block(1)
	require.Equal(t, 1, g.held(weak), "24 multiply-accumulates at 150 ASSAY for 10^9 still cost the floor: exposure 1 ASSAY")
	stake, err := g.bond.Stake(g.Ctx, weak)
	require.NoError(t, err)
	require.EqualValues(t, assay, stake.Exposure.Int64())
	_, err = g.bond.Unbond(g.Ctx, weak, math.NewInt(9*assay+1))
	require.Error(t, err, "exposed bond stays")
}

func (f *fixture) held(operator sdk.AccAddress) int {
	f.T.Helper()
	export, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(f.T, err)
	n := 0
	for _, entry := range export.Jobs {
		if entry.Job.Worker == operator.String() && entry.Job.State == types.JOB_STATE_ASSIGNED {
			n++
		}
	}
	return n
}

// Whoever is jailed gets no new job; its devices come back when it does.
func TestJailedOperatorsGetNoJobs(t *testing.T) {
	f := newFixture(t)
	f.workers(1)
	job := f.assigned()
	f.wait(62)
	require.EqualValues(t, assay, f.slashed(job.Worker).Int64())
	jailed, err := f.penalty.IsJailed(f.Ctx, sdk.MustAccAddressFromBech32(job.Worker))
	require.NoError(t, err)
	require.True(t, jailed)
	next := f.submit()
	f.wait(120)
	f.requireState(next, types.JOB_STATE_OPEN)
	f.requireState(job.Id, types.JOB_STATE_OPEN)
}

// Whoever cannot be paid does not hold the job open: escrow pays the community pool instead.
func TestUnpayableWorkersDoNotHoldJobsOpen(t *testing.T) {
	f := newFixture(t)
	f.workers(1)
	job := f.proven()
	f.faults.name = "escrow.Pay"
	f.wait(101)
	late := f.requireState(job.Id, types.JOB_STATE_PROVEN)
	require.Positive(t, late.Deferrals)
	for range 3 * keeper.MaxDeferrals {
		f.block(31)
	}
	f.faults.name = ""
	closed := f.requireState(job.Id, types.JOB_STATE_CLOSED)
	require.True(t, closed.Paid.IsZero())
	require.EqualValues(t, assay, closed.Refunded.Int64(), "after ten tries it goes back to the customer")
}

// A retired circuit still proves the jobs that were submitted under it: the job names its circuits.
func TestJobsKeepTheirCircuits(t *testing.T) {
	f := newFixture(t)
	f.workers(1)
	job := f.sampled()
	f.faults.name = "proofs.Fix"
	require.NoError(t, f.proveErr(f.proveMsg(job, 0)))
	f.block(1)
	f.requireState(job.Id, types.JOB_STATE_PROVEN)
	require.Zero(t, f.faults.hit)
}

// A job that the workers of a poor network cannot finish ends with its attempts, whatever comes first.
func TestNobodyGetsAJobTwice(t *testing.T) {
	f := newFixture(t)
	workers := f.workers(3)
	seen := map[string]bool{}
	id := f.submit()
	f.block(1)
	for range workers {
		job := f.requireState(id, types.JOB_STATE_ASSIGNED)
		require.False(t, seen[job.Worker])
		seen[job.Worker] = true
		f.wait(62)
	}
	require.Equal(t, types.CLOSE_REASON_ATTEMPTS_EXHAUSTED, f.job(id).CloseReason)
	require.Len(t, seen, 3)
	require.NotContains(t, seen, banktest.Address("worker 9").String())
}
