package scheduler_test

import (
	"fmt"
	"math/bits"
	"slices"
	"testing"

	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/assaychain/assay/x/market/scheduler"
)

// drawField is a field of placements with scores that may be equal, in a few cells, of a few operators.
func drawField(t *rapid.T, most int) scheduler.Field {
	var f scheduler.Field
	for i := range rapid.IntRange(0, most).Draw(t, "placements") {
		f.Fit = append(f.Fit, scheduler.Placement{
			Device: scheduler.Device{
				ID: []byte{byte(i)}, Operator: fmt.Sprint("operator ", rapid.IntRange(0, 5).Draw(t, "operator")),
				Cell: rapid.Uint16Range(0, 5).Draw(t, "cell"),
			},
			Price: math.NewInt(rapid.Int64Range(1, 9).Draw(t, "price")),
			Score: scheduler.Score{Total: rapid.Int64Range(0, 9).Draw(t, "score")},
		})
	}
	slices.SortFunc(f.Fit, scheduler.Compare)
	f.Eligible, f.Visited = uint32(len(f.Fit)), uint32(len(f.Fit))+3
	f.Refused[scheduler.Busy] = 3
	return f
}

// bestApart tries all sets of at most n placements of distinct operators in distinct cells that are told and not taken: of the largest it
// returns the ranks of the one whose best comes first, then whose second best does, and so on.
func bestApart(f scheduler.Field, taken []uint16, n int) (best []int) {
	for set := range uint(1) << len(f.Fit) {
		if bits.OnesCount(set) > n || bits.OnesCount(set) < len(best) {
			continue
		}
		var ranks []int
		operators, cells, free := map[string]bool{}, map[uint16]bool{}, true
		for i, p := range f.Fit {
			if set&(1<<i) == 0 {
				continue
			}
			free = free && p.Device.Cell != 0 && !slices.Contains(taken, p.Device.Cell)
			ranks, operators[p.Device.Operator], cells[p.Device.Cell] = append(ranks, i), true, true
		}
		if !free || len(operators) < len(ranks) || len(cells) < len(ranks) {
			continue
		}
		if len(ranks) > len(best) || slices.Compare(ranks, best) < 0 {
			best = ranks
		}
	}
	return best
}

// Operators are distinct, and as many as there are and are wanted; as many of them as can be are in cells of their own; those are the best
// of all that can be, and the others the best that are left.
func TestReplicasAreInDistinctOperatorsAndCells(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawField(t, 11)
		taken := rapid.SliceOfN(rapid.Uint16Range(0, 6), 0, 3).Draw(t, "taken")
		n := rapid.IntRange(1, 5).Draw(t, "operators wanted")
		var want []int
		if n+len(taken) > 1 {
			want = bestApart(f, taken, n)
		}
		operators := map[string]bool{}
		for _, p := range f.Fit {
			operators[p.Device.Operator] = true
		}
		seats := f.Seats(taken, n, 3)
		if len(seats) != min(n, len(operators)) {
			t.Fatalf("%d seats of %d, among %d operators", len(seats), n, len(operators))
		}
		seated := map[string]bool{}
		for i, seat := range seats {
			at := slices.IndexFunc(f.Fit, func(p scheduler.Placement) bool { return scheduler.Compare(p, *seat.Best) == 0 })
			if seated[seat.Best.Device.Operator] {
				t.Fatalf("%s has two seats", seat.Best.Device.Operator)
			}
			if i < len(want) && at != want[i] {
				t.Fatalf("seat %d has %d, the best %d cells are with %v", i, at, len(want), want)
			}
			if i >= len(want) {
				first := slices.IndexFunc(f.Fit, func(p scheduler.Placement) bool { return !seated[p.Device.Operator] })
				if first != at {
					t.Fatalf("seat %d has %d, the best that is left is %d", i, at, first)
				}
			}
			seated[seat.Best.Device.Operator] = true
		}
	})
}

