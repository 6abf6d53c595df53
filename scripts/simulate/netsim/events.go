package netsim

// What can happen, beside arrivals.
const (
	// finished: a job's result is with its customer.
	finished = iota
	// missed: a result was due and did not come.
	missed
	// broke and mended: a device.
	broke
	mended
	// struck: the hour. Devices come and go.
	struck
	// tried: jobs that wait are offered once more, once a block.
	tried
)

// event is something that happens at a time.
type event struct {
	at   float64
	kind uint8
	// turn of the one whom it concerns: of a device that failed, the number of the failure; of a job the number of the attempt.
	turn int32
	// device and job, -1 for none.
	device, job int32
	// order of its making, which parts events of one time.
	order uint64
}

func (e event) before(f event) bool {
	if e.at != f.at {
		return e.at < f.at
	}
	return e.order < f.order
}

// agenda is a heap of events, the next at its top.
type agenda struct {
	heap []event
	made uint64
}

func (a *agenda) add(e event) {
	a.made++
	e.order = a.made
	a.heap = append(a.heap, e)
	i := len(a.heap) - 1
	for i > 0 && e.before(a.heap[(i-1)/2]) {
		a.heap[i] = a.heap[(i-1)/2]
		i = (i - 1) / 2
	}
	a.heap[i] = e
}

// next takes the next event off; there must be one.
func (a *agenda) next() event {
	top, last := a.heap[0], a.heap[len(a.heap)-1]
	a.heap = a.heap[:len(a.heap)-1]
	if len(a.heap) == 0 {
		return top
	}
	i := 0
	for child := 1; child < len(a.heap); child = 2*i + 1 {
		if child+1 < len(a.heap) && a.heap[child+1].before(a.heap[child]) {
			child++
		}
		if last.before(a.heap[child]) {
			break
		}
		a.heap[i] = a.heap[child]
		i = child
	}
	a.heap[i] = last
	return top
}
