// Package simulation makes random appeals, evidence and parameters for the SDK's simulator.
package simulation

import (
	"context"
	"errors"

	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/testutil/simsx"
	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	"github.com/cosmos/cosmos-sdk/types/module"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/assaychain/assay/x/penalty/keeper"
	"github.com/assaychain/assay/x/penalty/sentence"
	"github.com/assaychain/assay/x/penalty/types"
)

const (
	// page bounds the records and terms among which one is chosen.
	page = 100
	// hour and day bound the windows, in seconds.
	hour, day = 3_600, 24 * 3_600
)

// RandomizedGenState has windows short enough for a simulation to see their ends.
func RandomizedGenState(state *module.SimulationState) {
	genesis := types.DefaultGenesis()
	vary(&genesis.Params, state.Rand.Int63n)
	state.GenState[types.ModuleName] = state.Cdc.MustMarshalJSON(genesis)
}

// vary draws windows, shares and bounds. draw returns a number from 0 to below its bound.
func vary(params *types.Params, draw func(int64) int64) {
	params.VictimBps = uint32(draw(sentence.MaxShareBps + 1))
	params.ReporterBps = uint32(draw(int64(sentence.MaxShareBps-params.VictimBps) + 1))
	params.AppealSeconds, params.ResolutionSeconds = uint64(1+draw(hour)), uint64(1+draw(day))
	params.HistorySeconds, params.EvidenceSeconds = uint64(1+draw(2*day)), uint64(1+draw(2*day))
	params.MaxPrunedPerBlock, params.MaxSettledPerBlock = uint32(1+draw(20)), uint32(1+draw(20))
	params.AppealBond = math.NewInt(1 + draw(1_000_000))
	for i := range params.Rules {
		if params.Rules[i].RepetitionSeconds > 0 {
			params.Rules[i].RepetitionSeconds = uint64(1 + draw(day))
		}
	}
}

// refusable lets a message be refused for reasons that its factory does not look at.
func refusable(reasons ...error) simsx.SimDeliveryResultHandler {
	return func(err error) error {
		for _, reason := range reasons {
			if errors.Is(err, reason) {
				return nil
			}
		}
		return err
	}
}

// MsgUnjailFactory lets a jailed operator ask to leave, too early now and then.
func MsgUnjailFactory(k *keeper.Keeper) simsx.SimMsgFactoryX {
	return simsx.NewSimMsgFactoryWithDeliveryResultHandler(func(
		ctx context.Context, data *simsx.ChainDataSource, reporter simsx.SimulationReporter,
	) ([]simsx.SimAccount, *types.MsgUnjail, simsx.SimDeliveryResultHandler) {
		response, err := keeper.NewQueryServer(k).Jails(ctx, &types.QueryJailsRequest{Pagination: &query.PageRequest{Limit: page}})
		if err != nil || len(response.Jails) == 0 {
			reporter.Skip("nobody is jailed")
			return nil, nil, nil
		}
		jailed := response.Jails[data.Rand().Intn(len(response.Jails))]
		operator := data.GetAccount(reporter, jailed.Operator)
		if reporter.IsSkipped() {
			return nil, nil, nil
		}
		return []simsx.SimAccount{operator}, &types.MsgUnjail{Operator: jailed.Operator}, refusable(types.ErrTerm, types.ErrTombstoned)
	})
}

// MsgAppealFactory appeals against a punishment whose stake is held.
func MsgAppealFactory(k *keeper.Keeper) simsx.SimMsgFactoryX {
	return simsx.NewSimMsgFactoryWithDeliveryResultHandler(func(
		ctx context.Context, data *simsx.ChainDataSource, reporter simsx.SimulationReporter,
	) ([]simsx.SimAccount, *types.MsgAppeal, simsx.SimDeliveryResultHandler) {
		response, err := keeper.NewQueryServer(k).Holds(ctx, &types.QueryHoldsRequest{Pagination: &query.PageRequest{Limit: page}})
		if err != nil || len(response.Records) == 0 {
			reporter.Skip("nothing is held")
			return nil, nil, nil
		}
		record := response.Records[data.Rand().Intn(len(response.Records))]
		operator := data.GetAccount(reporter, record.Operator)
		if reporter.IsSkipped() {
			return nil, nil, nil
		}
		return []simsx.SimAccount{operator}, &types.MsgAppeal{Operator: record.Operator, RecordId: record.Id, Reason: "simulated"},
			refusable(types.ErrStatus, sdkerrors.ErrInsufficientFunds)
	})
}

