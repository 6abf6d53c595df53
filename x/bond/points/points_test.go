package points_test

import (
	"flag"
	"math/rand"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"cosmossdk.io/math"

	"github.com/assaychain/assay/x/bond/points"
	"github.com/assaychain/assay/x/bond/stake"
)

var steps = flag.Int("steps", 5_000, "random steps of the ledger to compare with a slow one")

// slow integrates a millisecond at a time.
type slow struct {
	now      int64
	period   uint64
	weights  []int64
	earned   []map[uint64]int64
	finished []points.Period
	started  int64
}

func (s *slow) pass(milliseconds int64) {
	for range milliseconds {
		for i, w := range s.weights {
			s.earned[i][s.period] += w
		}
		s.now++
	}
}

// ledger is the fast one with every operator's segments.
type ledger struct {
	total    points.Total
	segments [][]points.Segment
}

func (l *ledger) set(i int, now int64, before, after int64) {
	l.total = l.total.Change(now, math.NewInt(before), math.NewInt(after))
	own := l.segments[i]
	next := points.Segment{Period: l.total.Period, Points: math.ZeroInt(), Since: l.total.Until, Weight: math.NewInt(after)}
	if len(own) > 0 {
		next = own[len(own)-1].Change(l.total, math.NewInt(after))
	}
	if len(own) > 0 && own[len(own)-1].Period == next.Period {
		own = own[:len(own)-1]
	}
	l.segments[i] = append(own, next)
}

// in is operator i's points in a closed period.
func (l *ledger) in(t require.TestingT, i int, p points.Period) math.Int {
	found := math.ZeroInt()
	for _, s := range l.segments[i] {
		if s.Period <= p.Number {
			var err error
			found, err = s.In(p)
			require.NoError(t, err)
		}
	}
	return found
}

// TestLedgerAgainstSlowOne takes random steps of five operators and compares every closed period with the integral.
func TestLedgerAgainstSlowOne(t *testing.T) {
	seed := rand.Int63()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewSource(seed))
	const operators = 5
	s := &slow{period: 1, weights: make([]int64, operators)}
	l := &ledger{total: points.Total{Period: 1, Points: math.ZeroInt(), Weight: math.ZeroInt()}, segments: make([][]points.Segment, operators)}
	for range operators {
		s.earned = append(s.earned, map[uint64]int64{})
	}
	for range *steps {
		switch random.Intn(6) {
		case 0, 1:
			s.pass(int64(random.Intn(40)))
		case 2:
			s.pass(1)
		case 3, 4:
			i, weight := random.Intn(operators), int64(random.Intn(3))*random.Int63n(1_000)
			l.set(i, s.now, s.weights[i], weight)
			s.weights[i] = weight
		case 5:
			var closed points.Period
			l.total, closed = l.total.Close(s.now)
			require.Equal(t, points.Period{Number: s.period, Start: s.started, End: s.now, Points: closed.Points}, closed)
			s.finished, s.period, s.started = append(s.finished, closed), s.period+1, s.now
		}
	}
	require.NotEmpty(t, s.finished)
	for _, p := range s.finished {
		sum := math.ZeroInt()
		for i := range operators {
			got := l.in(t, i, p)
			if got.Int64() != s.earned[i][p.Number] {
				require.Equal(t, s.earned[i][p.Number], got.Int64(), "operator %d in period %d", i, p.Number)
			}
			sum = sum.Add(got)
		}
		require.Equal(t, p.Points.String(), sum.String(), "operators add up to the total")
	}
}

func TestOpenPeriodsHaveNoPoints(t *testing.T) {
	s := points.Segment{Period: 3, Points: math.ZeroInt(), Since: 50, Weight: math.OneInt()}
	_, err := s.In(points.Period{Number: 2, Start: 10, End: 40})
	require.ErrorIs(t, err, points.ErrOpen)
	_, err = s.In(points.Period{Number: 3, Start: 40, End: 49})
	require.ErrorIs(t, err, points.ErrOpen)
	got, err := s.In(points.Period{Number: 3, Start: 40, End: 53})
	require.NoError(t, err)
	require.Equal(t, "3", got.String())
}

