package netsim

import (
	"fmt"
	"slices"
)

const (
	// MaxIdentities an operator may appear under.
	MaxIdentities = 1_000
	// SplitLimit is the most that operators may gain by appearing under several names.
	SplitLimit = 0.01
	// splitters are how many of the largest operators split. Together they have some percent of the devices: enough that their income says
	// something, few enough that it does not come from one another.
	splitters = 10
)

// Splitting is what the largest operators that are no clouds earn when each appears under several names.
type Splitting struct {
	// Operators that split, each into so many Identities, and their Devices.
	Operators  int `json:"operators"`
	Identities int `json:"identities"`
	Devices    int `json:"devices"`
	// Together is their income under one name each, Apart that under several, in $.
	Together float64 `json:"together"`
	Apart    float64 `json:"apart"`
	// Gain is Apart beside Together, less one: 0.01 is one percent.
	Gain float64 `json:"gain"`
}

// largest are the operators with the most devices, clouds left out, the largest first; of equals the first.
func (w *world) largest(n int) []int32 {
	var all []int32
	for operator := clouds; operator < len(w.sizes); operator++ {
		all = append(all, int32(operator))
	}
	slices.SortStableFunc(all, func(a, b int32) int { return w.sizes[b] - w.sizes[a] })
	return all[:min(n, len(all))]
}

// split is the world in which each of these operators deals its devices to so many identities, in turn.
func (w *world) split(operators []int32, identities int) *world {
	other := *w
	other.devices, other.sizes = slices.Clone(w.devices), slices.Clone(w.sizes)
	first, dealt := map[int32]int32{}, map[int32]int{}
	for _, operator := range operators {
		first[operator] = int32(len(other.sizes))
		other.sizes = append(other.sizes, make([]int, identities)...)
		other.sizes[operator] = 0
	}
	for i := range other.devices {
		d := &other.devices[i]
		base, splits := first[d.operator]
		if !splits {
			continue
		}
		owner := d.operator
		d.operator = base + int32(dealt[owner]%identities)
		dealt[owner]++
		other.sizes[d.operator]++
	}
	return &other
}

// compare sums up what the devices of some operators earned in a run, and in one in which those were split.
func (w *world) compare(operators []int32, identities int, together, apart *tally) *Splitting {
	s := &Splitting{Operators: len(operators), Identities: identities}
	for i := range w.devices {
		if slices.Contains(operators, w.devices[i].operator) {
			s.Devices++
			s.Together += together.income[i] / pico
			s.Apart += apart.income[i] / pico
		}
	}
	if s.Together > 0 {
		s.Gain = s.Apart/s.Together - 1
	}
	s.Together, s.Apart, s.Gain = round(s.Together), round(s.Apart), round(s.Gain)
	return s
}

func validateIdentities(n int) error {
	if n < 0 || n > MaxIdentities {
		return fmt.Errorf("identities is %d: it must be from 0 to %d", n, MaxIdentities)
	}
	return nil
}
