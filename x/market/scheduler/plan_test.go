package scheduler_test

import (
	"fmt"
	"slices"
	"testing"

	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/assaychain/assay/x/market/pricing"
	"github.com/assaychain/assay/x/market/scheduler"
)

// However many jobs come, no lane and no bond is taken twice (the network itself refuses), and each job that is placed sits on
// a device that fitted at that moment.
func TestNeverOverCapacityOrExposure(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		net := drawNetwork(t)
		for range rapid.IntRange(1, 40).Draw(t, "jobs") {
			job := drawJob(t)
			before, standings := copyOf(net), net.standings
			survey, err := scheduler.Schedule(job, terms, net, net)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range before.devices {
				fits := eligible(job, d, before.standings[d.Operator])
				if survey.Best == nil && fits {
					t.Fatalf("unplaced though %+v fits", d)
				}
				if survey.Best != nil && string(d.ID) == string(survey.Best.Device.ID) && !fits {
					t.Fatalf("placed on %+v, which does not fit; standings %+v", d, standings)
				}
			}
		}
	})
}

// A better look is never worse: neither a higher bound nor another device in the bound makes the choice score higher.
func TestMoreCandidatesNeverScoreWorse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		net, job := drawNetwork(t), drawJob(t)
		narrow := terms
		narrow.MaxCandidates = rapid.Uint32Range(1, 20).Draw(t, "limit")
		few, err := scheduler.Look(job, narrow, net)
		if err != nil {
			t.Fatal(err)
		}
		many, err := scheduler.Look(job, terms, net)
		if err != nil {
			t.Fatal(err)
		}
		if few.Best != nil && (many.Best == nil || scheduler.Compare(*many.Best, *few.Best) > 0) {
			t.Fatalf("%d looked at: %+v, all: %+v", few.Visited, few.Best, many.Best)
		}
		less := copyOf(net)
		if len(less.devices) > 0 {
			drop := rapid.IntRange(0, len(less.devices)-1).Draw(t, "drop")
			less.devices = append(less.devices[:drop:drop], less.devices[drop+1:]...)
		}
		without, err := scheduler.Look(job, terms, less)
		if err != nil {
			t.Fatal(err)
		}
		if without.Best != nil && scheduler.Compare(*many.Best, *without.Best) > 0 {
			t.Fatalf("without one %+v, with it %+v", without.Best, many.Best)
		}
	})
}

