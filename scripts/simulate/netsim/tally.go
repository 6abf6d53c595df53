package netsim

import (
	"cmp"
	"math"
	"slices"

	"github.com/assaychain/assay/x/market/scheduler"
)

// kindTally counts one workload's jobs.
type kindTally struct {
	arrived, feasible, completed int
	// latencies of those that completed, in seconds.
	latencies []float32
	// paid in picodollars, for so many 10^9 multiply-accumulates.
	paid, gmacs float64
}

// tally counts what happened in one run.
type tally struct {
	world *world
	kinds []kindTally
	// failed attempts; placements, looks for a device, and what they took.
	failed, placed, looks int
	visited, messages     int
	// lanes that were seen while jobs arrived, an hour apart, and how many of them were busy.
	lanes, busy int
	// income of every device in picodollars, and the seconds it was there.
	income, online []float64
	// floors: the lowest price of a device of a class that has so much memory, by class and memory.
	floors map[floor]int64
}

type floor struct {
	class  scheduler.Class
	memory uint32
}

func newTally(w *world) *tally {
	t := &tally{world: w, kinds: make([]kindTally, len(workloads)), income: make([]float64, len(w.devices)), online: make([]float64, len(w.devices))}
	t.floors = map[floor]int64{}
	for _, kind := range workloads {
		for _, memory := range kind.memory {
			t.bottom(memory)
		}
	}
	return t
}

func (t *tally) bottom(memory uint32) {
	for i := range t.world.devices {
		d := &t.world.devices[i]
		key := floor{scheduler.Class(d.class), memory}
		if lowest, known := t.floors[key]; d.memory >= memory && (!known || d.price < lowest) {
			t.floors[key] = d.price
		}
	}
}

// arrive counts a job and tells whether any device of the network could do it.
func (t *tally) arrive(j *job) bool {
	k := &t.kinds[j.kind.id]
	k.arrived++
	for _, class := range j.classes() {
		if price, known := t.floors[floor{class, j.memory}]; known && j.price(price) <= j.most {
			k.feasible++
			return true
		}
	}
	return false
}

func (t *tally) look(e effort, found bool) {
	t.looks++
	t.visited += e.visited
	t.messages += e.messages
	if found {
		t.placed++
	}
}

// present counts an hour in which a device is open with so many lanes in use.
func (t *tally) present(i int, inUse uint8) {
	t.online[i] += hour
	t.lanes += int(t.world.devices[i].lanes)
	t.busy += int(inUse)
}

// pay books what a job cost. Clouds know no tiers: there it costs what is listed.
func (t *tally) pay(j *job, i int32, tiers bool) {
	k := &t.kinds[j.kind.id]
	price := float64(t.world.devices[i].price) * j.gmacs
	if tiers {
		price *= j.kind.factor()
	}
	k.paid += price
	k.gmacs += j.gmacs
	t.income[i] += price
}

func (t *tally) close(j *job, completed bool, now float64) {
	if completed {
		k := &t.kinds[j.kind.id]
		k.completed++
		k.latencies = append(k.latencies, float32(now-j.at))
	}
}

// quantile of sorted values, the lower one between two; 0 of none.
func quantile(sorted []float32, part float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	return float64(sorted[min(int(part*float64(len(sorted))), len(sorted)-1)])
}

// gini tells how unequally devices earn beside what they can do and how long they were there: 0 for equally, 1 for one that has all.
func (t *tally) gini() float64 {
	var rates []float64
	for i, seconds := range t.online {
		if seconds > 0 {
			rates = append(rates, t.income[i]/(seconds*nominal(t.world.models.all[t.world.devices[i].model])))
		}
	}
	slices.Sort(rates)
	sum, weighted := 0.0, 0.0
	for i, rate := range rates {
		sum += rate
		weighted += rate * float64(i+1)
	}
	if sum == 0 {
		return 0
	}
	n := float64(len(rates))
	return 2*weighted/(n*sum) - (n+1)/n
}

// sorted are the latencies of some workloads, together and in order.
func (t *tally) sorted(which func(*workload) bool) []float32 {
	var all []float32
	for i := range workloads {
		if which(&workloads[i]) {
			all = append(all, t.kinds[i].latencies...)
		}
	}
	slices.SortFunc(all, cmp.Compare[float32])
	return all
}

// round keeps four significant digits, so that figures are readable.
func round(x float64) float64 {
	if x == 0 || math.IsInf(x, 0) || math.IsNaN(x) {
		return 0
	}
	scale := math.Pow(10, 3-math.Floor(math.Log10(math.Abs(x))))
	return math.Round(x*scale) / scale
}
