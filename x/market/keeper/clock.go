package keeper

import (
	"context"
	"time"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/market/clock"
	"github.com/assaychain/assay/x/market/types"
)

// Now is the market's clock at this block, in active milliseconds, the same for all of the block.
func (k *Keeper) Now(ctx context.Context) (uint64, error) {
	reading, err := k.reading(ctx)
	return reading.ActiveMs, err
}

// reading is the clock moved to this block, whether or not the block has stored it.
func (k *Keeper) reading(ctx context.Context) (clock.Clock, error) {
	params, err := k.params.Get(ctx)
	if err != nil {
		return clock.Clock{}, err
	}
	stored, err := k.clock.Get(ctx)
	if err != nil {
		return clock.Clock{}, err
	}
	last := clock.Clock{ActiveMs: stored.ActiveMs, LastBlock: stored.LastBlock}
	gap := time.Duration(params.MaxBlockGapSeconds) * time.Second
	return clock.Advance(last, sdk.UnwrapSDKContext(ctx).BlockTime(), gap), nil
}

// tick stores the clock. A block that can't has read it all the same, and the next one counts the time of both, as far as a gap
// counts.
func (k *Keeper) tick(ctx sdk.Context) error {
	reading, err := k.reading(ctx)
	if err != nil {
		return err
	}
	return k.clock.Set(ctx, types.Clock{ActiveMs: reading.ActiveMs, LastBlock: reading.LastBlock})
}

// inWallTime is the block time at which a moment of the clock is reached if no block is late.
func inWallTime(ctx sdk.Context, now, moment uint64) time.Time {
	return ctx.BlockTime().Add(clock.Until(now, moment))
}