// Which devices there are besides never turns a preference round: of two, the better one stays the better one.
func TestChoiceDoesNotDependOnCompany(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		net, job := drawNetwork(t), drawJob(t)
		seen := map[string]scheduler.Score{}
		watch := func(n *network) {
			_, err := scheduler.Watch(job, terms, n, func(v scheduler.Verdict) {
				if old, ok := seen[string(v.Device.ID)]; ok && old != v.Score {
					t.Fatalf("device %x scores %+v and %+v", v.Device.ID, old, v.Score)
				}
				seen[string(v.Device.ID)] = v.Score
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		watch(net)
		for i := range net.devices {
			alone := copyOf(net)
			alone.devices = []scheduler.Device{net.devices[i]}
			watch(alone)
		}
	})
}

// Watch shows every candidate once, and what it shows is what the survey counts.
func TestWatchShowsWhatIsCounted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		net, job := drawNetwork(t), drawJob(t)
		var shown scheduler.Survey
		survey, err := scheduler.Watch(job, terms, net, func(v scheduler.Verdict) {
			shown.Visited++
			if v.Refusal != scheduler.Fits {
				shown.Refused[v.Refusal]++
				if v.Score != (scheduler.Score{}) {
					t.Fatalf("refused as %s with a score", v.Refusal)
				}
				return
			}
			shown.Eligible++
			if shown.Best == nil || scheduler.Compare(v.Placement, *shown.Best) < 0 {
				shown.Best = &v.Placement
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		if shown.Visited != survey.Visited || shown.Eligible != survey.Eligible || shown.Refused != survey.Refused {
			t.Fatalf("shown %+v, counted %+v", shown, survey)
		}
		if (shown.Best == nil) != (survey.Best == nil) || (shown.Best != nil && string(shown.Best.Device.ID) != string(survey.Best.Device.ID)) {
			t.Fatalf("shown %+v, counted %+v", shown.Best, survey.Best)
		}
	})
}

func TestRefusalsHaveNames(t *testing.T) {
	names := map[string]bool{}
	for r := scheduler.Fits; r < scheduler.RefusalCount; r++ {
		names[r.String()] = true
		require.Equal(t, r, scheduler.RefusalOf(r.String()))
	}
	require.Len(t, names, int(scheduler.RefusalCount))
	require.Equal(t, "unknown", scheduler.RefusalCount.String())
	require.Equal(t, scheduler.RefusalCount, scheduler.RefusalOf("unknown"))
}

func copyOf(n *network) *network {
	c := &network{devices: append([]scheduler.Device{}, n.devices...), standings: map[string]scheduler.Standing{}}
	for operator, s := range n.standings {
		c.standings[operator] = scheduler.Standing{Jailed: s.Jailed, Headroom: math.NewIntFromBigInt(s.Headroom.BigInt())}
	}
	return c
}

// The ranking is the head of all that fit, sorted; its first is the best.
func TestRankingIsTheHeadOfTheSorted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		net, job := drawNetwork(t), drawJob(t)
		some := terms
		some.RunnersUp = rapid.Uint32Range(0, 5).Draw(t, "runners-up")
		var all []scheduler.Placement
		survey, err := scheduler.Watch(job, some, net, func(v scheduler.Verdict) {
			if v.Refusal == scheduler.Fits {
				all = append(all, v.Placement)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		slices.SortFunc(all, scheduler.Compare)
		want := all[:min(len(all), int(some.RunnersUp)+1)]
		if len(survey.Ranked) != len(want) || (len(want) > 0) != (survey.Best != nil) {
			t.Fatalf("%d ranked, want %d", len(survey.Ranked), len(want))
		}
		for i := range want {
			if string(survey.Ranked[i].Device.ID) != string(want[i].Device.ID) {
				t.Fatalf("rank %d: %v, want %v", i, survey.Ranked[i].Device.ID, want[i].Device.ID)
			}
		}
		if survey.Best != nil && string(survey.Best.Device.ID) != string(want[0].Device.ID) {
			t.Fatalf("best %v, first %v", survey.Best.Device.ID, want[0].Device.ID)
		}
	})
}

// What the lower classes leave of the candidates, the higher ones get.
func TestUnusedCandidatesGoUpwards(t *testing.T) {
	net := harness()
	for i := range 40 {
		d := plain(byte(i))
		if d.Class = 5; i < 2 {
			d.Class = 2
		}
		net.devices = append(net.devices, d)
	}
	job, some := near(scheduler.Standard), terms
	job.Classes, some.MaxCandidates = []scheduler.Class{5, 4, 2}, 30
	survey, err := scheduler.Look(job, some, net)
	require.NoError(t, err)
	require.EqualValues(t, 30, survey.Visited)
	job.Classes = []scheduler.Class{2, 1}
	survey, err = scheduler.Look(job, some, net)
	require.NoError(t, err)
	require.EqualValues(t, 2, survey.Visited)
}

// Operators that a job names are looked at themselves, however many others there are, each with an equal share of the candidates; where
// one has more devices than that, each try sees others, until all were seen.
func TestNamedOperatorsAreFoundBehindAnyCrowd(t *testing.T) {
	net := harness()
	add := func(operator string, n int, class scheduler.Class) {
		for range n {
			d := plain(byte(len(net.devices)))
			d.Operator, d.Class = operator, class
			net.devices = append(net.devices, d)
		}
	}
	add("bert", 100, 1)
	add("anna", 37, 2)
	add("anna", 1, 1)
	add("anna", 11, 2)
	add("cora", 2, 2)
	job, some := near(scheduler.Standard), terms
	job.Classes, job.Eligible, some.MaxCandidates = []scheduler.Class{1}, []string{"cora", "anna"}, 12
	found := 0
	for job.Tries = range uint32(9) {
		survey, err := scheduler.Look(job, some, net)
		require.NoError(t, err)
		require.LessOrEqual(t, survey.Visited, some.MaxCandidates)
		require.Zero(t, survey.Refused[scheduler.NotEligible])
		require.EqualValues(t, 6+2, survey.Visited)
		if survey.Best != nil {
			require.Equal(t, "anna", survey.Best.Device.Operator)
			found++
		}
	}
	require.Equal(t, 1, found, "49 devices in nine tries of six")
}

// Of more operators than a try looks at each try sees others, until all were seen, and of each operator other devices once all were; which come
// first is not the same for all jobs. A job for nobody looks at nothing.
func TestLargePoolsAreSeenInTurns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		net, job, some := harness(), near(scheduler.Standard), terms
		size := rapid.IntRange(1, 256).Draw(t, "operators")
		own := rapid.IntRange(1, 3).Draw(t, "devices of each")
		some.MaxCandidates = rapid.Uint32Range(1, 100).Draw(t, "candidates")
		for i := range size {
			name := fmt.Sprintf("operator %d", i)
			net.standings[name] = scheduler.Standing{Headroom: math.NewIntWithDecimal(1, 18)}
			for j := range own {
				d := plain(0)
				d.ID, d.Operator = []byte{byte(i), byte(j)}, name
				net.devices = append(net.devices, d)
			}
			job.Eligible = append(job.Eligible, name)
		}
		job.Named, job.Turn = true, rapid.Uint64().Draw(t, "turn")
		most := min(max(int(some.MaxCandidates), scheduler.LeastNamed), scheduler.MaxNamed)
		turns, seen := (size+most-1)/most, map[string]bool{}
		for job.Tries = range uint32(turns * own) {
			operators := map[string]bool{}
			survey, err := scheduler.Watch(job, some, net, func(v scheduler.Verdict) {
				seen[string(v.Device.ID)], operators[v.Device.Operator] = true, true
			})
			if err != nil {
				t.Fatal(err)
			}
			if survey.Visited > max(some.MaxCandidates, scheduler.LeastNamed) || len(operators) != min(size, most) {
				t.Fatalf("%d visited of %d operators", survey.Visited, len(operators))
			}
		}
		if len(seen) != size*own {
			t.Fatalf("%d of %d devices seen in %d tries", len(seen), size*own, turns*own)
		}
		job.Eligible = nil
		if survey, err := scheduler.Look(job, some, net); err != nil || survey.Visited > 0 {
			t.Fatalf("%d visited for nobody: %v", survey.Visited, err)
		}
	})
}

