package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	distrtypes "github.com/cosmos/cosmos-sdk/x/distribution/types"

	"github.com/assaychain/assay/x/emission/types"
)

// first is what the first epoch emits by default.
const first = 675_000_000_000

func TestAnEpochIsMintedAndDivided(t *testing.T) {
	f := newFixture(t)
	before := f.Supply()
	alice, bob := f.operator("alice", 300), f.operator("bob", 100)
	before = f.Supply()
	f.end(day)
	require.EqualValues(t, first, f.Supply().Sub(before).Int64())
	require.EqualValues(t, first*70/100, f.ModuleBalance(types.ModuleName).Int64())
	require.EqualValues(t, first*20/100, f.ModuleBalance(authtypes.FeeCollectorName).Int64())
	require.EqualValues(t, first*10/100, f.ModuleBalance(distrtypes.ModuleName).Int64())
	f.sound()

	require.EqualValues(t, first*70/100*3/4, f.claimed(alice).Int64())
	require.EqualValues(t, first*70/100/4, f.claimed(bob).Int64())
	require.True(t, f.ModuleBalance(types.ModuleName).IsZero())
	f.sound()
	require.Empty(t, f.errors.lines)
}

func TestOnlyTheNamedEpochCounts(t *testing.T) {
	f := newFixture(t)
	before := f.json()
	for _, identifier := range []string{"hour", "week", "", "days"} {
		require.NoError(t, f.k.Hooks().AfterEpochEnd(f.Ctx, identifier, 3))
	}
	require.NoError(t, f.k.Hooks().BeforeEpochStart(f.Ctx, "day", 2))
	require.Equal(t, before, f.json())
}

func TestAPotWithoutPointsIsTheTreasurys(t *testing.T) {
	f := newFixture(t)
	f.end(day)
	require.True(t, f.ModuleBalance(types.ModuleName).IsZero())
	require.EqualValues(t, first*80/100, f.ModuleBalance(distrtypes.ModuleName).Int64())
	f.sound()
	op := f.operator("late", 1)
	response, err := f.claim(op, 0)
	require.NoError(t, err)
	require.True(t, response.Amount.IsZero())
	f.end(day)
	require.True(t, f.claimed(op).IsPositive())
	f.sound()
}

// TestNothingIsLostWhenAStepFails: whatever call fails, by an error or a panic, the epoch goes on, the failure is logged, and when
// the fault is over everybody gets what they would have got.
func TestNothingIsLostWhenAStepFails(t *testing.T) {
	calm := outcome(t, "", false)
	for _, call := range calls {
		for _, panics := range []bool{false, true} {
			require.Equal(t, calm, outcome(t, call, panics), "%s, panics %t", call, panics)
		}
	}
}

// outcome ends epochs, of which some with a fault, and returns the balances after a claim. Claims last three days, so that
// periods expire too.
func outcome(t *testing.T, call string, panics bool) (balances [4]string) {
	params := types.DefaultParams()
	params.ClaimSeconds = 3 * 24 * 3600
	f := newFixtureWith(t, params)
	op := f.operator("alice", 300)
	for epoch := range 12 {
		f.faults.fails, f.faults.panics = "", panics
		if epoch == 4 || epoch == 5 || epoch == 7 {
			f.faults.fails = call
		}
		logged := len(f.errors.lines)
		f.end(day)
		f.sound()
		failed := len(f.errors.lines) > logged
		require.Equal(t, f.faults.fails != "", failed, "a failure is logged, and nothing else is")
	}
	require.True(t, f.state().Dues.Sum().IsZero())
	require.EqualValues(t, 12, f.state().Progress.Epoch)
	claimed := f.claimed(op)
	f.sound()
	total := claimed.Add(f.ModuleBalance(distrtypes.ModuleName)) // What expires depends on when it was closed.
	return [4]string{
		total.String(), f.ModuleBalance(types.ModuleName).String(), f.ModuleBalance(authtypes.FeeCollectorName).String(), f.Supply().String(),
	}
}

// TestManyFailedEpochsAreMintedOverTime: the work of one epoch's end is bounded.
func TestManyFailedEpochsAreMintedOverTime(t *testing.T) {
	f := newFixture(t)
	f.faults.fails = "mint"
	for range 20 {
		f.end(day)
	}
	require.Zero(t, f.state().Progress.Epoch)
	require.EqualValues(t, 20, f.state().Progress.Ended)
	f.faults.fails = ""
	f.end(day)
	require.EqualValues(t, 16, f.state().Progress.Epoch)
	f.end(day)
	require.EqualValues(t, 22, f.state().Progress.Epoch)
	want := f.state().Params.Schedule.Plan().Points(22, 22, 1)[0].Cumulative
	require.Equal(t, want.String(), f.state().Progress.Minted.String())
	f.sound()
}

