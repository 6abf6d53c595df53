package keeper_test

import (
	"flag"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/bond/types"
	"github.com/assaychain/assay/x/internal/banktest"
)

func TestSlashReachesUnbondingStake(t *testing.T) {
	f := newFixture(t)
	op, other := f.bonded("op", 10_000_001), f.bonded("other", 1_000_000)
	for _, amount := range []int64{1_000_000, 2_000_003} {
		_, err := f.k.Unbond(f.Ctx, op, math.NewInt(amount))
		require.NoError(t, err)
	}
	supply := f.Supply()
	slashed, err := f.k.Slash(f.Ctx, op, 1_000, court)
	require.NoError(t, err)
	require.Equal(t, "1000001", slashed.String(), "a tenth of 10,000,001, rounded up")
	require.Equal(t, slashed, f.ModuleBalance(court))
	s := f.stake(op)
	require.Equal(t, "9000000", s.Bonded.Add(s.Unbonding).String())
	require.Equal(t, "1000000", f.stake(other).Bonded.String(), "nobody else pays")
	require.Equal(t, supply, f.Supply())
	f.sound()

	f.Advance(unbonding)
	require.NoError(t, f.k.EndBlock(f.Ctx))
	require.Equal(t, "2700002", f.Balance(op).String(), "entries are paid after the slash")
	f.sound()
}

func TestSlashOfEverything(t *testing.T) {
	f := newFixture(t)
	op := f.bonded("op", 5_000_000)
	_, err := f.k.Unbond(f.Ctx, op, math.NewInt(1_000_000))
	require.NoError(t, err)
	slashed, err := f.k.Slash(f.Ctx, op, 10_000, court)
	require.NoError(t, err)
	require.Equal(t, "5000000", slashed.String())
	f.block(unbonding)
	require.True(t, f.Balance(op).IsZero())
	state, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	require.Empty(t, state.Entries, "an entry that is worth nothing goes when its time comes")
}

func TestSlashBelowExposureLocksTheRest(t *testing.T) {
	f := newFixture(t)
	op := f.bonded("op", 10_000_000)
	require.NoError(t, f.k.Expose(f.Ctx, op, math.NewInt(9_000_000)))
	require.NoError(t, f.k.SetRequirement(f.Ctx, op, math.NewInt(8_000_000)))
	_, err := f.k.Slash(f.Ctx, op, 5_000, court)
	require.NoError(t, err)
	headroom, err := f.k.Headroom(f.Ctx, op)
	require.NoError(t, err)
	require.True(t, headroom.IsZero())
	_, err = f.k.Unbond(f.Ctx, op, math.NewInt(1_000_000))
	require.ErrorIs(t, err, types.ErrLocked)
	_, err = f.k.Unbond(f.Ctx, op, math.NewInt(5_000_000))
	require.ErrorIs(t, err, types.ErrLocked, "not even everything")
	require.ErrorIs(t, f.k.Expose(f.Ctx, op, math.OneInt()), types.ErrExposure)
	require.NoError(t, f.k.Expose(f.Ctx, op, math.ZeroInt()))
	require.NoError(t, f.k.SetRequirement(f.Ctx, op, math.NewInt(7_000_000)), "devices can be retired one by one")
	require.NoError(t, f.k.Release(f.Ctx, op, math.NewInt(9_000_000)), "jobs can end")
	f.sound()
}

func TestSlashRefusesMoreThanTheWhole(t *testing.T) {
	f := newFixture(t)
	op := f.bonded("op", 1_000_000)
	before := f.state()
	_, err := f.k.Slash(f.Ctx, op, 10_001, court)
	require.ErrorIs(t, err, types.ErrFraction)
	require.Equal(t, before, f.state())
}

