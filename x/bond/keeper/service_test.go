package keeper_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/assaychain/assay/x/bond/keeper"
	"github.com/assaychain/assay/x/bond/types"
	"github.com/assaychain/assay/x/internal/banktest"
)

func TestSignersAreWhoTheMessagesConcern(t *testing.T) {
	f := newFixture(t)
	who := banktest.Address("who")
	for _, msg := range []sdk.Msg{
		&types.MsgBond{Operator: who.String()},
		&types.MsgUnbond{Operator: who.String()},
		&types.MsgCancelUnbonding{Operator: who.String()},
		&types.MsgBack{Backer: who.String()},
		&types.MsgUnback{Backer: who.String()},
		&types.MsgMoveBacking{Backer: who.String()},
		&types.MsgCancelUnbacking{Backer: who.String()},
		&types.MsgWithdrawRewards{Backer: who.String()},
		&types.MsgSetCommission{Operator: who.String()},
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
	params.MaxEntries = 3
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
		"denom":                 func(p *types.Params) { p.Denom = "1" },
		"unbonding_seconds":     func(p *types.Params) { p.UnbondingSeconds = 0 },
		"unbonding_seconds max": func(p *types.Params) { p.UnbondingSeconds = types.MaxUnbondingSeconds + 1 },
		"max_entries":           func(p *types.Params) { p.MaxEntries = 0 },
		"max_entries max":       func(p *types.Params) { p.MaxEntries = types.MaxEntriesLimit + 1 },
		"max_payouts_per_block": func(p *types.Params) { p.MaxPayoutsPerBlock = 0 },
		"max_payouts max":       func(p *types.Params) { p.MaxPayoutsPerBlock = types.MaxPayoutsLimit + 1 },
		"min_amount":            func(p *types.Params) { p.MinAmount = math.ZeroInt() },
		"min_amount missing":    func(p *types.Params) { p.MinAmount = math.Int{} },
		"max_backings":          func(p *types.Params) { p.MaxBackings = 0 },
		"max_backings max":      func(p *types.Params) { p.MaxBackings = types.MaxBackingsLimit + 1 },
		"max_backing_multiple":  func(p *types.Params) { p.MaxBackingMultiple = types.MaxMultipleLimit + 1 },
		"max_commission":        func(p *types.Params) { p.MaxCommissionBps = 10_001 },
		"initial_commission":    func(p *types.Params) { p.InitialCommissionBps = p.MaxCommissionBps + 1 },
		"commission_change":     func(p *types.Params) { p.MaxCommissionChangeBps = 0 },
		"commission_change max": func(p *types.Params) { p.MaxCommissionChangeBps = 10_001 },
		"boost_slope":           func(p *types.Params) { p.BoostSlopeBps = types.MaxBoostLimit + 1 },
		"boost_cap":             func(p *types.Params) { p.BoostCapBps = types.MaxBoostLimit + 1 },
	}
	for name, spoil := range cases {
		params := types.DefaultParams()
		spoil(&params)
		_, err := f.msg.UpdateParams(f.Ctx, &types.MsgUpdateParams{Authority: f.Authority, Params: params})
		require.ErrorIs(t, err, types.ErrParams, name)
	}
}

func TestDenomStaysWhileThereIsStake(t *testing.T) {
	f := newFixture(t)
	params := types.DefaultParams()
	params.Denom = "uother"
	op := f.bonded("op", 1_000_000)
	require.ErrorContains(t, f.k.SetParams(f.Ctx, params), "denom must stay uassay")
	_, err := f.k.Unbond(f.Ctx, op, math.NewInt(1_000_000))
	require.NoError(t, err)
	require.ErrorContains(t, f.k.SetParams(f.Ctx, params), "denom must stay uassay")
	f.block(unbonding)
	require.NoError(t, f.k.SetParams(f.Ctx, params), "free once nobody has stake")
	denom, err := f.k.Denom(f.Ctx)
	require.NoError(t, err)
	require.Equal(t, "uother", denom)
}

func TestQueriesPage(t *testing.T) {
	f := newFixture(t)
	for i := range 5 {
		f.bonded(fmt.Sprintf("op%d", i), 5_000_000)
	}
	op := banktest.Address("op3")
	for range 4 {
		_, err := f.k.Unbond(f.Ctx, op, math.NewInt(1_000_000))
		require.NoError(t, err)
	}
	seen := map[string]bool{}
	page := &query.PageRequest{Limit: 2}
	for range 3 {
		res, err := f.query.Stakes(f.Ctx, &types.QueryStakesRequest{Pagination: page})
		require.NoError(t, err)
		for _, s := range res.Stakes {
			seen[s.Operator] = true
		}
		page = &query.PageRequest{Limit: 2, Key: res.Pagination.NextKey}
	}
	require.Len(t, seen, 5)

	entries, err := f.query.Unbonding(f.Ctx, &types.QueryUnbondingRequest{Operator: op.String(), Pagination: &query.PageRequest{Limit: 3, CountTotal: true}})
	require.NoError(t, err)
	require.Len(t, entries.Entries, 3)
	require.EqualValues(t, 4, entries.Pagination.Total)
	none, err := f.query.Unbonding(f.Ctx, &types.QueryUnbondingRequest{Operator: banktest.Address("op1").String()})
	require.NoError(t, err)
	require.Empty(t, none.Entries, "only this operator's")
	one, err := f.query.Stake(f.Ctx, &types.QueryStakeRequest{Operator: op.String()})
	require.NoError(t, err)
	require.Equal(t, "4000000", one.Stake.Unbonding.String())
	_, err = f.query.Stake(f.Ctx, &types.QueryStakeRequest{Operator: "op"})
	require.ErrorContains(t, err, "operator")
	_, err = f.query.Unbonding(f.Ctx, nil)
	require.Error(t, err)
}

func TestWiringIsChecked(t *testing.T) {
	f := newFixture(t)
	store := f.Store(types.StoreKey)
	_, err := keeper.NewKeeper(f.Cdc, store, "gov", types.Ports{Bank: f.Bank, Accounts: f.Auth})
	require.ErrorContains(t, err, "authority")
	_, err = keeper.NewKeeper(f.Cdc, store, f.Authority, types.Ports{Bank: f.Bank})
	require.ErrorContains(t, err, "Accounts")
	undeclared := banktest.New(t)
	_, err = keeper.NewKeeper(f.Cdc, store, f.Authority, types.Ports{Bank: f.Bank, Accounts: undeclared.Auth})
	require.ErrorContains(t, err, "not declared")
}