// TestEpochsCaughtUpAfterAHaltAreOnePeriod: x/epochs ends one epoch a block until it has caught up. Who happens to score in those
// blocks must not get whole days' pots.
func TestEpochsCaughtUpAfterAHaltAreOnePeriod(t *testing.T) {
	f := newFixture(t)
	alice := f.operator("alice", 100)
	f.end(day)
	f.end(6 * day)
	bob := f.operator("bob", 1_000_000)
	for range 5 {
		f.end(time.Second)
	}
	require.Len(t, f.state().Periods, 2, "the five epochs wait for a day's points")
	require.True(t, f.state().Dues.Operators.IsPositive())
	f.score(bob, 100)
	f.end(day)
	periods := f.state().Periods
	require.Len(t, periods, 3)
	require.EqualValues(t, 8, periods[2].Epoch)
	plan := f.state().Params.Schedule.Plan()
	var pots math.Int = math.ZeroInt()
	for _, point := range plan.Points(3, 8, 1) {
		pots = pots.Add(point.Amount.MulRaw(7_000).QuoRaw(10_000))
	}
	require.Equal(t, pots.String(), periods[2].Pot.String())
	require.True(t, f.claimed(alice).IsPositive())
	require.True(t, f.claimed(bob).LT(pots))
	f.sound()
}

func TestUnclaimedRewardsExpireToTheTreasury(t *testing.T) {
	params := types.DefaultParams()
	params.ClaimSeconds = 10 * 24 * 3600
	f := newFixtureWith(t, params)
	op, other := f.operator("alice", 1), f.operator("bob", 2)
	for range 10 {
		f.end(day)
	}
	treasury := f.ModuleBalance(distrtypes.ModuleName)
	f.claimed(other)
	pot := f.state().Periods[0]
	f.Advance(day)
	_, err := f.claim(op, 1)
	require.NoError(t, err, "over, though not yet swept: the period is settled without being paid")
	require.Equal(t, pot.Claimed.String(), f.state().Periods[0].Claimed.String())

	require.NoError(t, f.k.Hooks().AfterEpochEnd(f.Ctx, "day", 11))
	require.EqualValues(t, 2, f.state().Periods[0].Number)
	eleventh := f.state().Params.Schedule.Plan().Points(11, 11, 1)[0].Amount
	gain := f.ModuleBalance(distrtypes.ModuleName).Sub(treasury)
	require.True(t, gain.Sub(pot.Unclaimed()).Sub(eleventh.QuoRaw(10)).LTE(math.NewInt(2)), "%s", gain)
	require.Equal(t, pot.Number+1, f.state().Periods[0].Number)
	f.sound()
	_, err = f.bond.Points(f.Ctx, op, 1, 1)
	require.Error(t, err, "the ledger forgot it too")
}

// TestExpiryIsBoundedAndCatchesUp: two periods at most expire when an epoch ends.
func TestExpiryIsBoundedAndCatchesUp(t *testing.T) {
	params := types.DefaultParams()
	params.ClaimSeconds = 30 * 24 * 3600
	f := newFixtureWith(t, params)
	f.operator("alice", 1)
	for range 10 {
		f.end(day)
	}
	f.end(100 * day)
	require.Len(t, f.state().Periods, 9)
	f.end(day)
	require.Len(t, f.state().Periods, 8)
	f.sound()
}

func TestTheCapsHold(t *testing.T) {
	params := types.DefaultParams()
	params.Schedule.Cap = math.NewInt(first + first/2)
	params.Schedule.Phases = params.Schedule.Phases[:1]
	f := newFixtureWith(t, params)
	op := f.operator("alice", 1)
	before := f.Supply()
	for range 5 {
		f.end(day)
		f.sound()
	}
	require.EqualValues(t, first+first/2, f.Supply().Sub(before).Int64())
	require.Len(t, f.state().Periods, 2, "a period without a pot goes on")
	f.claimed(op)
	f.sound()
}

// TestTheSupplyCapHolds even where coins come from elsewhere.
func TestTheSupplyCapHolds(t *testing.T) {
	params := types.DefaultParams()
	params.Schedule.Cap, params.SupplyCap = math.NewInt(10*first), math.NewInt(10*first)
	params.Schedule.Phases = params.Schedule.Phases[:1]
	f := newFixtureWith(t, params)
	f.Fund("whale", 8*first+first/2)
	f.end(day)
	f.end(day)
	require.Equal(t, params.SupplyCap.String(), f.Supply().String())
	require.EqualValues(t, first+first/2, f.state().Progress.Minted.Int64())
	f.sound()
}

// TestTheHookCostsTheSameForAnyNumberOfOperators, as no step goes over them.
func TestTheHookCostsTheSameForAnyNumberOfOperators(t *testing.T) {
	cost := func(operators int) uint64 {
		f := newFixture(t)
		for i := range operators {
			f.operator(string(rune('a'+i%26))+string(rune('a'+i/26)), 7_000_000_000/uint64(operators))
		}
		f.end(day)
		before := f.Ctx.GasMeter().GasConsumed()
		f.end(day)
		return f.Ctx.GasMeter().GasConsumed() - before
	}
	few, many := cost(1), cost(200)
	require.LessOrEqual(t, many*100, few*103, "%d gas for one operator, %d for 200", few, many)
}

func TestUnsolicitedCoinsAreRefused(t *testing.T) {
	f := newFixture(t)
	account := f.Auth.GetModuleAddress(types.ModuleName)
	require.True(t, f.Bank.BlockedAddr(account))
	f.Mint(account, sdk.NewInt64Coin("dust", 1))
	f.sound()
	f.Mint(account, sdk.NewInt64Coin("uassay", 1))
	require.ErrorContains(t, f.k.Invariants(f.Ctx), "difference 1", "the invariant sees them")
	f.end(day)
	require.Empty(t, f.errors.lines)
}
