package keeper_test

import (
	"flag"
	"fmt"
	"math/big"
	"math/rand"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	distrtypes "github.com/cosmos/cosmos-sdk/x/distribution/types"

	"github.com/assaychain/assay/x/emission/types"
)

var (
	epochs = flag.Int("epochs", 250, "epochs of the random simulation; twenty years of days are 7305")
	seed   = flag.Int64("seed", 0, "seed of the random simulation; a new one when 0")
)

// model is the emission in rationals and in full: every operator's points of every period, nothing lazy.
type model struct {
	// The exact amount of the present epoch is amount/den and that of all epochs of its phase sum/den; past is what the phases
	// before emitted. They are rationals over one growing denominator, which is left uncancelled.
	amount, sum, den   *big.Int
	decayNum, decayDen *big.Int
	past               *big.Rat
	scores             []int64
	// points of the running period, and of the closed ones by number, with their pots and ends.
	running []*big.Rat
	closed  []modelPeriod
	through []int
	expiry  time.Duration
}

type modelPeriod struct {
	points  []*big.Rat
	pot     *big.Rat
	expires time.Time
}

func newModel(params types.Params, operators int) *model {
	m := &model{past: new(big.Rat), sum: new(big.Int), den: big.NewInt(1), scores: make([]int64, operators), through: make([]int, operators), expiry: time.Duration(params.ClaimSeconds) * time.Second}
	m.open()
	return m
}

func (m *model) open() {
	m.running = nil
	for range m.scores {
		m.running = append(m.running, new(big.Rat))
	}
}

// pass counts time with the present scores.
func (m *model) pass(d time.Duration) {
	for i, score := range m.scores {
		earned := new(big.Int).Mul(big.NewInt(score), big.NewInt(d.Milliseconds()))
		m.running[i].Add(m.running[i], new(big.Rat).SetInt(earned))
	}
}

// end closes a period with a pot.
func (m *model) end(pot math.Int, now time.Time) {
	m.closed = append(m.closed, modelPeriod{points: m.running, pot: new(big.Rat).SetInt(pot.BigInt()), expires: now.Add(m.expiry)})
	m.open()
}

// emit moves the exact schedule on by an epoch.
func (m *model) emit(schedule types.Schedule, epoch uint64) {
	for _, phase := range schedule.Phases {
		if phase.Start == epoch {
			m.past.Add(m.past, new(big.Rat).SetFrac(m.sum, m.den))
			m.amount, m.den = phase.Amount.BigInt(), new(big.Int).SetUint64(phase.AmountDen)
			m.decayNum, m.decayDen = new(big.Int).SetUint64(phase.DecayNum), new(big.Int).SetUint64(phase.DecayDen)
			m.sum = new(big.Int).Set(m.amount)
			return
		}
	}
	m.amount.Mul(m.amount, m.decayNum)
	m.den.Mul(m.den, m.decayDen)
	m.sum.Add(m.sum.Mul(m.sum, m.decayDen), m.amount)
}

// total is the exact sum of all epochs.
func (m *model) total() *big.Rat {
	total := new(big.Rat).SetFrac(m.sum, m.den)
	return total.Add(total, m.past)
}

// owed is what an operator's periods pay, after those it has settled and at most limit; through is where that ends.
func (m *model) owed(op, limit int, now time.Time) (owed math.Int, through int) {
	oldest := 0
	for oldest < len(m.closed) && m.closed[oldest].points == nil {
		oldest++
	}
	owed, from := math.ZeroInt(), max(m.through[op], oldest)
	through = min(len(m.closed), from+limit)
	for _, period := range m.closed[from:through] {
		total := new(big.Rat)
		for _, p := range period.points {
			total.Add(total, p)
		}
		if total.Sign() == 0 || !now.Before(period.expires) {
			continue
		}
		share := new(big.Rat).Mul(period.pot, period.points[op])
		share.Quo(share, total)
		owed = owed.Add(math.NewIntFromBigInt(new(big.Int).Quo(share.Num(), share.Denom())))
	}
	return owed, through
}

// within tells whether an amount differs from num/den by less than a unit.
func within(amount math.Int, num, den *big.Int) bool {
	difference := new(big.Int).Mul(amount.BigInt(), den)
	return difference.Sub(difference, num).CmpAbs(den) < 0
}

