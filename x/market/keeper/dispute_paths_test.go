package keeper_test

import (
	"errors"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/market/keeper"
	"github.com/assaychain/assay/x/market/types"
)

// bond is what the first dispute of the tests' job costs: the least, since the job is tiny.
const bond = 50_000

// disputePaths are whole lives of jobs that are disputed.
func disputePaths() []path {
	return []path{
		{"disputed, proven, settled", func(f *fixture) uint64 {
			job := f.disputed()
			require.NoError(f.T, f.answerErr(f.answerMsg(job, 0)))
			f.requireState(job.Id, types.JOB_STATE_ANSWERED)
			f.block(1)
			f.requireState(job.Id, types.JOB_STATE_PROVEN)
			f.wait(101)
			return job.Id
		}, types.CLOSE_REASON_SETTLED, price, 0, bond, false, 0},
		{"disputed twice, proven, settled", func(f *fixture) uint64 {
			job := f.disputed()
			for range 2 {
				require.NoError(f.T, f.answerErr(f.answerMsg(job, 0)))
				f.block(1)
				job = f.requireState(job.Id, types.JOB_STATE_PROVEN)
				if len(job.Disputed) == 1 {
					require.NoError(f.T, f.disputeErr(f.disputeMsg(job)))
					job = f.requireState(job.Id, types.JOB_STATE_DISPUTED)
				}
			}
			f.wait(101)
			return job.Id
		}, types.CLOSE_REASON_SETTLED, price, 0, 3 * bond, false, 0},
		{"disputed, not proven, settled by another", func(f *fixture) uint64 {
			job := f.disputed()
			f.convict(job)
			require.Equal(f.T, types.FAILURE_REASON_DISPUTE_LOST, f.job(job.Id).LastFailure)
			f.finish(job.Id)
			return job.Id
		}, types.CLOSE_REASON_SETTLED, price, 2_000, 0, true, 0},
		{"disputed, not answered, settled by another", func(f *fixture) uint64 {
			job := f.disputed()
			f.wait(21)
			require.Equal(f.T, types.FAILURE_REASON_DISPUTE_UNANSWERED, f.job(job.Id).LastFailure)
			f.finish(job.Id)
			return job.Id
		}, types.CLOSE_REASON_SETTLED, price, 2_000, 0, true, 0},
		{"delivery disputed and proven", func(f *fixture) uint64 {
			job := f.delivered(resultBlob)
			require.NoError(f.T, f.disputeErr(f.disputeMsg(job)))
			f.block(1)
			require.NoError(f.T, f.answerErr(f.answerMsg(f.job(job.Id), 0)))
			f.block(1)
			f.requireState(job.Id, types.JOB_STATE_DELIVERED)
			f.wait(51)
			return job.Id
		}, types.CLOSE_REASON_SETTLED, price + claimFee, 0, bond, false, 0},
		{"delivery disputed and false", func(f *fixture) uint64 {
			job := f.delivered(resultBlob)
			require.NoError(f.T, f.disputeErr(f.disputeMsg(job)))
			f.convict(f.job(job.Id))
			f.finish(job.Id)
			return job.Id
		}, types.CLOSE_REASON_SETTLED, price, 2_000, 0, true, 0},
		{"disputed, verifier broken", func(f *fixture) uint64 {
			job := f.disputed()
			f.breakVerifier(job)
			f.requireState(job.Id, types.JOB_STATE_PROVEN)
			f.wait(101)
			return job.Id
		}, types.CLOSE_REASON_SETTLED, price, 0, 0, false, 0},
		{"delivery disputed, verifier broken", func(f *fixture) uint64 {
			job := f.delivered(resultBlob)
			require.NoError(f.T, f.disputeErr(f.disputeMsg(job)))
			f.breakVerifier(f.job(job.Id))
			f.requireState(job.Id, types.JOB_STATE_DELIVERED)
			f.wait(51)
			return job.Id
		}, types.CLOSE_REASON_SETTLED, price + claimFee, 0, 0, false, 0},
	}
}

// breakVerifier has the answer to a dispute looked at until the chain gives up.
func (f *fixture) breakVerifier(job types.Job) {
	f.T.Helper()
	require.NoError(f.T, f.answerErr(f.answerMsg(job, 0)))
	f.proofs.broken = errors.New("verifier broken")
	f.faults.name = "silence is not asked for"
	for range keeper.MaxDeferrals + 1 {
		f.block(31)
	}
	f.proofs.broken, f.faults.name, f.errors.lines = nil, "", nil
}
