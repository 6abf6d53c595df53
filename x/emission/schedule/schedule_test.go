package schedule_test

import (
	"flag"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"cosmossdk.io/math"

	"github.com/assaychain/assay/x/emission/schedule"
)

// epochs is how long random schedules are followed. Twenty years of days, which the default schedule is always followed for,
// are 7,305.
var epochs = flag.Uint64("epochs", 200, "epochs to follow each random schedule for")

const twentyYears = 20*365 + 5

func whole(start uint64, amount int64, num, den uint64) schedule.Phase {
	return schedule.Phase{Start: start, Amount: math.NewInt(amount), AmountDen: 1, DecayNum: num, DecayDen: den}
}

// fourYears is the default schedule's shape: a main phase of 1,461 days and a tail.
func fourYears(limit int64) schedule.Schedule {
	return schedule.Schedule{Cap: math.NewInt(limit), Phases: []schedule.Phase{
		whole(1, 675_000_000_000, 9_985, 10_000), whole(1_462, 60_000_000_000, 9_994, 10_000),
	}}
}

// exact follows a schedule in rationals, without any rounding: every epoch's amount, and their sum.
type exact struct {
	plan schedule.Schedule
	// phase is the present one, -1 before the first; past is what the phases before it emitted together.
	phase int
	past  *big.Rat
	// In the present phase an epoch emits num/den, and all its epochs up to it sum/den.
	num, den, sum *big.Int
}

func newExact(plan schedule.Schedule) *exact {
	return &exact{plan: plan, phase: -1, past: new(big.Rat), num: new(big.Int), den: big.NewInt(1), sum: new(big.Int)}
}

func (x *exact) step(epoch uint64) {
	if next := x.phase + 1; next < len(x.plan.Phases) && x.plan.Phases[next].Start == epoch {
		x.past.Add(x.past, new(big.Rat).SetFrac(x.sum, x.den))
		x.phase = next
		x.num = x.plan.Phases[next].Amount.BigInt()
		x.den = new(big.Int).SetUint64(x.plan.Phases[next].AmountDen)
		x.sum = new(big.Int).Set(x.num)
		return
	}
	if x.phase < 0 {
		return
	}
	n, d := new(big.Int).SetUint64(x.plan.Phases[x.phase].DecayNum), new(big.Int).SetUint64(x.plan.Phases[x.phase].DecayDen)
	x.num.Mul(x.num, n)
	x.den.Mul(x.den, d)
	x.sum.Add(x.sum.Mul(x.sum, d), x.num)
}

// off tells whether an amount differs by a whole unit or more from num/den.
func off(amount math.Int, num, den *big.Int) bool {
	difference := new(big.Int).Mul(amount.BigInt(), den)
	return difference.Sub(difference, num).CmpAbs(den) >= 0
}

// follow holds a schedule against the exact one: each epoch's amount, and every so manieth sum. The cap is left to other tests.
func follow(t require.TestingT, plan schedule.Schedule, last, sums uint64) schedule.Progress {
	x, progress, before := newExact(plan), schedule.Start(), math.Int{}
	for epoch := uint64(1); epoch <= last; epoch++ {
		var amount math.Int
		progress, amount = plan.Next(progress)
		x.step(epoch)
		if off(amount, x.num, x.den) {
			require.Failf(t, "amount", "epoch %d emits %s", epoch, amount)
		}
		if epoch > 1 && x.phase >= 0 && plan.Phases[0].Start < epoch && amount.GT(before.AddRaw(1)) {
			require.Failf(t, "grows", "epoch %d emits %s after %s", epoch, amount, before)
		}
		before = amount
		if epoch%sums == 0 || epoch == last {
			total := new(big.Rat).SetFrac(x.sum, x.den)
			total.Add(total, x.past)
			require.False(t, off(progress.Minted, total.Num(), total.Denom()), "sum up to epoch %d is %s", epoch, progress.Minted)
		}
	}
	return progress
}

func TestTwentyYearsOfTheDefault(t *testing.T) {
	plan := fourYears(500_000_000_000_000)
	require.NoError(t, plan.Validate())
	end := follow(t, plan, twentyYears, 487)
	t.Logf("20 years emit %s of %s", end.Minted, plan.Cap)
	require.True(t, end.Minted.LT(plan.Cap))
}

