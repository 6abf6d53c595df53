package keeper_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/assaychain/assay/x/bond/types"
	"github.com/assaychain/assay/x/internal/banktest"
)

func TestBackUnbackAndPayout(t *testing.T) {
	f := newFixture(t)
	op := f.bonded("op", 5_000_000)
	backer := f.Fund("backer", 10_000_000)
	res, err := f.msg.Back(f.Ctx, &types.MsgBack{Backer: backer.String(), Operator: op.String(), Amount: math.NewInt(8_000_000)})
	require.NoError(t, err)
	require.Equal(t, "8000000", res.Backing.String())
	bonded, err := f.k.Bonded(f.Ctx, op)
	require.NoError(t, err)
	require.Equal(t, "13000000", bonded.String(), "backing counts for the operator")
	f.sound()

	out, err := f.msg.Unback(f.Ctx, &types.MsgUnback{Backer: backer.String(), Operator: op.String(), Amount: math.NewInt(3_000_000)})
	require.NoError(t, err)
	require.Equal(t, f.Ctx.BlockTime().Add(unbonding), out.CompletesAt)
	require.EqualValues(t, 5_000_000, f.worth(backer, op))
	require.Equal(t, "3000000", f.stake(op).Unbonding.String(), "it can be slashed at the operator until it is paid")
	f.block(unbonding - time.Nanosecond)
	require.Equal(t, "2000000", f.Balance(backer).String())
	f.block(time.Nanosecond)
	require.Equal(t, "5000000", f.Balance(backer).String())

	_, err = f.k.Unback(f.Ctx, backer, op, math.NewInt(5_000_000))
	require.NoError(t, err)
	backings, err := f.k.BackingsOf(f.Ctx, backer)
	require.NoError(t, err)
	require.Empty(t, backings, "a backing without shares is forgotten")
	f.block(unbonding)
	require.Equal(t, "10000000", f.Balance(backer).String())
	require.EqualValues(t, 5_000_000, f.worth(op, op))
}

func TestCancelUnbacking(t *testing.T) {
	f := newFixture(t)
	op := f.bonded("op", 1_000_000)
	backer := f.backed("backer", op, 10_000_000)
	entry, err := f.k.Unback(f.Ctx, backer, op, math.NewInt(10_000_000))
	require.NoError(t, err)
	_, err = f.msg.CancelUnbacking(f.Ctx, &types.MsgCancelUnbacking{Backer: op.String(), EntryId: entry.Id})
	require.ErrorIs(t, err, types.ErrNoEntry, "only the owner cancels it")

	// Somebody else took the room behind the operator meanwhile.
	other := f.backed("other", op, 10_000_000)
	before := f.state()
	_, err = f.msg.CancelUnbacking(f.Ctx, &types.MsgCancelUnbacking{Backer: backer.String(), EntryId: entry.Id})
	require.ErrorIs(t, err, types.ErrBacking)
	require.Equal(t, before, f.state())
	_, err = f.k.Unback(f.Ctx, other, op, math.NewInt(10_000_000))
	require.NoError(t, err)
	res, err := f.msg.CancelUnbacking(f.Ctx, &types.MsgCancelUnbacking{Backer: backer.String(), EntryId: entry.Id})
	require.NoError(t, err)
	require.Equal(t, "11000000", res.Bonded.String())
	require.EqualValues(t, 10_000_000, f.worth(backer, op))
	f.block(unbonding)
	require.True(t, f.Balance(backer).IsZero(), "a cancelled entry is not paid")
}

func TestMoveBacking(t *testing.T) {
	f := newFixture(t)
	from, to := f.bonded("from", 5_000_000), f.bonded("to", 5_000_000)
	backer := f.backed("backer", from, 4_000_000)
	res, err := f.msg.MoveBacking(f.Ctx, &types.MsgMoveBacking{Backer: backer.String(), Source: from.String(), Destination: to.String(), Amount: math.NewInt(4_000_000)})
	require.NoError(t, err)
	require.Equal(t, f.Ctx.BlockTime().Add(unbonding), res.CompletesAt)
	require.Equal(t, "5000000", f.stake(from).Bonded.String(), "it backs nothing while it moves")
	require.Equal(t, "5000000", f.stake(to).Bonded.String())
	require.Equal(t, "4000000", f.stake(from).Unbonding.String())

	// A slash of the source reaches it, one of the destination doesn't.
	_, err = f.k.Slash(f.Ctx, from, 1_000, court)
	require.NoError(t, err)
	_, err = f.k.Slash(f.Ctx, to, 5_000, court)
	require.NoError(t, err)
	f.block(unbonding)
	require.True(t, f.Balance(backer).IsZero())
	require.EqualValues(t, 3_600_000, f.worth(backer, to))
	require.Equal(t, "6100000", f.stake(to).Bonded.String())
	require.True(t, f.stake(from).Unbonding.IsZero())
	entries, err := f.query.Unbonding(f.Ctx, &types.QueryUnbondingRequest{Operator: backer.String()})
	require.NoError(t, err)
	require.Empty(t, entries.Entries)
}

