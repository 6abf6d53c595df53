package keeper_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/nacl/box"

	"github.com/assaychain/assay/x/market/types"
)

// falselyDelivered is a job of two operators that agree, the first of whom has delivered something else.
func (f *fixture) falselyDelivered() types.Job {
	f.T.Helper()
	id := f.replicating(2, 2).Id
	f.playOut(id, nil)
	require.NoError(f.T, f.claimErr(f.customer, id))
	require.NoError(f.T, f.deliverErr(f.job(id).Worker, id, f.seal(otherBlob)))
	return f.requireState(id, types.JOB_STATE_DELIVERED)
}

// A contest makes its secret public: what the next operator delivers is sealed to another key, and the first secret opens it no more,
// neither for strangers nor in another contest.
func TestAPublicSecretOpensNothingOfTheNextOperators(t *testing.T) {
	f := newFixture(t)
	f.workers(2)
	job := f.falselyDelivered()
	genuine, err := f.contest(job.Id, deliverySecret[:])
	require.NoError(t, err)
	require.False(t, genuine)
	job = f.requireState(job.Id, types.JOB_STATE_CLAIMED)
	spec, err := f.k.Spec(f.Ctx, job.Id)
	require.NoError(t, err)
	require.Equal(t, nextKey[:], job.ResultKey(spec))
	f.block(1)
	f.roundTrip(t)

	require.NoError(t, f.deliverErr(job.Worker, job.Id, f.sealTo(job.ResultKey(spec), resultBlob)))
	response, err := f.queries.Delivery(f.Ctx, &types.QueryDeliveryRequest{Id: job.Id})
	require.NoError(t, err)
	_, ok := box.OpenAnonymous(nil, response.Sealed, deliveryKey, deliverySecret)
	require.False(t, ok, "the secret that everybody knows")
	opened, ok := box.OpenAnonymous(nil, response.Sealed, nextKey, nextSecret)
	require.True(t, ok)
	require.Equal(t, resultBlob, opened, "the customer has its result")
	_, err = f.contest(job.Id, deliverySecret[:])
	require.ErrorIs(t, err, types.ErrSecret)
	genuine, err = f.contest(job.Id, nextSecret[:])
	require.NoError(t, err)
	require.True(t, genuine)
	require.Equal(t, types.CLOSE_REASON_SETTLED, f.job(job.Id).CloseReason)
}

// Who seals to the key whose secret is public has delivered falsely, whatever is in the box.
func TestASealToThePublicKeyIsFalse(t *testing.T) {
	f := newFixture(t)
	f.workers(2)
	job := f.falselyDelivered()
	_, err := f.contest(job.Id, deliverySecret[:])
	require.NoError(t, err)
	require.NoError(t, f.deliverErr(f.job(job.Id).Worker, job.Id, f.seal(resultBlob)))
	genuine, err := f.contest(job.Id, nextSecret[:])
	require.NoError(t, err)
	require.False(t, genuine)
	require.Equal(t, types.CLOSE_REASON_FALSE_DELIVERY, f.job(job.Id).CloseReason)
}

func TestNextKeysThatAreRefused(t *testing.T) {
	f := newFixture(t)
	f.workers(2)
	single := f.delivered(otherBlob)
	refuse := func(id uint64, secret, next []byte) {
		t.Helper()
		msg := f.contestMsg(id, secret)
		msg.NextDeliveryKey = next
		f.refused(types.ErrNextKey, func(ctx context.Context) error { _, err := f.msgs.ContestDelivery(ctx, msg); return err })
	}
	refuse(single.Id, deliverySecret[:], nextKey[:])
	job := f.falselyDelivered()
	refuse(job.Id, deliverySecret[:], nil)
	refuse(job.Id, deliverySecret[:], nextKey[:31])
	refuse(job.Id, deliverySecret[:], make([]byte, 32))
	refuse(job.Id, deliverySecret[:], deliveryKey[:])
	_, err := f.contest(job.Id, deliverySecret[:])
	require.NoError(t, err)
	require.NoError(t, f.deliverErr(f.job(job.Id).Worker, job.Id, f.sealTo(nextKey[:], otherBlob)))
	refuse(job.Id, nextSecret[:], nextKey[:])
	refuse(job.Id, nextSecret[:], deliveryKey[:])
}

