// Package simulation makes random jobs for the SDK's simulator. Its workers commit to traces they never computed, so no proof
// of theirs is true: what proven jobs go through is simulated with real proofs, by the whole application.
package simulation

import (
	"context"

	"github.com/cosmos/cosmos-sdk/testutil/simsx"
	"github.com/cosmos/cosmos-sdk/types/module"

	"github.com/assaychain/assay/x/market/keeper"
	"github.com/assaychain/assay/x/market/types"
)

// RandomizedGenState has no jobs and no leases, and windows of random length.
func RandomizedGenState(state *module.SimulationState) {
	genesis := types.DefaultGenesis()
	r := &simsx.XRand{Rand: state.Rand}
	randomize(&genesis.Params, r)
	promises(&genesis.Params, r)
	factors(&genesis.Params, r)
	shortLeases(&genesis.Params.Lease, r)
	state.GenState[types.ModuleName] = state.Cdc.MustMarshalJSON(genesis)
}

// randomize changes the windows and the limits of a block.
func randomize(params *types.Params, r *simsx.XRand) {
	params.DisputeSeconds, params.DeliverySeconds = uint64(1+r.Intn(600)), uint64(1+r.Intn(600))
	params.CommitBaseSeconds, params.ProofBaseSeconds = uint64(1+r.Intn(300)), uint64(1+r.Intn(300))
	params.RetrySeconds, params.HistorySeconds = uint64(1+r.Intn(60)), uint64(r.Intn(7*86_400))
	params.MaxAssignmentsPerBlock, params.MaxDuePerBlock = uint32(1+r.Intn(64)), uint32(1+r.Intn(64))
	params.MaxSampledPerBlock, params.MaxPrunedPerBlock = uint32(1+r.Intn(64)), uint32(1+r.Intn(64))
	params.ExposureBps = uint32(r.Intn(30_000))
	params.MaxAttempts = uint32(1 + r.Intn(4))
	params.AnswerSeconds, params.RevealSeconds = uint64(1+r.Intn(300)), uint64(1+r.Intn(300))
	params.JobDemandLowBps = uint32(5_000 + r.Intn(5_001))
	params.JobDemandHighBps = params.JobDemandLowBps + uint32(r.Intn(10_001))
	params.MaxRunnersUp, params.MaxPatientPerBlock = uint32(r.Intn(types.RunnersUpLimit+1)), uint32(4+r.Intn(32))
	params.MaxCandidates = uint32(1 + r.Intn(64))
}

// factors draws the hours and what is usual of each class; votes don't change it.
func factors(params *types.Params, r *simsx.XRand) {
	for hour := range params.JobHourBps {
		params.JobHourBps[hour] = uint32(8_000 + r.Intn(4_001))
	}
	for class := range params.JobReferenceGops {
		params.JobReferenceGops[class] = 1 + uint32(r.Intn(int(2*params.JobReferenceGops[class])))
	}
}

// promises draws what the tiers promise, the dearer the more; votes don't change it.
func promises(params *types.Params, r *simsx.XRand) {
	share, late := uint32(10_000), uint32(0)
	for _, tier := range []types.JobTier{types.JOB_TIER_ECONOMY, types.JOB_TIER_STANDARD, types.JOB_TIER_FAST, types.JOB_TIER_REALTIME} {
		params.JobSlaBps[tier], params.JobLateBps[tier] = share, late
		share, late = 1+uint32(r.Intn(int(share))), late+uint32(r.Intn(int(types.LateBpsLimit-late)+1))
	}
}

// MsgUpdateParamsFactory changes the windows and the limits of a block.
func MsgUpdateParamsFactory(k *keeper.Keeper) simsx.SimMsgFactoryFn[*types.MsgUpdateParams] {
	return func(ctx context.Context, data *simsx.ChainDataSource, reporter simsx.SimulationReporter) ([]simsx.SimAccount, *types.MsgUpdateParams) {
		params, err := k.Params(ctx)
		if err != nil {
			reporter.Skip(err.Error())
			return nil, nil
		}
		randomize(&params, data.Rand())
		return nil, &types.MsgUpdateParams{Authority: data.ModuleAccountAddress(reporter, "gov"), Params: params}
	}
}
