package keeper_test

import (
	"encoding/binary"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	storefaults "github.com/assaychain/assay/x/internal/faults"
	"github.com/assaychain/assay/x/market/types"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// A job of several operators that can't be placed changes nothing that the block knows of the network: what comes after it reads nothing again.
func TestAnUnplaceableReplicaJobForgetsNothing(t *testing.T) {
	f := newFixture(t)
	f.workers(1)
	anywhere := func(msg *types.MsgSubmitJob) {
		msg.Spec.Requirements.Classes = []registrytypes.DeviceClass{registrytypes.DEVICE_CLASS_CPU}
	}
	f.submitWith(anywhere)
	msg := f.replicaSubmission(2, 2)
	anywhere(msg)
	require.NoError(t, f.submitErr(msg))
	f.submitWith(anywhere)
	f.faults.of = nil
	f.block(1)
	f.requireState(1, types.JOB_STATE_ASSIGNED)
	f.requireState(2, types.JOB_STATE_OPEN)
	f.requireState(3, types.JOB_STATE_ASSIGNED)
	require.Equal(t, 1, f.faults.of["registry.WalkNear"], "the block's")
	require.Equal(t, 1, f.faults.of["registry.WalkApart"], "the second job's own")
}

// One job that fails however it is placed costs the others that share its context nothing: they are placed as without it, it alone is put off,
// told once, and placed when it can be.
func TestABadJobLeavesItsCrewAlone(t *testing.T) {
	for _, panics := range []bool{false, true} {
		f := newFixture(t)
		f.workers(5)
		const jobs, bad = 5, 3
		for range jobs {
			f.submit()
		}
		clean, _ := f.Ctx.CacheContext()
		require.NoError(t, f.k.EndBlock(clean))
		before, want := f.lives(f.Ctx), f.lives(clean)
		name := fmt.Sprintf("job %d", bad)
		require.NotEqual(t, before[name], want[name], "placed without a fault")
		want[name] = before[name]

		f.errors.lines = nil
		key := binary.BigEndian.AppendUint64(types.SpecsPrefix.Bytes(), bad)
		f.Faults.BreakAlways(storefaults.Op{Store: types.StoreKey, Kind: "get", Key: key}, panics)
		require.NoError(t, f.k.EndBlock(f.Ctx))
		f.Faults.Heal()
		require.Equal(t, want, f.lives(f.Ctx), "panics %t", panics)
		require.NoError(t, f.k.Invariants(f.Ctx))
		require.Len(t, f.errors.lines, 1, "%v", f.errors.lines)
		require.Contains(t, f.errors.lines[0], "assign "+name)

		f.errors.lines = nil
		require.NoError(t, f.k.EndBlock(f.Ctx.WithBlockTime(f.Ctx.BlockTime().Add(time.Minute))))
		require.NotEqual(t, before[name], f.lives(f.Ctx)[name], "placed later")
	}
}

// Where operators of several are missing, others take their places as one of the block's assignments. What a block has no more assignments for
// goes to the next ones, and nobody commits in the meantime.
func TestReinforcementsCountAsAssignments(t *testing.T) {
	f := newFixture(t)
	f.workers(8)
	const jobs = 3
	for range jobs {
		f.submitReplicas(2, 2)
	}
	f.block(1)
	params := testParams()
	params.MaxAssignmentsPerBlock = 1
	require.NoError(t, f.k.SetParams(f.Ctx, params))
	f.block(60)
	other := f.submit()
	f.block(1)
	for done := 1; done <= jobs; done++ {
		for id := uint64(1); id <= jobs; id++ {
			reinforced := len(f.round(id).Replicas) > 2
			require.Equal(t, id <= uint64(done), reinforced, "job %d after %d blocks", id, done)
			if job := f.requireState(id, types.JOB_STATE_REPLICATING); !reinforced {
				worker := f.round(id).Replicas[0].Worker
				require.ErrorIs(t, f.commitAs(job, worker, honest, f.round(id)), types.ErrLate)
			}
		}
		if done > 1 {
			f.requireState(other, types.JOB_STATE_OPEN)
		}
		f.block(1)
	}
	f.requireState(other, types.JOB_STATE_ASSIGNED)
}

// What an open job of several operators is told, and what a quote tells, is by what each of them is paid at most, and by the time that they
// have to reveal.
func TestReplicaJobsAreWeighedByTheirShare(t *testing.T) {
	f := newFixture(t)
	f.worker("one", 1_000_000_000_000)
	f.worker("other", 1_000_000_000_000)
	msg := f.replicaSubmission(2, 2)
	msg.MaxPrice.Amount = math.NewInt(2*24_000 - 2)
	require.NoError(t, f.submitErr(msg))
	d := f.explain(1).Decision
	require.Zero(t, d.Eligible)
	require.Equal(t, "too dear", d.Candidates[0].Refusal)
	f.block(1)
	f.requireState(1, types.JOB_STATE_OPEN)
	msg.MaxPrice.Amount = msg.MaxPrice.Amount.AddRaw(2)
	require.NoError(t, f.submitErr(msg))
	require.EqualValues(t, 2, f.explain(2).Decision.Eligible)
	f.block(1)
	f.requireState(2, types.JOB_STATE_REPLICATING)

	// A job has 61 s to be committed and 75 s to be proven here, and 40 s more to be revealed.
	g := newRent(t)
	g.landlord("gpu")
	g.landlord("gpu 2")
	g.reserved("gpu", 140)
	g.reserved("gpu 2", 140)
	ask := &types.QueryQuoteRequest{Program: testProgram(), Requirements: testSpec().Requirements}
	_, err := g.queries.Quote(g.Ctx, ask)
	require.NoError(t, err)
	ask.Replicas = 2
	_, err = g.queries.Quote(g.Ctx, ask)
	require.ErrorContains(t, err, "0 of 2 operators found, 2 devices looked at, 2 booked")
}
