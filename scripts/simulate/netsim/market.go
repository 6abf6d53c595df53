package netsim

import (
	"slices"

	"github.com/assaychain/assay/x/registry/reputation"
)

// What is assumed of the market.
const (
	// windowFactor: beside CommitBaseSeconds the window of a commitment is so many times what the model needs, since the chain's default is for
	// processors.
	windowFactor = 3.0
	// repair in seconds, on the average.
	repair = 1800.0
	// block in seconds: jobs that wait are offered again once a block, MaxAssignmentsPerBlock of them.
	block = 1.0
)

// view is what the chain knows of the devices, and so what policies may know.
type view struct {
	*world
	// open devices are available as far as the chain knows.
	open []bool
	// inUse lanes.
	inUse   []uint8
	records []reputation.Record
}

// free tells whether the chain may give a device another job.
func (v *view) free(i int32) bool { return v.open[i] && v.inUse[i] < v.devices[i].lanes }

// effort is what a choice took.
type effort struct {
	// visited devices, and messages that the network carried for it beside the job itself.
	visited, messages int
}

// policy decides who gets a job.
type policy interface {
	// changed tells that a device is open or loaded otherwise than before.
	changed(i int32)
	// place picks a free device for a job, or -1. Excluded operators failed it before, and so many tries since then were in vain.
	place(j *job, excluded []int32, tries int) (int32, effort)
	// learn tells when a job was given to a device, and when its result came.
	learn(j *job, i int32, started, ended float64)
}

// progress is what becomes of a job.
type progress struct {
	device   int32
	attempt  uint8
	tries    int
	excluded []int32
	started  float64
	// lost says that its device failed meanwhile, and nobody knows yet.
	lost bool
	done bool
}

// market is one policy's run through a world.
type market struct {
	view
	policy policy
	// tiers says that prices have the factor of the job's tier.
	tiers    bool
	agenda   agenda
	now      float64
	progress []progress
	waiting  []int32
	// trying says that the next block is on the agenda.
	trying bool
	active int
	// Of every device: works it, is it out until it is mended or released, how often did it fail, what runs on it.
	up, out  []bool
	failures []int32
	running  [][datacentreLanes]int32
	tally    *tally
}

const nobody = int32(-1)

func newMarket(w *world, make func(*view) policy) *market {
	m := &market{
		view:     view{world: w, open: filled(len(w.devices), false), inUse: filled(len(w.devices), uint8(0)), records: filled(len(w.devices), reputation.New())},
		progress: filled(len(w.jobs), progress{device: nobody}), up: filled(len(w.devices), true), out: filled(len(w.devices), false),
		failures: filled(len(w.devices), int32(0)), running: filled(len(w.devices), [datacentreLanes]int32{nobody, nobody}), tally: newTally(w),
	}
	m.policy = make(&m.view)
	for i := range w.devices {
		m.update(int32(i), w.present(i, 0))
		m.fail(int32(i))
	}
	m.agenda.add(event{at: 60, kind: struck})
	return m
}

func filled[T any](n int, value T) []T {
	all := make([]T, n)
	for i := range all {
		all[i] = value
	}
	return all
}

// simulate runs until every job is closed. Progress is told from time to time: the part that has arrived.
func (m *market) simulate(report func(float64)) {
	step := max(len(m.jobs)/100, 1)
	for next := 0; next < len(m.jobs) || m.active > 0; {
		if next < len(m.jobs) && m.jobs[next].at <= m.agenda.heap[0].at {
			m.now = m.jobs[next].at
			m.arrive(int32(next))
			next++
			if next%step == 0 {
				report(float64(next) / float64(len(m.jobs)))
			}
			continue
		}
		e := m.agenda.next()
		m.now = e.at
		m.handle(e)
	}
}

func (m *market) handle(e event) {
	switch e.kind {
	case finished:
		m.finish(e)
	case missed:
		m.miss(e)
	case broke:
		m.breakDown(e)
	case mended:
		m.mend(e)
	case struck:
		m.strike(e)
	case tried:
		m.tryAll()
	}
}

// update opens or closes a device in the chain's view.
func (m *market) update(i int32, open bool) {
	if m.open[i] != open {
		m.open[i] = open
		m.policy.changed(i)
	}
}

