package scheduler

import (
	"slices"
)

// Field is what one look for several operators found.
type Field struct {
	Survey
	// Fit are all placements that will do, the best first.
	Fit []Placement
}

// Seat is one place of a job of several operators: the survey of who could have it once those before it were taken, whose best one has it.
type Seat struct {
	Survey
	// Over are those that score better than the best and were passed over for the sake of distinct cells, the best first, at most
	// Terms.RunnersUp.
	Over []Verdict
}

// Gather looks for so many operators at once, placing nothing, and shows what it thinks of each candidate as it comes. It looks at one candidate
// more for each further operator, since those before it would be in its way.
func Gather(job Job, terms Terms, state State, operators int, show func(Verdict)) (Field, error) {
	more := uint32(max(operators, 1) - 1)
	terms.MaxCandidates = max(terms.MaxCandidates, min(terms.MaxCandidates+more, MaxWindow))
	var f Field
	survey, err := Watch(job, terms, state, func(v Verdict) {
		if v.Refusal == Fits {
			f.Fit = append(f.Fit, v.Placement)
		}
		show(v)
	})
	f.Survey = survey
	slices.SortFunc(f.Fit, Compare)
	return f, err
}

// Cheapest are the lowest prices of so many distinct operators, ascending; fewer where there are not so many.
func (f Field) Cheapest(operators int) []Placement {
	byPrice := slices.Clone(f.Fit)
	slices.SortStableFunc(byPrice, func(a, b Placement) int { return a.Price.BigInt().Cmp(b.Price.BigInt()) })
	var list []Placement
	for _, p := range byPrice {
		if len(list) < operators && !hasOperator(list, p.Device.Operator) {
			list = append(list, p)
		}
	}
	return list
}

// Seats fills so many places with distinct operators, none of whom has the job yet, beside others whose cells are taken: one entry for each
// of them, 0 for one that does not tell its own. There are fewer seats only where there are fewer operators.
//
// First as many as can be sit in cells of their own: told, not taken, and each another. Among all ways to do that it is the one whose best
// has the best score that it can have, then whose second best has, and so on. The other places go to the best that are left, in whatever
// cell. A single operator has nobody to be apart from, and is just the best.
func (f Field) Seats(taken []uint16, operators int, runnersUp uint32) []Seat {
	var apart []Placement
	if operators+len(taken) > 1 {
		apart = f.apart(taken, operators)
	}
	var seats []Seat
	var chosen []Placement
	for _, p := range apart {
		seats = append(seats, f.seat(p, chosen, taken, true, runnersUp))
		chosen = append(chosen, p)
	}
	for _, p := range f.Fit {
		if len(chosen) >= operators {
			break
		}
		if !hasOperator(chosen, p.Device.Operator) {
			seats = append(seats, f.seat(p, chosen, taken, false, runnersUp))
			chosen = append(chosen, p)
		}
	}
	return seats
}

// seat is the survey of a place that goes to a winner after others; apart says that it is to be in a cell of its own.
func (f Field) seat(winner Placement, chosen []Placement, taken []uint16, apart bool, runnersUp uint32) Seat {
	s := Seat{Survey: Survey{Refused: f.Refused}}
	for _, p := range f.Fit {
		why := Fits
		switch {
		case hasOperator(chosen, p.Device.Operator):
			why = Excluded
		case !apart:
		case p.Device.Cell == 0:
			why = CellUntold
		case slices.Contains(taken, p.Device.Cell) || hasCell(chosen, p.Device.Cell):
			why = CellTaken
		case Compare(p, winner) < 0:
			why = FewerCells
		}
		if why == Fits {
			s.count(&Verdict{Placement: p}, runnersUp)
			continue
		}
		s.Refused[why]++
		if why != Excluded && Compare(p, winner) < 0 && uint64(len(s.Over)) < uint64(runnersUp) {
			s.Over = append(s.Over, Verdict{Placement: p, Refusal: why})
		}
	}
	s.Visited = f.Visited
	return s
}

