package keeper_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/market/types"
)

// submitTier submits a job of a tier.
func (f *fixture) submitTier(tier types.JobTier) (id uint64) {
	f.T.Helper()
	msg := f.submission()
	msg.Spec.Requirements.Tier = tier
	require.NoError(f.T, f.do(func(ctx context.Context) error {
		response, err := f.msgs.SubmitJob(ctx, msg)
		if err == nil {
			id = response.JobId
		}
		return err
	}))
	return id
}

// provenAfter takes an open job to its proof; it is committed so many seconds after the assignment.
func (f *fixture) provenAfter(id uint64, seconds int) types.Job {
	f.T.Helper()
	f.block(seconds)
	require.NoError(f.T, f.commitErr(f.commitMsg(f.requireState(id, types.JOB_STATE_ASSIGNED))))
	job := f.requireState(id, types.JOB_STATE_COMMITTED)
	require.EqualValues(f.T, 1_000*seconds, job.TookMs)
	f.block(5)
	f.post(job.Round)
	f.block(5)
	require.NoError(f.T, f.proveErr(f.proveMsg(f.requireState(id, types.JOB_STATE_SAMPLED), 0)))
	f.block(5)
	return f.requireState(id, types.JOB_STATE_PROVEN)
}

// closings keeps what events tell of the ends of jobs.
func (f *fixture) closings() map[uint64]*types.EventJobClosed {
	told := map[uint64]*types.EventJobClosed{}
	f.also = func(events sdk.Events) {
		for _, event := range events.ToABCIEvents() {
			if parsed, err := sdk.ParseTypedEvent(event); err == nil {
				if closed, ok := parsed.(*types.EventJobClosed); ok {
					told[closed.JobId] = closed
				}
			}
		}
	}
	return told
}

// What is later than a tier promises costs the worker a part of its price, and the customer gets exactly that back. The time to commit
// is 61 s, the price 10,000.
func TestLatenessPaysByItself(t *testing.T) {
	for _, c := range []struct {
		name    string
		tier    types.JobTier
		seconds int
		rebate  int64
	}{
		{"standard at the last moment", types.JOB_TIER_STANDARD, 60, 0},
		{"economy at the last moment", types.JOB_TIER_ECONOMY, 60, 0},
		{"fast within three quarters", types.JOB_TIER_FAST, 45, 0},
		{"fast at the last moment", types.JOB_TIER_FAST, 60, 2_337},
		{"realtime within the half", types.JOB_TIER_REALTIME, 30, 0},
		{"realtime, late", types.JOB_TIER_REALTIME, 45, 2_378},
		{"realtime at the last moment", types.JOB_TIER_REALTIME, 60, 4_837},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t)
			worker := f.workers(1)[0]
			before, told := f.Balance(f.customer), f.closings()
			job := f.provenAfter(f.submitTier(c.tier), c.seconds)
			require.EqualValues(t, price, job.Price.Int64())
			require.EqualValues(t, c.rebate, job.Rebate().Int64())
			f.wait(101)
			job = f.requireState(job.Id, types.JOB_STATE_CLOSED)
			f.settledLess(job, worker, c.rebate)
			require.EqualValues(t, price-c.rebate, before.Sub(f.Balance(f.customer)).Int64())
			require.EqualValues(t, c.rebate, told[job.Id].Rebate.Amount.Int64())
			require.EqualValues(t, c.rebate, job.Rebate().Int64(), "a closed job still shows it")
			f.checkForgotten(job.Id)
		})
	}
}

