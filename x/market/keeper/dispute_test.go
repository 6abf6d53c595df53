package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/market/lifecycle"
	"github.com/assaychain/assay/x/market/types"
	penaltytypes "github.com/assaychain/assay/x/penalty/types"
	"github.com/assaychain/assay/x/proofs/challenge"
)

// A proof that was made for sampling, or for another dispute, doesn't answer one, though it is of the same entry.
func TestProofsAreBoundToTheirDispute(t *testing.T) {
	for name, spoil := range map[string]func(f *fixture, trace challenge.Trace, job types.Job) challenge.Trace{
		"drawn": func(_ *fixture, trace challenge.Trace, job types.Job) challenge.Trace {
			trace.Samples = 1
			trace.Named = append(trace.Named, job.Dispute.Entry.Position())
			return trace
		},
		"another dispute": func(f *fixture, trace challenge.Trace, job types.Job) challenge.Trace {
			narrowed, err := trace.Dispute(job.Dispute.Number+1, job.Dispute.Entry.Position())
			require.NoError(f.T, err)
			return narrowed
		},
		"another entry": func(f *fixture, trace challenge.Trace, job types.Job) challenge.Trace {
			narrowed, err := trace.Dispute(job.Dispute.Number, f.undrawn(job))
			require.NoError(f.T, err)
			return narrowed
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.workers(2)
			job := f.disputed()
			_, statements, err := challenge.Statements(spoil(f, f.traceOf(job), job))
			require.NoError(t, err)
			digest, err := statements[0].Digest()
			require.NoError(t, err)
			msg := f.answerMsg(job, 0)
			msg.Proof = prove("opening-256", digest[:], 0)
			require.NoError(t, f.answerErr(msg))
			f.block(1)
			require.Equal(t, types.FAILURE_REASON_DISPUTE_LOST, f.job(job.Id).LastFailure)
			require.EqualValues(t, 20*assay, f.slashed(job.Worker).Int64())
		})
	}
}

// The job's time stands still while it is disputed, and at least the time of an answer is left afterwards.
func TestADisputeStopsTheClock(t *testing.T) {
	f := newFixture(t)
	f.workers(2)
	job := f.proven()
	f.block(40)
	require.NoError(t, f.disputeErr(f.disputeMsg(job)))
	left := f.job(job.Id).Dispute.Rest
	f.block(15)
	require.NoError(t, f.answerErr(f.answerMsg(f.job(job.Id), 0)))
	f.block(1)
	now, err := f.k.Now(f.Ctx)
	require.NoError(t, err)
	again := f.job(job.Id)
	require.Equal(t, left-1_000, again.Due-now, "a second has passed since")
	f.block(int(again.Due-now) / 1_000)
	require.NoError(t, f.disputeErr(f.disputeMsg(again)), "in its last moment")
	require.Zero(t, f.job(job.Id).Dispute.Rest)
	require.NoError(t, f.answerErr(f.answerMsg(f.job(job.Id), 0)))
	f.block(1)
	now, err = f.k.Now(f.Ctx)
	require.NoError(t, err)
	require.EqualValues(t, 19_000, f.job(job.Id).Due-now, "the time of an answer is left for others")
}

// However a job is disputed, it settles in time: disputes are bounded and each costs twice as much as the one before.
func TestDisputesCanNotHoldAJobForEver(t *testing.T) {
	f := newFixture(t)
	f.workers(2)
	job := f.proven()
	begun, err := f.k.Now(f.Ctx)
	require.NoError(t, err)
	params, err := f.k.Params(f.Ctx)
	require.NoError(t, err)
	params.MaxDisputes, params.DisputeBondBps = 3, 20_000
	require.NoError(t, f.k.SetParams(f.Ctx, params))
	cost, want := f.Balance(f.watcher()), int64(0)
	for number := int64(0); number < 3; number++ {
		job = f.requireState(job.Id, types.JOB_STATE_PROVEN)
		now, err := f.k.Now(f.Ctx)
		require.NoError(t, err)
		f.Advance(time.Duration(job.Due-now) * time.Millisecond)
		require.NoError(t, f.disputeErr(f.disputeMsg(job)))
		want += bond << number
		require.EqualValues(t, want, cost.Sub(f.Balance(f.challenger)).Int64())
		f.Advance(20 * time.Second)
		require.NoError(t, f.answerErr(f.answerMsg(f.job(job.Id), 0)))
		f.block(0)
	}
	job = f.requireState(job.Id, types.JOB_STATE_PROVEN)
	msg := f.disputeMsg(job)
	msg.Entry = types.Entry{Row: 1, Col: 2}
	require.ErrorIs(t, f.disputeErr(msg), types.ErrDisputes)
	f.wait(21)
	f.requireState(job.Id, types.JOB_STATE_CLOSED)
	now, err := f.k.Now(f.Ctx)
	require.NoError(t, err)
	require.LessOrEqual(t, now-begun, uint64(1_000*(100+3*(20+20)+2)), "the window, and for each dispute the time of an answer twice")
	require.EqualValues(t, price-price*3/100+want/2, f.Balance(payout(f.nameOf(job))).Int64(), "the price, and half of what was lost")
}