// A seat tells of every candidate that fits why it does not have it, and its numbers add up: whoever scores better than the winner, is of an
// operator without a seat and is passed over, is so for the sake of distinct cells.
func TestSeatsSayWhy(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawField(t, 30)
		taken := rapid.SliceOfN(rapid.Uint16Range(0, 6), 0, 3).Draw(t, "taken")
		n := rapid.IntRange(1, 5).Draw(t, "operators wanted")
		held := slices.Clone(taken)
		var seated []string
		for i, seat := range f.Seats(taken, n, 100) {
			sum := seat.Eligible
			for _, refused := range seat.Refused {
				sum += refused
			}
			if sum != seat.Visited || seat.Visited != f.Visited || seat.Refused[scheduler.Busy] != 3 || int(seat.Eligible) != len(seat.Ranked) {
				t.Fatalf("seat %d: %+v", i, seat)
			}
			better := 0
			for _, p := range f.Fit {
				if scheduler.Compare(p, *seat.Best) < 0 && !slices.Contains(seated, p.Device.Operator) {
					better++
				}
			}
			if better != len(seat.Over) {
				t.Fatalf("seat %d passes %d over, and tells of %d", i, better, len(seat.Over))
			}
			for _, over := range seat.Over {
				cell := over.Device.Cell
				switch over.Refusal {
				case scheduler.CellUntold:
					if cell != 0 {
						t.Fatalf("%d is told", cell)
					}
				case scheduler.CellTaken:
					if !slices.Contains(held, cell) {
						t.Fatalf("%d is free beside %v", cell, held)
					}
				case scheduler.FewerCells:
					if cell == 0 || slices.Contains(held, cell) {
						t.Fatalf("%d is no cell of its own beside %v", cell, held)
					}
				default:
					t.Fatalf("passed over as %s", over.Refusal)
				}
			}
			held, seated = append(held, seat.Best.Device.Cell), append(seated, seat.Best.Device.Operator)
		}
	})
}

// The cells that a team can have don't hang on what it has not to look at: among many more placements than are kept the choice is the one that all of
// them make.
func TestSeatsOfACrowdAreThoseOfAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawField(t, 120)
		n := rapid.IntRange(2, 5).Draw(t, "operators wanted")
		seats := f.Seats(nil, n, 0)
		greedy := greedyApart(f, n)
		for i, at := range greedy {
			if scheduler.Compare(f.Fit[at], *seats[i].Best) != 0 {
				t.Fatalf("seat %d has %+v, must have %+v", i, seats[i].Best, f.Fit[at])
			}
		}
	})
}

// greedyApart picks one after the other, the best with which as many cells as possible can still be had; it forgets nothing.
func greedyApart(f scheduler.Field, n int) (chosen []int) {
	free := func(i int) bool {
		return f.Fit[i].Device.Cell != 0 && !slices.ContainsFunc(chosen, func(j int) bool { return !apart(f, i, j) })
	}
	most := mostApart(f, free, n)
	for range most {
		for i := range f.Fit {
			if !free(i) {
				continue
			}
			if mostApart(f, func(j int) bool { return free(j) && apart(f, i, j) }, n) >= most-len(chosen)-1 {
				chosen = append(chosen, i)
				break
			}
		}
	}
	return chosen
}

// apart tells whether two placements are of distinct operators in distinct cells.
func apart(f scheduler.Field, i, j int) bool {
	return f.Fit[i].Device.Operator != f.Fit[j].Device.Operator && f.Fit[i].Device.Cell != f.Fit[j].Device.Cell
}

// mostApart is the largest number of cells that operators of the placements that are free can have, each another: by trying every cell, or
// none, for each of the six operators in turn.
func mostApart(f scheduler.Field, free func(int) bool, n int) int {
	var cells [6]uint
	for i, p := range f.Fit {
		if free(i) {
			var operator int
			if _, err := fmt.Sscanf(p.Device.Operator, "operator %d", &operator); err != nil {
				panic(err)
			}
			cells[operator] |= 1 << p.Device.Cell
		}
	}
	var try func(operator int, used uint) int
	try = func(operator int, used uint) int {
		if operator == len(cells) {
			return 0
		}
		best := try(operator+1, used)
		for cell := range 6 {
			if bit := uint(1) << cell; cells[operator]&bit != 0 && used&bit == 0 {
				best = max(best, 1+try(operator+1, used|bit))
			}
		}
		return best
	}
	return min(n, try(0, 0))
}

