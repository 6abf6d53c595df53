package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/escrow/types"
	"github.com/assaychain/assay/x/internal/banktest"
)

func TestPaySplitsAndCloseRefunds(t *testing.T) {
	f := newFixture(t)
	customer, worker := f.opened(1, "customer", 50_000), banktest.Address("worker")
	supply := f.Supply()
	payouts, err := f.k.Pay(f.Ctx, scope, 1, worker, math.NewInt(10_049))
	require.NoError(t, err)
	require.Equal(t, []types.Payout{
		{Recipient: worker.String(), Role: types.RoleRecipient, Amount: coin(9_747)},
		{Role: types.RoleProtocol, Amount: coin(202)},
		{Role: types.RoleBurn, Amount: coin(100)},
	}, payouts, "97%, 2% and 1% of 10,049, each rounded down, and one unit of dust for the pool")
	require.Equal(t, "9747", f.Balance(worker).String())
	require.Equal(t, "202", f.pool().String())
	require.Equal(t, "100", supply.Sub(f.Supply()).String())
	require.Equal(t, "39951", f.account(1).Locked.String())
	f.sound()

	refund, err := f.k.Close(f.Ctx, scope, 1, types.CLOSE_REASON_SETTLED)
	require.NoError(t, err)
	require.Equal(t, "39951", refund.String())
	require.Equal(t, refund, f.Balance(customer))
	_, err = f.k.Account(f.Ctx, scope, 1)
	require.ErrorIs(t, err, types.ErrNoAccount)
	state, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	require.Empty(t, state.Accounts, "a closed account leaves nothing behind")
	f.sound()
}

func TestPayDirectHasNoFee(t *testing.T) {
	f := newFixture(t)
	f.opened(1, "customer", 50_000)
	worker := banktest.Address("worker")
	supply := f.Supply()
	require.NoError(t, f.k.PayDirect(f.Ctx, scope, 1, worker, math.NewInt(777)))
	require.Equal(t, "777", f.Balance(worker).String())
	require.True(t, f.pool().IsZero())
	require.Equal(t, supply, f.Supply())
	require.Equal(t, "777", f.account(1).Paid.String())
	f.sound()
}

func TestPayRefusals(t *testing.T) {
	f := newFixture(t)
	f.opened(1, "customer", 50_000)
	worker := banktest.Address("worker")
	before := f.state()
	pay := func(id uint64, amount math.Int) error {
		_, err := f.k.Pay(f.Ctx, scope, id, worker, amount)
		return err
	}
	closing := func(id uint64, reason types.CloseReason) error {
		_, err := f.k.Close(f.Ctx, scope, id, reason)
		return err
	}
	require.ErrorIs(t, pay(1, math.NewInt(50_001)), types.ErrShort)
	require.ErrorIs(t, pay(2, math.NewInt(1)), types.ErrNoAccount)
	require.ErrorIs(t, pay(1, math.NewInt(-1)), types.ErrAmount)
	require.ErrorIs(t, pay(1, math.Int{}), types.ErrAmount)
	require.ErrorIs(t, f.k.PayDirect(f.Ctx, scope, 1, worker, math.NewInt(50_001)), types.ErrShort)
	require.ErrorIs(t, closing(1, types.CLOSE_REASON_UNSPECIFIED), types.ErrReason)
	require.ErrorIs(t, closing(1, 99), types.ErrReason)
	require.ErrorIs(t, closing(2, types.CLOSE_REASON_SETTLED), types.ErrNoAccount)
	require.NoError(t, pay(1, math.ZeroInt()), "nothing to pay is no failure")
	require.Equal(t, before, f.state())
	f.sound()
}

// TestUnpayableAddressesHoldNothingUp: the community pool gets what can't be delivered, and the job goes on.
func TestUnpayableAddressesHoldNothingUp(t *testing.T) {
	f := newFixture(t)
	blocked := f.Auth.GetModuleAddress(types.ModuleName)
	refused := banktest.Address("refused")
	f.bank.fails[refused.String()] = true
	for i, worker := range []sdk.AccAddress{blocked, refused, nil} {
		id := uint64(i)
		customer := f.opened(id, "customer", 20_000)
		f.bank.fails[customer.String()] = i == 1
		pool, supply := f.pool(), f.Supply()
		payouts, err := f.k.Pay(f.Ctx, scope, id, worker, math.NewInt(10_000))
		require.NoError(t, err)
		require.Equal(t, types.Payout{Role: types.RoleDiverted, Amount: coin(9_700)}, payouts[0])
		require.Equal(t, "9900", f.pool().Sub(pool).String())
		require.Equal(t, "100", supply.Sub(f.Supply()).String())
		_, err = f.k.Close(f.Ctx, scope, id, types.CLOSE_REASON_REFUNDED)
		require.NoError(t, err)
		f.sound()
	}
	require.Equal(t, "20000", f.Balance(banktest.Address("customer")).String(), "two of three could be refunded")
	require.Equal(t, "39700", f.pool().String())
}

// TestCostDoesNotGrowWithSiblings: a payment costs the same gas alone and beside 200 other accounts.
func TestCostDoesNotGrowWithSiblings(t *testing.T) {
	cost := func(siblings uint64) uint64 {
		f := newFixture(t)
		for id := range siblings {
			f.opened(1_000+id, "customer", 50_000)
		}
		f.opened(1, "customer", 50_000)
		worker := f.Fund("worker", 1)
		before := f.Ctx.GasMeter().GasConsumed()
		_, err := f.k.Pay(f.Ctx, scope, 1, worker, math.NewInt(10_000))
		require.NoError(t, err)
		return f.Ctx.GasMeter().GasConsumed() - before
	}
	alone, crowded := cost(0), cost(200)
	require.LessOrEqual(t, crowded, alone+alone/20, "alone %d, crowded %d", alone, crowded)
}

func TestUnsolicitedCoins(t *testing.T) {
	f := newFixture(t)
	customer := f.opened(1, "customer", 50_000)
	module := f.Auth.GetModuleAddress(types.ModuleName)
	require.True(t, f.Bank.BlockedAddr(module))
	f.Mint(module, sdk.NewInt64Coin("dust", 5))
	f.sound()
	f.Mint(module, coin(5))
	require.ErrorContains(t, f.k.Invariants(f.Ctx), "difference 5", "the invariant sees them")
	_, err := f.k.Pay(f.Ctx, scope, 1, banktest.Address("worker"), math.NewInt(50_001))
	require.ErrorIs(t, err, types.ErrShort, "nobody can be paid out of them")
	refund, err := f.k.Close(f.Ctx, scope, 1, types.CLOSE_REASON_REFUNDED)
	require.NoError(t, err)
	require.Equal(t, "50000", refund.String())
	require.Equal(t, refund, f.Balance(customer))
	require.Equal(t, "5", f.ModuleBalance(types.ModuleName).String())
}
