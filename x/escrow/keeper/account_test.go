package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/escrow/types"
	"github.com/assaychain/assay/x/internal/banktest"
)

func TestOpenLocksTheDeposit(t *testing.T) {
	f := newFixture(t)
	customer := f.opened(7, "customer", 50_000)
	account := f.account(7)
	require.Equal(t, types.Account{
		Scope: scope, Id: 7, Depositor: customer.String(), Denom: banktest.Denom,
		Balance: math.NewInt(50_000), Locked: math.NewInt(50_000), Paid: math.ZeroInt(),
	}, account)
	require.True(t, f.Balance(customer).IsZero())
	f.sound()
	_, err := f.msg.Withdraw(f.Ctx, &types.MsgWithdraw{Depositor: customer.String(), Scope: scope, Id: 7, Amount: coin(1)})
	require.ErrorIs(t, err, types.ErrLocked)
}

func TestOpenRefusals(t *testing.T) {
	f := newFixture(t)
	customer := f.opened(1, "customer", 50_000)
	f.Fund("customer", 50_000)
	f.Mint(customer, sdk.NewInt64Coin("dust", 50_000))
	open := func(scope string, id uint64, from sdk.AccAddress, amount sdk.Coin) error {
		return f.k.Open(f.Ctx, scope, id, from, amount)
	}
	before := f.state()
	cases := []struct {
		name string
		err  error
		want error
	}{
		{"open already", open(scope, 1, customer, coin(50_000)), types.ErrExists},
		{"below minimum", open(scope, 2, customer, coin(999)), types.ErrAmount},
		{"zero", open(scope, 2, customer, coin(0)), types.ErrAmount},
		{"negative", open(scope, 2, customer, coin(-5_000)), types.ErrAmount},
		{"amount missing", open(scope, 2, customer, sdk.Coin{Denom: banktest.Denom}), types.ErrAmount},
		{"other denomination", open(scope, 2, customer, sdk.NewInt64Coin("dust", 5_000)), types.ErrDenom},
		{"no scope", open("", 2, customer, coin(5_000)), types.ErrScope},
		{"odd scope", open("mar\x00ket", 2, customer, coin(5_000)), types.ErrScope},
		{"long scope", open("abcdefghijklmnopqrstuvwxyzabcdefg", 2, customer, coin(5_000)), types.ErrScope},
		{"digit first", open("1market", 2, customer, coin(5_000)), types.ErrScope},
		{"blocked depositor", open(scope, 2, f.Auth.GetModuleAddress(types.ModuleName), coin(5_000)), types.ErrBlocked},
	}
	for _, c := range cases {
		require.ErrorIs(t, c.err, c.want, c.name)
	}
	require.ErrorContains(t, open(scope, 2, customer, coin(50_001)), "insufficient funds")
	require.Equal(t, before, f.state())
	require.Equal(t, "50000", f.Balance(customer).String())
	f.sound()
}

func TestDepositAndWithdraw(t *testing.T) {
	f := newFixture(t)
	customer := f.opened(1, "customer", 50_000)
	f.Fund("customer", 10_000)
	in, err := f.msg.Deposit(f.Ctx, &types.MsgDeposit{Depositor: customer.String(), Scope: scope, Id: 1, Amount: coin(10_000)})
	require.NoError(t, err)
	require.Equal(t, coin(60_000), in.Balance)
	require.Equal(t, "50000", f.account(1).Locked.String())
	out, err := f.msg.Withdraw(f.Ctx, &types.MsgWithdraw{Depositor: customer.String(), Scope: scope, Id: 1, Amount: coin(4_000)})
	require.NoError(t, err)
	require.Equal(t, coin(56_000), out.Balance)
	require.Equal(t, "4000", f.Balance(customer).String())
	_, err = f.msg.Withdraw(f.Ctx, &types.MsgWithdraw{Depositor: customer.String(), Scope: scope, Id: 1, Amount: coin(6_001)})
	require.ErrorIs(t, err, types.ErrLocked)
	f.sound()
}

