package netsim

import (
	"encoding/binary"
	"math"
	"sync"

	sdkmath "cosmossdk.io/math"

	"github.com/assaychain/assay/x/market/scheduler"
	"github.com/assaychain/assay/x/registry/catalogue"
	"github.com/assaychain/assay/x/registry/cells"
)

// chain is the policy of the chain: its own scheduler over devices on shelves by class and cell, nearest cells first.
type chain struct {
	*view
	terms scheduler.Terms
	// shelves by class and cell, and where on its shelf a device is.
	shelves [catalogue.Datacentre + 1][cells.Count + 1]*shelf
	rank    []int32
	// known is what the chain has of every device, but what changes.
	known  []scheduler.Device
	learnt *learnt
	// now is the job that is being placed.
	now      *job
	standing scheduler.Standing
}

var _ policy = (*chain)(nil)
var _ scheduler.State = (*chain)(nil)

func newChain(v *view) policy {
	c := &chain{view: v, rank: make([]int32, len(v.devices)), known: make([]scheduler.Device, len(v.devices)), learnt: newLearnt(v)}
	// Bonds are no limit here: every operator has more than its devices can put at risk.
	c.standing.Headroom = sdkmath.NewInt(math.MaxInt64)
	c.terms = scheduler.Terms{MinPrice: sdkmath.OneInt(), ExposureBps: 10_000, MaxCandidates: MaxCandidates}
	var members [catalogue.Datacentre + 1][cells.Count + 1][]int32
	for i := range v.devices {
		d := &v.devices[i]
		members[d.class][d.cell] = append(members[d.class][d.cell], int32(i))
		c.known[i] = scheduler.Device{
			ID: binary.BigEndian.AppendUint32(nil, uint32(i)), Operator: name(d.operator), Class: scheduler.Class(d.class), MemoryMiB: d.memory,
			Lanes: uint32(d.lanes), Price: sdkmath.NewInt(d.price), Available: true, Levels: []scheduler.Level{0}, Cell: d.cell,
			Watts: v.models.all[d.model].TDPWatts,
		}
	}
	for class := range members {
		for cell, devices := range members[class] {
			if len(devices) == 0 {
				continue
			}
			c.shelves[class][cell] = newShelf(v, devices)
			for rank, i := range devices {
				c.rank[i] = int32(rank)
			}
		}
	}
	return c
}

func (c *chain) changed(i int32) {
	d := &c.devices[i]
	c.shelves[d.class][d.cell].put(c.rank[i], c.free(i), c.inUse[i])
}

// Walk shows the class's free devices, nearest cells first.
func (c *chain) Walk(class scheduler.Class, home uint16, limit uint32, visit func(scheduler.Device) (bool, error)) error {
	var failed error
	for _, cell := range cells.Near(cells.Cell(home)) {
		s := c.shelves[class][cell]
		if s == nil {
			continue
		}
		stopped := s.each(func(i int32) bool {
			if limit == 0 {
				return true
			}
			limit--
			stop, err := visit(c.candidate(i, home))
			failed = err
			return stop || err != nil
		})
		if stopped || failed != nil {
			return failed
		}
	}
	return nil
}

// WalkOwned shows devices of one operator.
func (c *chain) WalkOwned(operator string, home uint16, from uint64, limit uint32, visit func(scheduler.Device) (bool, error)) error {
	var own []int32
	for i := range c.known {
		if c.known[i].Operator == operator {
			own = append(own, int32(i))
		}
	}
	count := uint64(len(own))
	for i := range min(uint64(limit), count) {
		if stop, err := visit(c.candidate(own[(from%count+i)%count], home)); stop || err != nil {
			return err
		}
	}
	return nil
}

// candidate is what the chain knows of a device for the job at hand.
func (c *chain) candidate(i int32, home uint16) scheduler.Device {
	d := c.known[i]
	d.InUse = uint32(c.inUse[i])
	d.RoundTripMicros = priors()[home][d.Cell]
	d.RunMillis, d.Trials = c.learnt.predict(c.now, &c.devices[i])
	d.TrustBps = min(c.records[i].Uptime, c.records[i].Delivery)
	return d
}

// Standing is everybody's.
func (c *chain) Standing(string) (scheduler.Standing, error) { return c.standing, nil }

// Place takes note of nothing: the market reads the survey.
func (c *chain) Place(scheduler.Placement) error { return nil }

func (c *chain) place(j *job, excluded []int32, tries int) (int32, effort) {
	c.now = j
	c.terms.MaxCandidates = scheduler.Widen(MaxCandidates, uint32(tries))
	c.terms.TierBps = tierBps[j.kind.tier]
	wanted := scheduler.Job{
		Classes: j.classes(), MinMemoryMiB: j.memory, Work: work(j), MaxPrice: sdkmath.NewInt(j.most), Home: cellAt(j.lat, j.lon), Tier: j.kind.tier,
	}
	for _, operator := range excluded {
		wanted.Excluded = append(wanted.Excluded, name(operator))
	}
	survey, err := scheduler.Schedule(wanted, c.terms, c, c)
	if err != nil {
		panic(err) // No port of the simulation fails.
	}
	e := effort{visited: int(survey.Visited)}
	if survey.Best == nil {
		return nobody, e
	}
	return int32(binary.BigEndian.Uint32(survey.Best.Device.ID)), e
}

func (c *chain) learn(j *job, i int32, started, ended float64) {
	c.learnt.observe(j, &c.devices[i], started, ended)
}

// priors are the round trips between cells in microseconds that the chain predicts before it has measured any.
var priors = sync.OnceValue(func() *[cells.Count + 1][cells.Count + 1]uint32 {
	var all [cells.Count + 1][cells.Count + 1]uint32
	for a := cells.Cell(1); a.Known(); a++ {
		for b := cells.Cell(1); b.Known(); b++ {
			all[a][b] = cells.RoundTrip(a, b)
		}
	}
	return &all
})