// An entry is disputed once in an attempt, and another attempt begins anew.
func TestAnEntryIsDisputedOnce(t *testing.T) {
	f := newFixture(t)
	f.workers(3)
	job := f.disputed()
	entry := job.Dispute.Entry
	require.NoError(t, f.answerErr(f.answerMsg(job, 0)))
	f.block(1)
	job = f.requireState(job.Id, types.JOB_STATE_PROVEN)
	msg := f.disputeMsg(job)
	msg.Entry = entry
	require.ErrorIs(t, f.disputeErr(msg), types.ErrEntry)
	require.NoError(t, f.disputeErr(f.disputeMsg(job)))
	f.convict(f.job(job.Id))
	again := f.requireState(job.Id, types.JOB_STATE_ASSIGNED)
	require.Empty(t, again.Disputed)
	require.Nil(t, again.Dispute)
	require.NotEqual(t, job.Worker, again.Worker)
}

// Answers are verified within the block's budget, in their turn with proofs.
func TestAnswersWaitForTheBudget(t *testing.T) {
	f := newFixture(t)
	f.workers(2)
	first, second := f.proven(), f.proven()
	for _, job := range []types.Job{first, second} {
		require.NoError(t, f.disputeErr(f.disputeMsg(job)))
	}
	f.proofs.perBlock = 1
	require.NoError(t, f.answerErr(f.answerMsg(f.job(second.Id), 0)))
	f.Advance(time.Millisecond)
	require.NoError(t, f.answerErr(f.answerMsg(f.job(first.Id), 0)))
	f.block(30)
	f.requireState(second.Id, types.JOB_STATE_PROVEN)
	f.requireState(first.Id, types.JOB_STATE_ANSWERED)
	f.block(1)
	f.requireState(first.Id, types.JOB_STATE_PROVEN)
}

func TestOpenDisputesAreListed(t *testing.T) {
	f := newFixture(t)
	f.workers(1)
	job := f.disputed()
	f.proven()
	list := func(req *types.QueryDisputesRequest) int {
		response, err := f.queries.Disputes(f.Ctx, req)
		require.NoError(t, err)
		return len(response.Jobs)
	}
	require.Equal(t, 1, list(&types.QueryDisputesRequest{}))
	require.Equal(t, 1, list(&types.QueryDisputesRequest{Worker: job.Worker}))
	require.Equal(t, 1, list(&types.QueryDisputesRequest{Worker: job.Worker, Challenger: f.watcher().String()}))
	require.Equal(t, 0, list(&types.QueryDisputesRequest{Challenger: job.Worker}))
	require.Equal(t, 0, list(&types.QueryDisputesRequest{Worker: f.watcher().String()}))
	_, err := f.queries.Disputes(f.Ctx, &types.QueryDisputesRequest{Worker: "nobody"})
	require.ErrorIs(t, err, types.ErrAddress)
}

// A worker that disputes its own result under another name loses by it, whether it answers, lies or is silent, and whether or not it is
// its own customer too.
func TestDisputingOneselfNeverPays(t *testing.T) {
	for name, walk := range map[string]func(*fixture, types.Job){
		"proven":     func(f *fixture, job types.Job) { require.NoError(f.T, f.answerErr(f.answerMsg(job, 0))) },
		"convicted":  func(f *fixture, job types.Job) { f.convict(job) },
		"unanswered": func(f *fixture, job types.Job) { f.wait(21) },
	} {
		for _, own := range []bool{false, true} {
			params := testParams()
			params.HistorySeconds = 100_000
			f := newFixtureWith(t, params)
			f.workers(1)
			job := f.proven()
			worker := sdk.MustAccAddressFromBech32(job.Worker)
			purses := []sdk.AccAddress{worker, payout(f.nameOf(job)), f.watcher()}
			if own {
				purses = append(purses, f.customer)
			}
			wealth := func() math.Int {
				stake, err := f.bond.Stake(f.Ctx, worker)
				require.NoError(t, err)
				sum := stake.Bonded
				for _, purse := range purses {
					sum = sum.Add(f.Balance(purse))
				}
				return sum
			}
			before := wealth()
			require.NoError(t, f.disputeErr(f.disputeMsg(job)))
			walk(f, f.job(job.Id))
			f.wait(3_600)
			f.requireState(job.Id, types.JOB_STATE_CLOSED)
			f.Advance(penaltytypes.DefaultParams().AppealWindow())
			f.block(1)
			gain := wealth().Sub(before)
			undisputed := int64(price - price*3/100)
			if own {
				undisputed = assay - price*3/100
			}
			require.Less(t, gain.Int64(), undisputed, "%s, own customer %t", name, own)
		}
	}
}

// Whatever governance chooses, exhausting the disputes of an attempt costs its worker at least the job's price.
func TestTermsUnderWhichDisputesCouldBeWornOut(t *testing.T) {
	params := types.DefaultParams()
	params.MaxDisputes = 1
	require.ErrorIs(t, params.Validate(), types.ErrParams)
	params.DisputeBondBps = 20_000
	require.NoError(t, params.Validate())
	params.DisputeWorkerBps = 10_000
	require.ErrorContains(t, params.Validate(), "dispute_worker_bps")
	params = types.DefaultParams()
	require.GreaterOrEqual(t, lifecycle.WornOutBps(params.MaxDisputes, params.DisputeBondBps, params.DisputeWorkerBps), uint64(30_000))
}