// TestRandomYearsAgreeWithTheModel simulates years of days with operators whose scores change at any time and who claim at
// random. Every epoch's amount is held against the exact rational schedule, every claim against the model, and all that was minted
// against what was claimed, can be claimed, and went to validators and the treasury. Run twenty years with -epochs 7305.
func TestRandomYearsAgreeWithTheModel(t *testing.T) {
	if *seed == 0 {
		*seed = rand.Int63()
	}
	t.Logf("seed %d, %d epochs", *seed, *epochs)
	random := rand.New(rand.NewSource(*seed))
	params := types.DefaultParams()
	params.ClaimSeconds = uint64(max(min(365, *epochs/4), 1)) * 24 * 3600
	f := newFixtureWith(t, params)
	const operators = 5
	m, ops := newModel(params, operators), make([]sdk.AccAddress, operators)
	for i := range ops {
		ops[i] = f.operator(fmt.Sprint(i), 0)
	}
	start := f.Supply()
	for epoch := range *epochs {
		f.day(t, random, m, ops)
		before := f.state().Progress
		require.NoError(t, f.k.Hooks().AfterEpochEnd(f.Ctx, "day", int64(epoch)))
		f.compareEpoch(t, m, before, start)
		if epoch%50 == 0 || epoch == *epochs-1 {
			f.sound()
		}
	}
	f.account(t, m, ops)
	require.Empty(t, f.errors.lines)
}

// day is a day in three parts, with changing scores and a few claims.
func (f *fixture) day(t *testing.T, random *rand.Rand, m *model, ops []sdk.AccAddress) {
	for part := range 3 {
		span := 8*time.Hour + time.Duration(part-1)*time.Duration(random.Intn(3_600_000))*time.Millisecond
		f.Advance(span)
		m.pass(span)
		if op := random.Intn(len(ops)); random.Intn(3) == 0 {
			m.scores[op] = random.Int63n(3) * random.Int63n(1_000_000_000_000)
			f.score(ops[op], uint64(m.scores[op]))
		}
		if op := random.Intn(len(ops) - 1); random.Intn(40) == 0 { // The last one never claims.
			f.compareClaim(t, m, op, ops[op], 1+random.Intn(types.MaxPeriods))
		}
	}
}

func (f *fixture) compareClaim(t *testing.T, m *model, op int, address sdk.AccAddress, limit int) {
	want, through := m.owed(op, limit, f.Ctx.BlockTime())
	got, err := f.claim(address, uint32(limit))
	if through <= m.through[op] {
		require.ErrorIs(t, err, types.ErrNothing)
		return
	}
	require.NoError(t, err)
	require.Equal(t, want.String(), got.Amount.Amount.String(), "operator %d", op)
	require.EqualValues(t, through, got.Through)
	m.through[op] = through
}

// compareEpoch checks what an epoch emitted, and moves the model on.
func (f *fixture) compareEpoch(t *testing.T, m *model, before types.Progress, start math.Int) {
	state := f.state()
	emitted := state.Progress.Minted.Sub(before.Minted)
	m.emit(state.Params.Schedule, state.Progress.Epoch)
	require.True(t, within(emitted, m.amount, m.den), "epoch %d emits %s", state.Progress.Epoch, emitted)
	if state.Progress.Epoch%100 == 0 {
		total := m.total()
		require.True(t, within(state.Progress.Minted, total.Num(), total.Denom()), "epochs up to %d emit %s", state.Progress.Epoch, state.Progress.Minted)
	}
	require.Equal(t, state.Progress.Minted.String(), f.Supply().Sub(start).String())
	require.True(t, state.Progress.Minted.LTE(state.Params.Schedule.Cap))
	m.end(emitted.MulRaw(7_000).QuoRaw(10_000), f.Ctx.BlockTime())
	for i := range m.closed[:len(m.closed)-len(state.Periods)] {
		m.closed[i].points = nil
	}
}

// account adds up: minted = claimed + claimable + validators + treasury, and the rest of divisions that will expire.
func (f *fixture) account(t *testing.T, m *model, ops []sdk.AccAddress) {
	state, claimable := f.state(), math.ZeroInt()
	for op, address := range ops {
		owed, _ := m.owed(op, types.MaxPeriods, f.Ctx.BlockTime())
		answer, err := f.queries.Claimable(f.Ctx, &types.QueryClaimableRequest{Operator: address.String()})
		require.NoError(t, err)
		require.Equal(t, owed.String(), answer.Amount.Amount.String())
		claimable = claimable.Add(owed)
	}
	validators, treasury := f.ModuleBalance(authtypes.FeeCollectorName), f.ModuleBalance(distrtypes.ModuleName)
	require.Equal(t, state.Totals.Validators.String(), validators.String())
	require.Equal(t, state.Totals.Treasury.String(), treasury.String())
	require.Equal(t, state.Totals.Claimed.String(), f.ModuleBalance("bond").Sub(math.NewInt(int64(5_000_000*len(ops)))).String())
	sum := state.Totals.Claimed.Add(claimable).Add(validators).Add(treasury)
	dust := state.Progress.Minted.Sub(sum)
	t.Logf("minted %s = claimed %s + claimable %s + validators %s + treasury %s + dust %s of %d open periods",
		state.Progress.Minted, state.Totals.Claimed, claimable, validators, treasury, dust, len(state.Periods))
	require.False(t, dust.IsNegative())
	require.True(t, dust.LT(math.NewInt(int64(len(ops)*len(state.Periods)))), "less than a unit for each share")
}
