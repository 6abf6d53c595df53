package qos

import (
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

const day = 24 * 3_600

// TestRootsAreWhatTheySay derives every root from the one before by a square root of 400 bits.
func TestRootsAreWhatTheySay(t *testing.T) {
	value := new(big.Float).SetPrec(400).SetInt64(1)
	value.Quo(value, new(big.Float).SetPrec(400).SetInt64(2))
	for k, root := range roots {
		value.Sqrt(value)
		scaled := new(big.Float).SetPrec(400).SetMantExp(value, 63)
		want, _ := scaled.Add(scaled, big.NewFloat(0.5)).Int(nil)
		require.Equal(t, want.Uint64(), root, "root %d", k+1)
	}
}

func TestDecayHalvesAndFalls(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		halfLife := rapid.Uint64Range(1, 100*day).Draw(t, "half-life")
		weight := rapid.Uint32Range(0, MaxWeight).Draw(t, "weight")
		halvings := rapid.Uint64Range(0, 40).Draw(t, "halvings")
		require.Equal(t, uint32(uint64(weight)>>halvings), Decay(weight, halvings*halfLife, halfLife))
		early := rapid.Uint64Range(0, 40*halfLife).Draw(t, "early")
		late := early + rapid.Uint64Range(0, halfLife).Draw(t, "later")
		require.LessOrEqual(t, Decay(weight, late, halfLife), Decay(weight, early, halfLife))
		require.LessOrEqual(t, Decay(weight, late, halfLife), weight)
		// Rounding twice costs a unit at most.
		require.InDelta(t, Decay(weight, late, halfLife), Decay(Decay(weight, early, halfLife), late-early, halfLife), 1)
	})
}

// record draws outcomes in the order of their moments.
func record(t *rapid.T, mean Mean, halfLife uint64) (Mean, uint32) {
	now := uint32(0)
	for range rapid.IntRange(0, 30).Draw(t, "outcomes") {
		now += rapid.Uint32Range(0, 10*day).Draw(t, "pause")
		mean = mean.Seen(rapid.Uint32Range(0, Whole).Draw(t, "value"), rapid.Uint32Range(0, 70).Draw(t, "times"), now, halfLife)
	}
	return mean, now
}

// TestTimeComposes: looking at a mean in between, or storing it, changes nothing that is read later, to the unit.
func TestTimeComposes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		halfLife := rapid.Uint64Range(1, 90*day).Draw(t, "half-life")
		mean, now := record(t, Mean{}, halfLife)
		a, b := rapid.Uint32Range(0, 60*day).Draw(t, "a"), rapid.Uint32Range(0, 60*day).Draw(t, "b")
		q := Quality{Latency: mean, Cost: mean}
		want := q.Read(now+a+b, halfLife)
		q.Read(now+a, halfLife)
		stored, err := Unpack(q.Pack())
		require.NoError(t, err)
		require.Equal(t, want, stored.Read(now+a+b, halfLife))
	})
}

// TestMeansStayInBoundsAndAreMonotone: a better outcome never reads worse, now or after any others, and long silence leads to the prior.
func TestMeansStayInBoundsAndAreMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		halfLife := rapid.Uint64Range(1, 90*day).Draw(t, "half-life")
		good, now := record(t, Mean{}, halfLife)
		low := rapid.Uint32Range(0, Whole).Draw(t, "low")
		high, times := rapid.Uint32Range(low, Whole).Draw(t, "high"), rapid.Uint32Range(1, 16).Draw(t, "times")
		bad := good.Seen(low, times, now, halfLife)
		good = good.Seen(high, times, now, halfLife)
		for range rapid.IntRange(0, 10).Draw(t, "after") {
			require.GreaterOrEqual(t, good.Read(now, halfLife), bad.Read(now, halfLife))
			require.LessOrEqual(t, good.Read(now, halfLife), uint32(Whole))
			require.LessOrEqual(t, good.Value, uint32(maxValue))
			require.LessOrEqual(t, good.Weight, uint32(MaxWeight))
			now += rapid.Uint32Range(0, 10*day).Draw(t, "pause")
			value := rapid.Uint32Range(0, Whole).Draw(t, "value")
			good, bad = good.Seen(value, 1, now, halfLife), bad.Seen(value, 1, now, halfLife)
		}
		require.Equal(t, uint32(Prior), good.Read(now+40*uint32(min(halfLife, day)), min(halfLife, day)))
	})
}

