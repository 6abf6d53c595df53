package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/bond/types"
	"github.com/assaychain/assay/x/internal/banktest"
)

// due is what backer has earned behind op, and its commission when it is op.
func (f *fixture) due(backer, op sdk.AccAddress) (int64, int64) {
	f.T.Helper()
	res, err := f.query.Rewards(f.Ctx, &types.QueryRewardsRequest{Operator: op.String(), Backer: backer.String()})
	require.NoError(f.T, err)
	return res.Rewards.Int64(), res.Commission.Int64()
}

// withdraw takes what backer has earned behind op.
func (f *fixture) withdraw(backer, op sdk.AccAddress) int64 {
	f.T.Helper()
	before := f.Balance(backer)
	res, err := f.msg.WithdrawRewards(f.Ctx, &types.MsgWithdrawRewards{Backer: backer.String(), Operator: op.String()})
	require.NoError(f.T, err)
	require.Equal(f.T, f.Balance(backer).Sub(before).String(), res.Amount.String())
	f.sound()
	return res.Amount.Int64()
}

func TestRewardsGoByShares(t *testing.T) {
	f := newFixture(t)
	op := f.bonded("op", 1_000_000)
	a := f.backed("a", op, 3_000_000)
	f.reward(op, 1_000_000)
	b := f.backed("b", op, 4_000_000)
	f.reward(op, 2_000_000)

	own, commission := f.due(op, op)
	require.EqualValues(t, 300_000, commission, "a tenth first")
	require.EqualValues(t, 225_000+225_000, own)
	earned, none := f.due(a, op)
	require.EqualValues(t, 675_000+675_000, earned)
	require.Zero(t, none)
	earned, _ = f.due(b, op)
	require.EqualValues(t, 900_000, earned, "only since it came")

	require.EqualValues(t, 900_000, f.withdraw(b, op))
	require.Zero(t, f.withdraw(b, op), "once")
	require.EqualValues(t, 750_000, f.withdraw(op, op))
	require.EqualValues(t, 1_350_000, f.withdraw(a, op))
	require.True(t, f.pool(op).Unpaid().IsZero())
}

// TestChangesOfABackingPayIt: what was earned is paid whenever shares change, so that new shares never earn backwards.
func TestChangesOfABackingPayIt(t *testing.T) {
	f := newFixture(t)
	op := f.bonded("op", 1_000_000)
	backer := f.backed("backer", op, 1_000_000)
	f.reward(op, 1_000_000)
	f.backed("backer", op, 8_000_000)
	require.Equal(t, "450000", f.Balance(backer).String())
	f.reward(op, 1_000_000)
	_, err := f.k.Unback(f.Ctx, backer, op, math.NewInt(9_000_000))
	require.NoError(t, err)
	require.Equal(t, "1260000", f.Balance(backer).String())
	f.reward(op, 1_000_000)
	f.sound()
	f.block(unbonding)
	require.Equal(t, "10260000", f.Balance(backer).String(), "what is leaving earns nothing")
}

func TestRewardsWithoutStakeAreTheOperators(t *testing.T) {
	f := newFixture(t)
	op := banktest.Address("op")
	f.reward(op, 500_000)
	f.sound()
	require.EqualValues(t, 500_000, f.withdraw(op, op))
	state, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	require.Empty(t, state.Pools)

	f.bonded("op", 1_000_000)
	backer := f.backed("backer", op, 1_000_000)
	_, err = f.k.Slash(f.Ctx, op, 10_000, court)
	require.NoError(t, err)
	f.reward(op, 500_000)
	_, commission := f.due(op, op)
	require.EqualValues(t, 500_000, commission, "a pool that was slashed to nothing earns nothing")
	earned, _ := f.due(backer, op)
	require.Zero(t, earned)
	f.sound()
}

