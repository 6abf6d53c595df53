package keeper_test

import (
	"fmt"
	"math/rand"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/bond/points"
	"github.com/assaychain/assay/x/bond/types"
	"github.com/assaychain/assay/x/internal/banktest"
)

// points of op in closed periods.
func (f *fixture) points(op sdk.AccAddress, from, to uint64) []string {
	f.T.Helper()
	found, err := f.k.Points(f.Ctx, op, from, to)
	require.NoError(f.T, err)
	texts := make([]string, len(found))
	for i, p := range found {
		texts[i] = p.String()
	}
	return texts
}

// period closes the running period.
func (f *fixture) period() types.Period {
	f.T.Helper()
	p, err := f.k.ClosePeriod(f.Ctx)
	require.NoError(f.T, err)
	return p
}

func TestPointsCountWeightTimesTime(t *testing.T) {
	f := newFixture(t)
	op := f.bonded("op", 4_000_000)
	start := f.Ctx.BlockTime()
	require.NoError(t, f.k.SetScore(f.Ctx, op, 10))
	f.Advance(3 * time.Second)
	p := f.period()
	require.Equal(t, types.Period{Number: 1, Start: start, End: start.Add(3 * time.Second), TotalPoints: math.NewInt(10 * 10_000 * 3_000)}, p)

	// With half its pool required the operator weighs a quarter more, from the block on in which that changes.
	f.Advance(time.Second)
	require.NoError(t, f.k.SetRequirement(f.Ctx, op, math.NewInt(2_000_000)))
	f.Advance(time.Second)
	f.period()
	f.Advance(5 * time.Second)
	f.period()
	_, err := f.k.Slash(f.Ctx, op, 5_000, court)
	require.NoError(t, err)
	f.Advance(time.Second)
	require.NoError(t, f.k.SetScore(f.Ctx, op, 0))
	f.Advance(time.Hour)
	f.period()
	require.Equal(t, []string{"300000000", "225000000", "625000000", "100000000"}, f.points(op, 1, 4))
	require.Equal(t, []string{"0", "0"}, f.points(banktest.Address("nobody"), 3, 4))
	f.sound()
}

func TestPointsRefusals(t *testing.T) {
	f := newFixture(t)
	op := f.bonded("op", 1_000_000)
	for range 3 {
		f.Advance(time.Second)
		f.period()
	}
	for _, bad := range [][2]uint64{{0, 1}, {2, 1}, {1, 4}, {4, 4}, {1, 401}, {1, 1 << 63}} {
		_, err := f.k.Points(f.Ctx, op, bad[0], bad[1])
		require.ErrorIs(t, err, types.ErrPeriod, "%v", bad)
	}
	require.ErrorIs(t, f.k.ForgetPeriod(f.Ctx, 4), types.ErrPeriod)
	require.ErrorIs(t, f.k.ForgetPoints(f.Ctx, op, 5), types.ErrPeriod)
	require.NoError(t, f.k.ForgetPeriod(f.Ctx, 1))
	_, err := f.k.Points(f.Ctx, op, 1, 2)
	require.ErrorIs(t, err, types.ErrPeriod)
	require.Equal(t, []string{"0", "0"}, f.points(op, 2, 3))
	f.sound()
}

// TestForgettingKeepsWhatCounts: dropping claimed records changes no later period, and an operator that stops leaves nothing.
func TestForgettingKeepsWhatCounts(t *testing.T) {
	f := newFixture(t)
	op := f.bonded("op", 1_000_000)
	for i := range 6 {
		require.NoError(t, f.k.SetScore(f.Ctx, op, uint64(i/2+1)))
		f.Advance(time.Second)
		f.period()
	}
	before := f.points(op, 4, 6)
	require.NoError(t, f.k.ForgetPoints(f.Ctx, op, 4))
	require.Equal(t, before, f.points(op, 4, 6))
	segments := func() int {
		state, err := f.k.ExportGenesis(f.Ctx)
		require.NoError(t, err)
		return len(state.Segments)
	}
	require.Equal(t, 2, segments(), "the one that holds in period 4, and that of period 5")
	require.NoError(t, f.k.SetScore(f.Ctx, op, 0))
	f.Advance(time.Second)
	f.period()
	require.Equal(t, "0", f.points(op, 7, 7)[0])
	require.NoError(t, f.k.ForgetPoints(f.Ctx, op, 8))
	require.Zero(t, segments())
	require.NoError(t, f.k.SetScore(f.Ctx, op, 2))
	f.Advance(time.Second)
	f.period()
	require.Equal(t, []string{"20000000"}, f.points(op, 8, 8))
	f.sound()
}

