package netsim

import (
	"math"

	"github.com/assaychain/assay/x/market/runtimes"
)

// learnt are the run times that the chain has learnt, by workload and model: the market's own arithmetic, fed with what the chain can see.
type learnt struct {
	*view
	// records by workload, the size class of the work, and model.
	records [][]runtimes.Record
	// now is the time in milliseconds.
	now uint64
}

func newLearnt(v *view) *learnt {
	l := &learnt{view: v, records: make([][]runtimes.Record, runtimes.Workloads)}
	for i := range l.records {
		l.records[i] = make([]runtimes.Record, len(v.models.all))
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

// observe takes in how long it was from a job's assignment to its result. The chain sees whole blocks.
func (l *learnt) observe(j *job, model int, started, ended float64) {
	blocks := math.Floor(ended/block) - math.Floor(started/block) + 1
	record := &l.records[class(j)][model]
	*record = record.Learn(work(j), uint64(blocks*block*1000), uint64(ended*1000))
	l.now = uint64(ended * 1000)
}

// predict is how long a job will run on a device, in milliseconds, and how often the like was seen.
func (l *learnt) predict(j *job, d *device) (uint64, uint32) {
	record := l.records[class(j)][d.model]
	if trials := record.Trials(l.now); trials > 0 {
		return record.Predict(work(j)), trials
	}
	return runtimes.Guess(uint32(d.class), work(j)), 0
}
