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
		slashed, own := math.NewInt(random.Int63()>>random.Intn(63)), math.NewInt(random.Int63()>>random.Intn(63))
		shares := sentence.Shares{VictimBps: uint32(random.Intn(2 * sentence.MaxShareBps)), ReporterBps: uint32(random.Intn(2 * sentence.MaxShareBps))}
		d := sentence.Divide(slashed, own, shares)
		require.True(t, d.Victim.Add(d.Reporter).Add(d.Burnt).Equal(slashed))
		base, victim := math.MinInt(slashed, own), min(shares.VictimBps, sentence.MaxShareBps)
		want := base.MulRaw(int64(victim)).QuoRaw(sentence.BasisPoints)
		require.True(t, d.Victim.Equal(want), "%d of %s: %s, want %s", victim, base, d.Victim, want)
		require.False(t, d.Victim.Add(d.Reporter).MulRaw(2).GT(base), "victim and reporter never get more than half of what the operator lost")
		require.False(t, d.Burnt.IsNegative())
	}
}

// TestReportingOneselfNeverPays: whatever the stake, the rules, the shares, the repetition and the part that backers bear, and
// whichever of victim and reporter the operator owns, its people have less afterwards than before by at least half of what
// the operator itself lost.
func TestReportingOneselfNeverPays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		own := rapid.Int64Range(0, 1<<60).Draw(t, "own")
		backers := rapid.Int64Range(0, 1<<60).Draw(t, "backers")
		rule := sentence.Escalation{
			BaseBps: rapid.Uint32Range(0, sentence.BasisPoints).Draw(t, "base"),
			StepBps: rapid.Uint32Range(0, sentence.BasisPoints).Draw(t, "step"),
			MaxBps:  rapid.Uint32Range(0, sentence.BasisPoints).Draw(t, "max"),
		}
		shares := sentence.Shares{VictimBps: rapid.Uint32().Draw(t, "victim"), ReporterBps: rapid.Uint32().Draw(t, "reporter")}
		bps := int64(rule.Fraction(rapid.Uint32().Draw(t, "count")))
		lost := math.NewInt(own).MulRaw(bps).QuoRaw(sentence.BasisPoints)
		slashed := lost.Add(math.NewInt(backers).MulRaw(bps).QuoRaw(sentence.BasisPoints))
		d := sentence.Divide(slashed, lost, shares)
		gained := math.ZeroInt()
		if rapid.Bool().Draw(t, "owns victim") {
			gained = gained.Add(d.Victim)
		}
		if rapid.Bool().Draw(t, "owns reporter") {
			gained = gained.Add(d.Reporter)
		}
		net := lost.Sub(gained)
		require.False(t, net.MulRaw(2).LT(lost))
		require.Equal(t, lost.IsPositive(), net.IsPositive())
	})
}

func TestFraction(t *testing.T) {
	rule := sentence.Escalation{BaseBps: 100, StepBps: 50, MaxBps: 220}
	for count, want := range []uint32{100, 100, 150, 200, 220, 220} {
		require.Equal(t, want, rule.Fraction(uint32(count)), count)
	}
	require.EqualValues(t, 100, sentence.Escalation{BaseBps: 100}.Fraction(1_000))
	rapid.Check(t, func(t *rapid.T) {
		rule := sentence.Escalation{BaseBps: rapid.Uint32Range(0, 10_000).Draw(t, "base"), StepBps: rapid.Uint32().Draw(t, "step"), MaxBps: rapid.Uint32().Draw(t, "max")}
		count := rapid.Uint32Range(0, 1<<32-2).Draw(t, "count")
		require.LessOrEqual(t, rule.Fraction(count), rule.Fraction(count+1), "repetition never costs less")
		require.GreaterOrEqual(t, rule.Fraction(count), rule.BaseBps)
		require.LessOrEqual(t, rule.Fraction(count), uint32(sentence.BasisPoints))
	})
}

func TestTally(t *testing.T) {
	start := time.Unix(1_000_000, 0).UTC()
	tally := sentence.Tally{}.Added(start, time.Hour)
	require.Equal(t, sentence.Tally{Count: 1, Since: start}, tally)
	tally = tally.Added(start.Add(30*time.Minute), time.Hour)
	require.Equal(t, sentence.Tally{Count: 2, Since: start}, tally)
	require.Equal(t, start.Add(2*time.Hour), tally.Lapses(time.Hour))
	require.EqualValues(t, 2, tally.Decayed(start.Add(time.Hour-1), time.Hour).Count)
	require.Equal(t, sentence.Tally{Count: 1, Since: start.Add(time.Hour)}, tally.Decayed(start.Add(time.Hour), time.Hour))
	require.Zero(t, tally.Decayed(start.Add(2*time.Hour), time.Hour).Count)
	require.EqualValues(t, 1, tally.Undone().Count)
	require.Zero(t, sentence.Tally{}.Undone().Count)
	require.EqualValues(t, 1, tally.Added(start, 0).Count, "without a window nothing is repeated")
	full := sentence.Tally{Count: sentence.MaxCount, Since: start}
	require.EqualValues(t, sentence.MaxCount, full.Added(start, time.Hour).Count)
}

// TestLookingOftenChangesNothing: a count is the same however often it was looked at on the way.
func TestLookingOftenChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		start := time.Unix(1_000_000, 0).UTC()
		window := time.Duration(rapid.Int64Range(1, int64(time.Hour)).Draw(t, "window"))
		once := sentence.Tally{Count: rapid.Uint32Range(0, sentence.MaxCount).Draw(t, "count"), Since: start}
		often, at := once, start
		for _, step := range rapid.SliceOfN(rapid.Int64Range(0, int64(3*time.Hour)), 1, 20).Draw(t, "steps") {
			at = at.Add(time.Duration(step))
			often = often.Decayed(at, window)
		}
		want := once.Decayed(at, window)
		require.Equal(t, want.Count, often.Count)
		require.Equal(t, want.Count == 0, !once.Lapses(window).After(at))
		if want.Count > 0 {
			require.Equal(t, want.Since, often.Since)
			require.False(t, often.Since.After(at))
		}
	})
}

func TestTombstones(t *testing.T) {
	require.False(t, sentence.Tombstones(1_000, 0))
	require.False(t, sentence.Tombstones(2, 3))
	require.True(t, sentence.Tombstones(3, 3))
	require.True(t, sentence.Tombstones(4, 3))
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

func TestFloor(t *testing.T) {
	require.EqualValues(t, 900, sentence.Floor(time.Unix(1_000, 999), 100))
	require.Zero(t, sentence.Floor(time.Unix(50, 0), 100))
	require.Zero(t, sentence.Floor(time.Unix(-50, 0), 100))
}