func TestOutcomesArrive(t *testing.T) {
	var good, bad Mean
	for range 5_000 {
		good, bad = good.Seen(Whole, 1, 9, day), bad.Seen(0, 1, 9, day)
	}
	// The prior keeps weighing as much as four outcomes of 68.
	require.InDelta(t, Whole-Prior*4/68, good.Read(9, day), 2)
	require.InDelta(t, Prior*4/68, bad.Read(9, day), 2)
	require.Equal(t, uint32(Prior), Mean{}.Read(77, day))
	require.Less(t, Mean{}.Seen(0, FalseTimes, 1, day).Read(1, day), Mean{}.Seen(0, 1, 1, day).Read(1, day))
}

func TestSumIsWeighted(t *testing.T) {
	require.Equal(t, Whole, LatencyWeight+AccuracyWeight+UptimeWeight+PowerWeight+CostWeight)
	require.Equal(t, Reading{Prior, Prior, Prior, Prior, Prior, Prior}, Quality{}.Read(5, day))
	best := Mean{Value: maxValue, Weight: MaxWeight}
	top := Quality{Latency: best, Accuracy: best, Uptime: best, Power: best, Cost: best}.Read(0, day)
	for weight, q := range map[uint32]Quality{
		LatencyWeight: {Latency: best}, AccuracyWeight: {Accuracy: best}, UptimeWeight: {Uptime: best}, PowerWeight: {Power: best}, CostWeight: {Cost: best},
	} {
		require.Equal(t, Prior+weight*(top.Latency-Prior)/Whole, q.Read(0, day).Total)
	}
}

func TestPackedIsCanonical(t *testing.T) {
	require.Empty(t, Quality{}.Pack())
	good := Quality{Accuracy: Mean{Value: 1, Weight: unit, At: 3}}.Pack()
	require.Len(t, good, Size)
	for _, change := range []func([]byte) []byte{
		func(b []byte) []byte { return b[:Size-1] },
		func(b []byte) []byte { return append(b, 0) },
		func([]byte) []byte { return make([]byte, Size) },
		func(b []byte) []byte { b[0] = 0xff; return b },
		func(b []byte) []byte { b[4] = 0xff; return b },
		func(b []byte) []byte { b[8] = 1; return b },
	} {
		_, err := Unpack(change(append([]byte(nil), good...)))
		require.ErrorIs(t, err, ErrQuality)
	}
	rapid.Check(t, func(t *rapid.T) {
		if q, err := Unpack(rapid.SliceOfN(rapid.Byte(), 0, Size+2).Draw(t, "packed")); err == nil {
			again, err := Unpack(q.Pack())
			require.NoError(t, err)
			require.Equal(t, q, again)
		}
	})
}

func TestTimelinessAndThrift(t *testing.T) {
	for _, c := range []struct{ took, window, want uint64 }{
		{0, 10, Whole}, {5, 10, Whole / 2}, {10, 10, 0}, {11, 10, 0}, {3, 0, 0}, {1 << 62, 1<<63 + 1<<62, 6_666},
	} {
		require.EqualValues(t, c.want, Timeliness(c.took, c.window), "%v", c)
	}
	const most = 1_000_000_000_000_000_000
	for _, c := range []struct{ spent, usual, want uint64 }{
		{0, 0, Whole}, {5, 5, Prior}, {5, 10, 6_666}, {10, 5, 3_333}, {5, 0, 0}, {most, most, Prior}, {1, most, Whole - 1},
	} {
		require.EqualValues(t, c.want, Thrift(c.spent, c.usual), "%v", c)
	}
	rapid.Check(t, func(t *rapid.T) {
		less := rapid.Uint64Range(0, most).Draw(t, "less")
		more, usual := rapid.Uint64Range(less, most).Draw(t, "more"), rapid.Uint64Range(0, most).Draw(t, "usual")
		require.GreaterOrEqual(t, Thrift(less, usual), Thrift(more, usual))
		require.LessOrEqual(t, Thrift(less, usual), uint32(Whole))
		require.GreaterOrEqual(t, Timeliness(less, usual), Timeliness(more, usual))
	})
}