// A limit that is lowered since keeps no customer of several operators from claiming and getting its result: there is no other way.
func TestALowerLimitKeepsNoResultOfSeveralBack(t *testing.T) {
	f := newFixture(t)
	f.workers(2)
	id := f.replicating(2, 2).Id
	f.playOut(id, nil)
	params, err := f.k.Params(f.Ctx)
	require.NoError(t, err)
	params.MaxSealedBytes = uint32(len(f.seal(resultBlob))) - 1
	require.NoError(t, f.k.SetParams(f.Ctx, params))
	f.refused(types.ErrReplicas, func(ctx context.Context) error {
		_, err := f.msgs.SubmitJob(ctx, f.replicaSubmission(2, 2))
		return err
	})
	require.NoError(t, f.claimErr(f.customer, id))
	job := f.requireState(id, types.JOB_STATE_CLAIMED)
	require.NoError(t, f.deliverErr(job.Worker, id, f.seal(resultBlob)))
	f.block(51)
	f.block(1)
	require.Equal(t, types.CLOSE_REASON_SETTLED, f.requireState(id, types.JOB_STATE_CLOSED).CloseReason)
}

// What an operator of several delivers falsely counts as a false result, for the first that answers and for the last; what it doesn't
// deliver counts as that.
func TestAFalseDeliveryOfOneOfSeveralIsAFalseResult(t *testing.T) {
	f := newFixture(t)
	f.workers(2)
	job := f.falselyDelivered()
	_, err := f.contest(job.Id, deliverySecret[:])
	require.NoError(t, err)
	f.requireFailed(job, types.FAILURE_REASON_FALSE_DELIVERY, 4_921)
	job = f.requireState(job.Id, types.JOB_STATE_CLAIMED)
	require.NoError(t, f.deliverErr(job.Worker, job.Id, f.sealTo(nextKey[:], otherBlob)))
	_, err = f.contest(job.Id, nextSecret[:])
	require.NoError(t, err)
	f.requireFailed(job, types.FAILURE_REASON_FALSE_DELIVERY, 4_921)

	g := newFixture(t)
	g.workers(2)
	id := g.replicating(2, 2).Id
	g.playOut(id, nil)
	require.NoError(t, g.claimErr(g.customer, id))
	for range 2 {
		job = g.job(id)
		g.wait(51)
		g.requireFailed(job, types.FAILURE_REASON_UNDELIVERED, 5_625)
	}
}

// requireFailed checks why the operator that answered for a job is out of it, and what its device is known for since.
func (f *fixture) requireFailed(job types.Job, why types.FailureReason, uptime uint32) {
	f.T.Helper()
	record := f.round(job.Id)
	require.Equal(f.T, why, record.Replicas[f.roundOf(job, job.Worker)].Failure)
	device := f.seenDevice(job)
	require.Equal(f.T, [2]uint32{uptime, 4_375}, [2]uint32{device.UptimeBps, device.DeliveryBps})
}

// All operators of two jobs report that they can't have an input, and the block has room for one of the jobs: of the other one nobody is
// left, and it is exported as it is. The moved chain closes it.
func TestNobodyIsLeftAtTheEndOfABlock(t *testing.T) {
	f := newFixture(t)
	f.workers(4)
	params, err := f.k.Params(f.Ctx)
	require.NoError(t, err)
	params.MaxDuePerBlock = 1
	require.NoError(t, f.k.SetParams(f.Ctx, params))
	jobs := []types.Job{f.replicating(2, 2), f.replicating(2, 2)}
	for _, job := range jobs {
		record := f.round(job.Id)
		for _, worker := range record.Workers() {
			msg := &types.MsgReportUnavailable{Worker: worker, JobId: job.Id, Attempt: job.Attempt}
			require.NoError(t, f.do(func(ctx context.Context) error { _, err := f.msgs.ReportUnavailable(ctx, msg); return err }))
		}
	}
	f.block(1)
	require.Equal(t, types.CLOSE_REASON_INPUT_UNAVAILABLE, f.requireState(jobs[0].Id, types.JOB_STATE_CLOSED).CloseReason)
	left := f.requireState(jobs[1].Id, types.JOB_STATE_REPLICATING)
	record := f.round(left.Id)
	require.Empty(t, record.Workers())
	require.True(t, left.Price.IsZero())
	g := f.roundTrip(t)
	g.block(1)
	require.Equal(t, types.CLOSE_REASON_INPUT_UNAVAILABLE, g.requireState(left.Id, types.JOB_STATE_CLOSED).CloseReason)
	f.block(1)
	f.requireState(left.Id, types.JOB_STATE_CLOSED)
}

// roundTrip moves the whole state to a fresh chain, which must export the same.
func (f *fixture) roundTrip(t *testing.T) *fixture {
	t.Helper()
	before := f.export()
	var decoded types.GenesisState
	require.NoError(t, f.Cdc.UnmarshalJSON([]byte(before), &decoded))
	g, err := f.moved(t, &decoded)
	require.NoError(t, err)
	require.Equal(t, before, g.export(), "byte for byte")
	return g
}