// TestRecordsOfPeriodsThatNobodyClaims: an operator that changes all the time and never claims keeps no more records than
// there are periods.
func TestRecordsOfPeriodsThatNobodyClaims(t *testing.T) {
	f := newFixture(t)
	op := f.bonded("op", 1_000_000)
	for i := range 60 {
		require.NoError(t, f.k.SetScore(f.Ctx, op, uint64(i+1)))
		f.Advance(time.Second)
		number := f.period().Number
		if number > 10 {
			require.NoError(t, f.k.ForgetPeriod(f.Ctx, number-10))
		}
	}
	state, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	require.Len(t, state.Periods, 10)
	require.LessOrEqual(t, len(state.Segments), 12)
	f.sound()
}

// TestLedgerCostsTheSameForAnyNumberOfOperators: a period is closed, and a score set, at the same gas.
func TestLedgerCostsTheSameForAnyNumberOfOperators(t *testing.T) {
	cost := func(operators int) uint64 {
		f := newFixture(t)
		for i := range operators {
			op := f.bonded(fmt.Sprintf("op%d", i), 1_000_000)
			require.NoError(t, f.k.SetScore(f.Ctx, op, uint64(1_000_000_000/operators)))
		}
		f.Advance(time.Second)
		before := f.Ctx.GasMeter().GasConsumed()
		f.period()
		return f.Ctx.GasMeter().GasConsumed() - before
	}
	require.Equal(t, cost(1), cost(200))
}

// TestPointsAgainstSlowLedger: random lives of a few operators; every second the test adds up what their weights are, and
// in the end every period of everyone must equal that.
func TestPointsAgainstSlowLedger(t *testing.T) {
	seed := rand.Int63()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewSource(seed))
	f := newFixture(t)
	var ops []sdk.AccAddress
	for i := range 4 {
		ops = append(ops, f.bonded(fmt.Sprintf("op%d", i), 5_000_000))
		f.Fund(fmt.Sprintf("op%d", i), 1_000_000_000)
	}
	earned := map[string]map[uint64]math.Int{}
	params := types.DefaultParams()
	weight := func(op sdk.AccAddress) math.Int {
		p := f.pool(op)
		return points.Weigh(p.Score, points.Boost(p.Tokens, p.Requirement, params.BoostSlopeBps, params.BoostCapBps))
	}
	period := uint64(1)
	for range 300 {
		op := ops[r.Intn(len(ops))]
		switch r.Intn(9) {
		case 0:
			require.NoError(t, f.k.SetScore(f.Ctx, op, uint64(r.Intn(3)*1_000)))
		case 1:
			_, err := f.k.Bond(f.Ctx, op, math.NewInt(1_000_000+r.Int63n(5_000_000)))
			require.NoError(t, err)
		case 2:
			_, err := f.k.Slash(f.Ctx, op, uint32(r.Intn(2_000)), court)
			require.NoError(t, err)
		case 3:
			require.NoError(t, f.k.SetRequirement(f.Ctx, op, math.NewInt(r.Int63n(1_000_000))))
		case 4:
			require.Equal(t, period, f.period().Number)
			period++
		default:
			f.Advance(time.Second)
			for _, op := range ops {
				if earned[op.String()] == nil {
					earned[op.String()] = map[uint64]math.Int{}
				}
				sum, ok := earned[op.String()][period]
				if !ok {
					sum = math.ZeroInt()
				}
				earned[op.String()][period] = sum.Add(weight(op).MulRaw(1_000))
			}
		}
	}
	f.sound()
	f.period()
	state, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	for number := uint64(1); number <= period; number++ {
		left := state.Periods[number-1].TotalPoints
		for _, op := range ops {
			want, ok := earned[op.String()][number]
			if !ok {
				want = math.ZeroInt()
			}
			require.Equal(t, want.String(), f.points(op, number, number)[0], "period %d", number)
			left = left.Sub(want)
		}
		require.True(t, left.IsZero(), "operators add up to the total of period %d", number)
	}
}
