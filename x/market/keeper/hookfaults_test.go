package keeper_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	beacontypes "github.com/assaychain/assay/x/beacon/types"
	bondtypes "github.com/assaychain/assay/x/bond/types"
	"github.com/assaychain/assay/x/internal/banktest"
	storefaults "github.com/assaychain/assay/x/internal/faults"
	"github.com/assaychain/assay/x/market/types"
	penaltytypes "github.com/assaychain/assay/x/penalty/types"
)

// busyBlock has two jobs due in every phase of a block: rounds posted, deadlines over, proofs handed in, jobs to be placed and
// histories over.
func busyBlock(t *testing.T) *fixture {
	t.Helper()
	params := testParams()
	params.HistorySeconds, params.DisputeSeconds, params.AnswerSeconds = 1, 2, 3
	params.MaxAttempts = 1 // A job that loses its dispute closes, instead of being placed in a later phase of the same block.
	f := newFixtureWith(t, params)
	f.workers(8) // With lanes for all, so that no job takes another one's.
	for id := range 10 {
		if id+1 == 6 {
			f.submitAt(types.ASSURANCE_REVEALED) // Verified by itself, the two before it together.
			continue
		}
		f.submit()
	}
	judged, silent, audited := f.submitReplicas(2, 2), f.submitReplicas(2, 2), f.submitAudit(10_000)
	f.block(1)
	for id := uint64(1); id <= 2; id++ { // Closed, and over at the end.
		require.NoError(t, f.cancelErr(f.customer, f.unplaced(id)))
	}
	for id := uint64(1); id <= 8; id++ {
		require.NoError(t, f.commitErr(f.commitMsg(f.requireState(id, types.JOB_STATE_ASSIGNED))))
		if id == 6 {
			f.block(30)
		}
	}
	f.post(f.job(1).Round)
	f.block(1)
	for id := uint64(1); id <= 6; id++ {
		require.NoError(t, f.proveErr(f.proveMsg(f.requireState(id, types.JOB_STATE_SAMPLED), 0)))
		if id == 3 {
			f.block(1) // Three of them are verified later than the others.
			f.disputeSome(1, 2)
		}
	}
	f.playTo(judged, types.JOB_STATE_JUDGING)
	f.playTo(silent, types.JOB_STATE_DIVERGED)
	f.submit()
	f.submit()
	f.play(audited, nil)
	f.post(f.job(7).Round)
	f.Advance(5 * time.Second)
	return f
}

// disputeSome has the first job's dispute due and the second one's answered when the fixture's time is over.
func (f *fixture) disputeSome(silent, answered uint64) {
	f.T.Helper()
	for _, id := range []uint64{silent, answered} {
		require.NoError(f.T, f.disputeErr(f.disputeMsg(f.requireState(id, types.JOB_STATE_PROVEN))))
	}
	require.NoError(f.T, f.answerErr(f.answerMsg(f.job(answered), 0)))
}

// unplaced posts a job that no device fits.
func (f *fixture) unplaced(uint64) uint64 {
	f.T.Helper()
	msg := f.submission()
	msg.Spec.Requirements.Operators = []string{banktest.Address("nobody").String()}
	require.NoError(f.T, f.submitErr(msg))
	next, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(f.T, err)
	return next.NextJobId - 1
}

// lives tells of every job how far it is: what differs between a step taken and a step not taken, and not how often or when it is
// tried.
func (f *fixture) lives(ctx sdk.Context) map[string]string {
	f.T.Helper()
	state, err := f.k.ExportGenesis(ctx)
	require.NoError(f.T, err)
	found := map[string]string{}
	for _, entry := range state.Jobs {
		job := entry.Job
		found[fmt.Sprintf("job %d", job.Id)] = fmt.Sprintf("%s, attempt %d, placed %t, seed %x, failed by %s, closed by %s, paid %s of %s",
			job.State, job.Attempt, job.Worker != "", job.Seed, job.LastFailure, job.CloseReason, job.Paid, job.Price)
	}
	return found
}

// Every store operation of the block's hooks fails once, in the market's store and in those of all modules below it.
func TestEndBlockSurvivesEveryFault(t *testing.T) {
	f := busyBlock(t)
	read := func(store string, prefixes ...[]byte) (heads []storefaults.Head) {
		for _, prefix := range prefixes {
			heads = append(heads, storefaults.Head{Store: store, Prefix: prefix})
		}
		return heads
	}
	heads := read(types.StoreKey, types.OpenPrefix.Bytes(), types.DuePrefix.Bytes(), types.VerifyPrefix.Bytes(),
		types.WaitingPrefix.Bytes(), types.PrunePrefix.Bytes())
	heads = append(heads, read(beacontypes.StoreKey, beacontypes.ReadyPrefix.Bytes())...)
	heads = append(heads, storefaults.Head{Store: types.StoreKey, Prefix: types.ParamsKey.Bytes(), Halts: true},
		storefaults.Head{Store: types.StoreKey, Prefix: types.ClockKey.Bytes(), Halts: true})
	storefaults.Walk(t, f.Faults, storefaults.Scene{
		Ctx:     f.Ctx,
		Hook:    f.k.EndBlock,
		Modules: []string{types.ModuleName, bondtypes.ModuleName, penaltytypes.ModuleName},
		Heads:   heads,
		Items:   f.lives,
		Check: func(ctx sdk.Context) error {
			if err := f.k.Invariants(ctx); err != nil {
				return err
			}
			return f.bond.Invariants(ctx)
		},
		Later: func(ctx sdk.Context) sdk.Context { return ctx.WithBlockTime(ctx.BlockTime().Add(31 * time.Second)) },
		Every: 7,
	})
}
