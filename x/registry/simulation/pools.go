package simulation

import (
	"context"
	"slices"

	"github.com/cosmos/cosmos-sdk/testutil/simsx"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/assaychain/assay/x/registry/keeper"
	"github.com/assaychain/assay/x/registry/types"
)

// someOperators chooses registered operators, ascending, each once; maybe none.
func someOperators(ctx context.Context, k *keeper.Keeper, r *simsx.XRand) []string {
	response, err := keeper.NewQueryServer(k).Operators(ctx, &types.QueryOperatorsRequest{Pagination: &query.PageRequest{Limit: page}})
	if err != nil {
		return nil
	}
	var list []string
	for _, operator := range response.Operators {
		if r.Intn(4) == 0 {
			list = append(list, operator.Address)
		}
	}
	slices.Sort(list)
	return list
}

// anyPool chooses a pool of a simulated account, and its owner.
func anyPool(
	ctx context.Context, k *keeper.Keeper, data *simsx.ChainDataSource, reporter simsx.SimulationReporter,
) (types.Pool, simsx.SimAccount, bool) {
	response, err := keeper.NewQueryServer(k).Pools(ctx, &types.QueryPoolsRequest{Pagination: &query.PageRequest{Limit: page}})
	if err != nil || len(response.Pools) == 0 {
		reporter.Skip("there is no pool")
		return types.Pool{}, simsx.SimAccount{}, false
	}
	pool := response.Pools[data.Rand().Intn(len(response.Pools))]
	return pool, data.GetAccount(reporter, pool.Owner), !reporter.IsSkipped()
}

// MsgCreatePoolFactory begins a pool of some operators, which may be too many.
func MsgCreatePoolFactory(k *keeper.Keeper) simsx.SimMsgFactoryX {
	return simsx.NewSimMsgFactoryWithDeliveryResultHandler(func(
		ctx context.Context, data *simsx.ChainDataSource, reporter simsx.SimulationReporter,
	) ([]simsx.SimAccount, *types.MsgCreatePool, simsx.SimDeliveryResultHandler) {
		owner := data.AnyAccount(reporter, simsx.WithSpendableBalance())
		if reporter.IsSkipped() {
			return nil, nil, nil
		}
		r := data.Rand()
		return []simsx.SimAccount{owner}, &types.MsgCreatePool{
			Owner: owner.AddressBech32, Name: r.StringN(types.MaxPoolName - 1), Operators: someOperators(ctx, k, r),
		}, refusable(types.ErrPool)
	})
}

// MsgUpdatePoolFactory changes who is in a pool; one in eight goes to another account.
func MsgUpdatePoolFactory(k *keeper.Keeper) simsx.SimMsgFactoryX {
	return simsx.NewSimMsgFactoryWithDeliveryResultHandler(func(
		ctx context.Context, data *simsx.ChainDataSource, reporter simsx.SimulationReporter,
	) ([]simsx.SimAccount, *types.MsgUpdatePool, simsx.SimDeliveryResultHandler) {
		pool, owner, ok := anyPool(ctx, k, data, reporter)
		if !ok {
			return nil, nil, nil
		}
		r := data.Rand()
		message := &types.MsgUpdatePool{Owner: pool.Owner, Pool: pool.Id, Name: r.StringN(types.MaxPoolName - 1)}
		inside, err := k.PoolOperators(ctx, pool.Id)
		if err != nil {
			reporter.Skip(err.Error())
			return nil, nil, nil
		}
		for _, operator := range someOperators(ctx, k, r) {
			if slices.Contains(inside, operator) {
				message.Remove = append(message.Remove, operator)
			} else {
				message.Add = append(message.Add, operator)
			}
		}
		if r.Intn(8) == 0 {
			message.NewOwner = data.AnyAccount(reporter).AddressBech32
		}
		return []simsx.SimAccount{owner}, message, refusable(types.ErrPool)
	})
}

// MsgDeletePoolFactory removes a pool.
func MsgDeletePoolFactory(k *keeper.Keeper) simsx.SimMsgFactoryFn[*types.MsgDeletePool] {
	return func(ctx context.Context, data *simsx.ChainDataSource, reporter simsx.SimulationReporter) ([]simsx.SimAccount, *types.MsgDeletePool) {
		pool, owner, ok := anyPool(ctx, k, data, reporter)
		if !ok {
			return nil, nil
		}
		return []simsx.SimAccount{owner}, &types.MsgDeletePool{Owner: pool.Owner, Pool: pool.Id}
	}
}
