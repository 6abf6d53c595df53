package scheduler_test

import (
	"testing"

	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/assaychain/assay/x/market/pricing"
	"github.com/assaychain/assay/x/market/scheduler"
)

// plain is a device whose terms are all known and of middling size.
func plain(id byte) scheduler.Device {
	return scheduler.Device{
		ID: []byte{id}, Operator: "anna", Class: 1, Backend: 1, MemoryMiB: 8, Lanes: 4, Price: math.NewInt(1_000), Available: true,
		Levels: []scheduler.Level{0}, Cell: 1, RoundTripMicros: 20_000, RunMillis: 100, Trials: 10, TrustBps: 9_000, Watts: 100,
	}
}

// near is a job that all of plain's terms matter to.
func near(tier scheduler.Tier) scheduler.Job {
	return scheduler.Job{
		Classes: []scheduler.Class{1}, Work: pricing.Giga, MaxPrice: math.NewInt(1_000_000), Home: 1, Tier: tier,
	}
}

func rate(job scheduler.Job, d scheduler.Device) scheduler.Score {
	return scheduler.Rate(job, terms, d, pricing.Quote(job.Work, d.Price, terms.MinPrice))
}

// changes each make a device worse in one term.
var changes = map[string]struct {
	worsen func(d *scheduler.Device, by uint32)
	term   func(scheduler.Score) int64
}{
	"round trip": {func(d *scheduler.Device, by uint32) { d.RoundTripMicros += by }, func(s scheduler.Score) int64 { return s.Latency }},
	"run time":   {func(d *scheduler.Device, by uint32) { d.RunMillis += uint64(by) }, func(s scheduler.Score) int64 { return s.Latency + s.Power }},
	"load":       {func(d *scheduler.Device, by uint32) { d.InUse += by % 4 }, func(s scheduler.Score) int64 { return s.Load }},
	"trust":      {func(d *scheduler.Device, by uint32) { d.TrustBps -= min(by, d.TrustBps) }, func(s scheduler.Score) int64 { return s.Trust }},
	"price":      {func(d *scheduler.Device, by uint32) { d.Price = d.Price.AddRaw(int64(by)) }, func(s scheduler.Score) int64 { return s.Price }},
	"power":      {func(d *scheduler.Device, by uint32) { d.Watts += by }, func(s scheduler.Score) int64 { return s.Power }},
	"heat":       {func(d *scheduler.Device, by uint32) { d.Heat = min(d.Heat+scheduler.Heat(by%4), 3) }, func(s scheduler.Score) int64 { return s.Heat }},
	"trials":     {func(d *scheduler.Device, by uint32) { d.Trials += by }, func(s scheduler.Score) int64 { return s.Untried }},
}

// A device that gets worse in one thing never scores better in it nor in all, and in nothing else than that.
func TestScoreIsMonotoneInEveryTerm(t *testing.T) {
	for name, c := range changes {
		rapid.Check(t, func(t *rapid.T) {
			net, job := drawNetwork(t), drawJob(t)
			for _, d := range net.devices {
				d.RoundTripMicros, d.Watts = d.RoundTripMicros+1, d.Watts+1
				worse := d
				c.worsen(&worse, rapid.Uint32Range(1, 1_000_000).Draw(t, "by"))
				was, is := rate(job, d), rate(job, worse)
				if is.Total < was.Total || c.term(is) < c.term(was) {
					t.Fatalf("%s: %+v scores %+v, worse %+v", name, d, was, is)
				}
				if is.Total-was.Total != c.term(is)-c.term(was) {
					t.Fatalf("%s moves other terms: %+v, then %+v", name, was, is)
				}
			}
		})
	}
}

// In every tier each term by itself decides between two devices that are otherwise alike.
func TestEveryTermDecides(t *testing.T) {
	for tier := scheduler.Standard; tier <= scheduler.Realtime; tier++ {
		for name, c := range changes {
			good, bad := plain(2), plain(1)
			c.worsen(&bad, 2_001)
			survey, err := scheduler.Look(near(tier), terms, harness(good, bad))
			require.NoError(t, err)
			require.EqualValues(t, 2, survey.Eligible, name)
			require.Equal(t, good.ID, survey.Best.Device.ID, "%s at tier %d", name, tier)
		}
	}
}

