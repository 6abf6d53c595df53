package runtimes_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/assaychain/assay/x/market/runtimes"
)

func drawRecord(t *rapid.T) (runtimes.Record, uint64) {
	record, now := runtimes.Record{}, uint64(0)
	for range rapid.IntRange(0, 40).Draw(t, "samples") {
		now += rapid.Uint64Range(0, 2*runtimes.HalfLifeMillis).Draw(t, "pause")
		record = record.Learn(rapid.Uint64Range(1, 1<<40).Draw(t, "work"), rapid.Uint64Range(0, 1<<40).Draw(t, "millis"), now)
	}
	return record, now
}

// Every number of a workload is below Workloads, more work never has a lower one, and kinds don't meet.
func TestWorkloads(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind := runtimes.Kind{Level: rapid.Uint32Range(0, 9).Draw(t, "level"), Chain: rapid.Bool().Draw(t, "chain")}
		work := rapid.Uint64Range(0, 1<<63).Draw(t, "work")
		w := runtimes.Workload(kind, work)
		if w >= runtimes.Workloads || runtimes.Workload(kind, work+1) < w || runtimes.Workload(kind, 4*min(work, 1<<37)+4) == runtimes.Workload(kind, min(work, 1<<37)+1) {
			t.Fatalf("workload %d of %d", w, work)
		}
		other := runtimes.Kind{Level: min(kind.Level, 3), Chain: !kind.Chain}
		if runtimes.Workload(other, rapid.Uint64().Draw(t, "other work"))/runtimes.SizeClasses == w/runtimes.SizeClasses {
			t.Fatalf("kinds meet in %d", w)
		}
	})
}

// What always takes the same time is predicted to take it, exactly from the first sample on and within the rounding later.
func TestASteadyTimeIsLearnt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		work, millis := rapid.Uint64Range(1, 1<<40).Draw(t, "work"), rapid.Uint64Range(1, 1<<30).Draw(t, "millis")
		record := runtimes.Record{}
		for n := range rapid.Uint64Range(1, 60).Draw(t, "samples") {
			record = record.Learn(work, millis, n)
			if got := record.Predict(work); got > millis || got+2 < millis || !record.Valid() {
				t.Fatalf("%d ms are predicted as %d by %+v", millis, got, record)
			}
		}
	})
}

// A change is followed: after enough samples of the new time the prediction is within a tenth of it.
func TestAChangeIsFollowed(t *testing.T) {
	for _, c := range [][2]uint64{{1_000, 100_000}, {100_000, 1_000}, {5_000, 5_500}} {
		record := runtimes.Record{}
		for n := range uint64(100) {
			record = record.Learn(1<<30, c[0], n)
		}
		for n := range uint64(150) {
			record = record.Learn(1<<30, c[1], 100+n)
		}
		require.InEpsilon(t, c[1], record.Predict(1<<30), 0.1)
	}
}

// One sample, however absurd, moves a well-known time by less than a third, up or down.
func TestOneSampleHasBoundedInfluence(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		work := rapid.Uint64Range(1, 1<<40).Draw(t, "work")
		record := runtimes.Record{}
		for n := range uint64(runtimes.MemorySamples) {
			record = record.Learn(work, rapid.Uint64Range(1_000, 2_000).Draw(t, "millis"), n)
		}
		was := record.Predict(work)
		is := record.Learn(work, rapid.Uint64().Draw(t, "absurd"), 99).Predict(work)
		if is*3 < was*2 || is*2 > was*3 {
			t.Fatalf("%d ms become %d", was, is)
		}
	})
}

// Any record is within bounds, predicts more for more work of its class, and trusts less in the past the longer ago it is.
func TestRecordsStayInBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		record, now := drawRecord(t)
		if record == (runtimes.Record{}) {
			if record.Valid() || record.Trials(now) != 0 {
				t.Fatal("nothing is known")
			}
			return
		}
		work := rapid.Uint64Range(1, 1<<40-1).Draw(t, "work")
		same := runtimes.Workload(runtimes.Kind{}, work) == runtimes.Workload(runtimes.Kind{}, work+1)
		if !record.Valid() || (same && record.Predict(work) > record.Predict(work+1)) || record.Predict(work) < 1 {
			t.Fatalf("%+v", record)
		}
		later := now + rapid.Uint64Range(0, 1<<50).Draw(t, "later")
		if record.Trials(later) > record.Trials(now) || record.Trials(now+33*runtimes.HalfLifeMillis) != 0 {
			t.Fatalf("%+v at %d and %d", record, now, later)
		}
		if record.Learn(work, 1, later).Trials(later) != record.Trials(later)+1 {
			t.Fatalf("%+v does not count one more", record)
		}
	})
}

// A time that is forgotten is replaced at once; one that is well known is not.
func TestTheForgottenIsReplaced(t *testing.T) {
	record := runtimes.Record{}
	for range 8 {
		record = record.Learn(1_000, 1_000, 0)
	}
	require.EqualValues(t, 100_000, record.Learn(1_000, 100_000, 5*runtimes.HalfLifeMillis).Predict(1_000))
	require.Less(t, record.Learn(1_000, 100_000, 1).Predict(1_000), uint64(2_000))
}

// A faster class is never guessed slower, more work never faster, and unknown classes are guessed like a neighbour.
func TestGuess(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		class, work := rapid.Uint32Range(0, 9).Draw(t, "class"), rapid.Uint64Range(0, 1<<41).Draw(t, "work")
		if runtimes.Guess(class, work) < runtimes.Guess(class+1, work) || runtimes.Guess(class, work) > runtimes.Guess(class, work+1) {
			t.Fatalf("class %d, work %d", class, work)
		}
	})
	require.EqualValues(t, 2_000, runtimes.Guess(5, 1))
	require.EqualValues(t, 2_100, runtimes.Guess(1, 1_000_000_000))
}
