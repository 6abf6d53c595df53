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

// crowd makes n operators that all unbond at once.
func crowd(f *fixture, n int) []sdk.AccAddress {
	f.T.Helper()
	ops := make([]sdk.AccAddress, n)
	for i := range ops {
		ops[i] = f.bonded(fmt.Sprintf("op%d", i), 1_000_000)
		_, err := f.k.Unbond(f.Ctx, ops[i], math.NewInt(1_000_000))
		require.NoError(f.T, err)
	}
	return ops
}

// paid counts the operators that have their stake back.
func paid(f *fixture, ops []sdk.AccAddress) int {
	n := 0
	for _, op := range ops {
		if f.Balance(op).Equal(math.NewInt(1_000_000)) {
			n++
		}
	}
	return n
}

func TestPayoutsAreBounded(t *testing.T) {
	f := newFixture(t)
	ops := crowd(f, 250)
	f.Advance(unbonding)
	for _, want := range []int{100, 200, 250, 250} {
		require.NoError(t, f.k.EndBlock(f.Ctx))
		require.Equal(t, want, paid(f, ops))
		f.sound()
	}
}

// TestHookCostDoesNotGrowWithState: with nothing due, a block costs the same whatever waits.
func TestHookCostDoesNotGrowWithState(t *testing.T) {
	cost := func(operators int) uint64 {
		f := newFixture(t)
		crowd(f, operators)
		before := f.Ctx.GasMeter().GasConsumed()
		require.NoError(t, f.k.EndBlock(f.Ctx))
		return f.Ctx.GasMeter().GasConsumed() - before
	}
	require.Equal(t, cost(1), cost(300))
}

// TestHookCostDoesNotGrowWithAccounts: with the same entries due, a block costs the same whatever else there is.
func TestHookCostDoesNotGrowWithAccounts(t *testing.T) {
	cost := func(accounts int) uint64 {
		f, _ := crowded(t, accounts)
		before := f.Ctx.GasMeter().GasConsumed()
		require.NoError(t, f.k.EndBlock(f.Ctx))
		used := f.Ctx.GasMeter().GasConsumed() - before
		state, err := f.k.ExportGenesis(f.Ctx)
		require.NoError(t, err)
		require.Len(t, state.Entries, accounts-dueNow)
		return used
	}
	few, many := cost(1_000), cost(*backers)
	t.Logf("end of block with %d entries due: %d gas with 1000 accounts, %d with %d: ratio %.4f", dueNow, few, many, *backers, float64(many)/float64(few))
	require.LessOrEqual(t, many*100, few*130)
}

// BenchmarkEndBlock pays the same due entries with few and with many accounts.
func BenchmarkEndBlock(b *testing.B) {
	for _, accounts := range []int{1_000, *backers} {
		b.Run(fmt.Sprintf("accounts=%d", accounts), func(b *testing.B) {
			f, _ := crowded(b, accounts)
			b.ResetTimer()
			for range b.N {
				cached, _ := f.Ctx.CacheContext()
				require.NoError(b, f.k.EndBlock(cached))
			}
		})
	}
}

func TestFailingPayoutsStopNobody(t *testing.T) {
	for name, how := range map[string]fault{"error": failError, "panic": failPanic} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			ops := crowd(f, 230)
			for _, op := range ops[:120] {
				f.bank.fails[op.String()] = how
			}
			f.Advance(unbonding)
			for _, want := range []int{0, 80, 110} {
				require.NoError(t, f.k.EndBlock(f.Ctx))
				require.Equal(t, want, paid(f, ops), "failed payouts must not stay at the head of the queue")
				f.sound()
			}
			f.bank.fails = map[string]fault{}
			f.Advance(time.Hour)
			for _, want := range []int{210, 230} {
				require.NoError(t, f.k.EndBlock(f.Ctx))
				require.Equal(t, want, paid(f, ops), "they are paid later")
				f.sound()
			}
		})
	}
}

// TestUnsolicitedCoins: coins can't be sent to the module's account; where they get there all the same, nothing stops.
func TestUnsolicitedCoins(t *testing.T) {
	f := newFixture(t)
	ops := crowd(f, 3)
	account := f.Auth.GetModuleAddress("bond")
	require.True(t, f.Bank.BlockedAddr(account))
	before := f.Ctx.GasMeter().GasConsumed()
	require.NoError(t, f.k.EndBlock(f.Ctx))
	cost := f.Ctx.GasMeter().GasConsumed() - before

	for i := range 1_000 {
		f.Mint(account, sdk.NewInt64Coin(fmt.Sprintf("dust%d", i), 1))
	}
	f.sound()
	before = f.Ctx.GasMeter().GasConsumed()
	require.NoError(t, f.k.EndBlock(f.Ctx))
	require.Equal(t, cost, f.Ctx.GasMeter().GasConsumed()-before, "foreign coins cost nothing")

	f.Mint(account, sdk.NewInt64Coin(banktest.Denom, 1))
	require.ErrorContains(t, f.k.Invariants(f.Ctx), "difference 1", "the invariant sees them")
	f.Advance(unbonding)
	require.NoError(t, f.k.EndBlock(f.Ctx))
	require.Equal(t, 3, paid(f, ops))
	require.Equal(t, "1", f.ModuleBalance("bond").String())
}
