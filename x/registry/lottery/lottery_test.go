package lottery

import (
	"encoding/binary"
	"flag"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// draws an epoch; a longer one with -draws.
var draws = flag.Int("draws", 150_000, "draws of the simulated epoch")

// TestEveryDeviceIsCheckedEquallyOften: over an epoch each device's rate is within 10% of the mean, whoever holds it: alone, beside
// three, nine, or more than are checked together. So that 10% are five standard deviations, the epoch has 2,500 checks a device.
func TestEveryDeviceIsCheckedEquallyOften(t *testing.T) {
	const limit = 8
	holders := [][]uint64{}
	owner := map[uint64]int{}
	for _, size := range []int{1, 1, 1, 4, 9, 10, 34} {
		var places []uint64
		for range size {
			place := uint64(len(owner))
			owner[place] = len(holders)
			places = append(places, place)
		}
		holders = append(holders, places)
	}
	counts := make([]int, len(owner))
	total := 0
	for i := range *draws {
		d := Draw{Randomness: binary.BigEndian.AppendUint64(nil, uint64(i)), Number: uint32(i % 4)}
		place := d.Place(uint64(len(owner)))
		for _, p := range d.Together(place, holders[owner[place]], limit) {
			counts[p]++
			total++
		}
	}
	mean := total / len(owner)
	lowest, highest := counts[0], counts[0]
	for _, count := range counts {
		lowest, highest = min(lowest, count), max(highest, count)
	}
	t.Logf("%d draws over %d devices: %d checks each on average, from %d to %d", *draws, len(owner), mean, lowest, highest)
	require.Greater(t, mean, *draws/len(owner)*97/100)
	require.Less(t, highest*100, mean*110)
	require.Greater(t, lowest*100, mean*90)
}

// TestTogether: a hit that counts checks the place that was hit, nothing twice, no more than the limit, and all when they fit.
func TestTogether(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		places := rapid.SliceOfNDistinct(rapid.Uint64(), 1, 20, rapid.ID).Draw(t, "places")
		hit := rapid.SampledFrom(places).Draw(t, "hit")
		limit := rapid.Uint32Range(1, 25).Draw(t, "limit")
		d := Draw{Randomness: rapid.SliceOf(rapid.Byte()).Draw(t, "randomness"), Number: rapid.Uint32().Draw(t, "number")}
		chosen := d.Together(hit, places, limit)
		require.Equal(t, chosen, d.Together(hit, places, limit))
		if chosen == nil {
			require.Greater(t, len(places), 1)
			return
		}
		require.Len(t, chosen, min(len(places), int(limit)))
		require.Contains(t, chosen, hit)
		require.Subset(t, places, chosen)
		for i := range chosen[1:] {
			require.Less(t, chosen[i], chosen[i+1])
		}
	})
}

// TestRoundsAndDrawsDiffer: another round, or another draw of the round, hits elsewhere.
func TestRoundsAndDrawsDiffer(t *testing.T) {
	seen := map[uint64]bool{}
	for round := range byte(50) {
		for number := range uint32(4) {
			seen[Draw{Randomness: []byte{round}, Number: number}.Place(1<<60)] = true
		}
	}
	require.Len(t, seen, 200)
}
