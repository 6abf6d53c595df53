package keeper_test

import (
	"fmt"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"
	"github.com/cosmos/cosmos-sdk/x/authz"

	"github.com/assaychain/assay/x/escrow/types"
	"github.com/assaychain/assay/x/internal/banktest"
)

// deposit funds somebody and puts all of it into account 1.
func (f *fixture) deposit(name string, amount int64) error {
	f.T.Helper()
	_, err := f.k.Deposit(f.Ctx, scope, 1, f.Fund(name, amount), coin(amount))
	return err
}

// lots tells the deposits of account 1.
func (f *fixture) lots() string {
	f.T.Helper()
	names := map[string]string{}
	for _, name := range []string{"a", "b", "c", "agent"} {
		names[banktest.Address(name).String()] = name
	}
	text := ""
	for _, lot := range f.account(1).Deposits() {
		text += fmt.Sprintf("%s%s:%s ", names[lot.Depositor], names[lot.Grantee], lot.Amount)
	}
	return text
}

// TestDrainedAndRefundedInOrder: the first deposit is used up first, and what is left goes back to each in order.
func TestDrainedAndRefundedInOrder(t *testing.T) {
	f := newFixture(t)
	f.plain()
	f.opened(1, "a", 3_000)
	require.NoError(t, f.k.Admit(f.Ctx, scope, 1, true))
	require.NoError(t, f.deposit("b", 2_000))
	require.NoError(t, f.deposit("a", 1_000))
	require.NoError(t, f.deposit("a", 1_500))
	require.NoError(t, f.deposit("c", 1_000))
	require.Equal(t, "a:3000 b:2000 a:2500 c:1000 ", f.lots())
	f.sound()
	stream := f.stream(1, "worker", 3_600)
	f.block(4_000 * time.Second)
	f.settle(1, stream)
	require.Equal(t, "b:1000 a:2500 c:1000 ", f.lots())
	require.NoError(t, f.k.PayDirect(f.Ctx, scope, 1, banktest.Address("worker"), math.NewInt(1_600)))
	require.Equal(t, "a:1900 c:1000 ", f.lots(), "who has nothing left in it is off the list")
	f.sound()
	refund, err := f.k.Close(f.Ctx, scope, 1, types.CLOSE_REASON_SETTLED)
	require.NoError(t, err)
	require.Equal(t, "2900", refund.String())
	require.Equal(t, []int64{1_900, 0, 1_000, 5_600}, []int64{f.has("a"), f.has("b"), f.has("c"), f.has("worker")})
	events := f.Ctx.EventManager().Events()
	closed, err := sdk.ParseTypedEvent(abci.Event(events[len(events)-1]))
	require.NoError(t, err)
	require.Equal(t, []types.Refund{
		{Depositor: banktest.Address("a").String(), Amount: coin(1_900)}, {Depositor: banktest.Address("c").String(), Amount: coin(1_000)},
	}, closed.(*types.EventClosed).Refunds)
	f.sound()
}

// TestWhoMayDeposit: the opener and whoever has money in it; anybody when the opener says so.
func TestWhoMayDeposit(t *testing.T) {
	f := newFixture(t)
	opener := f.opened(1, "a", 3_000)
	require.ErrorIs(t, f.deposit("b", 2_000), types.ErrNotDepositor)
	admit := func(who sdk.AccAddress, anyone bool) error {
		_, err := f.msg.Admit(f.Ctx, &types.MsgAdmit{Depositor: who.String(), Scope: scope, Id: 1, Anyone: anyone})
		return err
	}
	require.ErrorIs(t, admit(banktest.Address("b"), true), types.ErrNotDepositor)
	require.NoError(t, admit(opener, true))
	require.NoError(t, f.deposit("b", 2_000))
	require.ErrorIs(t, admit(banktest.Address("b"), false), types.ErrNotDepositor, "a depositor is not the opener")
	require.NoError(t, admit(opener, false))
	require.NoError(t, f.deposit("b", 2_000), "b has money in it")
	require.ErrorIs(t, f.deposit("c", 2_000), types.ErrNotDepositor)
	_, err := f.k.Deposit(f.Ctx, scope, 1, f.Auth.GetModuleAddress(types.ModuleName), coin(2_000))
	require.ErrorIs(t, err, types.ErrNotDepositor)
	require.NoError(t, admit(opener, true))
	_, err = f.k.Deposit(f.Ctx, scope, 1, f.Auth.GetModuleAddress(types.ModuleName), coin(2_000))
	require.ErrorIs(t, err, types.ErrBlocked)
	_, err = f.msg.Admit(f.Ctx, &types.MsgAdmit{Depositor: opener.String(), Scope: scope, Id: 2})
	require.ErrorIs(t, err, types.ErrNoAccount)
	of := func(name string) int {
		res, err := f.query.Accounts(f.Ctx, &types.QueryAccountsRequest{Depositor: banktest.Address(name).String(), Pagination: &query.PageRequest{Limit: 9}})
		require.NoError(t, err)
		return len(res.Accounts)
	}
	require.Equal(t, []int{1, 1, 0}, []int{of("a"), of("b"), of("c")})
	f.sound()
	_, err = f.k.Withdraw(f.Ctx, scope, 1, banktest.Address("b"), coin(4_000))
	require.NoError(t, err)
	require.Equal(t, []int{1, 0, 0}, []int{of("a"), of("b"), of("c")}, "who took everything back is off the list")
	f.sound()
}

