package canary_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"cosmossdk.io/math"

	"github.com/assaychain/assay/offchain-worker/canary"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// TestTheBudgetIsNeverExceeded holds, raises, settles and pays at random: whatever is taken fits the limit, and what is refused changes nothing.
func TestTheBudgetIsNeverExceeded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.Int64Range(0, 1_000).Draw(t, "limit")
		b := canary.NewBudget(math.NewInt(limit))
		used := func() int64 {
			fees, spent, held, left := b.Use()
			all := fees.Add(spent).Add(held)
			require.Equal(t, limit, all.Add(left).Int64())
			return all.Int64()
		}
		// A canary comes once: the next one in its place is another one.
		held, settled := map[string]int64{}, map[int]int{}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			before, amount := used(), rapid.Int64Range(0, 400).Draw(t, "amount")
			place := rapid.IntRange(0, 3).Draw(t, "canary")
			name := fmt.Sprint(place, "-", settled[place])
			switch rapid.IntRange(0, 2).Draw(t, "what") {
			case 0:
				err := b.Fee(math.NewInt(amount))
				require.Equal(t, before+amount <= limit, err == nil)
			case 1:
				spare := rapid.Int64Range(0, 50).Draw(t, "spare")
				err := b.Hold(name, math.NewInt(amount), math.NewInt(spare))
				require.Equal(t, before-held[name]+amount+spare <= limit, err == nil)
				if err == nil {
					held[name] = amount
				} else {
					require.ErrorIs(t, err, canary.ErrBudget)
					require.Equal(t, before, used())
				}
			case 2:
				if most, ok := held[name]; ok {
					// A canary never costs more than it holds.
					b.Settle(name, math.NewInt(most/2))
					require.Equal(t, before-most+most/2, used())
					settled[place]++
					delete(held, name)
				}
			}
			require.LessOrEqual(t, used(), limit)
			require.Equal(t, len(held), b.Open())
		}
	})
}

// TestABudgetThatWasLoweredAllowsNothing: what an earlier process left open is booked whatever the limit.
func TestABudgetThatWasLoweredAllowsNothing(t *testing.T) {
	b := canary.NewBudget(math.NewInt(100))
	b.Carry(math.NewInt(30), map[string]math.Int{"a": math.NewInt(90)})
	require.ErrorIs(t, b.Fee(math.OneInt()), canary.ErrBudget)
	require.NoError(t, b.Fee(math.ZeroInt()))
	b.Settle("a", math.NewInt(10))
	require.ErrorIs(t, b.Hold("b", math.NewInt(61), math.ZeroInt()), canary.ErrBudget)
	require.NoError(t, b.Hold("b", math.NewInt(60), math.ZeroInt()))
}

func TestDelaysHaveTheirMean(t *testing.T) {
	random := rand.New(rand.NewChaCha8([32]byte{1}))
	total, short := time.Duration(0), 0
	const n = 20_000
	for range n {
		d := canary.Delay(random, time.Minute)
		require.True(t, d >= 0 && d <= 8*time.Minute)
		total += d
		if d < time.Minute/2 {
			short++
		}
	}
	require.InDelta(t, time.Minute.Seconds(), total.Seconds()/n, 2)
	require.InDelta(t, 0.393, float64(short)/n, 0.02, "as an exponential distribution has")
	require.Zero(t, canary.Delay(random, 0))
	one, err := canary.Source()
	require.NoError(t, err)
	two, err := canary.Source()
	require.NoError(t, err)
	require.NotEqual(t, one.Uint64(), two.Uint64())
}

// TestDrawnInputsLookLikeTheSample: rows of the sample in another order, moved a little, with its extremes where they were.
func TestDrawnInputsLookLikeTheSample(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows, cols := rapid.IntRange(2, 12).Draw(t, "rows"), rapid.IntRange(40, 60).Draw(t, "cols")
		random := rand.New(rand.NewChaCha8([32]byte{byte(rapid.IntRange(0, 255).Draw(t, "seed"))}))
		s := canary.Sample[uint8]{Rows: rows, Cols: cols, Values: make([]uint8, rows*cols)}
		for i := range s.Values {
			// A background of zeros, full strokes, and shades between them. Each row is told by where its zeros are.
			s.Values[i] = []uint8{0, 255, uint8(10 + random.IntN(200)), uint8(10 + random.IntN(200))}[random.IntN(4)]
		}
		want := rapid.IntRange(1, rows).Draw(t, "want")
		drawn, err := s.Draw(random, want, 2)
		if err != nil {
			require.ErrorIs(t, err, canary.ErrAlike)
			return
		}
		require.Equal(t, want, drawn.Rows)
		taken := map[int]bool{}
		for r := range drawn.Rows {
			row := drawn.Values[r*cols : (r+1)*cols]
			from := -1
			for candidate := range rows {
				if near(s.Values[candidate*cols:(candidate+1)*cols], row) {
					from = candidate
				}
			}
			require.GreaterOrEqual(t, from, 0, "a row of the sample")
			require.False(t, taken[from], "drawn once")
			taken[from] = true
		}
		again, err := s.Draw(random, want, 2)
		if err != nil {
			require.ErrorIs(t, err, canary.ErrAlike, "its rows had less")
			return
		}
		require.NotEqual(t, drawn.Values, again.Values)
	})
}

