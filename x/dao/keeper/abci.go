package keeper

import (
	"fmt"
	"time"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/dao/types"
	"github.com/assaychain/assay/x/hooks"
)

// EndBlock carries out the proposals whose time has come, at most max_executed_per_block, the longest due first, and forgets
// the block's verdict. It runs after gov's. Only unreadable parameters are an error.
func (k *Keeper) EndBlock(ctx sdk.Context) error {
	hooks.Isolate(ctx, types.ModuleName, "forget the verdict", func(ctx sdk.Context) error { return k.verdict.Remove(ctx) })
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	for _, place := range k.due(ctx, int(params.MaxExecutedPerBlock)) {
		k.execute(ctx, place)
	}
	return nil
}

// due lists the first places of the queue whose time has come; none when the queue can't be read in this block.
func (k *Keeper) due(ctx sdk.Context, limit int) (places []queueKey) {
	hooks.Isolate(ctx, types.ModuleName, "read the queue", func(ctx sdk.Context) error {
		due := collections.NewPrefixUntilPairRange[time.Time, uint64](ctx.BlockTime())
		return k.queue.Walk(ctx, due, func(place queueKey) (bool, error) {
			places = append(places, place)
			return len(places) >= limit, nil
		})
	})
	return places
}

// execute carries out a proposal and takes it out of the queue, whatever comes of it.
func (k *Keeper) execute(ctx sdk.Context, place queueKey) {
	item := fmt.Sprintf("proposal %d", place.K2())
	settled := hooks.Isolate(ctx, types.ModuleName, item, func(ctx sdk.Context) error {
		waiting, err := k.scheduled.Get(ctx, place.K2())
		if err != nil {
			return err
		}
		if err := k.apply(ctx, waiting); err != nil {
			return k.settle(ctx, place, types.RESULT_FAILED, err.Error())
		}
		return k.settle(ctx, place, types.RESULT_EXECUTED, "")
	})
	if !settled {
		hooks.Isolate(ctx, types.ModuleName, item, func(ctx sdk.Context) error {
			return k.settle(ctx, place, types.RESULT_FAILED, "it could not be read or panicked: see the node's log")
		})
	}
}
