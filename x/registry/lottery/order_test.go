package lottery

import (
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// TestOrderIsAPermutation: no place twice, none beyond the last, all when they fit, and a longer order begins with the shorter one.
func TestOrderIsAPermutation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := Draw{Randomness: rapid.SliceOf(rapid.Byte()).Draw(t, "randomness"), Number: rapid.Uint32().Draw(t, "number")}
		places := rapid.Uint64Range(0, 100).Draw(t, "places")
		limit := rapid.Uint32Range(0, 64).Draw(t, "limit")
		order := d.Order(places, limit)
		require.Len(t, order, int(min(places, uint64(limit))))
		seen := map[uint64]bool{}
		for _, place := range order {
			require.Less(t, place, places)
			require.False(t, seen[place])
			seen[place] = true
		}
		require.Equal(t, order, d.Order(places, limit+1)[:len(order)])
	})
}

// TestOrderIsFair: over many rounds every place is on every rank equally often, within five standard deviations.
func TestOrderIsFair(t *testing.T) {
	const places, rounds = 7, 14_000
	var counts [places][places]int
	for i := range rounds {
		d := Draw{Randomness: binary.BigEndian.AppendUint64(nil, uint64(i))}
		for rank, place := range d.Order(places, places) {
			counts[rank][place]++
		}
	}
	for rank := range counts {
		for place, n := range counts[rank] {
			require.InDelta(t, rounds/places, n, 207, "place %d on rank %d", place, rank)
		}
	}
}
