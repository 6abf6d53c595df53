package keeper_test

import (
	"crypto/sha256"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/assaychain/assay/x/market/types"
	registrykeeper "github.com/assaychain/assay/x/registry/keeper"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// gaming offers a GPU of a model with such a throughput at 100,000 per 10^9 multiply-accumulates.
func (f *fixture) gaming(key string, gops uint64) {
	f.T.Helper()
	require.NoError(f.T, f.registry.UpsertGpuModel(f.Ctx, registrytypes.GpuModel{
		Key: key, Vendor: "NVIDIA", Name: key, Architecture: "Next", Class: registrytypes.DEVICE_CLASS_CONSUMER, MemoryMib: 16_384, Released: "2027-01",
		Int8Gops: gops, Backends: []registrytypes.Backend{registrytypes.BACKEND_CUDA}, Sources: []string{"https://vendor.example/" + key},
	}))
	id := sha256.Sum256([]byte(key))
	_, err := registrykeeper.NewMsgServer(f.registry).RegisterDevice(f.Ctx, &registrytypes.MsgRegisterDevice{
		Operator: f.operator("owner of "+key, 10_000*assay).String(), Id: id[:], Model: key, Class: registrytypes.DEVICE_CLASS_CONSUMER,
		Backend: registrytypes.BACKEND_CUDA, MemoryMib: 16_384, Lanes: 4, Price: math.NewInt(100_000), Available: true, Levels: testLevels(),
	})
	require.NoError(f.T, err)
	device, err := f.registry.Device(f.Ctx, id[:])
	require.NoError(f.T, err)
	require.Equal(f.T, gops, device.Gops)
}

// at begins the first block of a time of the first day.
func (f *fixture) at(hour, minute int) {
	f.T.Helper()
	to := f.Ctx.BlockTime().Truncate(24 * time.Hour).Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
	f.block(int(to.Sub(f.Ctx.BlockTime()) / time.Second))
}

// A price is higher on a device that can do more, and in dear hours; quotes and explanations show each factor. An hour that begins makes no
// job dearer within five minutes of its quote.
func TestDevicesAndHoursMakeThePrice(t *testing.T) {
	f := newFixtureWith(t, patientParams())
	f.gaming("rapid", 140_000)
	f.block(1)
	place := func() (*types.QueryQuoteResponse, types.Candidate, types.Job) {
		var ask types.QueryQuoteRequest
		id := f.submitFor(func(msg *types.MsgSubmitJob) {
			large(msg)
			msg.Spec.Requirements.Classes, msg.Spec.Requirements.Tier = []registrytypes.DeviceClass{registrytypes.DEVICE_CLASS_CONSUMER}, types.JOB_TIER_FAST
			ask.Program, ask.Requirements = msg.Spec.Program, msg.Spec.Requirements
		})
		quote, err := f.queries.Quote(f.Ctx, &ask)
		require.NoError(t, err)
		f.block(1)
		explained := f.explain(id).Decision
		require.EqualValues(t, 20_000, explained.TierBps)
		f.explains(f.requireState(id, types.JOB_STATE_ASSIGNED))
		return quote, explained.Candidates[0], f.job(id)
	}
	factorsOf := func(q *types.QueryQuoteResponse) []uint32 {
		return []uint32{q.TierBps, q.CapabilityBps, q.DemandBps, q.DayBps}
	}
	quote, chosen, job := place()
	require.Equal(t, []uint32{20_000, 11_250, 10_000, 10_000}, factorsOf(quote), "twice what is usual, at midnight")
	require.EqualValues(t, 3_600_000, quote.Choice.Amount.Int64())
	require.EqualValues(t, 3_600_000, job.Price.Int64())
	require.Equal(t, []uint32{11_250, 10_000, 10_000}, []uint32{chosen.CapabilityBps, chosen.DemandBps, chosen.DayBps})

	f.at(7, 56)
	quote, chosen, job = place()
	require.EqualValues(t, 9_000, quote.DayBps)
	require.EqualValues(t, 3_240_000, job.Price.Int64())
	require.EqualValues(t, 9_000, chosen.DayBps)
	f.at(8, 0)
	quote, chosen, job = place()
	require.EqualValues(t, 10_000, quote.DayBps, "a new quote is by the hour that began")
	require.EqualValues(t, 3_600_000, quote.Choice.Amount.Int64())
	require.EqualValues(t, 9_000, chosen.DayBps)
	require.EqualValues(t, 3_240_000, job.Price.Int64(), "the one of five minutes ago holds")
	f.at(8, 5)
	_, _, job = place()
	require.EqualValues(t, 3_600_000, job.Price.Int64())
}

// What nobody knows of is worth its price: processors, and models that the catalogue has no figure of.
func TestUnknownThroughputIsUsual(t *testing.T) {
	f := newFixture(t)
	f.gaming("figureless", 0)
	f.worker("worker", 100_000)
	for _, class := range []registrytypes.DeviceClass{registrytypes.DEVICE_CLASS_CONSUMER, registrytypes.DEVICE_CLASS_CPU} {
		quote, err := f.queries.Quote(f.Ctx, &types.QueryQuoteRequest{
			Program: testProgram(), Requirements: types.Requirements{Classes: []registrytypes.DeviceClass{class}},
		})
		require.NoError(t, err)
		require.EqualValues(t, 10_000, quote.CapabilityBps)
	}
	params := types.DefaultParams()
	require.EqualValues(t, 7_500, params.JobCapability(registrytypes.DEVICE_CLASS_DATACENTRE, 1))
	require.EqualValues(t, 10_000, params.JobCapability(registrytypes.DEVICE_CLASS_UNSPECIFIED, 1))
	require.EqualValues(t, 11_000, params.JobHour(14*3600))
	require.EqualValues(t, 9_000, params.JobHour(8*3600-1))
	require.EqualValues(t, 10_000, params.JobHour(-1), "the last hour of a day")
}