// TestRestsOfDivisionsAreNotLost: however badly rewards divide, everything that came in is paid out in the end.
func TestRestsOfDivisionsAreNotLost(t *testing.T) {
	f := newFixture(t)
	op := f.bonded("op", 1_000_001)
	a, b := f.backed("a", op, 1_000_003), f.backed("b", op, 1_000_033)
	for range 100 {
		f.reward(op, 7)
		f.withdraw(a, op)
	}
	f.sound()
	for _, backer := range []sdk.AccAddress{a, b} {
		_, err := f.k.Unback(f.Ctx, backer, op, math.NewInt(f.worth(backer, op)))
		require.NoError(t, err)
	}
	_, err := f.k.Unbond(f.Ctx, op, math.NewInt(1_000_001))
	require.NoError(t, err)
	f.block(unbonding)
	f.withdraw(op, op)
	require.True(t, f.ModuleBalance(types.ModuleName).IsZero())
	state, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	require.Empty(t, state.Pools)
}

func TestRewardRefusals(t *testing.T) {
	f := newFixture(t)
	op := f.bonded("op", 1_000_000)
	before := f.state()
	require.ErrorIs(t, f.k.AddRewards(f.Ctx, op, sdk.NewInt64Coin("uother", 5), purse), types.ErrAmount)
	require.ErrorIs(t, f.k.AddRewards(f.Ctx, op, sdk.NewInt64Coin(banktest.Denom, 0), purse), types.ErrAmount)
	require.ErrorContains(t, f.k.AddRewards(f.Ctx, op, sdk.NewInt64Coin(banktest.Denom, 5), purse), "insufficient")
	require.Equal(t, before, f.state())
}

func TestCommissionChangesOnceADay(t *testing.T) {
	f := newFixture(t)
	op := f.bonded("op", 1_000_000)
	set := func(bps uint32) error {
		_, err := f.msg.SetCommission(f.Ctx, &types.MsgSetCommission{Operator: op.String(), CommissionBps: bps})
		return err
	}
	require.ErrorIs(t, set(1_101), types.ErrCommission)
	require.NoError(t, set(1_100))
	require.ErrorIs(t, set(1_100), types.ErrCommission)
	f.Advance(24*time.Hour - time.Nanosecond)
	require.ErrorIs(t, set(1_200), types.ErrCommission)
	f.Advance(time.Nanosecond)
	require.NoError(t, set(1_200))
	res, err := f.query.Commission(f.Ctx, &types.QueryCommissionRequest{Operator: op.String()})
	require.NoError(t, err)
	require.EqualValues(t, 1_200, res.CommissionBps)
	require.Equal(t, f.Ctx.BlockTime().Add(24*time.Hour), *res.ChangeableFrom)

	// A lower ceiling holds at once, whatever the operator set.
	params, err := f.k.Params(f.Ctx)
	require.NoError(t, err)
	params.MaxCommissionBps, params.InitialCommissionBps = 500, 500
	require.NoError(t, f.k.SetParams(f.Ctx, params))
	f.reward(op, 1_000_000)
	_, commission := f.due(op, op)
	require.EqualValues(t, 50_000, commission)
}

// TestRewardsOfAReplacedPool: backers of a pool that a slash emptied keep what they earned before, and have no part in the
// pool that follows.
func TestRewardsOfAReplacedPool(t *testing.T) {
	f := newFixture(t)
	op := f.bonded("op", 1_000_000)
	a, b := f.backed("a", op, 1_000_000), f.backed("b", op, 1_000_003)
	f.reward(op, 1_000_000)
	_, err := f.k.Slash(f.Ctx, op, 10_000, court)
	require.NoError(t, err)
	f.block(unbonding)
	f.bonded("op", 2_000_000)
	f.reward(op, 500_000)
	f.sound()

	earned, _ := f.due(a, op)
	require.EqualValues(t, 299_999, earned)
	require.Zero(t, f.worth(a, op))
	require.EqualValues(t, 299_999, f.withdraw(a, op))
	backings, err := f.k.BackingsOf(f.Ctx, a)
	require.NoError(t, err)
	require.Empty(t, backings, "a backing that is worth nothing goes with its rewards")
	f.backed("b", op, 1_000_000)
	require.Equal(t, "300000", f.Balance(b).String(), "backing again pays what the old pool owes")
	require.EqualValues(t, 1_000_000, f.worth(b, op))
	state, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	require.Empty(t, state.ClosedPools, "the last one takes the old pool with it")
	f.sound()
}
