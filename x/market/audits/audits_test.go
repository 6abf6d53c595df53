package audits_test

import (
	"crypto/sha256"
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/assaychain/assay/x/market/audits"
	"github.com/assaychain/assay/x/market/replicas"
)

func number(n int) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }

// A job is audited as often as it asks, within five standard deviations, and one that asks always is.
func TestHitsAreAsOftenAsAsked(t *testing.T) {
	const rounds = 20_000
	for _, bps := range []uint32{0, 100, 1_000, 2_500, 9_900, audits.Bps} {
		hits := 0
		for i := range rounds {
			if audits.Hit(audits.Seed(number(i), "assay-test-1", 7, 1, 0), bps) {
				hits++
			}
		}
		want := rounds * int(bps) / audits.Bps
		require.InDelta(t, want, hits, 360, "%d basis points", bps)
		if bps == 0 || bps == audits.Bps {
			require.Equal(t, want, hits)
		}
	}
}

// Devices are drawn equally often, whoever has them and however their ids look.
func TestRanksAreFair(t *testing.T) {
	const devices, rounds = 8, 16_000
	var counts [devices]int
	for i := range rounds {
		seed, best := audits.Seed(number(i), "assay-test-1", 7, 1, 0), 0
		for d := range devices {
			if audits.Before(seed, number(d), number(best)) {
				best = d
			}
		}
		counts[best]++
	}
	for d, n := range counts {
		require.InDelta(t, rounds/devices, n, 210, "device %d", d)
	}
}

// Everything that a seed is of changes it: no draw says anything of another.
func TestSeedsDiffer(t *testing.T) {
	base := func() [sha256.Size]byte { return audits.Seed([]byte{1}, "a", 1, 1, 0) }
	seen := map[[sha256.Size]byte]bool{base(): true}
	for _, other := range [][sha256.Size]byte{
		audits.Seed([]byte{2}, "a", 1, 1, 0), audits.Seed([]byte{1}, "b", 1, 1, 0), audits.Seed([]byte{1}, "a", 2, 1, 0),
		audits.Seed([]byte{1}, "a", 1, 2, 0), audits.Seed([]byte{1}, "a", 1, 1, 1),
	} {
		require.False(t, seen[other])
		seen[other] = true
	}
	require.Equal(t, base(), base())
}

func TestExposure(t *testing.T) {
	for _, c := range []struct{ plain, bps, factor, want uint32 }{
		{20_000, 0, 100_000, 20_000}, {20_000, 10_000, 100_000, 20_000}, {20_000, 5_000, 100_000, 120_000},
		{20_000, 1_000, 100_000, 920_000}, {0, 3_000, 10_000, 23_334}, {1_000_000, 1, 4_000_000_000, 100_000_000},
	} {
		require.Equal(t, c.want, audits.LeadExposure(c.plain, c.bps, c.factor), "%+v", c)
	}
	rapid.Check(t, func(t *rapid.T) {
		plain, factor := rapid.Uint32Range(0, 1_000_000).Draw(t, "plain"), rapid.Uint32Range(0, audits.FactorLimit).Draw(t, "factor")
		bps := rapid.Uint32Range(1, audits.Bps-1).Draw(t, "bps")
		if audits.LeadExposure(plain, bps, factor) < audits.LeadExposure(plain, bps+1, factor) {
			t.Fatal("a job that is audited less often locks less")
		}
	})
}

func TestLongest(t *testing.T) {
	w := replicas.Windows{Commit: 100, Left: 150, Reveal: 10, Answer: 4, Prove: 7}
	require.EqualValues(t, 150+3*100+10+6*4+7, audits.Longest(w))
	w.Left = 1_000
	require.EqualValues(t, 200+3*100+10+6*4+7, audits.Longest(w))
}
