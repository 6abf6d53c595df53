package netsim

import (
	"cmp"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/assaychain/assay/x/registry/catalogue"
)

// watched is a policy whose choices are checked.
type watched struct {
	policy
	*view
	t       *testing.T
	choices int
}

func (w *watched) changed(i int32) {
	require.LessOrEqual(w.t, w.inUse[i], w.devices[i].lanes)
	w.policy.changed(i)
}

func (w *watched) place(j *job, excluded []int32, tries int) (int32, effort) {
	i, e := w.policy.place(j, excluded, tries)
	if i != nobody {
		w.choices++
		d := &w.devices[i]
		require.True(w.t, w.open[i] && w.inUse[i] < d.lanes, "the device is free")
		require.True(w.t, w.fits(j, d), "the device will do")
		require.NotContains(w.t, excluded, d.operator)
	}
	return i, e
}

// No policy gives a job to a device that won't do; what customers pay is what devices earn; every job is closed once.
func TestChoicesAndBooks(t *testing.T) {
	c := Default()
	c.Devices, c.Hours, c.FailuresPerHour, c.Seed = 600, 1, 0.3, 11
	w, err := newWorld(c)
	require.NoError(t, err)
	for _, name := range Policies() {
		var checked *watched
		m := newMarket(w.variant(&run{policy: name}), func(v *view) policy {
			checked = &watched{policy: makers[name](v), view: v, t: t}
			return checked
		})
		m.simulate(func(float64) {})
		paid, earned, arrived := 0.0, 0.0, 0
		for _, k := range m.tally.kinds {
			paid, arrived = paid+k.paid, arrived+k.arrived
			require.LessOrEqual(t, k.completed, k.feasible)
			require.LessOrEqual(t, k.feasible, k.arrived)
			require.Len(t, k.latencies, k.completed)
		}
		for _, income := range m.tally.income {
			earned += income
		}
		require.InEpsilon(t, paid, earned, 1e-9, name)
		require.Equal(t, len(w.jobs), arrived, name)
		require.Positive(t, m.tally.failed, name)
		require.Equal(t, checked.choices, m.tally.placed, name)
		require.Zero(t, m.active, name)
		require.Empty(t, m.waiting, name)
		for i, lanes := range m.inUse {
			require.Zero(t, lanes, "%s: device %d keeps a lane", name, i)
		}
	}
}

// A set finds what a list of its members would.
func TestSet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 20_000).Draw(t, "size")
		s, members := newSet(n), map[int]bool{}
		for range rapid.IntRange(0, 60).Draw(t, "changes") {
			i, in := rapid.IntRange(0, n-1).Draw(t, "number"), rapid.Bool().Draw(t, "in")
			s.put(i, in)
			delete(members, i)
			if in {
				members[i] = true
			}
		}
		if s.size != len(members) {
			t.Fatalf("%d members, want %d", s.size, len(members))
		}
		from := rapid.IntRange(0, n).Draw(t, "from")
		want := -1
		for i := range members {
			if i >= from && (want < 0 || i < want) {
				want = i
			}
		}
		if got := s.next(from); got != want {
			t.Fatalf("%d from %d on, want %d", got, from, want)
		}
	})
}

// Events come in the order of their times, and of one time in the order in which they were made.
func TestAgenda(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var a agenda
		times := rapid.SliceOfN(rapid.IntRange(0, 5), 1, 50).Draw(t, "times")
		for i, at := range times {
			a.add(event{at: float64(at), job: int32(i)})
		}
		want := make([]int, len(times))
		for i := range want {
			want[i] = i
		}
		slices.SortStableFunc(want, func(x, y int) int { return cmp.Compare(times[x], times[y]) })
		for _, i := range want {
			if got := a.next(); got.job != int32(i) {
				t.Fatalf("%d at %g, want %d", got.job, got.at, i)
			}
		}
	})
}

