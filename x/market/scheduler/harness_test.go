package scheduler_test

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"

	"cosmossdk.io/math"
	"pgregory.net/rapid"

	"github.com/assaychain/assay/x/market/scheduler"
)

// network is a State over plain slices that keeps the port's promises: order, filter, limit.
type network struct {
	devices   []scheduler.Device
	standings map[string]scheduler.Standing
	visited   int
	fail      error
}

func (n *network) Walk(class scheduler.Class, home uint16, limit uint32, visit func(scheduler.Device) (bool, error)) error {
	ordered := slices.Clone(n.devices)
	slices.SortFunc(ordered, func(a, b scheduler.Device) int {
		if home != 0 && a.RoundTripMicros != b.RoundTripMicros {
			return cmp.Compare(a.RoundTripMicros, b.RoundTripMicros)
		}
		if a.InUse != b.InUse {
			return int(a.InUse) - int(b.InUse)
		}
		if !a.Price.Equal(b.Price) {
			return a.Price.BigInt().Cmp(b.Price.BigInt())
		}
		return bytes.Compare(a.ID, b.ID)
	})
	for _, d := range ordered {
		if d.Class != class || !d.Available || d.InUse >= d.Lanes {
			continue
		}
		if limit == 0 {
			return nil
		}
		limit--
		n.visited++
		if stop, err := visit(d); stop || err != nil {
			return err
		}
	}
	return nil
}

func (n *network) WalkOwned(operator string, _ uint16, from uint64, limit uint32, visit func(scheduler.Device) (bool, error)) error {
	var own []scheduler.Device
	for _, d := range n.devices {
		if d.Operator == operator {
			own = append(own, d)
		}
	}
	slices.SortFunc(own, func(a, b scheduler.Device) int { return bytes.Compare(a.ID, b.ID) })
	count := uint64(len(own))
	for i := range min(uint64(limit), count) {
		n.visited++
		if stop, err := visit(own[(from+i)%count]); stop || err != nil {
			return err
		}
	}
	return nil
}

func (n *network) Standing(operator string) (scheduler.Standing, error) {
	if n.fail != nil {
		return scheduler.Standing{}, n.fail
	}
	s, ok := n.standings[operator]
	if !ok {
		return scheduler.Standing{}, errors.New("unknown operator " + operator)
	}
	return s, nil
}

// ledger is a Planner that records and may refuse.
type ledger struct {
	placed []scheduler.Placement
	fail   error
}

func (l *ledger) Place(p scheduler.Placement) error {
	if l.fail != nil {
		return l.fail
	}
	l.placed = append(l.placed, p)
	return nil
}

var (
	operators = []string{"anna", "bert", "cora", "dirk"}
	terms     = scheduler.Terms{MinPrice: math.NewInt(10), ExposureBps: 20_000, MaxCandidates: 1_000}
)

func drawNetwork(t *rapid.T) *network {
	n := &network{standings: map[string]scheduler.Standing{}}
	for _, o := range operators {
		n.standings[o] = scheduler.Standing{
			Jailed:   rapid.IntRange(0, 3).Draw(t, "jailed") == 0,
			Headroom: math.NewInt(rapid.Int64Range(0, 400).Draw(t, "headroom")),
		}
	}
	for i := range rapid.IntRange(0, 30).Draw(t, "devices") {
		n.devices = append(n.devices, scheduler.Device{
			ID: []byte{byte(i)}, Operator: rapid.SampledFrom(operators).Draw(t, "operator"),
			Class: scheduler.Class(rapid.IntRange(1, 3).Draw(t, "class")), Backend: scheduler.Backend(rapid.IntRange(1, 2).Draw(t, "backend")),
			MemoryMiB: rapid.Uint32Range(0, 8).Draw(t, "memory"), Lanes: rapid.Uint32Range(1, 3).Draw(t, "lanes"),
			InUse: rapid.Uint32Range(0, 3).Draw(t, "in use"), Price: math.NewInt(rapid.Int64Range(1, 120).Draw(t, "price")),
			Available:       rapid.IntRange(0, 4).Draw(t, "available") > 0,
			RoundTripMicros: rapid.Uint32Range(0, 90_000).Draw(t, "round trip"), RunMillis: rapid.Uint64Range(0, 5_000).Draw(t, "run"),
			Trials: rapid.Uint32Range(0, 20).Draw(t, "trials"), TrustBps: rapid.Uint32Range(0, 10_000).Draw(t, "trust"),
			Attested: rapid.Bool().Draw(t, "attested"),
			Watts:    rapid.Uint32Range(0, 700).Draw(t, "watts"), Heat: scheduler.Heat(rapid.IntRange(0, 3).Draw(t, "heat")),
			Levels: rapid.SliceOfNDistinct(rapid.SampledFrom([]scheduler.Level{0, 1, 2}), 1, 3, rapid.ID).Draw(t, "levels"),
		})
	}
	return n
}

