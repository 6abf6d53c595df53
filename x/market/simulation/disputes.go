package simulation

import (
	"context"

	"github.com/cosmos/cosmos-sdk/testutil/simsx"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/market/keeper"
	"github.com/assaychain/assay/x/market/types"
	proofssimulation "github.com/assaychain/assay/x/proofs/simulation"
)

// MsgDisputeResultFactory disputes any entry of a proven result, as anyone.
func MsgDisputeResultFactory(k *keeper.Keeper) simsx.SimMsgFactoryX {
	return simsx.NewSimMsgFactoryWithDeliveryResultHandler(func(
		ctx context.Context, data *simsx.ChainDataSource, reporter simsx.SimulationReporter,
	) ([]simsx.SimAccount, *types.MsgDisputeResult, simsx.SimDeliveryResultHandler) {
		job, ok := anyJob(ctx, k, data, reporter, types.JOB_STATE_PROVEN, types.JOB_STATE_DELIVERED)
		if !ok {
			return nil, nil, nil
		}
		params, err := k.Params(ctx)
		if err != nil {
			reporter.Skip(err.Error())
			return nil, nil, nil
		}
		bond := sdk.NewCoin(params.Denom, params.BondOf(job))
		watcher := data.AnyAccount(reporter, simsx.WithDenomBalance(params.Denom))
		if reporter.IsSkipped() {
			return nil, nil, nil
		}
		if !watcher.LiquidBalance().BlockAmount(bond) {
			reporter.Skip("the watcher can't post the bond")
			return nil, nil, nil
		}
		r := data.Rand()
		return []simsx.SimAccount{watcher}, &types.MsgDisputeResult{
			Challenger: watcher.AddressBech32, JobId: job.Id, Attempt: job.Attempt, MaxBond: bond,
			Entry: types.Entry{Row: uint32(r.Intn(rows)), Col: uint32(r.Intn(columns))},
		}, refused
	})
}

// MsgAnswerDisputeFactory answers a dispute by a well-formed proof of something else.
func MsgAnswerDisputeFactory(k *keeper.Keeper) simsx.SimMsgFactoryX {
	return ofWorker(k, func(ctx context.Context, job types.Job, worker string) (*types.MsgAnswerDispute, error) {
		answer := &types.MsgAnswerDispute{Worker: worker, JobId: job.Id, Attempt: job.Attempt, Proof: proofssimulation.Proof()}
		if job.Dispute != nil {
			answer.Number = job.Dispute.Number
		}
		if job.State == types.JOB_STATE_STANDING {
			response, err := keeper.NewQueryServer(k).Replicas(ctx, &types.QueryReplicasRequest{Id: job.Id})
			if err != nil {
				return nil, err
			}
			answer.Number = response.Record.Differences
		}
		return answer, nil
	}, types.JOB_STATE_DISPUTED, types.JOB_STATE_STANDING)
}