// settledLess checks what a closed job paid, to the unit.
func (f *fixture) settledLess(job types.Job, worker sdk.AccAddress, rebate int64) {
	f.T.Helper()
	require.Equal(f.T, types.CLOSE_REASON_SETTLED, job.CloseReason)
	fee := job.ClaimFee.Int64()
	require.EqualValues(f.T, price-rebate+fee, job.Paid.Int64())
	require.EqualValues(f.T, assay-price+rebate, job.Refunded.Int64())
	// Escrow takes 2% and 1% of what is paid for work, each rounded by itself.
	require.InDelta(f.T, (price-rebate)*97/100+fee, f.Balance(payout("worker 0")).Int64(), 2)
	stake, err := f.bond.Stake(f.Ctx, worker)
	require.NoError(f.T, err)
	require.True(f.T, stake.Exposure.IsZero())
	require.True(f.T, f.ModuleBalance("escrow").IsZero())
}

// The promise holds on the way through a claim too, and leaves the claim fee alone.
func TestLatenessCostsThePriceOfADelivery(t *testing.T) {
	for _, contested := range []bool{false, true} {
		f := newFixture(t)
		worker := f.workers(1)[0]
		job := f.provenAfter(f.submitTier(types.JOB_TIER_REALTIME), 45)
		require.NoError(t, f.claimErr(f.customer, job.Id))
		require.NoError(t, f.deliverErr(job.Worker, job.Id, f.seal(resultBlob)))
		if contested {
			genuine, err := f.contest(job.Id, deliverySecret[:])
			require.NoError(t, err)
			require.True(t, genuine)
		}
		f.block(51)
		f.block(1)
		f.settledLess(f.requireState(job.Id, types.JOB_STATE_CLOSED), worker, 2_378)
	}
}

// A vote changes what jobs submitted later are promised, and nothing of those under way: neither the parts nor the window.
func TestPromisesOutliveVotes(t *testing.T) {
	f := newFixture(t)
	worker := f.workers(1)[0]
	bought := f.submitTier(types.JOB_TIER_REALTIME)
	params := testParams()
	params.CommitBaseSeconds = 1_000
	params.JobSlaBps, params.JobLateBps = []uint32{10_000, 10_000, 10_000, 10_000}, []uint32{0, 0, 0, 0}
	require.NoError(t, f.k.SetParams(f.Ctx, params))
	job := f.provenAfter(bought, 45)
	require.Equal(t, &types.Promise{PromisedMs: 30_500, WindowMs: 61_000, LateBps: 5_000}, job.Promise)
	f.wait(101)
	f.settledLess(f.requireState(bought, types.JOB_STATE_CLOSED), worker, 2_378)

	unpromised := f.submitTier(types.JOB_TIER_REALTIME)
	require.NoError(t, f.k.SetParams(f.Ctx, testParams()))
	require.True(t, f.provenAfter(unpromised, 60).Rebate().IsZero(), "nothing was promised when it was bought")
}

// An attempt that fails leaves no lateness to the next one, which has a time of its own.
func TestEachAttemptHasItsOwnTime(t *testing.T) {
	f := newFixture(t)
	f.workers(2)
	id := f.submitTier(types.JOB_TIER_REALTIME)
	f.block(50)
	first := f.requireState(id, types.JOB_STATE_ASSIGNED)
	require.NoError(t, f.commitErr(f.commitMsg(first)))
	committed := f.job(id)
	require.True(t, committed.Rebate().IsPositive())
	f.block(5)
	f.post(committed.Round)
	f.wait(80)
	second := f.requireState(id, types.JOB_STATE_ASSIGNED)
	require.EqualValues(t, 2, second.Attempt)
	require.Zero(t, second.TookMs)
	require.True(t, second.Rebate().IsZero())
	told := f.closings()
	f.finish(id)
	closed := f.requireState(id, types.JOB_STATE_CLOSED)
	require.EqualValues(t, price, closed.Paid.Int64())
	require.True(t, told[id].Rebate.Amount.IsZero())
}

