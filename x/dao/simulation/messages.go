// Package simulation makes random messages of x/dao for the SDK's simulator.
package simulation

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/cosmos/cosmos-sdk/testutil/simsx"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/module"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/assaychain/assay/x/dao/keeper"
	"github.com/assaychain/assay/x/dao/types"
)

// page bounds the grants that are looked at.
const page = 100

// RandomizedGenState is the default state with a time lock of some minutes to days.
func RandomizedGenState(state *module.SimulationState) {
	genesis := types.DefaultGenesis()
	genesis.Params.TimeLock = time.Duration(1+state.Rand.Intn(48*60)) * time.Minute
	state.GenState[types.ModuleName] = state.Cdc.MustMarshalJSON(genesis)
}

// MsgFundTreasuryFactory gives some of what somebody has.
func MsgFundTreasuryFactory() simsx.SimMsgFactoryFn[*types.MsgFundTreasury] {
	return func(_ context.Context, data *simsx.ChainDataSource, reporter simsx.SimulationReporter) ([]simsx.SimAccount, *types.MsgFundTreasury) {
		from := data.AnyAccount(reporter, simsx.WithSpendableBalance())
		coins := from.LiquidBalance().RandSubsetCoins(reporter, simsx.WithSendEnabledCoins())
		return []simsx.SimAccount{from}, &types.MsgFundTreasury{Depositor: from.AddressBech32, Amount: coins}
	}
}

// MsgClaimGrantFactory claims what has vested of a grant; where nothing has, a grant that is not there, which is refused.
func MsgClaimGrantFactory(k *keeper.Keeper) simsx.SimMsgFactoryX {
	return simsx.NewSimMsgFactoryWithDeliveryResultHandler(func(
		ctx context.Context, data *simsx.ChainDataSource, reporter simsx.SimulationReporter,
	) ([]simsx.SimAccount, *types.MsgClaimGrant, simsx.SimDeliveryResultHandler) {
		g, found := anyGrant(ctx, k, data.Rand(), func(g types.Grant) bool {
			return g.Claimable(sdk.UnwrapSDKContext(ctx).BlockTime()).IsPositive() && data.HasAccount(g.Recipient)
		})
		if !found {
			anybody := data.AnyAccount(reporter, simsx.WithSpendableBalance())
			return []simsx.SimAccount{anybody}, &types.MsgClaimGrant{Recipient: anybody.AddressBech32, GrantId: math.MaxUint64}, noGrant
		}
		recipient := data.GetAccount(reporter, g.Recipient)
		return []simsx.SimAccount{recipient}, &types.MsgClaimGrant{Recipient: g.Recipient, GrantId: g.Id}, nil
	})
}

// noGrant takes the refusal of a grant that is not there, and nothing else.
func noGrant(err error) error {
	if errors.Is(err, types.ErrNoGrant) {
		return nil
	}
	return fmt.Errorf("claim of no grant: %w", err)
}

// MsgCreateGrantFactory proposes to grant some of what the treasury has, as a stream or in milestones.
func MsgCreateGrantFactory(k *keeper.Keeper) simsx.SimMsgFactoryFn[*types.MsgCreateGrant] {
	return func(ctx context.Context, data *simsx.ChainDataSource, reporter simsx.SimulationReporter) ([]simsx.SimAccount, *types.MsgCreateGrant) {
		treasury, err := keeper.NewQueryServer(k).Treasury(ctx, &types.QueryTreasuryRequest{})
		if err != nil || treasury.Available.Amount.LT(sdk.DefaultPowerReduction) {
			reporter.Skip("the treasury has nothing to grant")
			return nil, nil
		}
		r, recipient, now := data.Rand(), data.AnyAccount(reporter), sdk.UnwrapSDKContext(ctx).BlockTime()
		amount := treasury.Available
		amount.Amount = amount.Amount.QuoRaw(int64(2 + r.Intn(100)))
		m := &types.MsgCreateGrant{
			Authority: data.ModuleAccountAddress(reporter, "gov"), Recipient: recipient.AddressBech32, Purpose: "simulated work", Amount: amount,
		}
		if r.Intn(2) == 0 {
			m.Milestones = []types.Milestone{
				{Title: "half of it", Amount: amount.Amount.QuoRaw(2)}, {Title: "the rest", Amount: amount.Amount.Sub(amount.Amount.QuoRaw(2))},
			}
		} else {
			m.Stream = &types.Stream{Start: now, End: now.Add(time.Duration(1+r.Intn(1000)) * time.Hour)}
		}
		return nil, m
	}
}