// TestRunningFromASlash tries the ways out: whatever the operator does before the slash, it loses the same share.
func TestRunningFromASlash(t *testing.T) {
	ways := map[string]func(*fixture){
		"stays": func(*fixture) {},
		"unbonds all it can": func(f *fixture) {
			_, err := f.k.Unbond(f.Ctx, f.Fund("op", 1), math.NewInt(6_000_000))
			require.NoError(f.T, err)
		},
		"unbonds in many pieces": func(f *fixture) {
			for range 6 {
				_, err := f.k.Unbond(f.Ctx, f.Fund("op", 1), math.NewInt(1_000_000))
				require.NoError(f.T, err)
				f.Advance(time.Second)
			}
		},
		"unbonds and waits to the last second": func(f *fixture) {
			_, err := f.k.Unbond(f.Ctx, f.Fund("op", 1), math.NewInt(6_000_000))
			require.NoError(f.T, err)
			f.Advance(unbonding - time.Second)
			require.NoError(f.T, f.k.EndBlock(f.Ctx))
		},
		"unbonds and cancels": func(f *fixture) {
			op := f.Fund("op", 1)
			entry, err := f.k.Unbond(f.Ctx, op, math.NewInt(6_000_000))
			require.NoError(f.T, err)
			_, err = f.k.CancelUnbonding(f.Ctx, op, entry.Id)
			require.NoError(f.T, err)
		},
	}
	for name, run := range ways {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			op := f.bonded("op", 10_000_000)
			require.NoError(t, f.k.Expose(f.Ctx, op, math.NewInt(4_000_000)))
			run(f)
			slashed, err := f.k.Slash(f.Ctx, op, 2_000, court)
			require.NoError(t, err)
			require.Equal(t, "2000000", slashed.String())
			f.sound()
		})
	}
}

var backers = flag.Int("backers", 2_000, "backers and accounts in the tests of costs")

// dueNow is the number of entries that are due at once on a crowded chain.
const dueNow = 50

// crowded is a chain where one operator has its own stake and many backers, all of whom are leaving a part, a few of them
// now; written as a genesis state, with the same total for any number.
func crowded(t testing.TB, count int) (*fixture, sdk.AccAddress) {
	t.Helper()
	f := newEmptyFixture(t)
	op := banktest.Address("op")
	const total, unit = 200_000_000_000, 1_000_000_000
	state := types.DefaultGenesis()
	pool := types.NewPool(op.String())
	pool.Generation, pool.UnbondingGeneration = 1, 2
	pool.Tokens, pool.Shares = math.NewInt(2*total), math.NewInt(2*total).MulRaw(unit)
	pool.UnbondingTokens, pool.UnbondingShares = math.NewInt(total), math.NewInt(total).MulRaw(unit)
	state.NextGeneration, state.NextEntryId = 3, uint64(count)+1
	state.Pools = append(state.Pools, pool)
	add := func(who sdk.AccAddress, amount int64) {
		state.Backings = append(state.Backings, types.Backing{
			Backer: who.String(), Operator: op.String(), Shares: math.NewInt(amount).MulRaw(unit), Generation: 1,
			RewardsPerShare: math.ZeroInt(), Amount: math.NewInt(amount),
		})
	}
	add(op, total)
	for i := range count {
		amount := int64(total / count)
		if i == 0 {
			amount += int64(total % count)
		}
		who := banktest.Address(fmt.Sprintf("backer%d", i))
		add(who, amount)
		completes := f.Ctx.BlockTime()
		if i >= dueNow {
			completes = completes.Add(unbonding)
		}
		state.Entries = append(state.Entries, types.UnbondingEntry{
			Id: uint64(i) + 1, Operator: op.String(), Backer: who.String(), Amount: math.NewInt(amount), Shares: math.NewInt(amount).MulRaw(unit),
			Generation: 2, CompletesAt: completes,
		})
	}
	f.Mint(f.Auth.GetModuleAddress(types.ModuleName), sdk.NewInt64Coin(banktest.Denom, 3*total))
	require.NoError(t, f.k.InitGenesis(f.Ctx, state))
	return f, op
}