// MsgSubmitEvidenceFactory lets an account sign two statements about one slot, and another show them.
func MsgSubmitEvidenceFactory() simsx.SimMsgFactoryX {
	return simsx.NewSimMsgFactoryWithDeliveryResultHandler(func(
		ctx context.Context, data *simsx.ChainDataSource, reporter simsx.SimulationReporter,
	) ([]simsx.SimAccount, *types.MsgSubmitEvidence, simsx.SimDeliveryResultHandler) {
		operator, witness := data.AnyAccount(reporter), data.AnyAccount(reporter, simsx.WithSpendableBalance())
		if reporter.IsSkipped() {
			return nil, nil, nil
		}
		e, err := equivocate(sdk.UnwrapSDKContext(ctx), operator, data.Rand())
		if err != nil {
			reporter.Skip(err.Error())
			return nil, nil, nil
		}
		return []simsx.SimAccount{witness}, &types.MsgSubmitEvidence{Reporter: witness.AddressBech32, Equivocation: e},
			refusable(types.ErrEvidence, types.ErrRepeated, types.ErrExpired)
	})
}

// equivocate signs two statements with an account's key.
func equivocate(ctx sdk.Context, operator simsx.SimAccount, r *simsx.XRand) (*types.Equivocation, error) {
	e := &types.Equivocation{
		Operator: operator.AddressBech32, Subject: "simulated", Slot: uint64(max(ctx.BlockTime().Unix()-int64(r.Intn(hour)), 0)),
	}
	for i, said := range []*types.SignedDigest{&e.First, &e.Second} {
		said.Digest = make([]byte, 32)
		said.Digest[0] = byte(i)
		content, err := e.Statement(ctx.ChainID(), operator.Address, *said).SignBytes()
		if err != nil {
			return nil, err
		}
		if said.Signature, err = operator.PrivKey.Sign(content); err != nil {
			return nil, err
		}
	}
	return e, nil
}

// MsgResolveAppealFactory puts an appeal to the vote.
func MsgResolveAppealFactory(k *keeper.Keeper) simsx.SimMsgFactoryFn[*types.MsgResolveAppeal] {
	return func(ctx context.Context, data *simsx.ChainDataSource, reporter simsx.SimulationReporter) ([]simsx.SimAccount, *types.MsgResolveAppeal) {
		response, err := keeper.NewQueryServer(k).Appeals(ctx, &types.QueryAppealsRequest{Pagination: &query.PageRequest{Limit: page}})
		if err != nil || len(response.Records) == 0 {
			reporter.Skip("nobody appealed")
			return nil, nil
		}
		record := response.Records[data.Rand().Intn(len(response.Records))]
		return nil, &types.MsgResolveAppeal{
			Authority: data.ModuleAccountAddress(reporter, "gov"), RecordId: record.Id, Grant: data.Rand().Bool(), Note: "simulated",
		}
	}
}

// MsgUpdateParamsFactory changes windows, shares and bounds.
func MsgUpdateParamsFactory(k *keeper.Keeper) simsx.SimMsgFactoryFn[*types.MsgUpdateParams] {
	return func(ctx context.Context, data *simsx.ChainDataSource, reporter simsx.SimulationReporter) ([]simsx.SimAccount, *types.MsgUpdateParams) {
		params, err := k.Params(ctx)
		if err != nil {
			reporter.Skip(err.Error())
			return nil, nil
		}
		vary(&params, data.Rand().Int63n)
		return nil, &types.MsgUpdateParams{Authority: data.ModuleAccountAddress(reporter, "gov"), Params: params}
	}
}
