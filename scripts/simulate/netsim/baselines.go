package netsim

import (
	"slices"

	"github.com/assaychain/assay/x/market/scheduler"
	"github.com/assaychain/assay/x/registry/catalogue"
)

// blind policies learn nothing.
type blind struct{}

func (blind) learn(*job, int32, float64, float64) {}

// will tells whether a free device will do for a job.
func (v *view) will(j *job, i int32, excluded []int32) bool {
	return v.fits(j, &v.devices[i]) && !slices.Contains(excluded, v.devices[i].operator)
}

// anyone is the policy Random.
type anyone struct {
	blind
	*view
	// free devices by class in any order, and where in it a device is.
	free  [catalogue.Datacentre + 1][]int32
	where []int32
	drawn uint64
}

func newAnyone(v *view) policy {
	return &anyone{view: v, where: filled(len(v.devices), nobody)}
}

func (a *anyone) changed(i int32) {
	list, at := &a.free[a.devices[i].class], a.where[i]
	switch free := a.view.free(i); {
	case free && at == nobody:
		a.where[i] = int32(len(*list))
		*list = append(*list, i)
	case !free && at != nobody:
		last := (*list)[len(*list)-1]
		(*list)[at], a.where[last] = last, at
		*list, a.where[i] = (*list)[:len(*list)-1], nobody
	}
}

// place draws until a device will do; after many draws it looks at all from a random one on, so that it never misses one.
func (a *anyone) place(j *job, excluded []int32, _ int) (int32, effort) {
	count := 0
	for _, class := range j.classes() {
		count += len(a.free[class])
	}
	var e effort
	for range min(200, count) {
		a.drawn++
		e.visited++
		if i := a.nth(j, int(a.luck.bits(drawChoice, j.id, a.drawn, 0)%uint64(count))); a.will(j, i, excluded) {
			return i, e
		}
	}
	for n := range count {
		e.visited++
		if i := a.nth(j, (n+int(j.id))%count); a.will(j, i, excluded) {
			return i, e
		}
	}
	return nobody, e
}

// nth is a free device of the job's classes by its place in their lists.
func (a *anyone) nth(j *job, n int) int32 {
	for _, class := range j.classes() {
		if n < len(a.free[class]) {
			return a.free[class][n]
		}
		n -= len(a.free[class])
	}
	return nobody
}

// thrift is the policy Cheapest, or Datacentre if it takes those only.
type thrift struct {
	blind
	*view
	only []scheduler.Class
	// ranked devices by price, and where in it a device is.
	ranked []int32
	rank   []int32
	// free by class and memory: the free devices that have at least so much, by their rank.
	free [catalogue.Datacentre + 1][]set
}

// steps of memory in MiB, ascending.
var steps = []uint32{0, 2_048, 4_096, 8_192, 12_288, 16_384, 40_000, 65_536}

func newCheapest(v *view) policy { return newThrift(v, nil) }

func newDatacentre(v *view) policy { return newThrift(v, cloudClasses) }

func newThrift(v *view, only []scheduler.Class) *thrift {
	t := &thrift{view: v, only: only, ranked: make([]int32, len(v.devices)), rank: make([]int32, len(v.devices))}
	for i := range t.ranked {
		t.ranked[i] = int32(i)
	}
	sortByPrice(v, t.ranked)
	for rank, i := range t.ranked {
		t.rank[i] = int32(rank)
	}
	for class := range t.free {
		for range steps {
			t.free[class] = append(t.free[class], newSet(len(v.devices)))
		}
	}
	return t
}

func (t *thrift) changed(i int32) {
	d := &t.devices[i]
	for step, memory := range steps {
		if d.memory >= memory {
			t.free[d.class][step].put(int(t.rank[i]), t.view.free(i))
		}
	}
}

func (t *thrift) place(j *job, excluded []int32, _ int) (int32, effort) {
	classes := j.classes()
	if t.only != nil {
		classes = t.only
	}
	step := 0
	for step+1 < len(steps) && steps[step+1] <= j.memory {
		step++
	}
	best, e := len(t.ranked), effort{}
	for _, class := range classes {
		free := &t.free[class][step]
		for rank := free.next(0); rank >= 0 && rank < best; rank = free.next(rank + 1) {
			e.visited++
			if t.will(j, t.ranked[rank], excluded) {
				best = rank
			}
		}
	}
	if best == len(t.ranked) {
		return nobody, e
	}
	return t.ranked[best], e
}

// group is devices that bid alike: of one model, in one cell.
type group struct {
	cell  uint16
	model int
	class catalogue.Class
	shelf *shelf
}

// auction is the policy Auction: every device that is free and able hears of the job and bids. It knows its own speed, as its owner would.
type auction struct {
	thrift
	groups []group
	of     []int32
	spot   []int32
	count  int
}

func newAuction(v *view) policy {
	a := &auction{thrift: *newThrift(v, nil), of: make([]int32, len(v.devices)), spot: make([]int32, len(v.devices))}
	members := map[[2]int][]int32{}
	var order [][2]int
	for i := range v.devices {
		key := [2]int{int(v.devices[i].cell), v.devices[i].model}
		if members[key] == nil {
			order = append(order, key)
		}
		members[key] = append(members[key], int32(i))
	}
	for g, key := range order {
		shelf := newShelf(v, members[key])
		a.groups = append(a.groups, group{cell: uint16(key[0]), model: key[1], class: v.devices[shelf.devices[0]].class, shelf: shelf})
		for rank, i := range shelf.devices {
			a.of[i], a.spot[i] = int32(g), int32(rank)
		}
	}
	return a
}

func (a *auction) changed(i int32) {
	a.thrift.changed(i)
	a.groups[a.of[i]].shelf.put(a.spot[i], a.view.free(i), a.inUse[i])
}

// place counts a message to every device that is free, and a bid from each; the auctioneer looks at one bid a group, since the others of a
// group bid no better.
func (a *auction) place(j *job, excluded []int32, _ int) (int32, effort) {
	e := effort{messages: a.bids(j)}
	if !j.kind.waits {
		i, _ := a.thrift.place(j, excluded, 0)
		return i, e
	}
	best, quickest := nobody, 0.0
	home := cellAt(j.lat, j.lon)
	for g := range a.groups {
		of := &a.groups[g]
		if !slices.Contains(j.classes(), scheduler.Class(of.class)) || a.models.all[of.model].MemoryMiB < j.memory && j.memory > 4096 {
			continue
		}
		seconds := a.paces[j.kind.id][of.model](j.gmacs, j.gmacs*j.kind.bytes) + float64(priors()[home][of.cell])/1e6 + lines[of.class].mile
		if best != nobody && seconds >= quickest {
			continue
		}
		of.shelf.each(func(i int32) bool {
			if !a.will(j, i, excluded) {
				return false
			}
			best, quickest = i, seconds
			return true
		})
	}
	return best, e
}

// bids are the messages of an auction: the call to every free device of a class that will do, and as many answers.
func (a *auction) bids(j *job) int {
	sum := 0
	for _, class := range j.classes() {
		sum += 2 * a.free[class][0].size
	}
	return sum
}
