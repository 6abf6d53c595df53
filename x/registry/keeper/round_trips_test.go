package keeper_test

import (
	"bytes"
	"encoding/hex"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/registry/cells"
	"github.com/assaychain/assay/x/registry/types"
)

func hexOf(id []byte) string { return hex.EncodeToString(id) }

// report tells round trips that a device measured.
func (f *fixture) report(operator sdk.AccAddress, n int, trips ...types.RoundTrip) error {
	return f.do(func(ctx sdk.Context) error {
		_, err := f.msgs.ReportRoundTrips(ctx, &types.MsgReportRoundTrips{Operator: operator.String(), Device: deviceID(n), RoundTrips: trips})
		return err
	})
}

// measuring has a GPU of alice's in London, and bob's in Berlin, New York and where nobody knows.
func measuring(t *testing.T) *fixture {
	f := newFixture(t)
	f.operator(alice, 3_000)
	f.operator(bob, 3_000)
	require.NoError(t, f.register(in(london, gpu(alice, 1, 100))))
	require.NoError(t, f.register(in(london, gpu(alice, 2, 100))))
	require.NoError(t, f.register(in(berlin, gpu(bob, 11, 100))))
	require.NoError(t, f.register(in(newYork, gpu(bob, 12, 100))))
	require.NoError(t, f.register(gpu(bob, 13, 100)))
	f.pass(time.Minute)
	return f
}

// reportsEveryMinute lets devices report as often as the bounds of the parameters allow.
func (f *fixture) reportsEveryMinute() {
	params := unchecked()
	params.Location.ReportSeconds = types.MinReportSeconds
	require.NoError(f.t, f.keeper.SetParams(f.ctx, params))
}

func trip(n int, micros uint32) types.RoundTrip {
	return types.RoundTrip{Device: deviceID(n), Micros: micros}
}

func ascending(trips ...types.RoundTrip) []types.RoundTrip {
	slices.SortFunc(trips, func(a, b types.RoundTrip) int { return bytes.Compare(a.Device, b.Device) })
	return trips
}

// Measured round trips bring the prediction from the prior to what was measured; only the reporter moves.
func TestReportsTeachWhereADeviceIs(t *testing.T) {
	f := measuring(t)
	predicted := func() uint32 {
		device, err := f.keeper.Device(f.ctx, deviceID(1))
		require.NoError(t, err)
		return device.RoundTripFrom(f.place(newYork))
	}
	const truth = 75_000
	before := predicted()
	require.Equal(t, cells.RoundTrip(london, newYork), before)
	require.Greater(t, before, uint32(truth*5/4), "the prior is far off")
	f.reportsEveryMinute()
	for range 60 {
		require.NoError(t, f.report(bob, 12, trip(1, truth)))
		peer, err := f.keeper.Device(f.ctx, deviceID(12))
		require.NoError(t, err)
		require.NoError(t, f.report(alice, 1, ascending(trip(11, 12_000), trip(12, truth))...))
		same, err := f.keeper.Device(f.ctx, deviceID(12))
		require.NoError(t, err)
		require.Equal(t, peer, same, "the peer stays where it is")
		f.block(time.Minute)
	}
	t.Logf("%d µs by the prior, %d after reports of %d", before, predicted(), truth)
	require.InDelta(t, truth, predicted(), truth/5)
	require.NoError(t, f.keeper.Invariants(f.ctx))
	answer, err := f.queries.RoundTrip(f.ctx, &types.QueryRoundTripRequest{Cell: newYork, Device: hexOf(deviceID(1))})
	require.NoError(t, err)
	require.Equal(t, predicted(), answer.Micros)
}

func TestReportsAreRateLimitedInActiveTime(t *testing.T) {
	f := measuring(t)
	require.NoError(t, f.report(alice, 1, trip(12, 80_000)))
	require.ErrorIs(t, f.report(alice, 1, trip(12, 80_000)), types.ErrTooSoon)
	require.NoError(t, f.report(alice, 2, trip(12, 80_000)), "each device by itself")
	f.block(24 * time.Hour)
	require.ErrorIs(t, f.report(alice, 1, trip(12, 80_000)), types.ErrTooSoon, "a halt is no active time")
	f.pass(time.Hour)
	require.NoError(t, f.report(alice, 1, trip(12, 80_000)))
}

