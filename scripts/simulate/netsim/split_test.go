package netsim

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// turns is a policy by which operators gain by many names: who had the fewest jobs is first.
type turns struct {
	blind
	*view
	had map[int32]int
}

func newTurns(v *view) policy { return &turns{view: v, had: map[int32]int{}} }

func (*turns) changed(int32) {}

func (p *turns) place(j *job, excluded []int32, _ int) (int32, effort) {
	best := nobody
	for i := range p.devices {
		i := int32(i)
		if p.free(i) && p.will(j, i, excluded) && (best == nobody || p.had[p.devices[i].operator] < p.had[p.devices[best].operator]) {
			best = i
		}
	}
	if best != nobody {
		p.had[p.devices[best].operator]++
	}
	return best, effort{}
}

// TestSplit: the chosen operators' devices are dealt evenly, the others' stay, and nothing else of the world is another.
func TestSplit(t *testing.T) {
	c := Default()
	c.Devices, c.Hours = 3_000, 1
	w, err := newWorld(c)
	require.NoError(t, err)
	chosen := w.largest(4)
	require.Len(t, chosen, 4)
	const identities = 7
	other := w.split(chosen, identities)
	counted := make([]int, len(other.sizes))
	for i := range other.devices {
		before, after := w.devices[i], other.devices[i]
		counted[after.operator]++
		require.Equal(t, int(before.operator) == int(after.operator), w.sizes[before.operator] == other.sizes[before.operator])
		after.operator = before.operator
		require.Equal(t, before, after)
	}
	require.Equal(t, other.sizes, counted)
	require.Len(t, other.sizes, len(w.sizes)+identities*len(chosen))
	for at, operator := range chosen {
		require.Zero(t, other.sizes[operator])
		names := other.sizes[len(w.sizes)+at*identities:][:identities]
		sum := 0
		for _, n := range names {
			sum += n
			require.LessOrEqual(t, names[0]-n, 1)
		}
		require.Equal(t, w.sizes[operator], sum)
	}
}

// TestSplittingIsNoticed: where operators take turns, ten names are worth much, and the comparison says so; under our policy they aren't.
// One small network says little: a retry that goes elsewhere changes what comes after it.
func TestSplittingIsNoticed(t *testing.T) {
	gain := func(maker func(*view) policy) float64 {
		together, apart := 0.0, 0.0
		for seed := range uint64(6) {
			c := Default()
			c.Devices, c.Hours, c.JobsPerDevice, c.Seed = 1_000, 1, 40, seed
			w, err := newWorld(c)
			require.NoError(t, err)
			earn := func(w *world) *tally {
				m := newMarket(w, maker)
				m.simulate(func(float64) {})
				return m.tally
			}
			chosen := w.largest(splitters)
			s := w.compare(chosen, 10, earn(w), earn(w.split(chosen, 10)))
			require.Positive(t, s.Together)
			together, apart = together+s.Together, apart+s.Apart
		}
		return apart/together - 1
	}
	fair, ours := gain(newTurns), gain(newChain)
	t.Logf("ten names gain %.3f where operators take turns, %.4f under the chain's scheduler", fair, ours)
	require.Greater(t, fair, 0.2)
	require.LessOrEqual(t, ours, SplitLimit)
}