// TestSlashCostsTheSameForAnyNumberOfBackers measures the gas of a slash, of rewards and of a restored slash with one
// backer and with many, each of them with an unbonding entry too.
func TestSlashCostsTheSameForAnyNumberOfBackers(t *testing.T) {
	costs := func(count int) map[string]uint64 {
		f, op := crowded(t, count)
		f.Mint(f.Auth.GetModuleAddress(purse), sdk.NewInt64Coin(banktest.Denom, 1_000_000))
		used := map[string]uint64{}
		measure := func(name string, do func() error) {
			before := f.Ctx.GasMeter().GasConsumed()
			require.NoError(t, do())
			used[name] = f.Ctx.GasMeter().GasConsumed() - before
		}
		measure("slash", func() error { _, err := f.k.Slash(f.Ctx, op, 1_000, court); return err })
		measure("rewards", func() error { return f.k.AddRewards(f.Ctx, op, sdk.NewInt64Coin(banktest.Denom, 1_000_000), purse) })
		measure("restore", func() error { return f.k.Restore(f.Ctx, op, math.NewInt(1_000_000_000), court) })
		return used
	}
	one, many := costs(1), costs(*backers)
	for _, verb := range []string{"slash", "rewards", "restore"} {
		t.Logf("%s: %d gas with 1 backer, %d with %d: ratio %.4f", verb, one[verb], many[verb], *backers, float64(many[verb])/float64(one[verb]))
		require.LessOrEqual(t, many[verb]*100, one[verb]*105, verb)
	}
}

// TestSlashReachesBackersAlike: own stake, backing, and everything that leaves or moves lose the same proportion.
func TestSlashReachesBackersAlike(t *testing.T) {
	f := newFixture(t)
	op, other := f.bonded("op", 10_000_000), f.bonded("other", 10_000_000)
	a, b := f.backed("a", op, 20_000_000), f.backed("b", op, 30_000_000)
	_, err := f.k.Unback(f.Ctx, a, op, math.NewInt(10_000_000))
	require.NoError(t, err)
	_, err = f.k.MoveBacking(f.Ctx, b, op, other, math.NewInt(20_000_000))
	require.NoError(t, err)
	slashed, err := f.k.Slash(f.Ctx, op, 2_500, court)
	require.NoError(t, err)
	require.Equal(t, "15000000", slashed.String())
	require.EqualValues(t, 7_500_000, f.worth(op, op))
	require.EqualValues(t, 7_500_000, f.worth(a, op))
	require.EqualValues(t, 7_500_000, f.worth(b, op))
	f.block(unbonding)
	require.Equal(t, "7500000", f.Balance(a).String())
	require.EqualValues(t, 15_000_000, f.worth(b, other))
	require.EqualValues(t, 10_000_000, f.worth(other, other), "nobody else pays")
}

// TestNewcomersDontPayForOldSlashes: stake that comes after a slash is worth what was paid for it.
func TestNewcomersDontPayForOldSlashes(t *testing.T) {
	f := newFixture(t)
	op := f.bonded("op", 10_000_000)
	_, err := f.k.Slash(f.Ctx, op, 3_333, court)
	require.NoError(t, err)
	backer := f.backed("backer", op, 5_000_000)
	require.InDelta(t, 5_000_000, f.worth(backer, op), 1)
	require.EqualValues(t, 6_667_000, f.worth(op, op))
	f.sound()
}

// TestRestore: a slash that is reversed gives everybody back what it took, those who are leaving too.
func TestRestore(t *testing.T) {
	f := newFixture(t)
	op := f.bonded("op", 10_000_000)
	a := f.backed("a", op, 30_000_000)
	_, err := f.k.Unback(f.Ctx, a, op, math.NewInt(10_000_000))
	require.NoError(t, err)
	for _, bps := range []uint32{2_500, 10_000} {
		slashed, err := f.k.Slash(f.Ctx, op, bps, court)
		require.NoError(t, err)
		f.sound()
		require.NoError(t, f.k.Restore(f.Ctx, op, slashed, court))
		f.sound()
		require.EqualValues(t, 10_000_000, f.worth(op, op), "%d", bps)
		require.EqualValues(t, 20_000_000, f.worth(a, op), "%d", bps)
		require.Equal(t, "10000000", f.stake(op).Unbonding.String(), "%d", bps)
	}
	f.backed("a", op, 1_000_000)
	f.block(unbonding)
	require.Equal(t, "10000000", f.Balance(a).String())

	before := f.state()
	require.ErrorIs(t, f.k.Restore(f.Ctx, op, math.ZeroInt(), court), types.ErrAmount)
	require.ErrorContains(t, f.k.Restore(f.Ctx, op, math.OneInt(), court), "insufficient")
	require.Equal(t, before, f.state())
}