// The terms sum to the total, none but the last is ever negative, and weights are whole.
func TestScoreAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		net, job := drawNetwork(t), drawJob(t)
		for _, d := range net.devices {
			s := rate(job, d)
			if s.Total != s.Latency+s.Load+s.Trust+s.Price+s.Power+s.Heat+s.Untried {
				t.Fatalf("%+v", s)
			}
			if min(s.Latency, s.Load, s.Trust, s.Price, s.Power, s.Heat, -s.Untried) < 0 {
				t.Fatalf("%+v", s)
			}
		}
	})
	for tier := scheduler.Standard; tier <= scheduler.Realtime+1; tier++ {
		w := scheduler.WeightsOf(tier)
		require.EqualValues(t, 100, w.Latency+w.Load+w.Trust+w.Price+w.Power+w.Heat, tier)
	}
}

// What the weights promise: how much dearer a device may be that takes half of the time, with one of whose two it is a draw.
func TestTiersWeighTimeAgainstMoney(t *testing.T) {
	slow := plain(1)
	slow.RoundTripMicros, slow.RunMillis, slow.Watts = 1, 4_000, 100
	for tier, most := range map[scheduler.Tier]int64{
		scheduler.Economy: 1_068, scheduler.Standard: 1_587, scheduler.Fast: 5_109, scheduler.Realtime: 2_048_000,
	} {
		quick := slow
		quick.ID, quick.RunMillis, quick.Watts = []byte{2}, 2_000, 200
		job := near(tier)
		job.MaxPrice = math.NewInt(1_000_000_000)
		for _, price := range []int64{most * 99 / 100, most * 101 / 100} {
			quick.Price = math.NewInt(price)
			survey, err := scheduler.Look(job, terms, harness(slow, quick))
			require.NoError(t, err)
			require.Equal(t, price < most, survey.Best.Device.ID[0] == 2, "tier %d at %d", tier, price)
		}
	}
}

// Whatever does not tell where it is or what it draws is not better off than whatever does.
func TestTellingPays(t *testing.T) {
	for name, tell := range map[string]func(d *scheduler.Device, micros, watts uint32){
		"place": func(d *scheduler.Device, micros, _ uint32) { d.RoundTripMicros = micros },
		"watts": func(d *scheduler.Device, _, watts uint32) { d.Watts = watts },
	} {
		told, hidden := plain(2), plain(1)
		tell(&told, scheduler.UnknownMicros*9/10, scheduler.UnknownWatts*9/10)
		tell(&hidden, 0, 0)
		require.Less(t, rate(near(scheduler.Realtime), told).Total, rate(near(scheduler.Realtime), hidden).Total, name)
	}
	nowhere := near(scheduler.Realtime)
	nowhere.Home = 0
	far := plain(1)
	far.RoundTripMicros = 400_000
	require.Equal(t, rate(nowhere, plain(1)), rate(nowhere, far), "without a home, distance does not matter")
}

// The untried get a turn against the proven that are a little better, and no more once they were seen.
func TestTheUntriedGetATurn(t *testing.T) {
	proven, fresh := plain(1), plain(2)
	proven.Trials, proven.RunMillis = 1_000, 90
	for _, n := range []uint32{0, 1, 10, 100} {
		fresh.Trials = n
		survey, err := scheduler.Look(near(scheduler.Standard), terms, harness(proven, fresh))
		require.NoError(t, err)
		require.Equal(t, n <= 10, survey.Best.Device.ID[0] == 2, "%d trials", n)
	}
}

// Jobs that come one after the other spread over devices that are alike, and none gets a second before all have a first.
func TestLoadSpreads(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 8).Draw(t, "devices")
		net := harness()
		for i := range n {
			net.devices = append(net.devices, plain(byte(i)))
		}
		job := near(scheduler.Tier(rapid.IntRange(0, 3).Draw(t, "tier")))
		for range 4 * n {
			if _, err := scheduler.Schedule(job, terms, net, net); err != nil {
				t.Fatal(err)
			}
			least, most := uint32(4), uint32(0)
			for _, d := range net.devices {
				least, most = min(least, d.InUse), max(most, d.InUse)
			}
			if most > least+1 {
				t.Fatalf("%d jobs on one, %d on another", most, least)
			}
		}
	})
}
