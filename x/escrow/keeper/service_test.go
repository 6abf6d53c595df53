package keeper_test

import (
	"testing"

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
