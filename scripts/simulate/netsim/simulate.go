package netsim

import (
	"fmt"
	"slices"
	"sync"
)

// makers of the policies.
var makers = map[string]func(*view) policy{
	Ours: newChain, Random: newAnyone, Cheapest: newCheapest, Auction: newAuction, Datacentre: newDatacentre, Marketplace: newDatacentre,
}

// Progress is told while a simulation runs: what runs, and the part of its arrivals that is over, from 0 to 1. Never twice at a time.
type Progress func(what string, part float64)

// Plan says what to run on a network.
type Plan struct {
	// Policies by name.
	Policies []string
	// Workers run at the same time; 0 is one. The figures don't depend on it.
	Workers int
	// Identities under which the largest operators appear in a run of their own, under our policy, at most MaxIdentities; without such a run below 2.
	Identities int
}

// Validate refuses what can't be run.
func (p Plan) Validate() error {
	if len(p.Policies) == 0 {
		return fmt.Errorf("no policy is named: choose from %v", Policies())
	}
	for i, name := range p.Policies {
		if makers[name] == nil {
			return fmt.Errorf("policy %q is unknown: choose from %v", name, Policies())
		}
		if slices.Contains(p.Policies[:i], name) {
			return fmt.Errorf("policy %q is named twice", name)
		}
	}
	if p.Workers < 0 {
		return fmt.Errorf("workers is %d: it must not be negative", p.Workers)
	}
	return validateIdentities(p.Identities)
}

// run is one policy's.
type run struct {
	policy string
	// identities under which the largest operators appear, below 2 under their own.
	identities int
	tally      *tally
}

func (r *run) name() string {
	if r.identities > 1 {
		return fmt.Sprintf("%s, the largest operators under %d names each", r.policy, r.identities)
	}
	return r.policy
}

// Simulate runs the same hours of the same network under each policy and reports. The error names what can't be.
func Simulate(c Config, p Plan, tell Progress) (*Report, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if err := p.Validate(); err != nil {
		return nil, err
	}
	w, err := newWorld(c)
	if err != nil {
		return nil, err
	}
	runs := p.runs()
	w.all(runs, max(p.Workers, 1), tell)
	return newReport(w, runs), nil
}

func (p Plan) runs() []*run {
	var all []*run
	for _, name := range p.Policies {
		all = append(all, &run{policy: name})
	}
	if p.Identities > 1 && slices.Contains(p.Policies, Ours) {
		all = append(all, &run{policy: Ours, identities: p.Identities})
	}
	return all
}

// variant is the world of a run.
func (w *world) variant(r *run) *world {
	if r.policy == Marketplace {
		return w.discount()
	}
	if r.identities > 1 {
		return w.split(w.largest(splitters), r.identities)
	}
	return w
}

// all carries the runs out, so many at a time. They share the world, which none of them changes.
func (w *world) all(runs []*run, workers int, tell Progress) {
	var group sync.WaitGroup
	var telling sync.Mutex
	queue := make(chan *run)
	for range workers {
		group.Go(func() {
			for r := range queue {
				m := newMarket(w.variant(r), makers[r.policy])
				m.tiers = r.policy != Datacentre && r.policy != Marketplace
				m.simulate(func(part float64) {
					telling.Lock()
					defer telling.Unlock()
					tell(r.name(), part)
				})
				r.tally = m.tally
			}
		})
	}
	for _, r := range runs {
		queue <- r
	}
	close(queue)
	group.Wait()
}
