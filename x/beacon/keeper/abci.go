package keeper

import (
	"context"
	"fmt"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/beacon/types"
	"github.com/assaychain/assay/x/hooks"
)

// EndBlock prunes in two phases that share one bound, max_pruned_per_block: rounds whose history is over, then requests
// that no signature can answer any more. What doesn't fit waits for the next block.
func (k *Keeper) EndBlock(ctx context.Context) error {
	sdkCtx := sdk.UnwrapSDKContext(ctx)
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	pruned, err := k.pruneRounds(sdkCtx, params)
	if err != nil {
		return err
	}
	return k.pruneRequests(sdkCtx, int(params.MaxPrunedPerBlock)-pruned)
}

// pruneRounds removes drained rounds posted longer ago than the history is long, and returns how many it took up.
func (k *Keeper) pruneRounds(ctx sdk.Context, params types.Params) (int, error) {
	last := ctx.BlockTime().Unix() - int64(params.HistorySeconds) - 1
	upToLast := collections.NewPrefixUntilTripleRange[int64, uint64, uint64](last)
	due, err := collect(ctx, k.history, upToLast, int(params.MaxPrunedPerBlock))
	if err != nil {
		return 0, err
	}
	for _, key := range due {
		// Out of the queue first, so that an item that fails cannot stay at its head.
		if err := k.history.Remove(ctx, key); err != nil {
			return 0, err
		}
		hooks.Isolate(ctx, types.ModuleName, fmt.Sprintf("prune round %d", key.K3()), func(ctx sdk.Context) error {
			return k.rounds.Remove(ctx, collections.Join(key.K2(), key.K3()))
		})
	}
	return len(due), nil
}

// pruneRequests removes requests of earlier generations: the key that could have answered them is gone.
func (k *Keeper) pruneRequests(ctx sdk.Context, limit int) error {
	generation, err := k.generation.Get(ctx)
	if err != nil || generation == 0 {
		return err
	}
	earlier := collections.NewPrefixUntilTripleRange[uint64, uint64, string](generation - 1)
	stale, err := collect(ctx, k.requests, earlier, limit)
	if err != nil {
		return err
	}
	for _, key := range stale {
		if err := k.requests.Remove(ctx, key); err != nil {
			return err
		}
	}
	return nil
}

// collect takes at most limit keys of a range. It reads before anything is written, since a store must not change under
// its iterator.
func collect[K any](ctx context.Context, set collections.KeySet[K], ranger collections.Ranger[K], limit int) ([]K, error) {
	var keys []K
	if limit <= 0 {
		return keys, nil
	}
	err := set.Walk(ctx, ranger, func(key K) (bool, error) {
		keys = append(keys, key)
		return len(keys) >= limit, nil
	})
	return keys, err
}
