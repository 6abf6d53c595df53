package keeper_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/internal/banktest"
)

// leaving is an operator whose backers all leave at once while jobs need their stake: 2,000,000 of its own, and per
// backer 1,000,000, all of it exposed.
func leaving(f *fixture, backers int) (sdk.AccAddress, []sdk.AccAddress) {
	f.T.Helper()
	op := f.bonded("op", 2_000_000)
	all := make([]sdk.AccAddress, backers)
	for i := range all {
		all[i] = f.backed(fmt.Sprintf("backer%d", i), op, 1_000_000)
	}
	require.NoError(f.T, f.k.Expose(f.Ctx, op, math.NewInt(int64(2_000_000+1_000_000*backers))))
	for _, backer := range all {
		_, err := f.k.Unback(f.Ctx, backer, op, math.NewInt(1_000_000))
		require.NoError(f.T, err)
	}
	return op, all
}

// gone counts the backers that have their stake back.
func gone(f *fixture, backers []sdk.AccAddress) int { return paid(f, backers) }

// TestMatureStakeWaitsForExposure: a backer may begin to leave at any time, and is paid when jobs don't need its stake.
func TestMatureStakeWaitsForExposure(t *testing.T) {
	f := newFixture(t)
	op, backers := leaving(f, 3)
	headroom, err := f.k.Headroom(f.Ctx, op)
	require.NoError(t, err)
	require.True(t, headroom.IsZero(), "what leaves backs nothing new")
	f.block(unbonding)
	require.Zero(t, gone(f, backers))
	require.EqualValues(t, 3, f.pool(op).Waiting)
	f.block(time.Hour)
	require.Zero(t, gone(f, backers), "time alone frees nothing")

	require.NoError(t, f.k.Release(f.Ctx, op, math.NewInt(1_500_000)))
	f.block(time.Second)
	require.Equal(t, 1, gone(f, backers))
	require.Equal(t, "1000000", f.Balance(backers[0]).String(), "the first to leave is the first to be paid")
	require.NoError(t, f.k.Release(f.Ctx, op, math.NewInt(500_000)))
	f.block(time.Second)
	require.Equal(t, 2, gone(f, backers))

	// New stake frees what waited as well.
	f.bonded("op", 1_000_000)
	f.block(time.Second)
	require.Equal(t, 3, gone(f, backers))
	require.Zero(t, f.pool(op).Waiting)
}

// TestWaitingStakeIsSlashedAndCancelled: an entry that waits is as slashable as any, and may be bonded again.
func TestWaitingStakeIsSlashedAndCancelled(t *testing.T) {
	f := newFixture(t)
	op, backers := leaving(f, 2)
	f.block(unbonding)
	slashed, err := f.k.Slash(f.Ctx, op, 1_000, court)
	require.NoError(t, err)
	require.Equal(t, "400000", slashed.String())
	_, err = f.k.CancelUnbonding(f.Ctx, backers[0], 1)
	require.NoError(t, err)
	require.EqualValues(t, 900_000, f.worth(backers[0], op))
	require.EqualValues(t, 1, f.pool(op).Waiting)
	require.NoError(t, f.k.Release(f.Ctx, op, math.NewInt(4_000_000)))
	f.block(time.Second)
	require.Equal(t, "900000", f.Balance(backers[1]).String())
}

// TestLaterEntriesWaitBehindEarlierOnes: a small entry doesn't overtake a large one that waits.
func TestLaterEntriesWaitBehindEarlierOnes(t *testing.T) {
	f := newFixture(t)
	op := f.bonded("op", 2_000_000)
	large := f.backed("large", op, 5_000_000)
	require.NoError(t, f.k.Expose(f.Ctx, op, math.NewInt(5_000_000)))
	_, err := f.k.Unback(f.Ctx, large, op, math.NewInt(5_000_000))
	require.NoError(t, err)
	f.Advance(time.Hour)
	_, err = f.k.Unbond(f.Ctx, op, math.NewInt(1_000_000))
	require.Error(t, err, "the operator keeps the floor bonded")
	small := f.backed("small", op, 1_000_000)
	_, err = f.k.Unback(f.Ctx, small, op, math.NewInt(1_000_000))
	require.NoError(t, err)
	f.block(unbonding)
	require.EqualValues(t, 2, f.pool(op).Waiting)
	require.True(t, f.Balance(small).IsZero())
	require.NoError(t, f.k.Release(f.Ctx, op, math.NewInt(3_000_000)))
	f.block(time.Second)
	require.Equal(t, "5000000", f.Balance(large).String())
	require.Equal(t, "1000000", f.Balance(small).String())
}

// TestCancellingLetsOthersPass: when the entry at the head of the line is bonded again, those behind it are paid.
func TestCancellingLetsOthersPass(t *testing.T) {
	f := newFixture(t)
	op := f.bonded("op", 2_000_000)
	large := f.backed("large", op, 5_000_000)
	require.NoError(t, f.k.Expose(f.Ctx, op, math.NewInt(5_000_000)))
	small := f.backed("small", op, 1_000_000)
	for _, backer := range []sdk.AccAddress{large, small} {
		_, err := f.k.Unback(f.Ctx, backer, op, math.NewInt(f.worth(backer, op)))
		require.NoError(t, err)
	}
	f.block(unbonding)
	require.EqualValues(t, 2, f.pool(op).Waiting)
	_, err := f.k.CancelUnbonding(f.Ctx, large, 1)
	require.NoError(t, err)
	f.block(time.Second)
	require.Equal(t, "1000000", f.Balance(small).String())
	require.EqualValues(t, 5_000_000, f.worth(large, op))
}

// TestWaitingPayoutsAreBounded: what a release sets free is paid over as many blocks as it needs, and a payout that fails
// stops no other.
func TestWaitingPayoutsAreBounded(t *testing.T) {
	f := newFixture(t)
	params, err := f.k.Params(f.Ctx)
	require.NoError(t, err)
	params.MaxPayoutsPerBlock, params.MaxBackingMultiple = 10, 100
	require.NoError(t, f.k.SetParams(f.Ctx, params))
	op, backers := leaving(f, 25)
	f.Advance(unbonding)
	for range 3 {
		f.block(time.Second)
	}
	require.EqualValues(t, 25, f.pool(op).Waiting)
	for _, backer := range backers[:4] {
		f.bank.fails[backer.String()] = failPanic
	}
	require.NoError(t, f.k.Release(f.Ctx, op, math.NewInt(27_000_000)))
	for _, want := range []int{6, 16, 21, 21} {
		f.block(time.Second)
		require.Equal(t, want, gone(f, backers))
	}
	f.bank.fails = map[string]fault{}
	f.block(time.Hour)
	require.Equal(t, 25, gone(f, backers), "they are paid later")
}

// TestKeysOfConsensusDontMatter: everything is keyed by the operator's account. Bonding again under the same account
// finds the same exposure.
func TestKeysOfConsensusDontMatter(t *testing.T) {
	f := newFixture(t)
	op := f.bonded("op", 3_000_000)
	require.NoError(t, f.k.Expose(f.Ctx, op, math.NewInt(3_000_000)))
	_, err := f.k.Slash(f.Ctx, op, 10_000, court)
	require.NoError(t, err)
	f.block(unbonding)
	f.bonded("op", 2_000_000)
	require.Equal(t, "3000000", f.stake(banktest.Address("op")).Exposure.String())
	_, err = f.k.Unbond(f.Ctx, op, math.NewInt(2_000_000))
	require.Error(t, err, "a new pool doesn't free the old exposure")
	f.sound()
}