// TestEachWithdrawsItsOwn: what is locked or earned rests on the first deposits; nobody takes another's.
func TestEachWithdrawsItsOwn(t *testing.T) {
	f := newFixture(t)
	f.plain()
	a := f.opened(1, "a", 3_000)
	b := banktest.Address("b")
	require.NoError(t, f.k.Admit(f.Ctx, scope, 1, true))
	require.NoError(t, f.deposit("b", 2_000))
	require.NoError(t, f.deposit("a", 1_000))
	f.stream(1, "worker", 3_600)
	f.block(500 * time.Second)
	take := func(who sdk.AccAddress, amount int64) error {
		_, err := f.k.Withdraw(f.Ctx, scope, 1, who, coin(amount))
		return err
	}
	// 500 are earned and 3,000 locked: the first 3,500 must stay.
	require.ErrorIs(t, take(b, 1_501), types.ErrLocked)
	require.ErrorIs(t, take(a, 1_001), types.ErrLocked)
	require.ErrorIs(t, take(banktest.Address("c"), 1), types.ErrNotDepositor)
	require.NoError(t, take(a, 400))
	require.NoError(t, take(b, 1_500))
	require.Equal(t, "a:3000 b:500 a:600 ", f.lots())
	require.NoError(t, take(a, 600))
	require.ErrorIs(t, take(a, 1), types.ErrLocked)
	require.Equal(t, "a:3000 b:500 ", f.lots())
	f.sound()
	require.NoError(t, f.k.Unlock(f.Ctx, scope, 1, math.NewInt(9_999)))
	require.NoError(t, take(a, 2_500))
	require.Equal(t, "a:500 b:500 ", f.lots())
	f.sound()
}

// TestStrangersLeaveAPlace: small deposits of others fill the list, but can't keep the opener from topping up.
func TestStrangersLeaveAPlace(t *testing.T) {
	f := newFixture(t)
	params := types.DefaultParams()
	params.MaxDepositors = 4
	require.NoError(t, f.k.SetParams(f.Ctx, params))
	f.opened(1, "a", 3_000)
	require.NoError(t, f.k.Admit(f.Ctx, scope, 1, true))
	require.NoError(t, f.deposit("b", 1_000))
	require.NoError(t, f.deposit("c", 1_000))
	require.ErrorIs(t, f.deposit("d", 1_000), types.ErrFull)
	require.NoError(t, f.deposit("b", 1_000), "whoever is in the list adds to its latest deposit")
	require.Equal(t, "a:3000 b:2000 c:1000 ", f.lots())
	require.NoError(t, f.deposit("a", 1_000))
	require.Equal(t, "a:3000 b:2000 c:1000 a:1000 ", f.lots())
	require.NoError(t, f.deposit("c", 1_000))
	require.NoError(t, f.deposit("a", 1_000))
	require.Equal(t, "a:3000 b:2000 c:2000 a:2000 ", f.lots())
	require.NoError(t, f.k.PayDirect(f.Ctx, scope, 1, banktest.Address("worker"), math.NewInt(3_000)))
	require.ErrorIs(t, f.deposit("d", 1_000), types.ErrFull, "the last place is the opener's")
	require.NoError(t, f.k.PayDirect(f.Ctx, scope, 1, banktest.Address("worker"), math.NewInt(2_000)))
	require.NoError(t, f.deposit("d", 1_000))
	f.sound()
}

// granted is a chain where agent may deposit up to 10,000 of a's coins for a day, and a has account 1.
func granted(t *testing.T, grant *types.DepositAuthorization) *fixture {
	f := newFixture(t)
	f.plain()
	a := f.opened(1, "a", 3_000)
	f.Fund("a", 50_000)
	expires := f.Ctx.BlockTime().Add(24 * time.Hour)
	require.NoError(t, grant.ValidateBasic())
	require.NoError(t, f.authz.SaveGrant(f.Ctx, banktest.Address("agent"), a, grant, &expires))
	return f
}

