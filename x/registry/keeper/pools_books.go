package keeper

import (
	"context"

	"cosmossdk.io/collections"

	"github.com/assaychain/assay/x/registry/types"
)

// initPools writes the pools of a state.
func (k *Keeper) initPools(ctx context.Context, state *types.GenesisState) error {
	for _, list := range state.Pools {
		owner, err := parseAddress("owner", list.Pool.Owner)
		if err != nil {
			return err
		}
		members, err := types.ParsePoolOperators("operators", list.Operators)
		if err != nil {
			return err
		}
		for _, operator := range members {
			if err := k.pools.members.Set(ctx, collections.Join(list.Pool.Id, operator)); err != nil {
				return err
			}
		}
		if err := k.pools.owned.Set(ctx, collections.Join(owner, list.Pool.Id)); err != nil {
			return err
		}
		if err := k.setPool(ctx, list.Pool); err != nil {
			return err
		}
	}
	return k.pools.last.Set(ctx, state.LastPool)
}

// exportPools adds the pools to a state, by id.
func (k *Keeper) exportPools(ctx context.Context, state *types.GenesisState) (err error) {
	if state.LastPool, err = k.pools.last.Peek(ctx); err != nil {
		return err
	}
	return k.pools.pools.Walk(ctx, nil, func(id uint64, pool types.Pool) (bool, error) {
		operators, err := k.PoolOperators(ctx, id)
		state.Pools = append(state.Pools, types.PoolList{Pool: pool, Operators: operators})
		return false, err
	})
}

// checkPools checks that every pool is its owner's, and that the indexes have nothing else; that pools have whom they count is checked with
// the whole state.
func (k *Keeper) checkPools(ctx context.Context, lists []types.PoolList) error {
	members, owned := 0, 0
	for _, list := range lists {
		members += len(list.Operators)
		owner, err := parseAddress("owner", list.Pool.Owner)
		if err != nil {
			return err
		}
		if listed, err := k.pools.owned.Has(ctx, collections.Join(owner, list.Pool.Id)); err != nil || !listed {
			return types.ErrInvariant.Wrapf("pool %d is not among those of %s: %v", list.Pool.Id, owner, err)
		}
	}
	if err := k.pools.members.Walk(ctx, nil, func(memberKey) (bool, error) { members--; return false, nil }); err != nil {
		return err
	}
	if err := k.pools.owned.Walk(ctx, nil, func(poolOwnerKey) (bool, error) { owned++; return false, nil }); err != nil {
		return err
	}
	if members != 0 || owned != len(lists) {
		return types.ErrInvariant.Wrapf("%d pools, %d are owned; %d operators are in pools that are not there", len(lists), owned, -members)
	}
	return nil
}
