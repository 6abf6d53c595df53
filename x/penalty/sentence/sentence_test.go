package sentence_test

import (
	"flag"
	"math/rand"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"cosmossdk.io/math"

	"github.com/assaychain/assay/x/penalty/sentence"
)

var splits = flag.Int("splits", 100_000, "random divisions to check")

func TestDivideIsExact(t *testing.T) {
	seed := rand.Int63()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewSource(seed))
	for range *splits {
		slashed := math.NewInt(random.Int63() >> random.Intn(63))
		bps := uint32(random.Intn(2 * sentence.MaxVictimBps))
		d := sentence.Divide(slashed, bps)
		want := slashed.MulRaw(int64(min(bps, sentence.MaxVictimBps))).QuoRaw(sentence.BasisPoints)
		require.True(t, d.Victim.Add(d.Burnt).Equal(slashed))
		require.True(t, d.Victim.Equal(want), "%d of %s: %s, want %s", bps, slashed, d.Victim, want)
		require.False(t, d.Victim.GT(d.Burnt), "a victim never gets more than half, so that punishing oneself never pays")
	}
}

func TestUntil(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		moment := func(name string) time.Time { return time.Unix(rapid.Int64Range(0, 1<<33).Draw(t, name), 0).UTC() }
		now, present := moment("now"), moment("present")
		jail := time.Duration(rapid.Int64Range(0, int64(366*24*time.Hour)).Draw(t, "jail"))
		until := sentence.Until(present, now, jail)
		require.False(t, until.Before(present), "a term is never shortened")
		require.False(t, until.Before(now.Add(jail)), "a term is never shorter than the rule")
		require.True(t, until.Equal(present) || until.Equal(now.Add(jail)))
		require.Equal(t, now.Add(jail), sentence.Until(time.Time{}, now, jail))
	})
}

func TestExpired(t *testing.T) {
	at := time.Unix(1_000, 0)
	require.False(t, sentence.Expired(at, at.Add(time.Minute-time.Nanosecond), time.Minute))
	require.True(t, sentence.Expired(at, at.Add(time.Minute), time.Minute))
}
