package scheduler_test

import (
	"errors"
	"testing"

	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/assaychain/assay/x/market/pricing"
	"github.com/assaychain/assay/x/market/scheduler"
)

// eligible is the specification, written without the scheduler.
func eligible(j scheduler.Job, d scheduler.Device, s scheduler.Standing) bool {
	ok := d.Available && d.InUse < d.Lanes && d.MemoryMiB >= j.MinMemoryMiB && !s.Jailed
	class, backend, level := false, len(j.Backends) == 0, false
	for _, l := range d.Levels {
		level = level || l == j.Level
	}
	for _, c := range j.Classes {
		class = class || c == d.Class
	}
	for _, b := range j.Backends {
		backend = backend || b == d.Backend
	}
	for _, o := range j.Excluded {
		ok = ok && o != d.Operator
	}
	if j.AttestedOnly {
		ok = ok && d.Attested
	}
	if j.Named && len(j.Eligible) == 0 {
		ok = false
	}
	for i, o := range j.Eligible {
		if o == d.Operator {
			break
		}
		ok = ok && i < len(j.Eligible)-1
	}
	if j.MaxRoundTripMicros > 0 && j.Home != 0 {
		ok = ok && d.RoundTripMicros > 0 && d.RoundTripMicros <= j.MaxRoundTripMicros
	}
	ok = ok && d.Heat != scheduler.Withdrawn
	price := pricing.Quote(j.Work, d.Price, terms.MinPrice)
	return ok && class && backend && level && price.LTE(j.MaxPrice) && s.Headroom.GTE(pricing.Exposure(price, terms.ExposureBps))
}

func TestChoosesTheBestEligibleDevice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		net, job, plan := drawNetwork(t), drawJob(t), &ledger{}
		var want *scheduler.Device
		best := int64(0)
		count := 0
		for i, d := range net.devices {
			if !eligible(job, d, net.standings[d.Operator]) {
				continue
			}
			count++
			score := scheduler.Rate(job, terms, d, pricing.Quote(job.Work, d.Price, terms.MinPrice)).Total
			if want == nil || score < best || (score == best && d.ID[0] < want.ID[0]) {
				want, best = &net.devices[i], score
			}
		}
		survey, err := scheduler.Schedule(job, terms, net, plan)
		if err != nil {
			t.Fatal(err)
		}
		if want == nil {
			if survey.Best != nil || len(plan.placed) != 0 {
				t.Fatalf("placed %+v though none fits", survey.Best)
			}
			return
		}
		if len(plan.placed) != 1 || string(plan.placed[0].Device.ID) != string(want.ID) {
			t.Fatalf("placed %+v, want device %v", plan.placed, want.ID)
		}
		full, err := scheduler.Look(job, terms, net)
		if err != nil || int(full.Eligible) != count || string(full.Best.Device.ID) != string(want.ID) {
			t.Fatalf("%+v of %d eligible: %v", full, count, err)
		}
		if full.Cheapest.GT(full.Best.Price) {
			t.Fatalf("cheapest %s, best %s", full.Cheapest, full.Best.Price)
		}
	})
}

func TestSameChoiceWhateverTheInsertionOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		net, job := drawNetwork(t), drawJob(t)
		a, err := scheduler.Look(job, terms, net)
		if err != nil {
			t.Fatal(err)
		}
		net.devices = rapid.Permutation(net.devices).Draw(t, "order")
		job.Excluded = rapid.Permutation(job.Excluded).Draw(t, "excluded order")
		job.Classes = rapid.Permutation(job.Classes).Draw(t, "class order")
		b, err := scheduler.Look(job, terms, net)
		if err != nil {
			t.Fatal(err)
		}
		if (a.Best == nil) != (b.Best == nil) || a.Refused != b.Refused || a.Visited != b.Visited {
			t.Fatalf("%+v and %+v", a, b)
		}
		if a.Best != nil && string(a.Best.Device.ID) != string(b.Best.Device.ID) {
			t.Fatalf("device %v and %v", a.Best.Device.ID, b.Best.Device.ID)
		}
	})
}

func TestCandidatesAreBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		net, job := drawNetwork(t), drawJob(t)
		narrow := terms
		narrow.MaxCandidates = rapid.Uint32Range(1, 12).Draw(t, "limit")
		survey, err := scheduler.Look(job, narrow, net)
		if err != nil {
			t.Fatal(err)
		}
		if bound := max(int(narrow.MaxCandidates), len(job.Classes), len(job.Eligible)); net.visited > bound || int(survey.Visited) > bound {
			t.Fatalf("visited %d, limit %d", net.visited, bound)
		}
		sum := survey.Eligible
		for _, n := range survey.Refused {
			sum += n
		}
		if sum != survey.Visited || survey.Refused[scheduler.Fits] != 0 {
			t.Fatalf("%+v does not add up", survey)
		}
	})
}