// arrive takes a job in, unless nobody in the network could do it: then the chain says so at once.
func (m *market) arrive(j int32) {
	if !m.tally.arrive(&m.jobs[j]) {
		return
	}
	m.active++
	if !m.try(j) {
		m.wait(j)
	}
}

// wait queues a job for the next block.
func (m *market) wait(j int32) {
	m.waiting = append(m.waiting, j)
	if !m.trying {
		m.trying = true
		m.agenda.add(event{at: m.now + block, kind: tried})
	}
}

// tryAll offers the jobs that wait longest once more; those that find none go to the end of the queue.
func (m *market) tryAll() {
	m.trying = false
	head := slices.Clone(m.waiting[:min(MaxAssignmentsPerBlock, len(m.waiting))])
	m.waiting = m.waiting[len(head):]
	for _, j := range head {
		switch {
		case m.now >= m.jobs[j].due:
			m.close(j, false)
		case !m.try(j):
			m.wait(j)
		}
	}
	if len(m.waiting) > 0 && !m.trying {
		m.trying = true
		m.agenda.add(event{at: m.now + block, kind: tried})
	}
}

// try places a job if the policy finds a device.
func (m *market) try(j int32) bool {
	p := &m.progress[j]
	i, e := m.policy.place(&m.jobs[j], p.excluded, p.tries)
	m.tally.look(e, i != nobody)
	if i == nobody {
		p.tries++
		return false
	}
	p.tries = 0
	m.start(j, i)
	return true
}

// start puts a job on a device, which the chain believes to work.
func (m *market) start(j, i int32) {
	p, kind := &m.progress[j], m.jobs[j].kind
	p.device, p.started, p.lost = i, m.now, !m.up[i]
	p.attempt++
	run := m.run(&m.jobs[j], i, m.inUse[i], int(p.attempt))
	m.inUse[i]++
	m.running[i][slices.Index(m.running[i][:], nobody)] = j
	m.policy.changed(i)
	expected := m.paces[kind.id][m.devices[i].model](m.jobs[j].gmacs, m.jobs[j].gmacs*kind.bytes)
	end := m.now + m.move(&m.jobs[j], i) + run
	due := min(m.now+CommitBaseSeconds+windowFactor*expected, m.jobs[j].due)
	if !p.lost && end <= due {
		m.agenda.add(event{at: end, kind: finished, device: i, job: j, turn: int32(p.attempt)})
	}
	// Even a job that will be done in time may lose its device.
	m.agenda.add(event{at: due, kind: missed, device: i, job: j, turn: int32(p.attempt)})
}

// leave takes a job off its device.
func (m *market) leave(j, i int32) {
	m.running[i][slices.Index(m.running[i][:], j)] = nobody
	m.inUse[i]--
	m.policy.changed(i)
}

func (m *market) finish(e event) {
	p := &m.progress[e.job]
	if p.done || p.lost || int32(p.attempt) != e.turn {
		return
	}
	m.leave(e.job, e.device)
	m.records[e.device] = m.records[e.device].Proven(LearningBps).Delivered(LearningBps)
	m.policy.learn(&m.jobs[e.job], e.device, p.started, m.now)
	m.tally.pay(&m.jobs[e.job], e.device, m.tiers)
	m.close(e.job, m.now <= m.jobs[e.job].due)
}

func (m *market) close(j int32, completed bool) {
	m.progress[j].done = true
	m.active--
	m.tally.close(&m.jobs[j], completed, m.now)
}

// miss ends an attempt whose result did not come: the device is out, and the job goes to somebody else if it has attempts and time left.
func (m *market) miss(e event) {
	p := &m.progress[e.job]
	if p.done || int32(p.attempt) != e.turn {
		return
	}
	i := e.device
	m.leave(e.job, i)
	m.records[i] = m.records[i].Missed(LearningBps)
	m.tally.failed++
	m.out[i] = true
	m.update(i, false)
	if m.up[i] {
		m.agenda.add(event{at: m.now + JailSeconds, kind: mended, device: i, turn: m.failures[i]})
	}
	p.device, p.excluded = nobody, append(p.excluded, m.devices[i].operator)
	if p.attempt >= MaxAttempts || m.now >= m.jobs[e.job].due {
		m.close(e.job, false)
	} else if !m.try(e.job) {
		m.wait(e.job)
	}
}
