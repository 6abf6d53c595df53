package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

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
		&types.MsgSubmitEvidence{Reporter: who.String(), Equivocation: &types.Equivocation{Operator: banktest.Address("op").String()}},
		&types.MsgAppeal{Operator: who.String()},
		&types.MsgResolveAppeal{Authority: who.String()},
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
		"no rules":            func(p *types.Params) { p.Rules = nil },
		"rule missing":        func(p *types.Params) { p.Rules = p.Rules[:11] },
		"rule twice":          func(p *types.Params) { p.Rules[1] = p.Rules[0] },
		"order":               func(p *types.Params) { p.Rules[0], p.Rules[1] = p.Rules[1], p.Rules[0] },
		"slash":               func(p *types.Params) { p.Rules[0].SlashBps = 10_001 },
		"escalation":          func(p *types.Params) { p.Rules[0].EscalationBps = 10_001 },
		"max below slash":     func(p *types.Params) { p.Rules[0].MaxSlashBps = p.Rules[0].SlashBps - 1 },
		"max":                 func(p *types.Params) { p.Rules[0].MaxSlashBps = 10_001 },
		"negative jail":       func(p *types.Params) { p.Rules[0].Jail = -1 },
		"long jail":           func(p *types.Params) { p.Rules[0].Jail = types.MaxJail + 1 },
		"long repetition":     func(p *types.Params) { p.Rules[0].RepetitionSeconds = types.MaxRepetitionSeconds + 1 },
		"tombstone":           func(p *types.Params) { p.Rules[0].TombstoneAfter = 1_001 },
		"escalation of what?": func(p *types.Params) { p.Rules[1].RepetitionSeconds = 0 },
		"tombstone of what?":  func(p *types.Params) { p.Rules[0].RepetitionSeconds, p.Rules[0].EscalationBps = 0, 0 },
		"victim":              func(p *types.Params) { p.VictimBps = 5_001 },
		"reporter":            func(p *types.Params) { p.ReporterBps = 2_001 },
		"reporter overflows":  func(p *types.Params) { p.ReporterBps = 1<<32 - 1 },
		"no history":          func(p *types.Params) { p.HistorySeconds = 0 },
		"long history":        func(p *types.Params) { p.HistorySeconds = types.MaxHistorySeconds + 1 },
		"no pruning":          func(p *types.Params) { p.MaxPrunedPerBlock = 0 },
		"much pruning":        func(p *types.Params) { p.MaxPrunedPerBlock = types.MaxPerBlock + 1 },
		"no settling":         func(p *types.Params) { p.MaxSettledPerBlock = 0 },
		"much settling":       func(p *types.Params) { p.MaxSettledPerBlock = types.MaxPerBlock + 1 },
		"no appeal":           func(p *types.Params) { p.AppealSeconds = 0 },
		"long appeal":         func(p *types.Params) { p.AppealSeconds = types.MaxAppealSeconds + 1 },
		"no resolution":       func(p *types.Params) { p.ResolutionSeconds = 0 },
		"long resolution":     func(p *types.Params) { p.ResolutionSeconds = types.MaxResolutionSeconds + 1 },
		"no evidence":         func(p *types.Params) { p.EvidenceSeconds = 0 },
		"long evidence":       func(p *types.Params) { p.EvidenceSeconds = types.MaxEvidenceSeconds + 1 },
		"no bond":             func(p *types.Params) { p.AppealBond = math.Int{} },
		"free bond":           func(p *types.Params) { p.AppealBond = math.ZeroInt() },
		"high bond":           func(p *types.Params) { p.AppealBond = math.NewInt(types.MaxAppealBond + 1) },
		"unknown":             func(p *types.Params) { p.Rules[4].Offence = 13 },
		"one rule extra":      func(p *types.Params) { p.Rules = append(p.Rules, types.OffenceRule{Offence: 13, Jail: time.Hour}) },
	}
	for name, spoil := range cases {
		params := types.DefaultParams()
		spoil(&params)
		_, err := f.msg.UpdateParams(f.Ctx, &types.MsgUpdateParams{Authority: f.Authority, Params: params})
		require.ErrorIs(t, err, types.ErrParams, name)
	}
	shifted := types.DefaultParams()
	shifted.VictimBps, shifted.ReporterBps = 0, 5_000
	require.NoError(t, shifted.Validate())
}

func TestQueriesPage(t *testing.T) {
	f := busy(t)
	all, err := f.query.Records(f.Ctx, &types.QueryRecordsRequest{Pagination: &query.PageRequest{Limit: 4, CountTotal: true}})
	require.NoError(t, err)
	require.Len(t, all.Records, 4)
	require.EqualValues(t, 38, all.Pagination.Total)
	a := banktest.Address("a")
	var ids []uint64
	page := &query.PageRequest{Limit: 7}
	for range 2 {
		res, err := f.query.Records(f.Ctx, &types.QueryRecordsRequest{Operator: a.String(), Pagination: page})
		require.NoError(t, err)
		for _, record := range res.Records {
			require.Equal(t, a.String(), record.Operator)
			ids = append(ids, record.Id)
		}
		page = &query.PageRequest{Limit: 7, Key: res.Pagination.NextKey}
	}
	require.Equal(t, []uint64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 37}, ids)

	jails, err := f.query.Jails(f.Ctx, &types.QueryJailsRequest{Pagination: &query.PageRequest{Limit: 1}})
	require.NoError(t, err)
	require.Len(t, jails.Jails, 1)
	require.NotEmpty(t, jails.Pagination.NextKey)
	free, err := f.query.Jail(f.Ctx, &types.QueryJailRequest{Operator: banktest.Address("victim").String()})
	require.NoError(t, err)
	require.False(t, free.Jailed)
	require.Nil(t, free.Jail)
	_, err = f.query.Jail(f.Ctx, nil)
	require.ErrorContains(t, err, "operator")
	_, err = f.query.Records(f.Ctx, &types.QueryRecordsRequest{Operator: "x"})
	require.ErrorContains(t, err, "operator")
}

func TestQueriesOfHoldsAndAppeals(t *testing.T) {
	f := busy(t)
	one, err := f.query.Record(f.Ctx, &types.QueryRecordRequest{Id: 4})
	require.NoError(t, err)
	require.Equal(t, f.record(4), one.Record)
	_, err = f.query.Record(f.Ctx, &types.QueryRecordRequest{Id: 99})
	require.ErrorContains(t, err, "NotFound")
	appeals, err := f.query.Appeals(f.Ctx, &types.QueryAppealsRequest{Pagination: &query.PageRequest{Limit: 10}})
	require.NoError(t, err)
	require.Len(t, appeals.Records, 1)
	require.Equal(t, types.RECORD_STATUS_APPEALED, appeals.Records[0].Status)
	var holds []types.Record
	page := &query.PageRequest{Limit: 5}
	for page != nil {
		res, err := f.query.Holds(f.Ctx, &types.QueryHoldsRequest{Pagination: page})
		require.NoError(t, err)
		holds = append(holds, res.Records...)
		page.Key = res.Pagination.NextKey
		if page.Key == nil {
			page = nil
		}
	}
	require.Len(t, holds, held(f))
	for i := 1; i < len(holds); i++ {
		require.False(t, holds[i].ReleaseAt.Before(holds[i-1].ReleaseAt))
	}
	conduct, err := f.query.Conduct(f.Ctx, &types.QueryConductRequest{Operator: banktest.Address("a").String()})
	require.NoError(t, err)
	require.NotEmpty(t, conduct.Conducts)
	_, err = f.query.Conduct(f.Ctx, nil)
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