func limit(amount int64, scopes ...string) *types.DepositAuthorization {
	return &types.DepositAuthorization{SpendLimit: sdk.NewCoins(coin(amount)), Scopes: scopes}
}

// agent deposits a's coins.
func (f *fixture) agent(amount int64) error {
	_, err := f.msg.Deposit(f.Ctx, &types.MsgDeposit{
		Depositor: banktest.Address("agent").String(), Granter: banktest.Address("a").String(), Scope: scope, Id: 1, Amount: coin(amount),
	})
	return err
}

// left is what the agent's grant has left, and what was deposited under it.
func (f *fixture) left() string {
	grant, _ := f.authz.GetAuthorization(f.Ctx, banktest.Address("agent"), banktest.Address("a"), sdk.MsgTypeURL(&types.MsgDeposit{}))
	if grant == nil {
		return "gone"
	}
	g := grant.(*types.DepositAuthorization)
	return fmt.Sprint(g.SpendLimit, "/", g.Deposited)
}

// TestGrantIsRestored: the agent spends the grant; what comes back goes to the granter, and the grant may deposit it again.
func TestGrantIsRestored(t *testing.T) {
	f := granted(t, limit(10_000, scope))
	require.NoError(t, f.agent(6_000))
	require.Equal(t, "4000uassay/6000uassay", f.left())
	require.ErrorIs(t, f.agent(4_001), types.ErrGrant)
	require.NoError(t, f.agent(4_000))
	require.Equal(t, "/10000uassay", f.left(), "a grant that is used up stays, so that it can be filled again")
	require.ErrorIs(t, f.agent(1_000), types.ErrGrant)
	require.EqualValues(t, 40_000, f.has("a"))
	require.Equal(t, "a:3000 aagent:10000 ", f.lots())
	f.sound()
	_, err := f.k.Withdraw(f.Ctx, scope, 1, banktest.Address("a"), coin(2_000))
	require.NoError(t, err)
	require.Equal(t, "2000uassay/8000uassay", f.left())
	_, err = f.k.Withdraw(f.Ctx, scope, 1, banktest.Address("agent"), coin(2_000))
	require.ErrorIs(t, err, types.ErrNotDepositor, "they aren't the agent's coins")
	require.NoError(t, f.k.PayDirect(f.Ctx, scope, 1, banktest.Address("worker"), math.NewInt(5_000)))
	refund, err := f.k.Close(f.Ctx, scope, 1, types.CLOSE_REASON_SETTLED)
	require.NoError(t, err)
	require.Equal(t, "6000", refund.String())
	require.EqualValues(t, 48_000, f.has("a"))
	require.Equal(t, "8000uassay/2000uassay", f.left(), "what was spent is not restored")
	require.Zero(t, f.has("agent"))
	f.sound()
}

// TestGrantGone: without a grant that holds, only the coins go back.
func TestGrantGone(t *testing.T) {
	end := func(name, want string, change func(f *fixture)) {
		f := granted(t, limit(10_000))
		require.NoError(t, f.agent(6_000))
		change(f)
		_, err := f.k.Close(f.Ctx, scope, 1, types.CLOSE_REASON_REFUNDED)
		require.NoError(t, err, name)
		require.EqualValues(t, 53_000, f.has("a"), name)
		require.Equal(t, want, f.left(), name)
		f.sound()
	}
	a, agent := banktest.Address("a"), banktest.Address("agent")
	end("kept", "10000uassay/", func(*fixture) {})
	end("revoked", "gone", func(f *fixture) {
		require.NoError(t, f.authz.DeleteGrant(f.Ctx, agent, a, sdk.MsgTypeURL(&types.MsgDeposit{})))
	})
	end("expired", "gone", func(f *fixture) { f.Advance(25 * time.Hour) })
	end("expires now", "4000uassay/6000uassay", func(f *fixture) { f.Advance(24 * time.Hour) })
	end("replaced", "50uassay/", func(f *fixture) {
		require.NoError(t, f.authz.SaveGrant(f.Ctx, agent, a, limit(50), nil))
	})
	end("replaced by another kind", "gone", func(f *fixture) {
		require.NoError(t, f.authz.DeleteGrant(f.Ctx, agent, a, sdk.MsgTypeURL(&types.MsgDeposit{})))
		generic := authz.NewGenericAuthorization(sdk.MsgTypeURL(&types.MsgDeposit{}))
		require.NoError(t, f.authz.SaveGrant(f.Ctx, agent, a, generic, nil))
		_, err := f.k.Close(f.Ctx, scope, 1, types.CLOSE_REASON_REFUNDED)
		require.NoError(t, err)
		require.ErrorIs(t, f.agent(1_000), types.ErrNoAccount)
		require.NoError(t, f.k.Open(f.Ctx, scope, 1, a, coin(1_000)))
		require.ErrorIs(t, f.agent(1_000), types.ErrGrant, "a generic authorization is no deposit grant")
		require.NoError(t, f.authz.DeleteGrant(f.Ctx, agent, a, sdk.MsgTypeURL(&types.MsgDeposit{})))
	})
}