// TestTiersNeverFlap: whatever the quality does inside a band's width, the tier changes once at most.
func TestTiersNeverFlap(t *testing.T) {
	ladder := Ladder{Enter: [Tiers - 1]uint32{6_000, 7_500, 9_000}, Band: 500}
	require.NoError(t, ladder.Validate())
	rapid.Check(t, func(t *rapid.T) {
		tier := rapid.Uint32Range(0, Tiers).Draw(t, "tier")
		base := rapid.Uint32Range(0, Whole-ladder.Band).Draw(t, "base")
		changes := 0
		for i := range rapid.IntRange(1, 30).Draw(t, "steps") {
			next := ladder.Next(tier, base+rapid.Uint32Range(0, ladder.Band).Draw(t, "within"))
			require.Less(t, next, uint32(Tiers))
			if i > 0 && next != tier {
				changes++
			}
			tier = next
		}
		require.LessOrEqual(t, changes, 1)
	})
	require.EqualValues(t, 3, ladder.Next(0, Whole))
	require.EqualValues(t, 0, ladder.Next(3, 0))
	require.EqualValues(t, 2, ladder.Next(2, 7_000))
	require.EqualValues(t, 1, ladder.Next(2, 6_999))
}

func TestLaddersAreChecked(t *testing.T) {
	for _, bad := range []Ladder{
		{Enter: [3]uint32{0, 1, 2}}, {Enter: [3]uint32{5, 5, 6}}, {Enter: [3]uint32{1, 2, Whole + 1}}, {Enter: [3]uint32{100, 200, 300}, Band: 100},
	} {
		require.Error(t, bad.Validate(), "%+v", bad)
	}
	for _, bad := range []Thermometer{
		{From: [3]int32{75, 75, 95}, Band: 1}, {From: [3]int32{75, 85, 95}}, {From: [3]int32{75, 85, 151}, Band: 5}, {From: [3]int32{5, 85, 95}, Band: 6},
	} {
		require.Error(t, bad.Validate(150), "%+v", bad)
	}
}

// TestHeatNeverFlaps: likewise; and no device is cooler than its temperature says.
func TestHeatNeverFlaps(t *testing.T) {
	meter := Thermometer{From: [3]int32{75, 85, 95}, Band: 5}
	require.NoError(t, meter.Validate(150))
	rapid.Check(t, func(t *rapid.T) {
		heat := Heat(rapid.Uint32Range(0, 3).Draw(t, "heat"))
		base := rapid.Int32Range(-40, 150).Draw(t, "base")
		changes := 0
		for i := range rapid.IntRange(1, 30).Draw(t, "steps") {
			celsius := base + rapid.Int32Range(0, meter.Band).Draw(t, "within")
			next := meter.Next(heat, celsius)
			require.GreaterOrEqual(t, next, meter.Next(Normal, celsius))
			if i > 0 && next != heat {
				changes++
			}
			heat = next
		}
		require.LessOrEqual(t, changes, 1)
	})
	for _, c := range []struct {
		heat    Heat
		celsius int32
		want    Heat
	}{
		{Normal, 74, Normal}, {Normal, 75, Warm}, {Normal, 95, Withdrawn}, {Withdrawn, 90, Withdrawn}, {Withdrawn, 89, Hot},
		{Withdrawn, 20, Normal}, {Warm, 70, Warm}, {Warm, 69, Normal}, {Hot, 79, Warm},
	} {
		require.Equal(t, c.want, meter.Next(c.heat, c.celsius), "%+v", c)
	}
	require.Equal(t, []uint32{4, 4, 2, 0}, []uint32{Normal.Lanes(4), Warm.Lanes(4), Hot.Lanes(4), Withdrawn.Lanes(4)})
	require.Equal(t, []uint32{1, 1, 2, 0}, []uint32{Hot.Lanes(1), Hot.Lanes(3), Hot.Lanes(5), Hot.Lanes(0)})
}