// A shelf shows its free devices by load, price and number.
func TestShelf(t *testing.T) {
	v := &view{world: &world{devices: []device{{price: 5}, {price: 3}, {price: 3}, {price: 9}}}}
	s := newShelf(v, []int32{3, 2, 1, 0})
	require.Equal(t, []int32{1, 2, 0, 3}, s.devices)
	for rank, load := range []uint8{1, 0, 0, 0} {
		s.put(int32(rank), rank != 3, load)
	}
	var seen []int32
	require.False(t, s.each(func(i int32) bool { seen = append(seen, i); return false }))
	require.Equal(t, []int32{2, 0, 1}, seen)
	require.True(t, s.each(func(int32) bool { return true }))
}

func TestGiniAndQuantiles(t *testing.T) {
	w := &world{models: &models{all: []catalogue.Model{{INT8: 200}}}, devices: make([]device, 4)}
	equal := &tally{world: w, income: []float64{3, 3, 3, 3}, online: []float64{1, 1, 1, 1}}
	require.InDelta(t, 0, equal.gini(), 1e-12)
	one := &tally{world: w, income: []float64{0, 0, 0, 8}, online: []float64{1, 1, 1, 1}}
	require.InDelta(t, 0.75, one.gini(), 1e-12)
	require.Zero(t, (&tally{world: w, income: make([]float64, 4), online: make([]float64, 4)}).gini())
	sorted := []float32{1, 2, 3, 4}
	require.EqualValues(t, 3, quantile(sorted, 0.5))
	require.EqualValues(t, 4, quantile(sorted, 0.99))
	require.Zero(t, quantile(nil, 0.5))
	require.InDelta(t, 0.1235, round(0.12345), 1e-4)
}

// Distances are those of maps, and of nothing to itself.
func TestDistance(t *testing.T) {
	require.InDelta(t, 5_570, distance(40.71, -74.01, 51.51, -0.13), 15, "New York to London")
	require.InDelta(t, 7_820, distance(-33.87, 151.21, 35.68, 139.69), 15, "Sydney to Tokyo")
	require.InDelta(t, math.Pi*earthRadius, distance(0, 0, 0, 180), 1e-6)
	require.Zero(t, distance(12, 34, 12, 34))
}

// What is drawn has the parts that the tables give, and devices come and go with the hour.
func TestWorldIsAsItsTablesSay(t *testing.T) {
	c := Default()
	c.Devices, c.Hours = 20_000, 24
	c.JobsPerDevice = 2
	w, err := newWorld(c)
	require.NoError(t, err)
	classes := map[catalogue.Class]float64{}
	for i := range w.devices {
		classes[w.devices[i].class]++
		require.Positive(t, w.devices[i].price)
	}
	for class, part := range classShares {
		require.InDelta(t, part, classes[class]/20_000, 0.01, class.String())
	}
	kinds := make([]float64, len(workloads))
	for i := range w.jobs {
		kinds[w.jobs[i].kind.id]++
		require.False(t, i > 0 && w.jobs[i].at < w.jobs[i-1].at)
	}
	for i, kind := range workloads {
		require.InDelta(t, kind.part, kinds[i]/float64(len(w.jobs)), 0.01, kind.name)
	}
	there := func(class catalogue.Class, local float64) float64 {
		present, all := 0.0, 0.0
		for i := range w.devices {
			if d := &w.devices[i]; d.class == class && d.utc == 1 {
				all++
				if w.present(i, int(local-d.utc)) {
					present++
				}
			}
		}
		return present / all
	}
	require.InDelta(t, presences[catalogue.Consumer].evening, there(catalogue.Consumer, 20), 0.05)
	require.InDelta(t, presences[catalogue.Consumer].morning, there(catalogue.Consumer, 8), 0.05)
	sum := 0
	for _, size := range w.sizes {
		sum += size
	}
	require.Equal(t, c.Devices, sum)
}
