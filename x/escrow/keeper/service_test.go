package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/assaychain/assay/x/escrow/keeper"
	"github.com/assaychain/assay/x/escrow/types"
	"github.com/assaychain/assay/x/internal/banktest"
)

func TestSignersAreWhoTheMessagesConcern(t *testing.T) {
	f := newFixture(t)
	who := banktest.Address("who")
	for _, msg := range []sdk.Msg{
		&types.MsgDeposit{Depositor: who.String(), Amount: coin(1)},
		&types.MsgWithdraw{Depositor: who.String(), Amount: coin(1)},
		&types.MsgDeposit{Depositor: who.String(), Granter: banktest.Address("granter").String(), Amount: coin(1)},
		&types.MsgSettle{Sender: who.String()},
		&types.MsgAdmit{Depositor: who.String()},
		&types.MsgUpdateParams{Authority: who.String()},
	} {
		signers, _, err := f.Cdc.GetMsgV1Signers(msg)
		require.NoError(t, err)
		require.Equal(t, [][]byte{who}, signers, "%T", msg)
	}
}

func TestOnlyTheAuthorityChangesParams(t *testing.T) {
	f := newFixture(t)
	params := types.DefaultParams()
	params.ProtocolFeeBps = 300
	before := f.state()
	for _, who := range []string{f.Fund("customer", 1).String(), f.Auth.GetModuleAddress(types.ModuleName).String(), "", "gov"} {
		_, err := f.msg.UpdateParams(f.Ctx, &types.MsgUpdateParams{Authority: who, Params: params})
		require.ErrorIs(t, err, sdkerrors.ErrUnauthorized)
	}
	require.Equal(t, before, f.state())
	_, err := f.msg.UpdateParams(f.Ctx, &types.MsgUpdateParams{Authority: f.Authority, Params: params})
	require.NoError(t, err)
	res, err := f.query.Params(f.Ctx, &types.QueryParamsRequest{})
	require.NoError(t, err)
	require.Equal(t, params, res.Params)
}

func TestParamsAreValidated(t *testing.T) {
	f := newFixture(t)
	cases := map[string]func(*types.Params){
		"no denom":       func(p *types.Params) { p.AllowedDenoms = nil },
		"bad denom":      func(p *types.Params) { p.AllowedDenoms = []string{"1"} },
		"denom twice":    func(p *types.Params) { p.AllowedDenoms = []string{"uassay", "uassay"} },
		"too many":       func(p *types.Params) { p.AllowedDenoms = make([]string, types.MaxAllowedDenoms+1) },
		"fee":            func(p *types.Params) { p.ProtocolFeeBps = 10_001 },
		"fee and burn":   func(p *types.Params) { p.ProtocolFeeBps, p.BurnBps = 5_000, 5_001 },
		"wrap-around":    func(p *types.Params) { p.ProtocolFeeBps, p.BurnBps = 1<<32-1, 2 },
		"no minimum":     func(p *types.Params) { p.MinDeposit = math.ZeroInt() },
		"streams":        func(p *types.Params) { p.MaxStreams = 0 },
		"many streams":   func(p *types.Params) { p.MaxStreams = types.MaxMaxStreams + 1 },
		"depositors":     func(p *types.Params) { p.MaxDepositors = 0 },
		"many deposits":  func(p *types.Params) { p.MaxDepositors = types.MaxMaxDepositors + 1 },
		"payouts":        func(p *types.Params) { p.MaxPayoutsPerBlock = 0 },
		"many payouts":   func(p *types.Params) { p.MaxPayoutsPerBlock = types.MaxMaxPayoutsPerBlock + 1 },
		"minimum absent": func(p *types.Params) { p.MinDeposit = math.Int{} },
	}
	for name, spoil := range cases {
		params := types.DefaultParams()
		spoil(&params)
		_, err := f.msg.UpdateParams(f.Ctx, &types.MsgUpdateParams{Authority: f.Authority, Params: params})
		require.ErrorIs(t, err, types.ErrParams, name)
	}
}

