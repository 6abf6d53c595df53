package reputation_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/assaychain/assay/x/registry/reputation"
)

const eighth = 1_250

func TestOutcomesTeachWhatTheyShow(t *testing.T) {
	fresh := reputation.New()
	require.Equal(t, reputation.Record{Uptime: 5_625, Delivery: 5_000}, fresh.Proven(eighth))
	require.Equal(t, reputation.Record{Uptime: 4_375, Delivery: 5_000}, fresh.Missed(eighth))
	require.Equal(t, reputation.Record{Uptime: 4_375, Delivery: 4_375}, fresh.False(eighth))
	require.Equal(t, reputation.Record{Uptime: 5_000, Delivery: 5_625}, fresh.Delivered(eighth))
	require.Equal(t, reputation.Record{Uptime: 5_000, Delivery: 4_375}, fresh.Undelivered(eighth))
}

// TestRecordsStayInBoundsAndArrive: no sequence of outcomes leaves 0 to 10,000, and enough of one kind arrive at its end.
func TestRecordsStayInBoundsAndArrive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rate := rapid.Uint32Range(1, reputation.Whole).Draw(t, "rate")
		steps := []func(reputation.Record, uint32) reputation.Record{
			reputation.Record.Proven, reputation.Record.Missed, reputation.Record.False, reputation.Record.Delivered, reputation.Record.Undelivered,
		}
		record := reputation.New()
		for range rapid.IntRange(0, 50).Draw(t, "outcomes") {
			before := record
			record = rapid.SampledFrom(steps).Draw(t, "outcome")(record, rate)
			require.LessOrEqual(t, record.Uptime, uint32(reputation.Whole))
			require.LessOrEqual(t, record.Delivery, uint32(reputation.Whole))
			require.GreaterOrEqual(t, before.Proven(rate).Uptime, before.Uptime)
			require.LessOrEqual(t, before.Missed(rate).Uptime, before.Uptime)
		}
		for range reputation.Whole {
			record = record.Proven(rate).Undelivered(rate)
		}
		require.Equal(t, reputation.Record{Uptime: reputation.Whole}, record)
	})
}

func TestScoreIsTheProduct(t *testing.T) {
	require.EqualValues(t, 2_000*reputation.Whole, reputation.Score(2_000, reputation.Record{Uptime: 10_000, Delivery: 10_000}))
	require.EqualValues(t, 2_000*reputation.Whole/4, reputation.Score(2_000, reputation.New()))
	require.Zero(t, reputation.Score(2_000, reputation.Record{Uptime: 10_000}))
	largest := reputation.Score(reputation.MaxClassScore, reputation.Record{Uptime: reputation.Whole, Delivery: reputation.Whole})
	require.EqualValues(t, reputation.MaxClassScore*reputation.Whole, largest)
	require.Less(t, largest, uint64(1)<<63/256, "the scores of an operator's devices fit 64 bits")
}

func TestAHaltCountsLittle(t *testing.T) {
	start := time.Unix(2_000_000_000, 999_999).UTC()
	require.Zero(t, reputation.Active(time.Time{}, start, time.Minute), "the first block")
	require.Zero(t, reputation.Active(start, start, time.Minute))
	require.Zero(t, reputation.Active(start, start.Add(-time.Hour), time.Minute))
	require.EqualValues(t, 5_000, reputation.Active(start, start.Add(5*time.Second), time.Minute))
	require.EqualValues(t, 60_000, reputation.Active(start, start.Add(100*time.Hour), time.Minute))
	require.Zero(t, reputation.Active(start, start.Add(time.Hour), -time.Minute))
}
