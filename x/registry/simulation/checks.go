package simulation

import (
	"context"

	"github.com/cosmos/cosmos-sdk/testutil/simsx"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/assaychain/assay/x/registry/keeper"
	"github.com/assaychain/assay/x/registry/spotcheck"
	"github.com/assaychain/assay/x/registry/types"
)

// smallChecks makes spot checks small enough to be multiplied out by the definition, and draws so many devices a round; 0 is none.
// Their windows are long, because the simulator's blocks are far apart.
func smallChecks(params *types.Params, draws int) {
	for i := range params.Classes {
		rule := &params.Classes[i]
		rule.CheckSize, rule.CheckSteps, rule.CheckWindowMs = spotcheck.MinSize, 2, 600_000
	}
	params.Spot.Draws, params.Spot.Samples, params.Spot.OpenWindowMs = uint32(draws), 2, 600_000
}

// anyCheck chooses a check that waits for an answer, and the device's owner.
func anyCheck(
	ctx context.Context, k *keeper.Keeper, data *simsx.ChainDataSource, reporter simsx.SimulationReporter, state types.CheckState,
) (types.SpotCheck, simsx.SimAccount, bool) {
	response, err := keeper.NewQueryServer(k).SpotChecks(ctx, &types.QuerySpotChecksRequest{State: state, Pagination: &query.PageRequest{Limit: page}})
	if err != nil || len(response.Checks) == 0 {
		reporter.Skip("no spot check waits for this")
		return types.SpotCheck{}, simsx.SimAccount{}, false
	}
	check := response.Checks[data.Rand().Intn(len(response.Checks))]
	return check, data.GetAccount(reporter, check.Operator), !reporter.IsSkipped()
}

// definition multiplies by the definition.
var definition = spotcheck.Engine{Multiply: func(rows, size int, a, b []byte, sums []int32) error {
	for r := range rows {
		for c := range size {
			sum := int32(0)
			for i := range size {
				sum += int32(int8(a[r*size+i])) * int32(int8(b[c*size+i]))
			}
			sums[r*size+c] = sum
		}
	}
	return nil
}}

// trace computes what a check asks for; one device in eight, by the check's number, computes something else, always the same.
func trace(check types.SpotCheck) (*spotcheck.Trace, error) {
	seed := spotcheck.Hash(check.Seed)
	if check.Id%8 == 0 {
		seed[0]++
	}
	return spotcheck.Run(definition, check.Terms(), seed)
}

// MsgCommitSpotCheckFactory commits to a spot check, which may be too late.
func MsgCommitSpotCheckFactory(k *keeper.Keeper) simsx.SimMsgFactoryX {
	return simsx.NewSimMsgFactoryWithDeliveryResultHandler(func(
		ctx context.Context, data *simsx.ChainDataSource, reporter simsx.SimulationReporter,
	) ([]simsx.SimAccount, *types.MsgCommitSpotCheck, simsx.SimDeliveryResultHandler) {
		check, owner, ok := anyCheck(ctx, k, data, reporter, types.CHECK_STATE_SEEDED)
		if !ok {
			return nil, nil, nil
		}
		made, err := trace(check)
		if err != nil {
			reporter.Skip(err.Error())
			return nil, nil, nil
		}
		commitment := spotcheck.Commitment(spotcheck.Hash(check.Seed), made.Roots())
		return []simsx.SimAccount{owner}, &types.MsgCommitSpotCheck{
			Operator: check.Operator, Device: check.Device, Check: check.Id, Commitment: commitment[:],
		}, refusable(types.ErrLate)
	})
}

// MsgOpenSpotCheckFactory opens a spot check, honestly unless the device computed something else.
func MsgOpenSpotCheckFactory(k *keeper.Keeper) simsx.SimMsgFactoryX {
	return simsx.NewSimMsgFactoryWithDeliveryResultHandler(func(
		ctx context.Context, data *simsx.ChainDataSource, reporter simsx.SimulationReporter,
	) ([]simsx.SimAccount, *types.MsgOpenSpotCheck, simsx.SimDeliveryResultHandler) {
		check, owner, ok := anyCheck(ctx, k, data, reporter, types.CHECK_STATE_SAMPLED)
		if !ok {
			return nil, nil, nil
		}
		made, err := trace(check)
		if err == nil {
			var opening spotcheck.Opening
			if opening, err = made.Open(definition, spotcheck.Hash(check.Challenge)); err == nil {
				return []simsx.SimAccount{owner}, types.NewMsgOpenSpotCheck(check, opening), refusable(types.ErrLate)
			}
		}
		reporter.Skip(err.Error())
		return nil, nil, nil
	})
}