// apart picks as many as can sit in cells of their own, at most so many, the best first.
func (f Field) apart(taken []uint16, operators int) []Placement {
	pairs := f.pairs(taken, operators)
	var chosen []Placement
	for left := reach(pairs, operators); left > 0; left-- {
		for _, p := range pairs {
			if rest := without(pairs, p); reach(rest, left-1) == left-1 {
				chosen, pairs = append(chosen, f.Fit[p.at]), rest
				break
			}
		}
	}
	return chosen
}

// pair is an operator in a cell, by its best placement there: its index among all that fit.
type pair struct {
	operator string
	cell     uint16
	at       int
}

// pairs are those whose cells are told and not taken, the best first, so far as the choice of at most n of them, all of distinct operators
// and cells, can need them. So the rest of it costs the same however many candidates there are.
//
// Of an operator, and of a cell, no more than n are needed: the other n − 1 that are chosen are in n − 1 cells, so that one of the n better
// ones is free to take the place of a worse one. And of all that are left no more than (n − 1)(2n − 1) + 1 are needed: each of the other n − 1
// stands in the way of n with its operator and of n in its cell, itself twice among them.
func (f Field) pairs(taken []uint16, n int) (kept []pair) {
	most := (n-1)*(2*n-1) + 1
	for at := range f.Fit {
		p := pair{operator: f.Fit[at].Device.Operator, cell: f.Fit[at].Device.Cell, at: at}
		if len(kept) >= most {
			break
		}
		if p.cell == 0 || slices.Contains(taken, p.cell) {
			continue
		}
		if operator, cell, both := p.among(kept); operator < n && cell < n && !both {
			kept = append(kept, p)
		}
	}
	return kept
}

// among counts the pairs of its operator, and those in its cell, and tells whether it is there itself.
func (p pair) among(list []pair) (operator, cell int, both bool) {
	for _, other := range list {
		if other.operator == p.operator {
			operator++
			both = both || other.cell == p.cell
		}
		if other.cell == p.cell {
			cell++
		}
	}
	return operator, cell, both
}

// without leaves what is of another operator and in another cell.
func without(pairs []pair, p pair) []pair {
	var rest []pair
	for _, other := range pairs {
		if other.operator != p.operator && other.cell != p.cell {
			rest = append(rest, other)
		}
	}
	return rest
}

// reach is how many pairs of distinct operators and distinct cells can be chosen at once, at most so many: a matching that grows along
// augmenting paths.
func reach(pairs []pair, most int) int {
	m := matching{pairs: pairs}
	for i, p := range pairs {
		if len(m.held) >= most {
			break
		}
		if operators, _, _ := p.among(pairs[:i]); operators == 0 {
			m.seen = nil
			m.seat(p.operator)
		}
	}
	return min(len(m.held), most)
}

// matching is a choice of pairs that grows.
type matching struct {
	pairs []pair
	// held are the pairs of the choice, seen the cells that the present search has come to.
	held []pair
	seen []uint16
}

// seat finds a cell for an operator, moving others to other cells of theirs if need be.
func (m *matching) seat(operator string) bool {
	for _, p := range m.pairs {
		if p.operator != operator || slices.Contains(m.seen, p.cell) {
			continue
		}
		m.seen = append(m.seen, p.cell)
		at := slices.IndexFunc(m.held, func(h pair) bool { return h.cell == p.cell })
		if at < 0 {
			m.held = append(m.held, p)
			return true
		}
		if m.seat(m.held[at].operator) {
			m.held[at] = p
			return true
		}
	}
	return false
}

func hasOperator(list []Placement, operator string) bool {
	return slices.ContainsFunc(list, func(p Placement) bool { return p.Device.Operator == operator })
}

func hasCell(list []Placement, cell uint16) bool {
	return slices.ContainsFunc(list, func(p Placement) bool { return p.Device.Cell == cell })
}
