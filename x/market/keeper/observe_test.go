package keeper_test

import (
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/market/types"
	registrykeeper "github.com/assaychain/assay/x/registry/keeper"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// seenDevice is what the registry knows of a job's device.
func (f *fixture) seenDevice(job types.Job) registrytypes.Device {
	f.T.Helper()
	device, err := f.registry.Device(f.Ctx, job.Device)
	require.NoError(f.T, err)
	return device
}

// TestWhatAJobShowsOfItsDevice: the registry learns from every outcome, and from nothing that is not the worker's doing.
func TestWhatAJobShowsOfItsDevice(t *testing.T) {
	for _, c := range []struct {
		name             string
		walk             func(f *fixture) types.Job
		uptime, delivery uint32
		proven           bool
	}{
		{"assigned", func(f *fixture) types.Job { return f.assigned() }, 5_000, 5_000, false},
		{"proven", func(f *fixture) types.Job { return f.proven() }, 5_625, 5_000, true},
		{"settled", func(f *fixture) types.Job { job := f.proven(); f.wait(101); return job }, 5_625, 5_625, true},
		{"commitment late", func(f *fixture) types.Job { job := f.assigned(); f.wait(61); return job }, 4_375, 5_000, false},
		{"proof late", func(f *fixture) types.Job { job := f.sampled(); f.wait(76); return job }, 4_375, 5_000, false},
		{"proof invalid", func(f *fixture) types.Job {
			job := f.sampled()
			msg := f.proveMsg(job, 0)
			msg.Proofs[2] = prove("opening-256", hashOf("another statement"), 0)
			require.NoError(f.T, f.proveErr(msg))
			f.block(5)
			return job
		}, 4_375, 4_375, false},
		{"input unavailable", func(f *fixture) types.Job {
			job := f.assigned()
			require.NoError(f.T, f.reportErr(job, 1))
			return job
		}, 5_000, 5_000, false},
		{"not delivered", func(f *fixture) types.Job { job := f.claimed(); f.wait(51); return job }, 5_625, 4_375, true},
		{"delivered", func(f *fixture) types.Job { job := f.delivered(otherBlob); f.wait(51); return job }, 5_625, 5_625, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t)
			f.workers(1)
			device := f.seenDevice(c.walk(f))
			require.Equal(t, c.uptime, device.UptimeBps)
			require.Equal(t, c.delivery, device.DeliveryBps)
			require.Equal(t, c.proven, device.ProvenUntil > 0)
			require.Equal(t, c.proven && device.Available, device.Score > 0)
			pool, err := f.bond.Pool(f.Ctx, sdk.MustAccAddressFromBech32(device.Operator))
			require.NoError(t, err)
			require.Equal(t, device.Score, pool.Score)
		})
	}
}

// TestADeviceThatLeftShowsNothing: whoever has its id now is not blamed, nor praised, for an old job.
func TestADeviceThatLeftShowsNothing(t *testing.T) {
	f := newFixture(t)
	f.workers(1)
	job := f.proven()
	retire := &registrytypes.MsgRetireDevice{Operator: job.Worker, Id: job.Device}
	_, err := registrykeeper.NewMsgServer(f.registry).RetireDevice(f.Ctx, retire)
	require.NoError(t, err)
	other := f.operator("other", 100*assay)
	f.device(other, "worker 0", 1_000_000, 4)
	require.Equal(t, other.String(), f.seenDevice(job).Operator)
	f.wait(101)
	f.requireState(job.Id, types.JOB_STATE_CLOSED)
	require.EqualValues(t, 5_000, f.seenDevice(job).DeliveryBps)

	job = f.proven()
	retire = &registrytypes.MsgRetireDevice{Operator: job.Worker, Id: job.Device}
	_, err = registrykeeper.NewMsgServer(f.registry).RetireDevice(f.Ctx, retire)
	require.NoError(t, err)
	f.wait(101)
	f.requireState(job.Id, types.JOB_STATE_CLOSED)
}

// TestFastResultsShow: what a commitment took is kept with the job, and teaches the registry once the result is proven.
func TestFastResultsShow(t *testing.T) {
	latency := func(seconds int) uint32 {
		f := newFixture(t)
		f.workers(1)
		job := f.assigned()
		f.block(seconds)
		require.NoError(t, f.commitErr(f.commitMsg(job)))
		job = f.requireState(job.Id, types.JOB_STATE_COMMITTED)
		require.InDelta(t, 1_000*seconds, job.TookMs, 5_000, "and what was left of the block that assigned it")
		response := func() *registrytypes.QueryQualityResponse {
			found, err := registrykeeper.NewQueryServer(f.registry).Quality(f.Ctx, &registrytypes.QueryQualityRequest{Device: hex.EncodeToString(job.Device)})
			require.NoError(t, err)
			return found
		}
		require.EqualValues(t, 5_000, response().LatencyBps, "not before it is proven")
		f.block(5)
		f.post(job.Round)
		f.block(5)
		job = f.requireState(job.Id, types.JOB_STATE_SAMPLED)
		require.NoError(t, f.proveErr(f.proveMsg(job, 0)))
		f.block(5)
		require.Greater(t, response().AccuracyBps, uint32(5_000))
		return response().LatencyBps
	}
	require.Greater(t, latency(5), uint32(5_000))
	require.Less(t, latency(50), latency(5))
}
