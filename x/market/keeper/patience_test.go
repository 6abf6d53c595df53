package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/market/types"
)

// Jobs that wait long are tried in every block, the oldest first and before those that came later: no lane that becomes free goes to
// a newcomer, however many there are.
func TestPatientJobsComeFirst(t *testing.T) {
	f := newFixture(t)
	params := testParams()
	params.RetrySeconds = 1
	require.NoError(t, f.k.SetParams(f.Ctx, params))
	f.device(f.operator("worker", 100*assay), "worker", 1_000_000, 1)
	has := f.assigned()
	var old []uint64
	for range 5 {
		old = append(old, f.submit())
	}
	for range types.PatientTries {
		f.block(4) // The third pause.
	}
	params.RetrySeconds = 1_000
	require.NoError(t, f.k.SetParams(f.Ctx, params))
	for _, id := range old {
		require.EqualValues(t, types.PatientTries, f.requireState(id, types.JOB_STATE_OPEN).Tries)
	}
	for _, id := range old {
		young := f.submit()
		require.NoError(t, f.reportErr(f.job(has.Id), 0), "frees the lane, and its operator does not get it again")
		f.block(2)
		has = f.requireState(id, types.JOB_STATE_ASSIGNED)
		require.Zero(t, has.Tries)
		f.requireState(young, types.JOB_STATE_OPEN)
	}
}

// More patient jobs than a block tries take turns: each is tried once before any is tried twice.
func TestPatientJobsTakeTurns(t *testing.T) {
	f := newFixture(t)
	params := testParams()
	params.RetrySeconds, params.MaxPatientPerBlock = 1, 3
	require.NoError(t, f.k.SetParams(f.Ctx, params))
	const crowd = 7
	for range crowd {
		f.submit()
	}
	for range types.PatientTries {
		f.block(4) // The third pause.
	}
	params.RetrySeconds = 100_000
	require.NoError(t, f.k.SetParams(f.Ctx, params))
	f.block(2)
	tries := func() (least, most uint32) {
		least = ^uint32(0)
		for id := uint64(1); id <= crowd; id++ {
			n := f.requireState(id, types.JOB_STATE_OPEN).Tries
			least, most = min(least, n), max(most, n)
		}
		return least, most
	}
	for range 20 {
		f.block(2)
		least, most := tries()
		require.LessOrEqual(t, most, least+1)
	}
	least, _ := tries()
	require.GreaterOrEqual(t, least, uint32(types.PatientTries+20*3/crowd))
}

// The pause between two tries doubles, up to 32 times the parameter.
func TestPausesDouble(t *testing.T) {
	f := newFixture(t)
	params := testParams()
	params.RetrySeconds = 1
	require.NoError(t, f.k.SetParams(f.Ctx, params))
	id := f.submit()
	for i, seconds := range []int{1, 2, 4, 8, 16, 32, 32, 32} {
		f.endBlock()
		job := f.requireState(id, types.JOB_STATE_OPEN)
		require.EqualValues(t, i+1, job.Tries)
		now, err := f.k.Now(f.Ctx)
		require.NoError(t, err)
		require.EqualValues(t, seconds*1_000, job.Due-now)
		f.Advance(time.Duration(seconds) * time.Second)
		require.NoError(t, f.k.BeginBlock(f.Ctx))
	}
}

// A job that names an operator finds its device behind any number of others.
func TestANamedOperatorIsFoundBehindACrowd(t *testing.T) {
	f := newFixture(t)
	params := testParams()
	params.MaxCandidates = 4
	require.NoError(t, f.k.SetParams(f.Ctx, params))
	f.workers(20)
	named := f.worker("named", 2_000_000).String()
	id := f.submitWith(func(msg *types.MsgSubmitJob) { msg.Spec.Requirements.Operators = []string{named} })
	before := f.explain(id).Decision
	require.EqualValues(t, 1, before.Visited)
	f.block(1)
	require.Equal(t, named, f.requireState(id, types.JOB_STATE_ASSIGNED).Worker)

	require.NoError(t, f.registry.Suspend(f.Ctx, sdk.MustAccAddressFromBech32(named)))
	id = f.submitWith(func(msg *types.MsgSubmitJob) { msg.Spec.Requirements.Operators = []string{named} })
	f.block(1)
	f.requireState(id, types.JOB_STATE_OPEN)
	require.Equal(t, "unavailable", f.explain(id).Decision.Candidates[0].Refusal)
}