func randomPlan(t *rapid.T) schedule.Schedule {
	plan := schedule.Schedule{Cap: math.NewIntFromUint64(1 << 62)}
	large := rapid.Bool().Draw(t, "large")
	number := func(limit uint64) *rapid.Generator[uint64] {
		if large {
			return rapid.Uint64Range(1, limit)
		}
		return rapid.Uint64Range(1, 12)
	}
	start := number(50).Draw(t, "start")
	for range rapid.IntRange(1, 4).Draw(t, "phases") {
		amountDen, decayDen := number(schedule.MaxDen).Draw(t, "amount_den"), number(schedule.MaxDen).Draw(t, "decay_den")
		phase := schedule.Phase{
			Start: start, AmountDen: amountDen, DecayDen: decayDen, DecayNum: rapid.Uint64Range(0, decayDen).Draw(t, "decay_num"),
			// No epochs of it reach the cap, which follow knows nothing of.
			Amount: math.NewIntFromUint64(number((1<<62)/(*epochs)).Draw(t, "amount")),
		}
		candidate := plan
		candidate.Phases = append(candidate.Phases[:len(candidate.Phases):len(candidate.Phases)], phase)
		if candidate.Validate() == nil {
			plan = candidate
		}
		start += number(100).Draw(t, "length")
	}
	if len(plan.Phases) == 0 {
		plan.Phases = []schedule.Phase{whole(1, 1, 1, 3)}
	}
	return plan
}

// TestRandomSchedulesAreExact: with small numbers, many amounts and sums are whole or nearly so, where rounding decides.
func TestRandomSchedulesAreExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		plan := randomPlan(t)
		require.NoError(t, plan.Validate())
		follow(t, plan, *epochs, 37)
	})
}

// TestWholeAmountsStayWhole: amounts that fixed point can't hold exactly, though they or their sums are whole.
func TestWholeAmountsStayWhole(t *testing.T) {
	third := schedule.Phase{Start: 1, Amount: math.NewInt(1), AmountDen: 3, DecayNum: 1, DecayDen: 1}
	plan := schedule.Schedule{Cap: math.NewInt(1_000_000), Phases: []schedule.Phase{third}}
	require.EqualValues(t, 1_000, follow(t, plan, 3_000, 1).Minted.Int64(), "3,000 thirds are 1,000")

	sevenths := schedule.Phase{Start: 1, Amount: math.NewInt(8 * 7), AmountDen: 7, DecayNum: 1, DecayDen: 1}
	plan.Phases = []schedule.Phase{sevenths}
	require.EqualValues(t, 8_000, follow(t, plan, 1_000, 1).Minted.Int64())

	ninths := schedule.Phase{Start: 1, Amount: math.NewInt(4 * 6_561), AmountDen: 3, DecayNum: 3, DecayDen: 4}
	plan.Phases = []schedule.Phase{ninths}
	follow(t, plan, 60, 1)
}

func TestTheCapIsReachedAndNeverPassed(t *testing.T) {
	for _, limit := range []int64{1, 674_999_999_999, 675_000_000_000, 675_000_000_001, 400_000_000_000_000} {
		plan, progress := fourYears(limit), schedule.Start()
		plan.Phases[0].Amount = math.MinInt(plan.Phases[0].Amount, plan.Cap)
		plan.Phases[1].Amount = math.MinInt(plan.Phases[1].Amount, plan.Cap)
		for range twentyYears {
			var amount math.Int
			before := progress.Minted
			progress, amount = plan.Next(progress)
			require.False(t, amount.IsNegative())
			require.Equal(t, before.Add(amount).String(), progress.Minted.String())
			if progress.Minted.GT(plan.Cap) {
				require.Fail(t, "above the cap")
			}
		}
		require.Equal(t, plan.Cap.String(), progress.Minted.String(), "the last epoch is clipped, not left out")
		_, amount := plan.Next(progress)
		require.True(t, amount.IsZero())
	}
}

func TestPointsAreTheSchedule(t *testing.T) {
	plan := fourYears(500_000_000_000_000)
	progress, amount := schedule.Start(), math.Int{}
	all := plan.Points(1, 2_000, 1)
	require.Len(t, all, 2_000)
	for _, point := range all {
		progress, amount = plan.Next(progress)
		require.Equal(t, schedule.Point{Epoch: progress.Epoch, Amount: amount, Cumulative: progress.Minted}, point)
	}
	some := plan.Points(100, 2_000, 900)
	require.Equal(t, []schedule.Point{all[99], all[999], all[1_899]}, some)
	require.Empty(t, plan.Points(5, 4, 1))
	require.Equal(t, all[:3], plan.Points(0, 3, 0)[:3])
}

