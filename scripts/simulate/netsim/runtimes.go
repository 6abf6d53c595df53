package netsim

import (
	"math"

	"github.com/assaychain/assay/x/market/runtimes"
	"github.com/assaychain/assay/x/registry/catalogue"
)

// learnt are the run times that the chain has learnt, by workload and model: the market's own arithmetic, fed with what the chain can see.
type learnt struct {
	*view
	// records by workload, and by model; behind the models, by class.
	records [][]runtimes.Record
	// now is the time in milliseconds.
	now uint64
}

func newLearnt(v *view) *learnt {
	l := &learnt{view: v, records: make([][]runtimes.Record, runtimes.Workloads)}
	for i := range l.records {
		l.records[i] = make([]runtimes.Record, len(v.models.all)+int(catalogue.Datacentre)+1)
	}
	return l
}

// class of a job's work. The chain tells kinds of work apart by assurance and by whether there are steps; here every workload is of a kind of
// its own.
func class(j *job) uint32 {
	id := uint32(j.kind.id)
	return runtimes.Workload(runtimes.Kind{Level: id / 2, Chain: id%2 == 1}, work(j))
}

// work of a job in multiply-accumulates.
func work(j *job) uint64 { return uint64(j.gmacs * 1e9) }

// observe takes in how long it was from a job's assignment to its result, for the device's model and for its class. The chain sees whole blocks.
func (l *learnt) observe(j *job, d *device, started, ended float64) {
	blocks := math.Floor(ended/block) - math.Floor(started/block) + 1
	l.now = uint64(ended * 1000)
	for _, hardware := range []int{d.model, l.ofClass(d)} {
		record := &l.records[class(j)][hardware]
		*record = record.Learn(work(j), uint64(blocks*block*1000), l.now)
	}
}

// ofClass is where the records of a device's class are.
func (l *learnt) ofClass(d *device) int { return len(l.models.all) + int(d.class) }

// predict is how long a job will run on a device, in milliseconds, and how often the like was seen: by its model, else by its class, else by a
// guess.
func (l *learnt) predict(j *job, d *device) (uint64, uint32) {
	records := l.records[class(j)]
	if trials := records[d.model].Trials(l.now); trials > 0 {
		return records[d.model].Predict(work(j)), trials
	}
	if of := records[l.ofClass(d)]; of.Trials(l.now) > 0 {
		return of.Predict(work(j)), 0
	}
	return runtimes.Guess(uint32(d.class), work(j)), 0
}