// Tier, demand, time of day and what the device can do multiply the price that is refused, scored and agreed.
func TestFactorsMakeThePrice(t *testing.T) {
	some := terms
	some.TierBps, some.DemandBps = 30_000, []uint32{0, 12_000}
	job := near(scheduler.Realtime)
	for limit, want := range map[int64]uint32{3_599: 0, 3_600: 1} {
		job.MaxPrice = math.NewInt(limit)
		survey, err := scheduler.Look(job, some, harness(plain(1)))
		require.NoError(t, err)
		require.Equal(t, want, survey.Eligible)
		require.Equal(t, 1-want, survey.Refused[scheduler.TooDear])
		if want == 1 {
			require.EqualValues(t, 3_600, survey.Best.Price.Int64())
			require.EqualValues(t, 7_200, survey.Best.Exposure.Int64())
		}
	}
	some.DayBps = []uint32{0, 9_000}
	able := plain(1)
	able.CapabilityBps = 12_500
	job.MaxPrice = math.NewInt(1_000_000)
	survey, err := scheduler.Look(job, some, harness(able))
	require.NoError(t, err)
	require.Equal(t, pricing.Factors{Tier: 30_000, Capability: 12_500, Demand: 12_000, Day: 9_000}, survey.Best.Factors)
	require.EqualValues(t, 4_050, survey.Best.Price.Int64())
	require.EqualValues(t, 12_000, some.Factors(scheduler.Device{Class: 1}).Demand)
	require.EqualValues(t, pricing.BasisPoints, some.Factors(scheduler.Device{}).Demand)
	require.EqualValues(t, pricing.BasisPoints, some.Factors(scheduler.Device{Class: 7}).Demand)
}
