package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/emission/keeper"
	"github.com/assaychain/assay/x/emission/types"
	"github.com/assaychain/assay/x/internal/banktest"
)

func TestAClaimSettlesEachPeriodOnce(t *testing.T) {
	f := newFixture(t)
	op := f.operator("alice", 100)
	_, err := f.claim(op, 0)
	require.ErrorIs(t, err, types.ErrNothing)
	for range 5 {
		f.end(day)
	}
	two, err := f.claim(op, 2)
	require.NoError(t, err)
	require.EqualValues(t, 2, two.Periods)
	require.EqualValues(t, 2, two.Through)
	query, err := f.queries.Claimable(f.Ctx, &types.QueryClaimableRequest{Operator: op.String()})
	require.NoError(t, err)
	rest, err := f.claim(op, 0)
	require.NoError(t, err)
	require.EqualValues(t, 3, rest.Periods)
	require.Equal(t, query.Amount, rest.Amount, "the query says what a claim pays")
	_, err = f.claim(op, 0)
	require.ErrorIs(t, err, types.ErrNothing)

	pots := math.ZeroInt()
	for _, period := range f.state().Periods {
		pots = pots.Add(period.Pot)
		require.True(t, period.Unclaimed().IsZero(), "the only operator gets it all")
	}
	require.Equal(t, pots.String(), two.Amount.Add(rest.Amount).Amount.String())
	earned, commission, err := f.bond.RewardsDue(f.Ctx, op, op)
	require.NoError(t, err)
	require.True(t, pots.Sub(earned).Sub(commission).LTE(math.NewInt(1)), "it is in the operator's pool")
	f.sound()
}

// TestPointsAreScoreTimesTime: who came late, left early or changed gets its part by time.
func TestPointsAreScoreTimesTime(t *testing.T) {
	f := newFixture(t)
	steady := f.operator("steady", 100)
	f.Advance(day / 2)
	late := f.operator("late", 100)
	f.end(day / 2)
	f.score(late, 0)
	f.end(day)
	require.EqualValues(t, first*7/10/3, f.claimed(late).Int64())
	second := f.state().Periods[1].Pot
	require.Equal(t, math.NewInt(first*7/10*2/3).Add(second).String(), f.claimed(steady).String())
	f.sound()
}

func TestAClaimIsWholeOrNothing(t *testing.T) {
	for _, call := range []string{"rewards", "forget points"} {
		f := newFixture(t)
		op := f.operator("alice", 100)
		f.end(day)
		before := f.json()
		f.faults.fails = call
		_, err := f.claim(op, 0)
		require.ErrorContains(t, err, call+" failed")
		require.Equal(t, before, f.json())
		f.faults.fails = ""
		require.True(t, f.claimed(op).IsPositive())
		f.sound()
	}
}

func TestBadClaimsAreRefused(t *testing.T) {
	f := newFixture(t)
	op := f.operator("alice", 100)
	f.end(day)
	before := f.json()
	_, err := f.claim(op, types.MaxPeriods+1)
	require.ErrorIs(t, err, types.ErrLimit)
	_, err = f.msgs.ClaimRewards(f.Ctx, &types.MsgClaimRewards{Operator: "x"})
	require.ErrorIs(t, err, types.ErrAddress)
	require.Equal(t, before, f.json())
	stranger, err := f.claim(banktest.Address("stranger"), 0)
	require.NoError(t, err)
	require.True(t, stranger.Amount.IsZero(), "who has no points is paid nothing")
	f.sound()
}

// TestAnOperatorWhoLeftIsStillPaid: its pool is empty, so all of it is its own.
func TestAnOperatorWhoLeftIsStillPaid(t *testing.T) {
	f := newFixture(t)
	op := f.operator("alice", 100)
	f.end(day)
	f.score(op, 0)
	_, err := f.bond.Unbond(f.Ctx, op, math.NewInt(5_000_000))
	require.NoError(t, err)
	paid := f.claimed(op)
	_, commission, err := f.bond.RewardsDue(f.Ctx, op, op)
	require.NoError(t, err)
	require.Equal(t, paid.String(), commission.String())
	f.sound()
}

// TestAClaimPaysGasByThePeriod, before the work.
func TestAClaimPaysGasByThePeriod(t *testing.T) {
	f := newFixture(t)
	op := f.operator("alice", 100)
	for range 100 {
		f.end(day)
	}
	gas := func(limit uint32) uint64 {
		ctx, _ := f.Ctx.CacheContext()
		before := ctx.GasMeter().GasConsumed()
		_, err := f.k.Claim(ctx, op, limit)
		require.NoError(t, err)
		return ctx.GasMeter().GasConsumed() - before
	}
	one, hundred := gas(1), gas(100)
	require.Greater(t, hundred-one, uint64(99*keeper.GasPerPeriod))
	t.Logf("gas of a claim: %d for 1 period, %d for 100", one, hundred)
	require.Less(t, hundred, uint64(2_000_000), "a year fits a block")
}

