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
// that no signature can answer any more. What doesn't fit waits for the next block. Only unreadable parameters are an error:
// whatever else fails is tried again in the next block, while the others go on.
func (k *Keeper) EndBlock(ctx context.Context) error {
	sdkCtx := sdk.UnwrapSDKContext(ctx)
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	pruned := k.pruneRounds(sdkCtx, params)
	k.pruneRequests(sdkCtx, int(params.MaxPrunedPerBlock)-pruned)
	return nil
}

// pruneRounds removes drained rounds posted longer ago than the history is long, and returns how many it took up.
func (k *Keeper) pruneRounds(ctx sdk.Context, params types.Params) int {
	last := ctx.BlockTime().Unix() - int64(params.HistorySeconds) - 1
	upToLast := collections.NewPrefixUntilTripleRange[int64, uint64, uint64](last)
	due := collect(ctx, k.history, upToLast, int(params.MaxPrunedPerBlock))
	for _, key := range due {
		hooks.Isolate(ctx, types.ModuleName, fmt.Sprintf("prune round %d", key.K3()), func(ctx sdk.Context) error {
			if err := k.history.Remove(ctx, key); err != nil {
				return err
			}
			return k.rounds.Remove(ctx, collections.Join(key.K2(), key.K3()))
		})
	}
	return len(due)
}

// pruneRequests removes requests of earlier generations: the key that could have answered them is gone.
func (k *Keeper) pruneRequests(ctx sdk.Context, limit int) {
	var generation uint64
	hooks.Isolate(ctx, types.ModuleName, "read the generation", func(ctx sdk.Context) (err error) {
		generation, err = k.generation.Get(ctx)
		return err
	})
	if generation == 0 {
		return
	}
	earlier := collections.NewPrefixUntilTripleRange[uint64, uint64, string](generation - 1)
	for _, key := range collect(ctx, k.requests, earlier, limit) {
		hooks.Isolate(ctx, types.ModuleName, fmt.Sprintf("forget request of round %d", key.K2()), func(ctx sdk.Context) error {
			return k.requests.Remove(ctx, key)
		})
	}
}

// collect takes at most limit keys of a range; none when it can't be read. It reads before anything is written, since a store
// must not change under its iterator.
func collect[K any](ctx sdk.Context, set collections.KeySet[K], ranger collections.Ranger[K], limit int) []K {
	var keys []K
	if limit <= 0 {
		return keys
	}
	hooks.Isolate(ctx, types.ModuleName, "read a queue", func(ctx sdk.Context) error {
		keys = nil
		return set.Walk(ctx, ranger, func(key K) (bool, error) {
			keys = append(keys, key)
			return len(keys) >= limit, nil
		})
	})
	return keys
}