// near tells whether a row is another one whose values between the extremes moved by at most 2.
func near(sample, row []uint8) bool {
	for i, v := range sample {
		d := int(row[i]) - int(v)
		if d < -2 || d > 2 || (v == 0 || v == 255) && d != 0 || v != 0 && v != 255 && (row[i] == 0 || row[i] == 255) {
			return false
		}
	}
	return true
}

func TestSamplesThatGiveNothingFresh(t *testing.T) {
	random := rand.New(rand.NewChaCha8([32]byte{2}))
	flat := canary.Sample[int8]{Rows: 20, Cols: 20, Values: make([]int8, 400)}
	_, err := flat.Draw(random, 0, 1)
	require.ErrorIs(t, err, canary.ErrAlike)
	require.ErrorContains(t, err, "0 values lie between")
	for i := range flat.Values {
		flat.Values[i] = int8(i % 4)
	}
	_, err = flat.Draw(random, 0, 1)
	require.ErrorIs(t, err, canary.ErrAlike, "nothing between the extremes can move both ways")
	_, err = flat.Draw(random, 21, 1)
	require.ErrorContains(t, err, "21 rows are wanted, it has 20")
	even := canary.Uniform(random, 20, 20)
	require.NotEqual(t, even, canary.Uniform(random, 20, 20))
	_, err = even.Draw(random, 0, 1)
	require.NoError(t, err)
	require.EqualValues(t, -128, slices.Min(canary.Uniform(random, 100, 100).Values))
	require.EqualValues(t, 127, slices.Max(canary.Uniform(random, 100, 100).Values))
}

func TestOperatorsAreCounted(t *testing.T) {
	part := func(operator string, mark canary.Mark, spent, won int64) canary.Part {
		return canary.Part{Operator: operator, Mark: mark, Spent: math.NewInt(spent), Won: math.NewInt(won)}
	}
	rows := canary.Count([]canary.Outcome{
		{Parts: []canary.Part{part("b", canary.Right, 10, 0)}},
		{Parts: []canary.Part{part("b", canary.Convicted, 0, 7), part("a", canary.Right, 20, 0)}},
		{Parts: []canary.Part{part("b", canary.TimedOut, 0, 0), part("b", canary.Wrong, 5, 0), part("c", canary.Excused, 0, 0)}},
		{},
	})
	require.Equal(t, []canary.Row{
		{Operator: "a", Canaries: 1, Right: 1, Spent: math.NewInt(20), Won: math.ZeroInt()},
		{Operator: "b", Canaries: 3, Right: 1, Wrong: 2, Convicted: 1, TimedOut: 1, Spent: math.NewInt(15), Won: math.NewInt(7)},
		{Operator: "c", Canaries: 1, Spent: math.ZeroInt(), Won: math.ZeroInt()},
	}, rows)
	require.Equal(t, 1, canary.Unpunished(rows))
	require.Empty(t, canary.Count(nil))
}

func TestResultsAreCompared(t *testing.T) {
	result := func(values ...int32) *tensor.Tensor {
		made, err := tensor.NewInt32(1, uint32(len(values)), values)
		require.NoError(t, err)
		return made
	}
	answer := canary.Answer{Roots: [][]byte{{1}, {2}}, Outputs: []*tensor.Tensor{result(0), result(3, 4)}}
	for name, c := range map[string]struct {
		committed [][]byte
		theirs    *tensor.Tensor
		want      canary.Mark
	}{
		"the same":                         {[][]byte{{1}, {2}}, nil, canary.Right},
		"the same, whatever is between":    {[][]byte{{9}, {2}}, nil, canary.Right},
		"another root, the same values":    {[][]byte{{1}, {9}}, result(3, 4), canary.Right},
		"another root, other values":       {[][]byte{{1}, {9}}, result(3, 5), canary.Wrong},
		"another root, another shape":      {[][]byte{{1}, {9}}, result(3, 4, 0), canary.Wrong},
		"another root, and it isn't there": {[][]byte{{1}, {9}}, nil, canary.Wrong},
		"another number of steps":          {[][]byte{{2}}, nil, canary.Wrong},
		"nothing":                          {nil, nil, canary.Wrong},
	} {
		mark, why := answer.Compare(c.committed, c.theirs)
		require.Equal(t, c.want, mark, name)
		require.Equal(t, mark == canary.Right, why == "", name)
	}
}