func drawJob(t *rapid.T) scheduler.Job {
	return scheduler.Job{
		Classes:      rapid.SliceOfNDistinct(rapid.SampledFrom([]scheduler.Class{1, 2, 3}), 1, 3, rapid.ID).Draw(t, "classes"),
		Backends:     rapid.SliceOfNDistinct(rapid.SampledFrom([]scheduler.Backend{1, 2}), 0, 2, rapid.ID).Draw(t, "backends"),
		MinMemoryMiB: rapid.Uint32Range(0, 6).Draw(t, "min memory"),
		Level:        scheduler.Level(rapid.IntRange(0, 2).Draw(t, "level")),
		Work:         rapid.Uint64Range(1, 3_000_000_000).Draw(t, "work"),
		MaxPrice:     math.NewInt(rapid.Int64Range(10, 300).Draw(t, "max price")),
		Excluded:     rapid.SliceOfNDistinct(rapid.SampledFrom(operators), 0, 3, rapid.ID).Draw(t, "excluded"),
		Eligible:     rapid.SliceOfNDistinct(rapid.SampledFrom(operators), 0, 3, rapid.ID).Draw(t, "eligible"),
		Home:         rapid.Uint16Range(0, 2).Draw(t, "home"),
		Tier:         scheduler.Tier(rapid.IntRange(0, 3).Draw(t, "tier")),

		MaxRoundTripMicros: rapid.Uint32Range(0, 2).Draw(t, "budget") * 40_000,
		AttestedOnly:       rapid.IntRange(0, 3).Draw(t, "attested only") == 0,
		Named:              rapid.IntRange(0, 7).Draw(t, "named") == 0,
		Turn:               rapid.Uint64().Draw(t, "turn"),
	}
}

// harness is a network of devices whose operators are in good standing.
func harness(devices ...scheduler.Device) *network {
	n := &network{devices: devices, standings: map[string]scheduler.Standing{}}
	for _, o := range operators {
		n.standings[o] = scheduler.Standing{Headroom: math.NewIntWithDecimal(1, 18)}
	}
	return n
}

// Place makes the network its own planner: lanes and bonds are taken.
func (n *network) Place(p scheduler.Placement) error {
	for i := range n.devices {
		d := &n.devices[i]
		if !bytes.Equal(d.ID, p.Device.ID) {
			continue
		}
		s := n.standings[d.Operator]
		if d.InUse++; d.InUse > d.Lanes {
			return fmt.Errorf("device %x has %d jobs on %d lanes", d.ID, d.InUse, d.Lanes)
		}
		if s.Headroom = s.Headroom.Sub(p.Exposure); s.Headroom.IsNegative() {
			return fmt.Errorf("operator %s is exposed beyond its bond by %s", d.Operator, s.Headroom)
		}
		n.standings[d.Operator] = s
		return nil
	}
	return fmt.Errorf("no device %x", p.Device.ID)
}