func TestEachRefusal(t *testing.T) {
	job := scheduler.Job{
		Classes: []scheduler.Class{2}, Backends: []scheduler.Backend{3}, MinMemoryMiB: 100, Work: pricing.Giga,
		MaxPrice: math.NewInt(50), Excluded: []string{"bert"}, Level: 2,
		Home: 1, MaxRoundTripMicros: 20_000, Eligible: []string{"anna", "bert"},
	}
	good := scheduler.Device{
		ID: []byte{1}, Operator: "anna", Class: 2, Backend: 3, MemoryMiB: 100, Lanes: 1, Price: math.NewInt(50), Available: true,
		Levels: []scheduler.Level{0, 2}, RoundTripMicros: 20_000,
	}
	rich := scheduler.Standing{Headroom: math.NewInt(100)}
	for want, change := range map[scheduler.Refusal]func(*scheduler.Device){
		scheduler.Fits:          func(*scheduler.Device) {},
		scheduler.Unavailable:   func(d *scheduler.Device) { d.Available = false },
		scheduler.Busy:          func(d *scheduler.Device) { d.InUse = 1 },
		scheduler.WrongClass:    func(d *scheduler.Device) { d.Class = 1 },
		scheduler.WrongBackend:  func(d *scheduler.Device) { d.Backend = 1 },
		scheduler.ShortOfMemory: func(d *scheduler.Device) { d.MemoryMiB-- },
		scheduler.WrongLevel:    func(d *scheduler.Device) { d.Levels = []scheduler.Level{0, 1} },
		scheduler.TooHot:        func(d *scheduler.Device) { d.Heat = scheduler.Withdrawn },
		scheduler.TooFar:        func(d *scheduler.Device) { d.RoundTripMicros = 20_001 },
		scheduler.NotEligible:   func(d *scheduler.Device) { d.Operator = "cora" },
		scheduler.Excluded:      func(d *scheduler.Device) { d.Operator = "bert" },
	} {
		d := good
		change(&d)
		require.Equal(t, want, scheduler.CheckDevice(job, d), want.String())
	}
	place := func(price int64) scheduler.Placement {
		p := scheduler.Placement{Device: good, Price: math.NewInt(price)}
		p.Exposure = pricing.Exposure(p.Price, 20_000)
		return p
	}
	require.Equal(t, scheduler.Fits, scheduler.CheckTerms(job, place(50), rich))
	require.Equal(t, scheduler.TooDear, scheduler.CheckTerms(job, place(51), rich))
	require.Equal(t, scheduler.Jailed, scheduler.CheckTerms(job, place(50), scheduler.Standing{Jailed: true, Headroom: rich.Headroom}))
	require.Equal(t, scheduler.ShortOfBond, scheduler.CheckTerms(job, place(50), scheduler.Standing{Headroom: math.NewInt(99)}))
}

func TestErrorsOfThePortsAreReturned(t *testing.T) {
	broken := errors.New("broken")
	net := &network{
		devices:   []scheduler.Device{{ID: []byte{1}, Operator: "anna", Class: 1, Lanes: 1, Price: math.OneInt(), Available: true, Levels: []scheduler.Level{0}}},
		standings: map[string]scheduler.Standing{"anna": {Headroom: math.NewInt(1_000)}},
	}
	job := scheduler.Job{Classes: []scheduler.Class{1}, Work: 1, MaxPrice: math.NewInt(100)}
	_, err := scheduler.Schedule(job, terms, net, &ledger{fail: broken})
	require.ErrorIs(t, err, broken)
	net.fail = broken
	_, err = scheduler.Schedule(job, terms, net, &ledger{})
	require.ErrorIs(t, err, broken)
	empty, err := scheduler.Schedule(scheduler.Job{}, terms, net, &ledger{})
	require.NoError(t, err)
	require.Zero(t, empty.Visited)
}

func BenchmarkSchedule(b *testing.B) {
	net := &network{standings: map[string]scheduler.Standing{"anna": {Headroom: math.NewInt(1_000_000)}, "bert": {Jailed: true}}}
	for i := range 200 {
		operator := "bert"
		if i > 100 {
			operator = "anna"
		}
		net.devices = append(net.devices, scheduler.Device{
			ID: []byte{byte(i), byte(i >> 8)}, Operator: operator, Class: 1, Lanes: 1, Price: math.NewInt(int64(i)), Available: true,
			Levels: []scheduler.Level{0, 1},
		})
	}
	job := scheduler.Job{Classes: []scheduler.Class{1}, Work: pricing.Giga, MaxPrice: math.NewInt(1_000)}
	for b.Loop() {
		if _, err := scheduler.Schedule(job, terms, net, &ledger{}); err != nil {
			b.Fatal(err)
		}
	}
}