func TestBadSchedulesAreRefused(t *testing.T) {
	huge := math.NewIntFromBigInt(new(big.Int).Lsh(big.NewInt(1), 80))
	for name, spoil := range map[string]func(*schedule.Schedule){
		"no cap":           func(s *schedule.Schedule) { s.Cap = math.Int{} },
		"cap of nothing":   func(s *schedule.Schedule) { s.Cap = math.ZeroInt() },
		"huge cap":         func(s *schedule.Schedule) { s.Cap = huge },
		"no phase":         func(s *schedule.Schedule) { s.Phases = nil },
		"phases":           func(s *schedule.Schedule) { s.Phases = make([]schedule.Phase, schedule.MaxPhases+1) },
		"start":            func(s *schedule.Schedule) { s.Phases[0].Start = 0 },
		"far start":        func(s *schedule.Schedule) { s.Phases[1].Start = schedule.MaxEpoch + 1 },
		"order":            func(s *schedule.Schedule) { s.Phases[1].Start = 1 },
		"no amount":        func(s *schedule.Schedule) { s.Phases[0].Amount = math.Int{} },
		"negative amount":  func(s *schedule.Schedule) { s.Phases[0].Amount = math.NewInt(-1) },
		"amount above cap": func(s *schedule.Schedule) { s.Phases[0].Amount = s.Cap.AddRaw(1) },
		"amount_den":       func(s *schedule.Schedule) { s.Phases[0].AmountDen = 0 },
		"huge amount_den":  func(s *schedule.Schedule) { s.Phases[0].AmountDen = schedule.MaxDen + 1 },
		"decay_den":        func(s *schedule.Schedule) { s.Phases[0].DecayDen = 0 },
		"huge decay_den":   func(s *schedule.Schedule) { s.Phases[0].DecayDen = schedule.MaxDen + 1 },
		"growth":           func(s *schedule.Schedule) { s.Phases[0].DecayNum = s.Phases[0].DecayDen + 1 },
		"growing tail":     func(s *schedule.Schedule) { s.Phases[1].Amount = math.NewInt(80_000_000_000) },
	} {
		plan := fourYears(500_000_000_000_000)
		require.NoError(t, plan.Validate())
		spoil(&plan)
		require.ErrorIs(t, plan.Validate(), schedule.ErrSchedule, name)
	}
}

func TestAPhaseMayGoOnWhereTheOneBeforeEnds(t *testing.T) {
	plan := schedule.Schedule{Cap: math.NewInt(1_000), Phases: []schedule.Phase{
		{Start: 1, Amount: math.NewInt(100), AmountDen: 1, DecayNum: 1, DecayDen: 3},
		{Start: 3, Amount: math.NewInt(100), AmountDen: 9, DecayNum: 1, DecayDen: 1},
	}}
	require.NoError(t, plan.Validate(), "100/9 is what the first phase would emit, which fixed point can't hold")
	plan.Phases[1].Amount = math.NewInt(101)
	require.ErrorIs(t, plan.Validate(), schedule.ErrSchedule)
}

func TestSplitIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		amount := math.NewIntFromBigInt(new(big.Int).SetBytes(rapid.SliceOfN(rapid.Byte(), 0, 10).Draw(t, "amount")))
		operators := rapid.Uint32Range(0, schedule.BasisPoints).Draw(t, "operators")
		shares := schedule.Shares{Operators: operators, Validators: rapid.Uint32Range(0, schedule.BasisPoints-operators).Draw(t, "validators")}
		require.NoError(t, shares.Validate())
		parts := schedule.Split(amount, shares)
		require.Equal(t, amount.String(), parts.Operators.Add(parts.Validators).Add(parts.Treasury).String())
		require.Equal(t, amount.MulRaw(int64(operators)).QuoRaw(schedule.BasisPoints).String(), parts.Operators.String())
		require.Equal(t, amount.MulRaw(int64(shares.Validators)).QuoRaw(schedule.BasisPoints).String(), parts.Validators.String())
		rest := amount.MulRaw(int64(schedule.BasisPoints - operators - shares.Validators)).QuoRaw(schedule.BasisPoints)
		require.True(t, parts.Treasury.Sub(rest).LTE(math.NewInt(2)) && parts.Treasury.GTE(rest), "the treasury gets the dust")
	})
	require.ErrorIs(t, schedule.Shares{Operators: 9_000, Validators: 1_001}.Validate(), schedule.ErrSchedule)
	require.Error(t, schedule.Shares{Operators: 1 << 31, Validators: 1<<31 + 5}.Validate(), "no overflow")
}

// TestSharesNeverExceedThePot: however points are cut, the shares of a pot add up to at most the pot.
func TestSharesNeverExceedThePot(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pot := math.NewIntFromUint64(rapid.Uint64().Draw(t, "pot"))
		points := rapid.SliceOfN(rapid.Uint64(), 1, 20).Draw(t, "points")
		total, paid := math.ZeroInt(), math.ZeroInt()
		for _, p := range points {
			total = total.Add(math.NewIntFromUint64(p))
		}
		if total.IsZero() {
			return
		}
		for _, p := range points {
			paid = paid.Add(schedule.Share(pot, math.NewIntFromUint64(p), total))
		}
		require.True(t, paid.LTE(pot) && paid.AddRaw(int64(len(points))).GT(pot), "%s of %s", paid, pot)
	})
}

func BenchmarkNext(b *testing.B) {
	plan, progress := fourYears(500_000_000_000_000), schedule.Start()
	progress.Epoch = 7_000
	for b.Loop() {
		plan.Next(progress)
	}
}

func BenchmarkShare(b *testing.B) {
	pot, points := math.NewInt(472_500_000_000), math.NewIntFromBigInt(new(big.Int).Lsh(big.NewInt(3), 90))
	total := points.MulRaw(977)
	for b.Loop() {
		schedule.Share(pot, points, total)
	}
}
