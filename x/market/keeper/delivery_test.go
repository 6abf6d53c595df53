package keeper_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/nacl/box"

	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"

	"github.com/assaychain/assay/x/internal/banktest"
	"github.com/assaychain/assay/x/market/delivery"
	"github.com/assaychain/assay/x/market/types"
	proofskeeper "github.com/assaychain/assay/x/proofs/keeper"
)

func TestReportsThatAreRefused(t *testing.T) {
	f := newFixture(t)
	f.workers(2)
	job := f.assigned()
	before := f.export()
	stranger := job
	stranger.Worker = f.customer.String()
	require.ErrorIs(t, f.reportErr(stranger, 0), types.ErrNotWorker)
	require.ErrorIs(t, f.reportErr(job, 2), types.ErrInput)
	wrong := job
	wrong.Attempt++
	require.ErrorIs(t, f.reportErr(wrong, 0), types.ErrAttempt)
	require.Equal(t, before, f.export())
	require.NoError(t, f.commitErr(f.commitMsg(job)))
	require.ErrorIs(t, f.reportErr(job, 0), types.ErrState, "who has committed had the inputs")
}

// A report costs the worker nothing, and the customer nothing until a second worker says the same.
func TestOneReportIsNoOffenceAndNoAttempt(t *testing.T) {
	params := testParams()
	params.MaxAttempts = 1
	f := newFixtureWith(t, params)
	f.workers(2)
	job := f.assigned()
	require.NoError(t, f.reportErr(job, 0))
	f.block(1)
	again := f.requireState(job.Id, types.JOB_STATE_ASSIGNED)
	require.NotEqual(t, job.Worker, again.Worker)
	require.EqualValues(t, 2, again.Attempt)
	require.True(t, f.slashed(job.Worker).IsZero())
	f.finish(job.Id)
	closed := f.requireState(job.Id, types.JOB_STATE_CLOSED)
	require.Equal(t, types.CLOSE_REASON_SETTLED, closed.CloseReason)
	require.EqualValues(t, price, closed.Paid.Int64(), "the one report is not paid")
}

func TestClaimsThatAreRefused(t *testing.T) {
	f := newFixture(t)
	f.workers(1)
	job := f.sampled()
	require.ErrorIs(t, f.claimErr(f.customer, job.Id), types.ErrState, "not proven yet")
	require.NoError(t, f.proveErr(f.proveMsg(job, 0)))
	f.block(1)
	before := f.export()
	require.ErrorIs(t, f.claimErr(banktest.Address("worker 0"), job.Id), types.ErrNotCustomer)
	require.ErrorIs(t, f.claimErr(f.customer, 77), types.ErrNotFound)
	require.Equal(t, before, f.export())
	require.NoError(t, f.claimErr(f.customer, job.Id))
	require.ErrorIs(t, f.claimErr(f.customer, job.Id), types.ErrState, "once")
}

func TestOutputsTooLargeForTheChainAreClaimedThroughRelays(t *testing.T) {
	for limit, want := range map[int]types.JobState{0: types.JOB_STATE_CLAIMED, -1: types.JOB_STATE_DRAWING} {
		params := testParams()
		params.MaxSealedBytes = uint32(len(resultBlob) + delivery.Overhead + limit)
		f := newFixtureWith(t, params)
		f.workers(1)
		f.relays(2)
		job := f.proven()
		require.NoError(t, f.claimErr(f.customer, job.Id))
		f.requireState(job.Id, want)
	}
}

