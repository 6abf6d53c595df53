package keeper_test

import (
	"encoding/hex"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/registry/qos"
	"github.com/assaychain/assay/x/registry/types"
)

// quality is a device's quality of service as queries tell it.
func (f *fixture) quality(n int) *types.QueryQualityResponse {
	response, err := f.queries.Quality(f.ctx, &types.QueryQualityRequest{Device: hex.EncodeToString(deviceID(n))})
	require.NoError(f.t, err)
	return response
}

func (f *fixture) sees(n int, seen types.Observation) {
	require.NoError(f.t, f.do(func(ctx sdk.Context) error { return f.keeper.Observe(ctx, deviceID(n), seen) }))
}

// TestOutcomesMakeQuality: fast, thrifty, right and cheap work raises every part; nothing that the device says of itself does.
func TestOutcomesMakeQuality(t *testing.T) {
	f := newFixture(t)
	f.operator(alice, 3_000)
	for n, price := range []int64{100, 100, 50} {
		require.NoError(t, f.register(gpu(alice, n, price)))
	}
	fresh := f.quality(0)
	require.Equal(t, []uint32{5_000, 5_000, 5_000, 5_000, 5_000, 5_000},
		[]uint32{fresh.LatencyBps, fresh.AccuracyBps, fresh.UptimeBps, fresh.PowerBps, fresh.CostBps, fresh.QosBps})
	require.Equal(t, types.SERVICE_TIER_BRONZE, fresh.Tier)

	for range 40 {
		f.sees(0, types.Observation{Outcome: types.OUTCOME_PROVEN, TookMs: 1_000, WindowMs: 10_000, Price: 100})
		f.sees(1, types.Observation{Outcome: types.OUTCOME_PROVEN, TookMs: 9_000, WindowMs: 10_000, Price: 100})
		f.sees(2, types.Observation{Outcome: types.OUTCOME_PROVEN, Price: 50})
	}
	fast, slow, untimed := f.quality(0), f.quality(1), f.quality(2)
	require.Greater(t, fast.LatencyBps, slow.LatencyBps)
	require.Greater(t, fast.PowerBps, slow.PowerBps)
	require.Equal(t, fast.AccuracyBps, slow.AccuracyBps)
	require.Equal(t, []uint32{5_000, 5_000}, []uint32{untimed.LatencyBps, untimed.PowerBps}, "a time that is not told is not judged")
	require.Greater(t, untimed.CostBps, uint32(5_000), "it asks half of what is usual")
	require.Less(t, fast.CostBps, untimed.CostBps)
	require.Equal(t, types.SERVICE_TIER_PLATINUM, fast.Tier)
	require.Less(t, slow.Tier, fast.Tier)

	f.sees(1, types.Observation{Outcome: types.OUTCOME_FALSE})
	require.Less(t, f.quality(1).AccuracyBps, slow.AccuracyBps)
	f.sees(1, types.Observation{Outcome: types.OUTCOME_MISSED})
	require.Less(t, f.quality(1).UptimeBps, slow.UptimeBps)
	require.Less(t, f.quality(1).LatencyBps, slow.LatencyBps)
	require.Equal(t, f.device(0).QosBps, f.quality(0).QosBps, "the record has it as of the last outcome")
	require.NoError(t, f.keeper.Invariants(f.ctx))
}

// TestQualityFadesAsItIsRead: nobody touches the devices, and what is read nears what nothing is known of; the market sees the same.
func TestQualityFadesAsItIsRead(t *testing.T) {
	f := newFixture(t)
	f.operator(alice, 3_000)
	params := unchecked()
	params.MaxBlockGapSeconds = types.BlockGapLimit
	require.NoError(t, f.keeper.SetParams(f.ctx, params))
	require.NoError(t, f.register(gpu(alice, 0, 100)))
	for range 40 {
		f.sees(0, types.Observation{Outcome: types.OUTCOME_PROVEN, TookMs: 1, WindowMs: 10_000})
	}
	best := f.quality(0)
	for range 5 * 7 * 24 {
		f.block(time.Hour)
	}
	faded := f.quality(0)
	require.Less(t, faded.QosBps, best.QosBps)
	require.Greater(t, faded.QosBps, uint32(qos.Prior))
	require.Less(t, faded.Tier, best.Tier)
	require.Equal(t, best.QosBps, f.device(0).QosBps, "nothing was written")
	require.NoError(t, f.keeper.WalkAvailable(f.ctx, types.DEVICE_CLASS_CONSUMER, 1, func(d types.Device) (bool, error) {
		require.Equal(t, faded.QosBps, d.QosBps)
		require.Equal(t, faded.Tier, d.Tier)
		return false, nil
	}))
}

func TestSpotChecksMakeQuality(t *testing.T) {
	f := checkFixture(t)
	f.operator(alice, 3_000)
	require.NoError(t, f.register(gpu(alice, 0, 100)))
	f.prove(0)
	passed := f.quality(0)
	require.Greater(t, passed.LatencyBps, uint32(5_000))
	require.Greater(t, passed.AccuracyBps, uint32(5_000))
	require.Equal(t, uint32(5_000), passed.CostBps, "no job, no price")
}

// TestPricesOfTheJobCount: what a device asks when its proof comes says nothing, only what it asked when it got the job; and one job at a price
// that nobody pays makes no others look cheap.
func TestPricesOfTheJobCount(t *testing.T) {
	f := newFixture(t)
	f.operator(alice, 3_000)
	require.NoError(t, f.register(gpu(alice, 0, 100)))
	require.NoError(t, f.register(gpu(alice, 1, 1)))
	for range 40 {
		f.sees(0, types.Observation{Outcome: types.OUTCOME_PROVEN, Price: 100})
		f.sees(1, types.Observation{Outcome: types.OUTCOME_PROVEN, Price: 100})
	}
	require.Equal(t, f.quality(0).CostBps, f.quality(1).CostBps)
	fair := f.quality(0).CostBps
	f.sees(1, types.Observation{Outcome: types.OUTCOME_PROVEN, Price: types.MaxPrice().Uint64()})
	for range 10 {
		f.sees(0, types.Observation{Outcome: types.OUTCOME_PROVEN, Price: 100})
	}
	require.InDelta(t, fair, f.quality(0).CostBps, 100)
}

func TestUsualPriceArrives(t *testing.T) {
	require.EqualValues(t, 7, types.NextPrice(0, 7))
	for _, ends := range [][2]uint64{{10, 1_000}, {1_000, 10}, {1, types.MaxPrice().Uint64()}} {
		usual := ends[0]
		for range 8_000 {
			usual = types.NextPrice(usual, ends[1])
		}
		require.Equal(t, ends[1], usual)
	}
}