// TestMovedStakeIsPaidWhereItCannotBeBonded: moved stake whose destination can't take it goes to its owner.
func TestMovedStakeIsPaidWhereItCannotBeBonded(t *testing.T) {
	ways := map[string]func(f *fixture, backer, to sdk.AccAddress){
		"destination left": func(f *fixture, _, to sdk.AccAddress) {
			_, err := f.k.Unbond(f.Ctx, to, math.NewInt(5_000_000))
			require.NoError(f.T, err)
		},
		"destination slashed to nothing": func(f *fixture, _, to sdk.AccAddress) {
			f.Advance(unbonding / 2)
			_, err := f.k.Slash(f.Ctx, to, 10_000, court)
			require.NoError(f.T, err)
		},
		"destination is full": func(f *fixture, _, to sdk.AccAddress) { f.backed("other", to, 49_000_000) },
		"backer is full": func(f *fixture, backer, _ sdk.AccAddress) {
			params, err := f.k.Params(f.Ctx)
			require.NoError(f.T, err)
			params.MaxBackings = 1
			require.NoError(f.T, f.k.SetParams(f.Ctx, params))
		},
	}
	for name, spoil := range ways {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			from, to := f.bonded("from", 5_000_000), f.bonded("to", 5_000_000)
			backer := f.backed("backer", from, 4_000_000)
			_, err := f.k.MoveBacking(f.Ctx, backer, from, to, math.NewInt(3_000_000))
			require.NoError(t, err)
			spoil(f, backer, to)
			f.block(unbonding)
			require.Equal(t, "3000000", f.Balance(backer).String())
			require.Zero(t, f.worth(backer, to))
		})
	}
}

func TestBackingRefusals(t *testing.T) {
	f := newFixture(t)
	op, other := f.bonded("op", 1_000_000), f.bonded("other", 1_000_000)
	backer := f.backed("backer", op, 5_000_000)
	f.Fund("backer", 20_000_000)
	nobody := f.Fund("nobody", 20_000_000)
	back := func(who, behind sdk.AccAddress, amount int64) error {
		_, err := f.msg.Back(f.Ctx, &types.MsgBack{Backer: who.String(), Operator: behind.String(), Amount: math.NewInt(amount)})
		return err
	}
	unback := func(who, behind sdk.AccAddress, amount int64) error {
		_, err := f.msg.Unback(f.Ctx, &types.MsgUnback{Backer: who.String(), Operator: behind.String(), Amount: math.NewInt(amount)})
		return err
	}
	move := func(who, from, to sdk.AccAddress, amount int64) error {
		_, err := f.msg.MoveBacking(f.Ctx, &types.MsgMoveBacking{Backer: who.String(), Source: from.String(), Destination: to.String(), Amount: math.NewInt(amount)})
		return err
	}
	before := f.state()
	for name, c := range map[string]struct {
		err  error
		want error
	}{
		"below minimum":              {back(backer, op, 999_999), types.ErrAmount},
		"zero":                       {back(backer, op, 0), types.ErrAmount},
		"oneself":                    {back(op, op, 1_000_000), types.ErrBacking},
		"operator without stake":     {back(backer, nobody, 1_000_000), types.ErrBacking},
		"more than the multiple":     {back(backer, op, 5_000_001), types.ErrBacking},
		"a module account":           {back(f.Auth.GetModuleAddress(types.ModuleName), op, 1_000_000), types.ErrBlocked},
		"unback oneself":             {unback(op, op, 1_000_000), types.ErrBacking},
		"unback more than there is":  {unback(backer, op, 5_000_001), types.ErrLocked},
		"unback of nothing":          {unback(nobody, op, 1_000_000), types.ErrLocked},
		"unback below minimum":       {unback(backer, op, 999_999), types.ErrAmount},
		"move to where it is":        {move(backer, op, op, 1_000_000), types.ErrBacking},
		"move own stake":             {move(op, op, other, 1_000_000), types.ErrBacking},
		"move to nobody":             {move(backer, op, nobody, 1_000_000), types.ErrNoPool},
		"move more than there is":    {move(backer, op, other, 5_000_001), types.ErrLocked},
		"cancel what isn't there":    {func() error { _, err := f.k.CancelUnbonding(f.Ctx, backer, 77); return err }(), types.ErrNoEntry},
		"withdraw of nothing":        {func() error { _, err := f.k.WithdrawRewards(f.Ctx, nobody, op); return err }(), types.ErrBacking},
		"commission without a stake": {f.k.SetCommission(f.Ctx, nobody, 1_000), types.ErrNoPool},
	} {
		require.ErrorIs(t, c.err, c.want, name)
	}
	require.Equal(t, before, f.state())
	require.Equal(t, "20000000", f.Balance(backer).String())
	f.sound()
}