// The order in which the network holds its devices changes nothing, and a bounded number of candidates is looked at.
func TestSeatsDoNotDependOnTheInsertionOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		net, job := drawNetwork(t), drawJob(t)
		for i := range net.devices {
			net.devices[i].Cell = rapid.Uint16Range(0, 3).Draw(t, "cell")
		}
		narrow, n := terms, rapid.IntRange(1, 5).Draw(t, "operators wanted")
		narrow.MaxCandidates = rapid.Uint32Range(1, 40).Draw(t, "limit")
		seats := func(net *network) []scheduler.Seat {
			net.visited = 0
			f, err := scheduler.Gather(job, narrow, net, n, func(scheduler.Verdict) {})
			if err != nil {
				t.Fatal(err)
			}
			most := max(int(narrow.MaxCandidates)+n-1, len(job.Classes), len(job.Eligible))
			if net.visited > most+len(job.Classes) || int(f.Visited) > most {
				t.Fatalf("%d visited, %d looked at, of %d", net.visited, f.Visited, most)
			}
			return f.Seats(nil, n, 3)
		}
		shuffled := copyOf(net)
		shuffled.devices = rapid.Permutation(net.devices).Draw(t, "order")
		require.Equal(t, seats(net), seats(shuffled))
	})
}

// The lowest prices are those of distinct operators, ascending, and no set of so many distinct operators has a lower highest.
func TestCheapestOperators(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawField(t, 12)
		n := rapid.IntRange(1, 6).Draw(t, "operators wanted")
		least := map[string]int64{}
		for _, p := range f.Fit {
			if known, ok := least[p.Device.Operator]; !ok || p.Price.Int64() < known {
				least[p.Device.Operator] = p.Price.Int64()
			}
		}
		var want []int64
		for _, price := range least {
			want = append(want, price)
		}
		slices.Sort(want)
		var got []int64
		for _, p := range f.Cheapest(n) {
			got = append(got, p.Price.Int64())
		}
		if !slices.Equal(got, want[:min(n, len(want))]) {
			t.Fatalf("%v of %v", got, want)
		}
	})
}

// A cell that only one operator can take is left to it, even where it scores better elsewhere.
func TestTheOnlyOneInACellIsLeftToIt(t *testing.T) {
	at := func(operator string, cell uint16, score int64) scheduler.Placement {
		return scheduler.Placement{
			Device: scheduler.Device{ID: []byte(fmt.Sprint(operator, cell)), Operator: operator, Cell: cell}, Score: scheduler.Score{Total: score},
		}
	}
	f := scheduler.Field{Fit: []scheduler.Placement{at("anna", 1, 1), at("bert", 0, 2), at("cora", 1, 3), at("anna", 2, 4)}}
	seats := f.Seats(nil, 3, 3)
	require.Len(t, seats, 3)
	require.Equal(t, "cora", seats[0].Best.Device.Operator)
	require.Equal(t, []scheduler.Refusal{scheduler.FewerCells, scheduler.CellUntold}, []scheduler.Refusal{seats[0].Over[0].Refusal, seats[0].Over[1].Refusal})
	require.Equal(t, "anna2", string(seats[1].Best.Device.ID))
	require.Equal(t, []scheduler.Refusal{scheduler.CellTaken, scheduler.CellUntold}, []scheduler.Refusal{seats[1].Over[0].Refusal, seats[1].Over[1].Refusal})
	require.Equal(t, "bert", seats[2].Best.Device.Operator)
	require.Equal(t, "anna", f.Seats(nil, 1, 0)[0].Best.Device.Operator, "one alone is apart from nobody")
	require.Equal(t, "anna2", string(f.Seats([]uint16{1}, 1, 0)[0].Best.Device.ID), "beside another in cell 1")
	require.Equal(t, "anna", f.Seats([]uint16{1, 2}, 1, 0)[0].Best.Device.Operator, "rather in a cell that is taken than not at all")
}