// Quotes and explanations tell what is promised; of several operators each promises it.
func TestPromisesAreTold(t *testing.T) {
	f := newFixture(t)
	f.workers(2)
	ask := &types.QueryQuoteRequest{Program: testProgram(), Requirements: types.Requirements{Tier: types.JOB_TIER_FAST}}
	quote, err := f.queries.Quote(f.Ctx, ask)
	require.NoError(t, err)
	want := &types.Promise{PromisedMs: 45_750, WindowMs: 61_000, LateBps: 2_500}
	require.Equal(t, want, quote.Promise)
	require.Equal(t, "committed within 45.75s of the assignment, or a part of the price comes back, 25.00% of it after 1m1s", want.Words())
	ask.Replicas = 2
	quote, err = f.queries.Quote(f.Ctx, ask)
	require.NoError(t, err)
	require.Equal(t, want, quote.Promise)
	id := f.submitTier(types.JOB_TIER_FAST)
	require.Equal(t, want, f.explain(id).Promise)
	msg := f.submission()
	msg.Spec.Requirements.Tier = types.JOB_TIER_REALTIME
	msg.Spec.Policy, msg.Spec.Replicas, msg.Spec.Agreement = types.VERIFICATION_POLICY_REPLICA, 2, 2
	require.NoError(t, f.submitErr(msg))
	want = &types.Promise{PromisedMs: 30_500, WindowMs: 61_000, LateBps: 5_000}
	require.Equal(t, want, f.job(id+1).Promise)
	require.Equal(t, want, f.explain(id+1).Promise)
}

// Of several operators each bears its own lateness: what comes back is what the late ones lost, to the unit, and nobody else gets less. Who takes
// another's place has a time of its own, and who is out gets nothing and gives nothing back.
func TestEachOfSeveralOperatorsBearsItsOwnLateness(t *testing.T) {
	f := newFixture(t)
	f.workers(4)
	before, told := f.Balance(f.customer), f.closings()
	msg := f.replicaSubmission(3, 2)
	msg.Spec.Requirements.Tier = types.JOB_TIER_REALTIME
	require.NoError(t, f.submitErr(msg))
	f.block(30)
	job := f.requireState(1, types.JOB_STATE_REPLICATING)
	members := f.round(1).Replicas
	commit := func(worker string) { require.NoError(t, f.commitAs(job, worker, honest, f.round(1))) }
	commit(members[0].Worker) // After 30 s of the 30.5 that are promised.
	f.block(15)
	commit(members[1].Worker) // After 45 s.
	f.block(25)
	f.block(40) // The third one was out at its beginning, and the fourth got its place.
	joined := f.round(1).Replicas
	require.Len(t, joined, 4)
	require.Equal(t, types.FAILURE_REASON_COMMIT_LATE, joined[2].Failure)
	commit(joined[3].Worker)
	took, rebates := []uint64{30_000, 45_000, 0, 40_000}, []int64{0, 2_378, 0, 1_558}
	for i, replica := range f.round(1).Replicas {
		require.Equal(t, took[i], replica.TookMs, "operator %d", i)
		require.EqualValues(t, rebates[i], replica.Rebate(f.job(1).Promise).Int64(), "operator %d", i)
	}
	require.True(t, f.job(1).Rebate().IsZero(), "it is the operators' own")
	f.playOut(1, nil)
	settle(f, 1)
	closed := f.requireState(1, types.JOB_STATE_CLOSED)
	lost := rebates[1] + rebates[3]
	require.EqualValues(t, 3*price-lost, closed.Paid.Int64())
	require.EqualValues(t, lost, told[1].Rebate.Amount.Int64())
	for i, member := range joined {
		want := (price - rebates[i]) * 97 / 100
		if i == 2 {
			want = 0
		}
		require.InDelta(t, want, f.Balance(payout(f.nameOf(types.Job{Worker: member.Worker}))).Int64(), 2, "operator %d", i)
	}
	// The customer has what it did not pay; its share of what the third one was slashed of comes later.
	require.EqualValues(t, 3*price-lost, before.Sub(f.Balance(f.customer)).Int64())
	f.checkForgotten(1)
}