func TestMoveRefusals(t *testing.T) {
	f := newFixture(t)
	customer := f.opened(1, "customer", 50_000)
	f.Fund("customer", 50_000)
	other := f.Fund("other", 50_000)
	f.Mint(customer, sdk.NewInt64Coin("dust", 50_000))
	_, err := f.k.Deposit(f.Ctx, scope, 1, customer, coin(5_000))
	require.NoError(t, err)
	before := f.state()
	deposit := func(who sdk.AccAddress, scope string, id uint64, amount sdk.Coin) error {
		_, err := f.msg.Deposit(f.Ctx, &types.MsgDeposit{Depositor: who.String(), Scope: scope, Id: id, Amount: amount})
		return err
	}
	withdraw := func(who sdk.AccAddress, scope string, id uint64, amount sdk.Coin) error {
		_, err := f.msg.Withdraw(f.Ctx, &types.MsgWithdraw{Depositor: who.String(), Scope: scope, Id: id, Amount: amount})
		return err
	}
	cases := []struct {
		name string
		err  error
		want error
	}{
		{"deposit of another", deposit(other, scope, 1, coin(5_000)), types.ErrNotDepositor},
		{"withdrawal of another", withdraw(other, scope, 1, coin(5_000)), types.ErrNotDepositor},
		{"deposit to no account", deposit(customer, scope, 2, coin(5_000)), types.ErrNoAccount},
		{"deposit to other scope", deposit(customer, "leases", 1, coin(5_000)), types.ErrNoAccount},
		{"withdrawal from no account", withdraw(customer, scope, 2, coin(5_000)), types.ErrNoAccount},
		{"deposit below minimum", deposit(customer, scope, 1, coin(999)), types.ErrAmount},
		{"deposit in other denomination", deposit(customer, scope, 1, sdk.NewInt64Coin("dust", 5_000)), types.ErrDenom},
		{"withdrawal in other denomination", withdraw(customer, scope, 1, sdk.NewInt64Coin("dust", 5_000)), types.ErrDenom},
		{"withdrawal of nothing", withdraw(customer, scope, 1, coin(0)), types.ErrAmount},
		{"negative withdrawal", withdraw(customer, scope, 1, coin(-1)), types.ErrAmount},
		{"negative deposit", deposit(customer, scope, 1, coin(-5_000)), types.ErrAmount},
		{"missing amount", deposit(customer, scope, 1, sdk.Coin{}), types.ErrAmount},
		{"bad scope", deposit(customer, "A", 1, coin(5_000)), types.ErrScope},
	}
	for _, c := range cases {
		require.ErrorIs(t, c.err, c.want, c.name)
	}
	require.Equal(t, before, f.state())
	f.sound()
}

func TestAddLocks(t *testing.T) {
	f := newFixture(t)
	customer := f.opened(1, "customer", 50_000)
	f.Fund("customer", 300)
	require.NoError(t, f.k.Add(f.Ctx, scope, 1, customer, coin(300)), "no minimum for what the work demands")
	require.Equal(t, "50300", f.account(1).Locked.String())
	require.ErrorIs(t, f.k.Add(f.Ctx, scope, 2, customer, coin(300)), types.ErrNoAccount)
	require.ErrorIs(t, f.k.Add(f.Ctx, scope, 1, customer, coin(0)), types.ErrAmount)
	require.ErrorIs(t, f.k.Add(f.Ctx, scope, 1, customer, sdk.Coin{Denom: banktest.Denom}), types.ErrAmount)
	require.ErrorIs(t, f.k.Add(f.Ctx, scope, 1, customer, sdk.NewInt64Coin("dust", 1)), types.ErrDenom)
	f.sound()
}

// TestOldDenomination: an account keeps its denomination when governance no longer allows it.
func TestOldDenomination(t *testing.T) {
	f := newFixture(t)
	customer, worker := f.opened(1, "customer", 50_000), banktest.Address("worker")
	params := types.DefaultParams()
	params.AllowedDenoms = []string{"uother"}
	require.NoError(t, f.k.SetParams(f.Ctx, params))
	require.ErrorIs(t, f.k.Open(f.Ctx, scope, 2, customer, coin(50_000)), types.ErrDenom)
	_, err := f.k.Pay(f.Ctx, scope, 1, worker, math.NewInt(20_000))
	require.NoError(t, err)
	_, err = f.k.Close(f.Ctx, scope, 1, types.CLOSE_REASON_SETTLED)
	require.NoError(t, err)
	require.Equal(t, "30000", f.Balance(customer).String())
	f.sound()
}