// TestRestoreWithoutShares: when everybody is gone, the operator gets it.
func TestRestoreWithoutShares(t *testing.T) {
	f := newFixture(t)
	op := f.bonded("op", 4_000_000)
	slashed, err := f.k.Slash(f.Ctx, op, 2_500, court)
	require.NoError(t, err)
	_, err = f.k.Unbond(f.Ctx, op, math.NewInt(3_000_000))
	require.NoError(t, err)
	f.block(unbonding)
	require.NoError(t, f.k.Restore(f.Ctx, op, slashed, court))
	require.Equal(t, "4000000", f.Balance(op).String())
	f.sound()
}

// TestNobodySlipsInBeforeAnAppeal: a pool that was slashed to nothing can't be joined for an unbonding time, so that a
// restored slash goes to those who lost it. After that a new pool begins and old shares have no part in it.
func TestNobodySlipsInBeforeAnAppeal(t *testing.T) {
	f := newFixture(t)
	op := f.bonded("op", 2_000_000)
	backer := f.backed("backer", op, 8_000_000)
	slashed, err := f.k.Slash(f.Ctx, op, 10_000, court)
	require.NoError(t, err)
	f.Fund("op", 2_000_000)
	f.block(unbonding - time.Second)
	before := f.state()
	_, err = f.k.Bond(f.Ctx, op, math.NewInt(1_000_000))
	require.ErrorIs(t, err, types.ErrVoid)
	_, err = f.k.Back(f.Ctx, f.Fund("other", 1_000_000), op, math.NewInt(1_000_000))
	require.ErrorIs(t, err, types.ErrVoid)
	require.Equal(t, before, f.state())

	restored, _ := f.Ctx.CacheContext() // Never written: the appeal fails instead.
	require.NoError(t, f.k.Restore(restored, op, slashed, court))
	_, err = f.k.Bond(restored, op, math.NewInt(1_000_000))
	require.NoError(t, err, "a restored pool is a pool like any other")
	backings, err := f.k.BackingsOf(restored, backer)
	require.NoError(t, err)
	require.Equal(t, "8000000", backings[0].Amount.String())

	f.block(time.Second)
	_, err = f.k.Back(f.Ctx, banktest.Address("other"), op, math.NewInt(1_000_000))
	require.ErrorIs(t, err, types.ErrBacking, "what the operator had before is no stake of its own")
	_, err = f.k.Bond(f.Ctx, op, math.NewInt(1_000_000))
	require.NoError(t, err)
	require.EqualValues(t, 1_000_000, f.worth(op, op))
	require.Zero(t, f.worth(backer, op))
	_, err = f.k.Unback(f.Ctx, backer, op, math.NewInt(1_000_000))
	require.ErrorIs(t, err, types.ErrLocked, "old shares are worth nothing")
	require.NoError(t, f.k.Restore(f.Ctx, op, math.NewInt(500_000), court))
	require.EqualValues(t, 1_500_000, f.worth(op, op))
	f.sound()
}

// TestUnbondingAfterEntriesWereSlashedToNothing: what leaves later is no part of what was lost.
func TestUnbondingAfterEntriesWereSlashedToNothing(t *testing.T) {
	f := newFixture(t)
	op := f.bonded("op", 3_000_000)
	_, err := f.k.Unbond(f.Ctx, op, math.NewInt(1_000_000))
	require.NoError(t, err)
	_, err = f.k.Slash(f.Ctx, op, 10_000, court)
	require.NoError(t, err)
	require.NoError(t, f.k.Restore(f.Ctx, op, math.NewInt(1_500_000), court))
	require.Equal(t, "1000000", f.stake(op).Bonded.String())
	_, err = f.k.CancelUnbonding(f.Ctx, op, 1)
	require.NoError(t, err)
	require.EqualValues(t, 1_500_000, f.worth(op, op), "a restored entry can be bonded again")
	f.sound()
}