func TestBackingsAreLimited(t *testing.T) {
	f := newFixture(t)
	params := types.DefaultParams()
	params.MaxBackings = 3
	require.NoError(t, f.k.SetParams(f.Ctx, params))
	backer := f.Fund("backer", 100_000_000)
	ops := make([]sdk.AccAddress, 4)
	for i := range ops {
		ops[i] = f.bonded(fmt.Sprintf("op%d", i), 1_000_000)
	}
	for _, op := range ops[:3] {
		_, err := f.k.Back(f.Ctx, backer, op, math.NewInt(1_000_000))
		require.NoError(t, err)
	}
	_, err := f.k.Back(f.Ctx, backer, ops[3], math.NewInt(1_000_000))
	require.ErrorIs(t, err, types.ErrBackings)
	_, err = f.k.Bond(f.Ctx, backer, math.NewInt(1_000_000))
	require.ErrorIs(t, err, types.ErrBackings, "own stake counts too")
	_, err = f.k.Back(f.Ctx, backer, ops[2], math.NewInt(1_000_000))
	require.NoError(t, err, "more behind the same operator is no new backing")
	_, err = f.k.Unback(f.Ctx, backer, ops[0], math.NewInt(1_000_000))
	require.NoError(t, err)
	_, err = f.k.Back(f.Ctx, backer, ops[3], math.NewInt(1_000_000))
	require.NoError(t, err)
	f.sound()
}

// TestBackersLeaveWhileTheOperatorStays: backers may begin to leave below the floor, the operator may not.
func TestBackersLeaveWhileTheOperatorStays(t *testing.T) {
	f := newFixture(t)
	op := f.bonded("op", 2_000_000)
	backer := f.backed("backer", op, 8_000_000)
	require.NoError(t, f.k.SetRequirement(f.Ctx, op, math.NewInt(9_000_000)))
	_, err := f.k.Unbond(f.Ctx, op, math.NewInt(2_000_000))
	require.ErrorIs(t, err, types.ErrLocked)
	_, err = f.k.Unback(f.Ctx, backer, op, math.NewInt(8_000_000))
	require.NoError(t, err)
	_, err = f.k.Unbond(f.Ctx, op, math.NewInt(1_000_000))
	require.ErrorIs(t, err, types.ErrLocked, "backers who leave don't let the operator go below its requirement")
	f.block(unbonding)
	require.Equal(t, "8000000", f.Balance(backer).String(), "the requirement doesn't hold backers, only exposure does")
}

func TestBackersArePaged(t *testing.T) {
	f := newFixture(t)
	op := f.bonded("op", 1_000_000)
	for i := range 4 {
		f.backed(fmt.Sprintf("backer%d", i), op, 1_000_000)
	}
	f.backed("elsewhere", f.bonded("other", 1_000_000), 1_000_000)
	seen := map[string]bool{}
	page := &query.PageRequest{Limit: 2}
	for range 3 {
		res, err := f.query.Backers(f.Ctx, &types.QueryBackersRequest{Operator: op.String(), Pagination: page})
		require.NoError(t, err)
		for _, b := range res.Backings {
			require.Equal(t, "1000000", b.Amount.String())
			require.Equal(t, op.String(), b.Operator)
			seen[b.Backer] = true
		}
		page = &query.PageRequest{Limit: 2, Key: res.Pagination.NextKey}
	}
	require.Len(t, seen, 5, "the operator's own stake among them")
	pool, err := f.query.Pool(f.Ctx, &types.QueryPoolRequest{Operator: op.String()})
	require.NoError(t, err)
	require.Equal(t, "5000000", pool.Pool.Tokens.String())
	total, err := f.k.TotalBonded(f.Ctx)
	require.NoError(t, err)
	require.Equal(t, "7000000", total.String())
	for _, bad := range []func() error{
		func() error { _, err := f.query.Backers(f.Ctx, &types.QueryBackersRequest{Operator: "x"}); return err },
		func() error { _, err := f.query.Backings(f.Ctx, &types.QueryBackingsRequest{Backer: "x"}); return err },
		func() error {
			_, err := f.query.Rewards(f.Ctx, &types.QueryRewardsRequest{Operator: op.String(), Backer: "x"})
			return err
		},
	} {
		require.Error(t, bad())
	}
}

// TestOwnStakeIsABacking: what others read of an operator and of a backer has the same shape.
func TestOwnStakeIsABacking(t *testing.T) {
	f := newFixture(t)
	op := f.bonded("op", 3_000_000)
	f.backed("op", f.bonded("other", 1_000_000), 2_000_000)
	backings, err := f.k.BackingsOf(f.Ctx, op)
	require.NoError(t, err)
	require.Len(t, backings, 2)
	require.EqualValues(t, 3_000_000, f.worth(op, op))
	require.EqualValues(t, 2_000_000, f.worth(op, banktest.Address("other")))
}
