package netsim

import (
	"math"
	"slices"

	"github.com/assaychain/assay/x/market/scheduler"
	"github.com/assaychain/assay/x/registry/catalogue"
)

// workload is a kind of jobs. All of its numbers are assumed, but where a source is named.
type workload struct {
	id   int
	name string
	// part of all arrivals.
	part float64
	// tier that its customers ask for.
	tier scheduler.Tier
	// waits says that somebody waits for the answer: its latency counts.
	waits bool
	// gmacs is the median of the work in 10^9 multiply-accumulates, spread the deviation of its logarithm.
	gmacs, spread float64
	// bytes of memory read for every 10^9 multiply-accumulates.
	bytes float64
	// overhead of a run in seconds, beside its work.
	overhead float64
	// payload in bytes that goes to the device.
	payload float64
	// memory that it takes in MiB, one of these.
	memory []uint32
	// deadline in seconds after its arrival.
	deadline float64
	// daily is how much more of it arrives in the evening than on the average: 0 for none.
	daily float64
	// most is the highest price its customers pay, in picodollars for 10^9 multiply-accumulates, before the factor of its tier.
	most float64
	// edge says that a device that stands in no datacentre will do.
	edge bool
}

var workloads = numbered([]workload{
	// Five images through a network like ResNet-50, of 4.1·10^9 multiply-accumulates each (He et al., 2015).
	{name: "vision", part: 0.45, tier: scheduler.Realtime, waits: true, gmacs: 20, spread: 0.8, overhead: 0.003, payload: 100e3,
		memory: []uint32{2048, 4096}, deadline: 900, daily: 0.6, most: 60_000, edge: true},
	// A hundred words of a model with 7·10^9 weights of 8 bits: each word reads all weights, and the prompt is read once.
	{name: "chat", part: 0.25, tier: scheduler.Fast, waits: true, gmacs: 1_500, spread: 0.5, bytes: 0.5e9, overhead: 0.01, payload: 4e3,
		memory: []uint32{8192}, deadline: 1800, daily: 0.6, most: 60_000, edge: true},
	// Rendering, embeddings, fine-tuning: three quarters of an hour of an RTX 3060, eight minutes of an RTX 4090.
	{name: "batch", part: 0.18, tier: scheduler.Standard, gmacs: 30e6, spread: 0.9, overhead: 5, payload: 20e6,
		memory: []uint32{4096, 8192, 8192, 12288}, deadline: 12 * hour, daily: 0.2, most: 30_000, edge: true},
	{name: "economy", part: 0.09, tier: scheduler.Economy, gmacs: 40e6, spread: 0.9, overhead: 5, payload: 20e6,
		memory: []uint32{4096, 8192, 16384}, deadline: 24 * hour, most: 20_000, edge: true},
	// What fits no gaming GPU: half an hour of a datacentre's.
	{name: "large", part: 0.03, tier: scheduler.Standard, gmacs: 200e6, spread: 0.8, overhead: 30, payload: 500e6,
		memory: []uint32{40_000, 40_000, 65_536}, deadline: 24 * hour, daily: 0.3, most: 60_000},
})

func numbered(all []workload) []workload {
	for i := range all {
		all[i].id = i
	}
	return all
}

const (
	hour = 3600.0
	// evening is the hour of the day, local, at which most arrives.
	evening = 20.0
)

// every class will do for work at the edge; only gaming GPUs and datacentres' run what is large.
var (
	edgeClasses  = classesOf(catalogue.Edge, catalogue.Mobile, catalogue.Consumer, catalogue.Datacentre)
	gpuClasses   = classesOf(catalogue.Consumer, catalogue.Datacentre)
	cloudClasses = classesOf(catalogue.Datacentre)
)

func classesOf(classes ...catalogue.Class) []scheduler.Class {
	var all []scheduler.Class
	for _, class := range classes {
		all = append(all, scheduler.Class(class))
	}
	return all
}

// job is what a customer asks for.
type job struct {
	id   uint64
	kind *workload
	// at is when it arrives, due when it must be done, in seconds.
	at, due  float64
	lat, lon float64
	gmacs    float64
	memory   uint32
	// most it may cost, in picodollars.
	most int64
}

// factor of the prices of a workload.
func (w *workload) factor() float64 { return float64(tierBps[w.tier]) / 10_000 }

// price of the job at so much for 10^9 multiply-accumulates, in picodollars.
func (j *job) price(perGiga int64) int64 { return int64(float64(perGiga) * j.gmacs * j.kind.factor()) }

func (j *job) classes() []scheduler.Class {
	switch {
	case j.kind.waits:
		return edgeClasses
	case j.kind.edge:
		return gpuClasses
	default:
		return cloudClasses
	}
}

// arrivals are all jobs in the order of time.
func arrivals(c Config, luck chance) []job {
	count := int(float64(c.Devices) * c.JobsPerDevice * float64(c.Hours) / 24)
	homes, parts := newWheel(weights(metros)), make([]float64, len(workloads))
	for i := range workloads {
		parts[i] = workloads[i].part
	}
	kinds := newWheel(parts)
	all := make([]job, count)
	for i := range all {
		id := uint64(i)
		kind := &workloads[kinds.spin(luck.uniform(drawJobKind, id, 0, 0))]
		all[i] = luck.arrival(id, kind, homes, float64(c.Hours)*hour)
	}
	slices.SortFunc(all, func(a, b job) int {
		if a.at != b.at {
			return sign(a.at - b.at)
		}
		return int(a.id) - int(b.id)
	})
	return all
}

func sign(x float64) int {
	if x < 0 {
		return -1
	}
	return 1
}

// arrival draws place and time together, until the time of the day there is one at which so much arrives.
func (c chance) arrival(id uint64, kind *workload, homes wheel, span float64) job {
	j := job{id: id, kind: kind}
	var home place
	for try := uint64(0); ; try++ {
		home = metros[homes.spin(c.uniform(drawJobPlace, id, try, 0))]
		j.at = span * c.uniform(drawJobTime, id, try, 0)
		local := j.at/hour + home.utc
		busy := (1 + kind.daily*math.Cos((local-evening)*2*math.Pi/24)) / (1 + kind.daily)
		if c.uniform(drawJobTime, id, try, 1) < busy {
			break
		}
	}
	j.lat = home.lat + scatter*c.normal(drawJobLatitude, id, 0, 0)
	j.lon = home.lon + scatter*c.normal(drawJobLongitude, id, 0, 0)
	j.gmacs = kind.gmacs * math.Exp(kind.spread*c.normal(drawJobSize, id, 0, 0))
	j.memory = kind.memory[c.bits(drawJobMemory, id, 0, 0)%uint64(len(kind.memory))]
	j.due = j.at + kind.deadline
	j.most = j.price(int64(kind.most))
	return j
}