func TestDeliveriesThatAreRefused(t *testing.T) {
	f := newFixture(t)
	f.workers(1)
	job := f.claimed()
	sealed := f.seal(resultBlob)
	before := f.export()
	require.ErrorIs(t, f.deliverErr(f.customer.String(), job.Id, sealed), types.ErrNotWorker)
	require.ErrorIs(t, f.deliverErr(job.Worker, job.Id, sealed[1:]), types.ErrSealed)
	require.ErrorIs(t, f.deliverErr(job.Worker, job.Id, append(bytes.Clone(sealed), 0)), types.ErrSealed)
	require.ErrorIs(t, f.deliverErr(job.Worker, job.Id, nil), types.ErrSealed)
	require.Equal(t, before, f.export())
	require.NoError(t, f.deliverErr(job.Worker, job.Id, sealed))
	require.ErrorIs(t, f.deliverErr(job.Worker, job.Id, sealed), types.ErrState, "once")
	response, err := f.queries.Delivery(f.Ctx, &types.QueryDeliveryRequest{Id: job.Id})
	require.NoError(t, err)
	opened, ok := box.OpenAnonymous(nil, response.Sealed, deliveryKey, deliverySecret)
	require.True(t, ok)
	require.Equal(t, resultBlob, opened, "the customer has its result")
}

func TestContestsThatAreRefused(t *testing.T) {
	f := newFixture(t)
	f.workers(1)
	job := f.delivered(otherBlob)
	before := f.export()
	_, secret, err := box.GenerateKey(rand.Reader)
	require.NoError(t, err)
	_, err = f.contest(job.Id, secret[:])
	require.ErrorIs(t, err, types.ErrSecret)
	_, err = f.contest(job.Id, deliverySecret[:31])
	require.ErrorIs(t, err, types.ErrSecret)
	_, err = f.contest(99, deliverySecret[:])
	require.ErrorIs(t, err, types.ErrNotFound)
	require.ErrorIs(t, f.do(func(ctx context.Context) error {
		_, err := f.msgs.ContestDelivery(ctx, &types.MsgContestDelivery{Customer: job.Worker, JobId: job.Id, DeliverySecret: deliverySecret[:]})
		return err
	}), types.ErrNotCustomer)
	require.Equal(t, before, f.export())
	genuine, err := f.contest(job.Id, deliverySecret[:])
	require.NoError(t, err)
	require.False(t, genuine)
	_, err = f.contest(job.Id, deliverySecret[:])
	require.ErrorIs(t, err, types.ErrState, "once")
}

// A box that does not open with the job's key is as false as one that holds another result.
func TestABoxForSomebodyElseIsFalse(t *testing.T) {
	f := newFixture(t)
	f.workers(1)
	job := f.claimed()
	key, _, err := box.GenerateKey(rand.Reader)
	require.NoError(t, err)
	sealed, err := delivery.Seal(rand.Reader, resultBlob, key[:])
	require.NoError(t, err)
	require.NoError(t, f.deliverErr(job.Worker, job.Id, sealed))
	genuine, err := f.contest(job.Id, deliverySecret[:])
	require.NoError(t, err)
	require.False(t, genuine)
	require.Equal(t, types.CLOSE_REASON_FALSE_DELIVERY, f.job(job.Id).CloseReason)
	f.block(1)
}

func TestAContestPaysForItsWorkFirst(t *testing.T) {
	f := newFixture(t)
	f.workers(1)
	job := f.delivered(resultBlob)
	contest := func(secret []byte, gas uint64) (uint64, error) {
		meter := storetypes.NewGasMeter(gas)
		msg := &types.MsgContestDelivery{Customer: f.customer.String(), JobId: job.Id, DeliverySecret: secret}
		cached, _ := f.Ctx.WithGasMeter(meter).WithKVGasConfig(storetypes.GasConfig{}).CacheContext()
		_, err := f.msgs.ContestDelivery(cached, msg)
		return meter.GasConsumed(), err
	}
	opening := uint64(3*types.GasPerKeyExchange + len(resultBlob) + delivery.Overhead)
	wrong := bytes.Repeat([]byte{1}, 32)
	gas, err := contest(wrong, 10_000_000)
	require.ErrorIs(t, err, types.ErrSecret)
	require.Equal(t, opening, gas)
	require.Panics(t, func() { _, _ = contest(wrong, opening-1) })
	// Two rows and three nodes.
	hashing := opening + 5*proofskeeper.GasPerCompression
	require.Panics(t, func() { _, _ = contest(deliverySecret[:], hashing-1) })
	gas, err = contest(deliverySecret[:], 10_000_000)
	require.NoError(t, err)
	require.GreaterOrEqual(t, gas, hashing)
}
