package keeper

import (
	"context"
	"fmt"
	"math"
	"time"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/hooks"
	"github.com/assaychain/assay/x/registry/reputation"
	"github.com/assaychain/assay/x/registry/types"
)

// lapseRetryMs is how long a lapse that failed waits, so that it doesn't stay at the head of the queue: an hour.
const lapseRetryMs = 3_600_000

// EndBlock moves the clock on, lets devices lapse that proved nothing for too long, at most max_lapses_per_block, oldest
// first, forgets old telemetry, has devices follow their hours, and moves spot checks on. A lapse that fails is tried again an hour later; the others go on. Only unreadable parameters are an error; a clock
// that can't be stored is caught up with in the next block.
func (k *Keeper) EndBlock(ctx sdk.Context) error {
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	now, ok := k.tick(ctx)
	if !ok {
		return nil
	}
	for _, key := range k.head(ctx, "read lapses", k.lapses, now, params.MaxLapsesPerBlock) {
		item := fmt.Sprintf("lapse of device %x", key.K2())
		ok := hooks.Isolate(ctx, types.ModuleName, item, func(ctx sdk.Context) error { return k.lapse(ctx, params, key) })
		if !ok {
			hooks.Isolate(ctx, types.ModuleName, "put off "+item, func(ctx sdk.Context) error { return k.putOff(ctx, key, now) })
		}
	}
	k.forgetReports(ctx, params, now)
	k.switchDevices(ctx, params)
	k.moveChecks(ctx, params, now)
	return nil
}

// Now is the registry's clock at this block, in milliseconds, the same for all of the block.
func (k *Keeper) Now(ctx context.Context) (uint64, error) {
	reading, err := k.reading(ctx)
	return reading.ActiveMs, err
}

// AttestsAfter is the moment that an attested device is proven beyond: now. While there are no spot checks it is the last of all, since nobody's
// class is shown.
func (k *Keeper) AttestsAfter(ctx context.Context) (uint64, error) {
	params, err := k.params.Get(ctx)
	if err != nil {
		return 0, err
	}
	if !params.Spot.On() {
		return math.MaxUint64, nil
	}
	clock, err := k.readingBy(ctx, params)
	return clock.ActiveMs, err
}

// reading is the clock moved to this block, whether or not the block has stored it.
func (k *Keeper) reading(ctx context.Context) (types.Clock, error) {
	params, err := k.params.Get(ctx)
	if err != nil {
		return types.Clock{}, err
	}
	return k.readingBy(ctx, params)
}

// readingBy is reading for who has the parameters already.
func (k *Keeper) readingBy(ctx context.Context, params types.Params) (types.Clock, error) {
	clock, err := k.clock.Get(ctx)
	if err != nil {
		return types.Clock{}, err
	}
	block := sdk.UnwrapSDKContext(ctx).BlockTime()
	clock.ActiveMs += reputation.Active(clock.LastBlock, block, time.Duration(params.MaxBlockGapSeconds)*time.Second)
	if block.After(clock.LastBlock) {
		clock.LastBlock = block
	}
	return clock, nil
}

// tick reads the clock and stores it; false when it can't be read in this block.
func (k *Keeper) tick(ctx sdk.Context) (now uint64, ok bool) {
	var reading types.Clock
	ok = hooks.Isolate(ctx, types.ModuleName, "read the clock", func(ctx sdk.Context) (err error) {
		reading, err = k.reading(ctx)
		return err
	})
	if ok {
		hooks.Isolate(ctx, types.ModuleName, "store the clock", func(ctx sdk.Context) error { return k.clock.Set(ctx, reading) })
	}
	return reading.ActiveMs, ok
}

// lapse ends a device's proven time.
func (k *Keeper) lapse(ctx sdk.Context, params types.Params, key lapseKey) error {
	device, err := k.Device(ctx, key.K2())
	if err != nil {
		return err
	}
	changed := device
	changed.ProvenUntil = 0
	if err := k.amend(ctx, params, device, &changed); err != nil {
		return err
	}
	return ctx.EventManager().EmitTypedEvent(&types.EventDeviceLapsed{Operator: device.Operator, Device: device.Id})
}

// putOff moves a device whose lapse failed back in the queue; it keeps its score until then. A place in the queue that no
// device has is given up.
func (k *Keeper) putOff(ctx sdk.Context, key lapseKey, now uint64) error {
	device, err := k.Device(ctx, key.K2())
	if types.ErrDeviceNotFound.Is(err) {
		return k.lapses.Remove(ctx, key)
	}
	if err != nil {
		return err
	}
	changed := device
	changed.ProvenUntil = now + lapseRetryMs
	return k.replace(ctx, device, changed)
}
