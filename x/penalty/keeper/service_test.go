package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/assaychain/assay/x/internal/banktest"
	"github.com/assaychain/assay/x/penalty/keeper"
	"github.com/assaychain/assay/x/penalty/types"
)

func TestSignersAreWhoTheMessagesConcern(t *testing.T) {
	f := newFixture(t)
	who := banktest.Address("who")
	for _, msg := range []sdk.Msg{
		&types.MsgUnjail{Operator: who.String()},
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
	params.VictimBps = 100
	before := f.state()
	for _, who := range []string{f.Fund("op", 1).String(), f.Auth.GetModuleAddress(types.ModuleName).String(), "", "gov"} {
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
		"no rules":       func(p *types.Params) { p.Rules = nil },
		"rule missing":   func(p *types.Params) { p.Rules = p.Rules[:4] },
		"rule twice":     func(p *types.Params) { p.Rules[1] = p.Rules[0] },
		"order":          func(p *types.Params) { p.Rules[0], p.Rules[1] = p.Rules[1], p.Rules[0] },
		"slash":          func(p *types.Params) { p.Rules[0].SlashBps = 10_001 },
		"negative jail":  func(p *types.Params) { p.Rules[0].Jail = -1 },
		"long jail":      func(p *types.Params) { p.Rules[0].Jail = types.MaxJail + 1 },
		"victim":         func(p *types.Params) { p.VictimBps = 5_001 },
		"no history":     func(p *types.Params) { p.HistorySeconds = 0 },
		"long history":   func(p *types.Params) { p.HistorySeconds = types.MaxHistorySeconds + 1 },
		"no pruning":     func(p *types.Params) { p.MaxPrunedPerBlock = 0 },
		"much pruning":   func(p *types.Params) { p.MaxPrunedPerBlock = types.MaxPrunedLimit + 1 },
		"unknown":        func(p *types.Params) { p.Rules[4].Offence = 6 },
		"one rule extra": func(p *types.Params) { p.Rules = append(p.Rules, types.OffenceRule{Offence: 6, Jail: time.Hour}) },
	}
	for name, spoil := range cases {
		params := types.DefaultParams()
		spoil(&params)
		_, err := f.msg.UpdateParams(f.Ctx, &types.MsgUpdateParams{Authority: f.Authority, Params: params})
		require.ErrorIs(t, err, types.ErrParams, name)
	}
}

func TestQueriesPage(t *testing.T) {
	f := busy(t)
	all, err := f.query.Records(f.Ctx, &types.QueryRecordsRequest{Pagination: &query.PageRequest{Limit: 4, CountTotal: true}})
	require.NoError(t, err)
	require.Len(t, all.Records, 4)
	require.EqualValues(t, 16, all.Pagination.Total)
	a := banktest.Address("a")
	var ids []uint64
	page := &query.PageRequest{Limit: 4}
	for range 2 {
		res, err := f.query.Records(f.Ctx, &types.QueryRecordsRequest{Operator: a.String(), Pagination: page})
		require.NoError(t, err)
		for _, record := range res.Records {
			require.Equal(t, a.String(), record.Operator)
			ids = append(ids, record.Id)
		}
		page = &query.PageRequest{Limit: 4, Key: res.Pagination.NextKey}
	}
	require.Equal(t, []uint64{1, 2, 3, 4, 5, 16}, ids)

	jails, err := f.query.Jails(f.Ctx, &types.QueryJailsRequest{Pagination: &query.PageRequest{Limit: 1}})
	require.NoError(t, err)
	require.Len(t, jails.Jails, 1)
	require.NotEmpty(t, jails.Pagination.NextKey)
	free, err := f.query.Jail(f.Ctx, &types.QueryJailRequest{Operator: banktest.Address("b").String()})
	require.NoError(t, err)
	require.False(t, free.Jailed)
	require.Nil(t, free.Jail)
	_, err = f.query.Jail(f.Ctx, nil)
	require.ErrorContains(t, err, "operator")
	_, err = f.query.Records(f.Ctx, &types.QueryRecordsRequest{Operator: "x"})
	require.ErrorContains(t, err, "operator")
}

func TestWiringIsChecked(t *testing.T) {
	f := newFixture(t)
	store := f.Store(types.StoreKey)
	_, err := keeper.NewKeeper(f.Cdc, store, "gov", types.Ports{Bond: f.bond, Bank: f.Bank, Accounts: f.Auth})
	require.ErrorContains(t, err, "authority")
	_, err = keeper.NewKeeper(f.Cdc, store, f.Authority, types.Ports{Bank: f.Bank, Accounts: f.Auth})
	require.ErrorContains(t, err, "Bond")
	undeclared := banktest.New(t)
	_, err = keeper.NewKeeper(f.Cdc, store, f.Authority, types.Ports{Bond: f.bond, Bank: f.Bank, Accounts: undeclared.Auth})
	require.ErrorContains(t, err, "not declared")
}