func TestAuthorityAndParams(t *testing.T) {
	f := newFixture(t)
	f.end(day)
	set := func(change func(*types.Params)) error {
		params := types.DefaultParams()
		change(&params)
		return f.do(func(ctx sdk.Context) error {
			_, err := f.msgs.UpdateParams(ctx, &types.MsgUpdateParams{Authority: f.Authority, Params: params})
			return err
		})
	}
	_, err := f.msgs.UpdateParams(f.Ctx, &types.MsgUpdateParams{Authority: banktest.Address("me").String(), Params: types.DefaultParams()})
	require.Error(t, err)
	before := f.json()
	minted := f.state().Progress.Minted
	for name, change := range map[string]func(*types.Params){
		"invalid":          func(p *types.Params) { p.ClaimSeconds = 0 },
		"denom":            func(p *types.Params) { p.Denom = "other" },
		"epoch":            func(p *types.Params) { p.EpochIdentifier = "hour" },
		"raised cap":       func(p *types.Params) { p.Schedule.Cap = p.Schedule.Cap.AddRaw(1) },
		"cap below minted": func(p *types.Params) { p.Schedule = small(minted.SubRaw(1)) },
		"raised supply":    func(p *types.Params) { p.SupplyCap = p.SupplyCap.AddRaw(1) },
		"supply cap below the supply": func(p *types.Params) {
			p.Schedule, p.SupplyCap = small(minted), f.Supply().SubRaw(1)
			p.Schedule.Cap = math.MinInt(p.Schedule.Cap, p.SupplyCap)
		},
	} {
		require.ErrorIs(t, set(change), types.ErrParams, name)
		require.Equal(t, before, f.json(), name)
	}

	// A new schedule changes the epochs to come only, and goes on where it stands in that epoch.
	require.NoError(t, set(func(p *types.Params) {
		p.Schedule.Phases[0].DecayNum = 5_000
		p.Schedule.Phases = p.Schedule.Phases[:1]
	}))
	require.Equal(t, minted.String(), f.state().Progress.Minted.String())
	f.end(day)
	require.EqualValues(t, first+first/2, f.state().Progress.Minted.Int64())
	f.sound()
}

func small(limit math.Int) types.Schedule {
	return types.Schedule{Cap: limit, Phases: []types.Phase{{Start: 1, Amount: math.NewInt(1), AmountDen: 1, DecayNum: 1, DecayDen: 1}}}
}

func TestParamsAreBounded(t *testing.T) {
	require.NoError(t, types.DefaultParams().Validate())
	for name, spoil := range map[string]func(*types.Params){
		"denom":           func(p *types.Params) { p.Denom = "" },
		"no epoch":        func(p *types.Params) { p.EpochIdentifier = "" },
		"epoch":           func(p *types.Params) { p.EpochIdentifier = string(make([]byte, types.MaxIdentifier+1)) },
		"no phase":        func(p *types.Params) { p.Schedule.Phases = nil },
		"no cap":          func(p *types.Params) { p.Schedule.Cap = math.Int{} },
		"no supply cap":   func(p *types.Params) { p.SupplyCap = math.Int{} },
		"supply cap":      func(p *types.Params) { p.SupplyCap = p.Schedule.Cap.SubRaw(1) },
		"shares":          func(p *types.Params) { p.OperatorsBps = 8_001 },
		"no claim time":   func(p *types.Params) { p.ClaimSeconds = types.MinClaimSeconds - 1 },
		"claim time":      func(p *types.Params) { p.ClaimSeconds = types.MaxClaimSeconds + 1 },
		"no periods":      func(p *types.Params) { p.MaxPeriodsPerClaim = 0 },
		"periods":         func(p *types.Params) { p.MaxPeriodsPerClaim = types.MaxPeriods + 1 },
		"period's length": func(p *types.Params) { p.MinPeriodSeconds = types.MaxPeriodSeconds + 1 },
	} {
		params := types.DefaultParams()
		spoil(&params)
		require.ErrorIs(t, params.Validate(), types.ErrParams, name)
	}
}

func TestDefaultScheduleIsAsDescribed(t *testing.T) {
	points := types.DefaultSchedule().Plan().Points(1, 40_000, 1)
	require.EqualValues(t, first, points[0].Amount.Int64())
	require.EqualValues(t, 75, points[1_460].Amount.QuoRaw(1_000_000_000).Int64(), "thousand ASSAY at the end of the main phase")
	require.EqualValues(t, 60_000_000_000, points[1_461].Amount.Int64())
	require.EqualValues(t, 499, points[39_999].Cumulative.QuoRaw(1_000_000_000_000).Int64(), "million ASSAY in the end")
	require.WithinDuration(t, time.Date(2029, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC).Add(1_461*day), 0)
}