// TestClockNeverRunsBack: a time before the last one counts as the last one.
func TestClockNeverRunsBack(t *testing.T) {
	total := points.Total{Period: 1, Start: 0, Until: 100, Points: math.ZeroInt(), Weight: math.OneInt()}
	total = total.Change(90, math.ZeroInt(), math.OneInt())
	require.Equal(t, int64(100), total.Until)
	require.True(t, total.Points.IsZero())
}

func TestBoost(t *testing.T) {
	const slope, limit = 2_500, 5_000
	boost := func(pool, requirement int64) uint32 {
		return points.Boost(math.NewInt(pool), math.NewInt(requirement), slope, limit)
	}
	require.EqualValues(t, 10_000, boost(0, 0))
	require.EqualValues(t, 10_000, boost(100, 0), "no requirement, no boost")
	require.EqualValues(t, 10_000, boost(99, 100))
	require.EqualValues(t, 10_000, boost(100, 100))
	require.EqualValues(t, 12_500, boost(200, 100), "the slope at twice the requirement")
	require.EqualValues(t, 11_250, boost(125, 100))
	require.EqualValues(t, 15_000, boost(500, 100), "the cap at five times")
	require.EqualValues(t, 15_000, boost(1<<62, 1))
	require.EqualValues(t, 10_000, points.Boost(stake.MaxTokens, math.OneInt(), 0, limit), "no slope")
	require.EqualValues(t, 10_000, points.Boost(stake.MaxTokens, math.OneInt(), slope, 0), "no cap")
	require.EqualValues(t, 100_000, points.Boost(stake.MaxTokens, math.OneInt(), 90_000, 90_000))
}

// TestBoostIsConcave: it never falls, never passes the cap, and the same tokens bring less the more there are. Rounding
// down to a basis point is all that may be missing.
func TestBoostIsConcave(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		requirement := rapid.Int64Range(1, 1<<40).Draw(t, "requirement")
		slope, limit := rapid.Uint32Range(0, 90_000).Draw(t, "slope"), rapid.Uint32Range(0, 90_000).Draw(t, "limit")
		boost := func(pool int64) int64 {
			return int64(points.Boost(math.NewInt(pool), math.NewInt(requirement), slope, limit))
		}
		low := rapid.Int64Range(requirement, 1<<60).Draw(t, "low")
		step := rapid.Int64Range(0, 1<<60).Draw(t, "step")
		a, b, c := boost(low), boost(low+step), boost(low+2*step)
		require.LessOrEqual(t, a, b)
		require.LessOrEqual(t, b, c)
		require.LessOrEqual(t, c, int64(stake.BasisPoints)+int64(limit))
		require.GreaterOrEqual(t, 2*(b+1), a+c, "concave")
	})
}

// TestSplittingGainsNothing: devices and stake divided over several identities weigh no more than together.
func TestSplittingGainsNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.Int64Range(2, 50).Draw(t, "identities")
		requirement := rapid.Int64Range(1_000_000, 1<<40).Draw(t, "requirement")
		pool := rapid.Int64Range(requirement, 1<<45).Draw(t, "pool")
		score := rapid.Uint64Range(1_000, 1<<40).Draw(t, "score")
		weigh := func(score uint64, pool, requirement int64) math.Int {
			return points.Weigh(score, points.Boost(math.NewInt(pool), math.NewInt(requirement), 2_500, 5_000))
		}
		whole := weigh(score, pool, requirement)
		split := weigh(score/uint64(parts), pool/parts, requirement/parts).MulRaw(parts)
		// Within 1%: what is left is the rounding of the shares of the requirement.
		require.False(t, split.MulRaw(100).GT(whole.MulRaw(101)), "%s against %s", split, whole)
	})
}
