package cells_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/assaychain/assay/x/registry/cells"
)

func TestSetIsASet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var set cells.Set
		model := map[cells.Cell]bool{}
		cell := rapid.OneOf(rapid.IntRange(0, cells.Count), rapid.SampledFrom([]int{0, 7, 8, 647, 648, 649, 655, 656, 65_535}))
		for range rapid.IntRange(0, 40).Draw(t, "steps") {
			c := cells.Cell(cell.Draw(t, "cell"))
			if rapid.Bool().Draw(t, "in") {
				set, model[c] = set.With(c), c <= cells.Count
			} else {
				set, model[c] = set.Without(c), false
			}
		}
		empty := true
		for c := cells.Cell(0); c <= cells.Count+10; c++ {
			require.Equal(t, model[c], set.Has(c), "%d", c)
			empty = empty && !set.Has(c)
		}
		require.Equal(t, empty, set.Empty())
		back, err := cells.ParseSet(set[:])
		require.NoError(t, err)
		require.Equal(t, set, back)
	})
}

func TestBadSetsAreRefused(t *testing.T) {
	for length := range 2 * cells.SetSize {
		_, err := cells.ParseSet(make([]byte, length))
		require.Equal(t, length == cells.SetSize, err == nil, "%d bytes", length)
	}
	for bit := cells.Count + 1; bit < 8*cells.SetSize; bit++ {
		raw := make([]byte, cells.SetSize)
		raw[bit/8] = 1 << (bit % 8)
		_, err := cells.ParseSet(raw)
		require.ErrorIs(t, err, cells.ErrLocation)
	}
}