func TestAbsurdReportsAreRefused(t *testing.T) {
	f := measuring(t)
	before := f.export()
	many := make([]types.RoundTrip, 17)
	for name, c := range map[string]struct {
		operator sdk.AccAddress
		device   int
		trips    []types.RoundTrip
		reason   error
		says     string
	}{
		"none":     {alice, 1, nil, types.ErrRoundTrip, "has 0 entries: give from 1 to 16"},
		"many":     {alice, 1, many, types.ErrRoundTrip, "has 17 entries: give from 1 to 16"},
		"no time":  {alice, 1, []types.RoundTrip{trip(12, 0)}, types.ErrRoundTrip, "took 0 µs: it must be from 1 to 5000000"},
		"for ever": {alice, 1, []types.RoundTrip{trip(12, 5_000_001)}, types.ErrRoundTrip, "from 1 to 5000000"},
		"faster than light": {alice, 1, []types.RoundTrip{trip(12, cells.Bound(london, newYork)-1)}, types.ErrRoundTrip,
			"light in fibre takes"},
		"its own":      {alice, 1, []types.RoundTrip{trip(2, 9_000)}, types.ErrRoundTrip, "the operator's own"},
		"itself":       {alice, 1, []types.RoundTrip{trip(1, 9_000)}, types.ErrRoundTrip, "the operator's own"},
		"nowhere":      {alice, 1, []types.RoundTrip{trip(13, 9_000)}, types.ErrRoundTrip, "none is to a device"},
		"unknown":      {alice, 1, []types.RoundTrip{trip(99, 9_000)}, types.ErrRoundTrip, "none is to a device"},
		"id":           {alice, 1, []types.RoundTrip{{Device: []byte("x"), Micros: 1}}, types.ErrRoundTrip, "round_trips[0]: id of 1 bytes"},
		"twice":        {alice, 1, []types.RoundTrip{trip(12, 90_000), trip(12, 90_000)}, types.ErrRoundTrip, "ascending by device, each once"},
		"from nowhere": {bob, 13, []types.RoundTrip{trip(1, 9_000)}, types.ErrLocation, "told no cell: update it with one first"},
		"another's":    {bob, 1, []types.RoundTrip{trip(12, 90_000)}, types.ErrNotOwner, "belongs to"},
		"of no device": {alice, 99, []types.RoundTrip{trip(12, 90_000)}, types.ErrDeviceNotFound, "device not found"},
	} {
		err := f.report(c.operator, c.device, c.trips...)
		require.ErrorIs(t, err, c.reason, name)
		require.ErrorContains(t, err, c.says, name)
	}
	descending := ascending(trip(11, 12_000), trip(12, 90_000))
	slices.Reverse(descending)
	require.ErrorContains(t, f.report(alice, 1, descending...), "ascending by device")
	require.Equal(t, before, f.export(), "nothing changes")
}

// Whoever lies as the chain lets it is never nearer than light from the cell that it told.
func TestLiarsAreNoNearerThanLight(t *testing.T) {
	f := measuring(t)
	f.reportsEveryMinute()
	for range 60 {
		require.NoError(t, f.report(alice, 1, trip(12, cells.Bound(london, newYork))))
		f.block(time.Minute)
	}
	device, err := f.keeper.Device(f.ctx, deviceID(1))
	require.NoError(t, err)
	for home := uint32(1); home <= cells.Count; home++ {
		require.GreaterOrEqual(t, device.RoundTripFrom(f.place(home)), max(cells.Bound(cells.Cell(home), london), 1))
	}
	require.Zero(t, device.RoundTripFrom(f.place(0)))
	_, err = f.keeper.Place(f.ctx, 649)
	require.ErrorIs(t, err, types.ErrLocation)
}
