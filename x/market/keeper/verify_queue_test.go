package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/market/types"
)

// queued is a chain on which so many jobs' proofs were handed in in one block, of which the named ones are invalid.
func queued(t *testing.T, jobs int, invalid ...uint64) *fixture {
	t.Helper()
	f := newFixture(t)
	f.workers(jobs/4 + 2)
	for range jobs {
		f.submit()
	}
	f.block(5)
	for id := uint64(1); id <= uint64(jobs); id++ {
		require.NoError(t, f.commitErr(f.commitMsg(f.requireState(id, types.JOB_STATE_ASSIGNED))))
	}
	f.block(5)
	f.post(f.job(1).Round)
	f.block(1)
	for id := uint64(1); id <= uint64(jobs); id++ {
		msg := f.proveMsg(f.requireState(id, types.JOB_STATE_SAMPLED), 0)
		for _, bad := range invalid {
			if bad == id {
				msg.Proofs[0] = make([]byte, proofSize)
			}
		}
		require.NoError(t, f.proveErr(msg))
	}
	return f
}

// The jobs of a block are verified in one batch, and each has its own verdict.
func TestJobsOfABlockAreVerifiedTogether(t *testing.T) {
	f := queued(t, 6, 2, 5)
	f.block(1)
	require.Equal(t, []int{6}, f.proofs.together)
	for id := uint64(1); id <= 6; id++ {
		if id == 2 || id == 5 {
			require.Equal(t, types.FAILURE_REASON_PROOF_INVALID, f.job(id).LastFailure)
			continue
		}
		f.requireState(id, types.JOB_STATE_PROVEN)
	}
}

// A batch takes a quarter of what a block may still spend, so that there is enough to find bad proofs.
func TestABatchLeavesEnoughToFindBadProofs(t *testing.T) {
	f := queued(t, 8)
	f.proofs.perBlock = 24
	f.block(1)
	require.Equal(t, []int{2, 1, 1, 1, 1, 1, 1}, f.proofs.together)
	require.Equal(t, 8, f.count(types.JOB_STATE_PROVEN))
}

// What is undecided keeps its place in the queue, and is no deferral.
func TestUndecidedJobsAreAskedAgain(t *testing.T) {
	f := queued(t, 6)
	f.proofs.undecided = 4
	f.block(1)
	require.Equal(t, 2, f.count(types.JOB_STATE_PROVEN))
	for id := uint64(3); id <= 6; id++ {
		require.Zero(t, f.requireState(id, types.JOB_STATE_VERIFYING).Deferrals)
	}
	f.proofs.undecided = 0
	f.block(1)
	require.Equal(t, 6, f.count(types.JOB_STATE_PROVEN))
	require.Equal(t, []int{6, 4}, f.proofs.together)
}

// A batch that fails as such loses no verdict: its jobs are verified one by one.
func TestAFailedBatchIsVerifiedOneByOne(t *testing.T) {
	for _, panics := range []bool{false, true} {
		f := queued(t, 5, 3)
		f.faults.name, f.faults.panics = "proofs.VerifyMany", panics
		f.block(1)
		f.faults.name, f.errors.lines = "", nil
		require.Empty(t, f.proofs.together)
		require.Equal(t, 4, f.count(types.JOB_STATE_PROVEN))
		require.Equal(t, types.FAILURE_REASON_PROOF_INVALID, f.job(3).LastFailure)
	}
}