// MsgCancelGrantFactory proposes to cancel a grant.
func MsgCancelGrantFactory(k *keeper.Keeper) simsx.SimMsgFactoryFn[*types.MsgCancelGrant] {
	return func(ctx context.Context, data *simsx.ChainDataSource, reporter simsx.SimulationReporter) ([]simsx.SimAccount, *types.MsgCancelGrant) {
		g, found := anyGrant(ctx, k, data.Rand(), func(g types.Grant) bool { return !g.Cancelled })
		if !found {
			reporter.Skip("there is no grant")
			return nil, nil
		}
		return nil, &types.MsgCancelGrant{Authority: data.ModuleAccountAddress(reporter, "gov"), GrantId: g.Id}
	}
}

// MsgReleaseMilestoneFactory proposes to release a milestone.
func MsgReleaseMilestoneFactory(k *keeper.Keeper) simsx.SimMsgFactoryFn[*types.MsgReleaseMilestone] {
	return func(ctx context.Context, data *simsx.ChainDataSource, reporter simsx.SimulationReporter) ([]simsx.SimAccount, *types.MsgReleaseMilestone) {
		g, found := anyGrant(ctx, k, data.Rand(), func(g types.Grant) bool {
			return slices.ContainsFunc(g.Milestones, func(m types.Milestone) bool { return !m.Released })
		})
		if !found {
			reporter.Skip("there is no milestone to release")
			return nil, nil
		}
		next := slices.IndexFunc(g.Milestones, func(m types.Milestone) bool { return !m.Released })
		return nil, &types.MsgReleaseMilestone{
			Authority: data.ModuleAccountAddress(reporter, "gov"), GrantId: g.Id, Milestone: uint32(next),
		}
	}
}

// MsgCancelScheduledFactory proposes to cancel a change that waits.
func MsgCancelScheduledFactory(k *keeper.Keeper) simsx.SimMsgFactoryFn[*types.MsgCancelScheduled] {
	return func(ctx context.Context, data *simsx.ChainDataSource, reporter simsx.SimulationReporter) ([]simsx.SimAccount, *types.MsgCancelScheduled) {
		answer, err := keeper.NewQueryServer(k).Changes(ctx, &types.QueryChangesRequest{Pagination: &query.PageRequest{Limit: page}})
		if err != nil || len(answer.Changes) == 0 {
			reporter.Skip("nothing waits")
			return nil, nil
		}
		change := answer.Changes[data.Rand().Intn(len(answer.Changes))]
		return nil, &types.MsgCancelScheduled{
			Authority: data.ModuleAccountAddress(reporter, "gov"), ProposalId: change.ProposalId, Reason: "simulated doubts",
		}
	}
}

// MsgUpdateParamsFactory proposes other parameters within the guardrails.
func MsgUpdateParamsFactory(k *keeper.Keeper) simsx.SimMsgFactoryFn[*types.MsgUpdateParams] {
	return func(ctx context.Context, data *simsx.ChainDataSource, reporter simsx.SimulationReporter) ([]simsx.SimAccount, *types.MsgUpdateParams) {
		params, err := k.Params(ctx)
		if err != nil {
			reporter.Skip(err.Error())
			return nil, nil
		}
		r := data.Rand()
		params.MaxGrants = min(10_000, max(10, params.MaxGrants/2+uint32(r.Intn(int(params.MaxGrants)))))
		params.MaxExecutedPerBlock = min(16, max(1, params.MaxExecutedPerBlock/2+uint32(r.Intn(int(params.MaxExecutedPerBlock)+1))))
		return nil, &types.MsgUpdateParams{Authority: data.ModuleAccountAddress(reporter, "gov"), Params: params}
	}
}

// anyGrant chooses one of the first grants that will do.
func anyGrant(ctx context.Context, k *keeper.Keeper, r *simsx.XRand, fits func(types.Grant) bool) (types.Grant, bool) {
	answer, err := keeper.NewQueryServer(k).Grants(ctx, &types.QueryGrantsRequest{Pagination: &query.PageRequest{Limit: page}})
	if err != nil {
		return types.Grant{}, false
	}
	var fitting []types.Grant
	for _, g := range answer.Grants {
		if fits(g) {
			fitting = append(fitting, g)
		}
	}
	if len(fitting) == 0 {
		return types.Grant{}, false
	}
	return fitting[r.Intn(len(fitting))], true
}
