package simulation

import (
	"context"
	"time"

	"github.com/cosmos/cosmos-sdk/testutil/simsx"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/assaychain/assay/x/beacon/keeper"
	"github.com/assaychain/assay/x/beacon/types"
)

// page bounds the rounds that a relayer looks at.
const page = 100

// MsgPostRoundFactory posts a round that somebody waits for and whose time has come.
func MsgPostRoundFactory(k *keeper.Keeper) simsx.SimMsgFactoryFn[*types.MsgPostRound] {
	return func(ctx context.Context, data *simsx.ChainDataSource, reporter simsx.SimulationReporter) ([]simsx.SimAccount, *types.MsgPostRound) {
		relayer := data.AnyAccount(reporter, simsx.WithSpendableBalance())
		if reporter.IsSkipped() {
			return nil, nil
		}
		round, signature, reason := due(ctx, k, data.Rand())
		if reason != "" {
			reporter.Skip(reason)
			return nil, nil
		}
		return []simsx.SimAccount{relayer}, &types.MsgPostRound{Relayer: relayer.AddressBech32, Round: round, Signature: signature}
	}
}

// due chooses a round that can be posted, and signs it.
func due(ctx context.Context, k *keeper.Keeper, r *simsx.XRand) (round uint64, signature []byte, reason string) {
	params, err := k.Params(ctx)
	if err != nil {
		return 0, nil, err.Error()
	}
	secret, known := secretOf(params.Chain)
	if !known {
		return 0, nil, "the beacon is not a simulated one"
	}
	pending, err := keeper.NewQueryServer(k).Pending(ctx, &types.QueryPendingRequest{Pagination: &query.PageRequest{Limit: page}})
	if err != nil {
		return 0, nil, err.Error()
	}
	var ready []uint64
	for _, request := range pending.Requests {
		at, err := params.Chain.Drand().TimeOf(request.Round)
		if err == nil && !time.Unix(at, 0).After(sdk.UnwrapSDKContext(ctx).BlockTime()) {
			ready = append(ready, request.Round)
		}
	}
	if len(ready) == 0 {
		return 0, nil, "nobody waits for a round that is published"
	}
	round = ready[r.Intn(len(ready))]
	if signature, err = secret.Sign(round); err != nil {
		return 0, nil, err.Error()
	}
	return round, signature, ""
}

// MsgUpdateParamsFactory changes how rounds are fixed and kept, and now and then the beacon itself.
func MsgUpdateParamsFactory(k *keeper.Keeper) simsx.SimMsgFactoryFn[*types.MsgUpdateParams] {
	return func(ctx context.Context, data *simsx.ChainDataSource, reporter simsx.SimulationReporter) ([]simsx.SimAccount, *types.MsgUpdateParams) {
		params, err := k.Params(ctx)
		if err != nil {
			reporter.Skip(err.Error())
			return nil, nil
		}
		r := data.Rand()
		params.MinDelaySeconds = uint64(1 + r.Intn(120))
		params.HistorySeconds = uint64(types.MinHistory + r.Intn(types.DefaultHistory))
		params.MaxPrunedPerBlock = uint32(1 + r.Intn(20))
		if r.Intn(4) == 0 {
			if params.Chain, err = chain(r.Intn(beacons)); err != nil {
				reporter.Skip(err.Error())
				return nil, nil
			}
		}
		return nil, &types.MsgUpdateParams{Authority: data.ModuleAccountAddress(reporter, "gov"), Params: params}
	}
}