// TestGrantRefusals: nothing but the granter's own consent lets its coins in.
func TestGrantRefusals(t *testing.T) {
	f := granted(t, limit(10_000, "lease"))
	before := f.state() + f.left()
	require.ErrorIs(t, f.agent(1_000), types.ErrGrant, "another scope")
	other := &types.MsgDeposit{Depositor: banktest.Address("b").String(), Granter: banktest.Address("a").String(), Scope: scope, Id: 1, Amount: coin(1_000)}
	_, err := f.msg.Deposit(f.Ctx, other)
	require.ErrorIs(t, err, types.ErrGrant, "another grantee")
	other.Granter = other.Depositor
	_, err = f.msg.Deposit(f.Ctx, other)
	require.ErrorIs(t, err, types.ErrGrant, "no grant to oneself")
	other.Granter = "x"
	_, err = f.msg.Deposit(f.Ctx, other)
	require.ErrorContains(t, err, "granter")
	require.Equal(t, before, f.state()+f.left())

	f = granted(t, limit(100_000))
	require.ErrorContains(t, f.agent(60_000), "insufficient funds")
	stranger := f.Fund("c", 9_000)
	require.NoError(t, f.authz.SaveGrant(f.Ctx, banktest.Address("agent"), stranger, limit(9_000), nil))
	_, err = f.msg.Deposit(f.Ctx, &types.MsgDeposit{
		Depositor: banktest.Address("agent").String(), Granter: stranger.String(), Scope: scope, Id: 1, Amount: coin(1_000),
	})
	require.ErrorIs(t, err, types.ErrNotDepositor, "the granter must be allowed to deposit")
}

// TestGrantThroughAuthz: the agent may wrap its own deposit in MsgExec; a deposit in the granter's name is refused there, since its
// refund could not find the grant.
func TestGrantThroughAuthz(t *testing.T) {
	f := granted(t, limit(10_000))
	a, agent := banktest.Address("a"), banktest.Address("agent")
	_, err := f.authz.DispatchActions(f.Ctx, agent, []sdk.Msg{&types.MsgDeposit{
		Depositor: a.String(), Scope: scope, Id: 1, Amount: coin(1_000),
	}})
	require.ErrorIs(t, err, types.ErrGrant)
	_, err = f.authz.DispatchActions(f.Ctx, agent, []sdk.Msg{&types.MsgDeposit{
		Depositor: agent.String(), Granter: a.String(), Scope: scope, Id: 1, Amount: coin(1_000),
	}})
	require.NoError(t, err)
	require.Equal(t, "9000uassay/1000uassay", f.left())
	f.sound()
}

func TestGrantValidation(t *testing.T) {
	many := sdk.Coins{}
	for i := range types.MaxAllowedDenoms + 1 {
		many = many.Add(sdk.NewInt64Coin(fmt.Sprintf("denom%d", i), 1))
	}
	cases := map[string]*types.DepositAuthorization{
		"empty":       {},
		"zero":        {SpendLimit: sdk.Coins{coin(0)}},
		"negative":    {SpendLimit: sdk.Coins{coin(-1)}},
		"twice":       {SpendLimit: sdk.Coins{coin(1), coin(1)}},
		"too many":    {SpendLimit: many},
		"deposited":   {SpendLimit: sdk.NewCoins(coin(1)), Deposited: sdk.NewCoins(coin(1))},
		"scope twice": {SpendLimit: sdk.NewCoins(coin(1)), Scopes: []string{"lease", "lease"}},
		"scopes":      {SpendLimit: sdk.NewCoins(coin(1)), Scopes: make([]string, types.MaxGrantScopes+1)},
	}
	for name, grant := range cases {
		require.ErrorIs(t, grant.ValidateBasic(), types.ErrGrant, name)
	}
	require.ErrorIs(t, limit(1, "Lease").ValidateBasic(), types.ErrScope)
	require.NoError(t, limit(1, "lease").ValidateBasic())
}