func TestQueriesPage(t *testing.T) {
	f := newFixture(t)
	customer := f.opened(1, "customer", 50_000)
	for id := range uint64(4) {
		f.opened(10+id, "customer", 50_000)
		f.opened(20+id, "other", 50_000)
	}
	all, err := f.query.Accounts(f.Ctx, &types.QueryAccountsRequest{Pagination: &query.PageRequest{Limit: 4, CountTotal: true}})
	require.NoError(t, err)
	require.Len(t, all.Accounts, 4)
	require.EqualValues(t, 9, all.Pagination.Total)
	var ids []uint64
	page := &query.PageRequest{Limit: 2}
	for range 3 {
		res, err := f.query.Accounts(f.Ctx, &types.QueryAccountsRequest{Depositor: customer.String(), Pagination: page})
		require.NoError(t, err)
		for _, account := range res.Accounts {
			require.Equal(t, customer.String(), account.Depositor)
			ids = append(ids, account.Id)
		}
		page = &query.PageRequest{Limit: 2, Key: res.Pagination.NextKey}
	}
	require.Equal(t, []uint64{1, 10, 11, 12, 13}, ids)

	one, err := f.query.Account(f.Ctx, &types.QueryAccountRequest{Scope: scope, Id: 21})
	require.NoError(t, err)
	require.EqualValues(t, 21, one.Account.Id)
	_, err = f.query.Account(f.Ctx, &types.QueryAccountRequest{Scope: scope, Id: 99})
	require.ErrorContains(t, err, "NotFound")
	_, err = f.query.Account(f.Ctx, nil)
	require.ErrorContains(t, err, "scope")
	_, err = f.query.Accounts(f.Ctx, &types.QueryAccountsRequest{Depositor: "x"})
	require.ErrorContains(t, err, "depositor")
}

// TestStreamQueries: an account tells its streams and how long the money lasts; a payee finds its streams.
func TestStreamQueries(t *testing.T) {
	f := newFixture(t)
	f.opened(1, "customer", 50_000)
	require.NoError(t, f.k.Unlock(f.Ctx, scope, 1, math.NewInt(20_000)))
	for id := range uint64(3) {
		f.opened(10+id, "customer", 50_000)
		f.stream(10+id, "worker", 3_600_000)
	}
	f.stream(1, "worker", 3_600_000)
	f.stream(1, "other", 7_200_000)
	f.block(1_500 * time.Millisecond)
	one, err := f.query.Account(f.Ctx, &types.QueryAccountRequest{Scope: scope, Id: 1})
	require.NoError(t, err)
	require.True(t, one.Flowing)
	require.Equal(t, f.Ctx.BlockTime().Add(45_500*time.Millisecond/3).Truncate(time.Millisecond), *one.DryAt)
	require.Equal(t, coin(15_500), one.Free, "4,500 are earned and 30,000 locked")
	require.Len(t, one.Streams, 2)
	require.Equal(t, coin(1_500), one.Streams[0].Due)
	require.Equal(t, coin(3_000), one.Streams[1].Due)
	require.Equal(t, "50000", f.account(1).Balance.String(), "a query writes nothing")
	worker := banktest.Address("worker").String()
	page, err := f.query.StreamsOf(f.Ctx, &types.QueryStreamsOfRequest{Payee: worker, Pagination: &query.PageRequest{Limit: 3}})
	require.NoError(t, err)
	require.Len(t, page.Streams, 3)
	rest, err := f.query.StreamsOf(f.Ctx, &types.QueryStreamsOfRequest{Payee: worker, Pagination: &query.PageRequest{Key: page.Pagination.NextKey}})
	require.NoError(t, err)
	require.Len(t, rest.Streams, 1)
	require.EqualValues(t, 12, rest.Streams[0].Stream.Id)
	require.Equal(t, coin(1_500), rest.Streams[0].Due)
	_, err = f.query.StreamsOf(f.Ctx, nil)
	require.ErrorContains(t, err, "payee")
	f.block(time.Hour)
	one, err = f.query.Account(f.Ctx, &types.QueryAccountRequest{Scope: scope, Id: 1})
	require.NoError(t, err)
	require.False(t, one.Flowing)
	require.True(t, one.Account.IsDry())
}

func TestWiringIsChecked(t *testing.T) {
	f := newFixture(t)
	store := f.Store(types.StoreKey)
	_, err := keeper.NewKeeper(f.Cdc, store, "gov", types.Ports{Bank: f.Bank, Accounts: f.Auth, Pool: f.Pool, Grants: f.authz})
	require.ErrorContains(t, err, "authority")
	_, err = keeper.NewKeeper(f.Cdc, store, f.Authority, types.Ports{Bank: f.Bank, Accounts: f.Auth})
	require.ErrorContains(t, err, "Pool")
	_, err = keeper.NewKeeper(f.Cdc, store, f.Authority, types.Ports{Bank: f.Bank, Accounts: f.Auth, Pool: f.Pool})
	require.ErrorContains(t, err, "Grants")
	undeclared := banktest.New(t)
	_, err = keeper.NewKeeper(f.Cdc, store, f.Authority, types.Ports{Bank: f.Bank, Accounts: undeclared.Auth, Pool: f.Pool, Grants: f.authz})
	require.ErrorContains(t, err, "not declared")
}
