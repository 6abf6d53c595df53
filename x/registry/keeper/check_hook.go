package keeper

import (
	"fmt"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	beacontypes "github.com/assaychain/assay/x/beacon/types"
	"github.com/assaychain/assay/x/hooks"
	"github.com/assaychain/assay/x/registry/types"
)

const (
	// checkRetryMs is how long a check whose step failed waits, so that it doesn't stay at the head of its queue: half a minute.
	checkRetryMs = 30_000
	// maxRounds bounds the beacon rounds that a block looks at.
	maxRounds = 16
)

// moveChecks moves spot checks on: by the rounds that were posted, by their deadlines, and to the next draw. Altogether at most
// max_checks_per_block of them, beside those that a draw begins; the rest waits for the next block.
func (k *Keeper) moveChecks(ctx sdk.Context, params types.Params, now uint64) {
	left := int(params.Spot.MaxChecksPerBlock)
	for _, round := range k.rounds(ctx) {
		left -= k.drain(ctx, params, round, now, left)
	}
	for _, key := range k.dueChecks(ctx, now, left) {
		k.eachCheck(ctx, now, key, func(ctx sdk.Context) error { return k.overdue(ctx, params, key.K2(), now) })
	}
	for _, id := range k.leaving(ctx, params.Spot.MaxChecksPerBlock) {
		hooks.Isolate(ctx, types.ModuleName, fmt.Sprintf("place of device %x", id), func(ctx sdk.Context) error { return k.depart(ctx, id) })
	}
	hooks.Isolate(ctx, types.ModuleName, "fix the next draw", func(ctx sdk.Context) error { return k.fixDraw(ctx, params, now) })
}

// eachCheck runs one check's step; one that fails is put off.
func (k *Keeper) eachCheck(ctx sdk.Context, now uint64, key lapseKey, step func(sdk.Context) error) {
	item := fmt.Sprintf("spot check of device %x", key.K2())
	if !hooks.Isolate(ctx, types.ModuleName, item, step) {
		hooks.Isolate(ctx, types.ModuleName, "put off "+item, func(ctx sdk.Context) error { return k.putOffCheck(ctx, key, now) })
	}
}

// rounds lists posted rounds that somebody here waited for.
func (k *Keeper) rounds(ctx sdk.Context) (rounds []beacontypes.Request) {
	hooks.Isolate(ctx, types.ModuleName, "read rounds", func(ctx sdk.Context) (err error) {
		rounds, err = k.beacon.Ready(ctx, types.ModuleName, maxRounds)
		return err
	})
	return rounds
}

// drain gives a round's randomness to the checks that wait for it, at most limit, and to the draw, and is done with the round when
// nothing is left. It returns how many checks it moved.
func (k *Keeper) drain(ctx sdk.Context, params types.Params, round beacontypes.Request, now uint64, limit int) int {
	if limit <= 0 {
		return 0
	}
	ids, whole := k.waitingFor(ctx, round, limit)
	for _, id := range ids {
		k.eachCheck(ctx, now, collections.Join(uint64(0), id), func(ctx sdk.Context) error { return k.advance(ctx, params, id) })
	}
	if !whole || len(ids) >= limit || !k.drawBy(ctx, params, round) {
		return len(ids)
	}
	hooks.Isolate(ctx, types.ModuleName, fmt.Sprintf("round %d", round.Round), func(ctx sdk.Context) error {
		return k.beacon.Done(ctx, types.ModuleName, round.Generation, round.Round)
	})
	return len(ids)
}

// drawBy draws if the round is the draw's; false when that failed and is to be tried again.
func (k *Keeper) drawBy(ctx sdk.Context, params types.Params, round beacontypes.Request) bool {
	ok := hooks.Isolate(ctx, types.ModuleName, "draw", func(ctx sdk.Context) error {
		draw, err := k.Draw(ctx)
		if err != nil || draw.Round != round.Round || draw.Generation != round.Generation {
			return err
		}
		return k.drawDevices(ctx, params, draw)
	})
	if !ok {
		hooks.Isolate(ctx, types.ModuleName, "count a failed draw", k.failDraw)
	}
	return ok
}

// waitingFor lists the devices whose checks wait for a round; false when the list can't be read.
func (k *Keeper) waitingFor(ctx sdk.Context, round beacontypes.Request, limit int) (ids [][]byte, ok bool) {
	ok = hooks.Isolate(ctx, types.ModuleName, "read waiting checks", func(ctx sdk.Context) error {
		prefix := collections.NewSuperPrefixedTripleRange[uint64, uint64, []byte](round.Generation, round.Round)
		return k.waiting.Walk(ctx, prefix, func(key waitingKey) (bool, error) {
			ids = append(ids, key.K3())
			return len(ids) >= limit, nil
		})
	})
	return ids, ok
}

// dueChecks lists the checks whose moment has come.
func (k *Keeper) dueChecks(ctx sdk.Context, now uint64, limit int) (keys []lapseKey) {
	if limit <= 0 {
		return nil
	}
	hooks.Isolate(ctx, types.ModuleName, "read due checks", func(ctx sdk.Context) error {
		until := collections.NewPrefixUntilPairRange[uint64, []byte](now)
		return k.checksDue.Walk(ctx, until, func(key lapseKey) (bool, error) {
			keys = append(keys, key)
			return len(keys) >= limit, nil
		})
	})
	return keys
}

// leaving lists devices that give their places up. None does while a draw is prepared, which they would change.
func (k *Keeper) leaving(ctx sdk.Context, limit uint32) (ids [][]byte) {
	hooks.Isolate(ctx, types.ModuleName, "read leavers", func(ctx sdk.Context) error {
		draw, err := k.Draw(ctx)
		if err != nil || draw.Round != 0 {
			return err
		}
		return k.places.leavers.Walk(ctx, new(collections.Range[[]byte]), func(id []byte) (bool, error) {
			ids = append(ids, id)
			return len(ids) >= int(limit), nil
		})
	})
	return ids
}

// advance gives a check the randomness that it waits for.
func (k *Keeper) advance(ctx sdk.Context, params types.Params, device []byte) error {
	check, err := k.SpotCheck(ctx, device)
	if err != nil {
		return err
	}
	randomness, posted, err := k.beacon.Randomness(ctx, check.Generation, check.Round)
	if err != nil {
		return err
	}
	if !posted {
		return types.ErrInvariant.Wrapf("check %d: round %d of generation %d is not posted", check.Id, check.Round, check.Generation)
	}
	if check.State == types.CHECK_STATE_PENDING {
		return k.seed(ctx, params, &check, randomness)
	}
	return k.challenge(ctx, params, &check, randomness)
}

// overdue does what the passing of a check's moment demands.
func (k *Keeper) overdue(ctx sdk.Context, params types.Params, device []byte, now uint64) error {
	check, err := k.SpotCheck(ctx, device)
	switch {
	case err != nil:
		return err
	case check.Waiting():
		return k.recheck(ctx, params, check, now)
	case ctx.BlockHeight() < check.DueBlock:
		return k.reschedule(ctx, check, now+1)
	case check.Excusable || !params.Spot.On():
		return k.conclude(ctx, params, check, types.CHECK_STATE_EXCUSED)
	default:
		return k.conclude(ctx, params, check, types.CHECK_STATE_MISSED)
	}
}

// recheck looks after a check that has waited long: it goes on if its round is there, waits for another if the beacon was replaced, or
// a step failed and the round is gone since, and else waits on.
func (k *Keeper) recheck(ctx sdk.Context, params types.Params, check types.SpotCheck, now uint64) error {
	_, posted, err := k.beacon.Randomness(ctx, check.Generation, check.Round)
	if err != nil {
		return err
	}
	if posted {
		return k.advance(ctx, params, check.Device)
	}
	generation, err := k.beacon.Generation(ctx)
	if err != nil {
		return err
	}
	if !check.Deferred && generation == check.Generation {
		return k.reschedule(ctx, check, now+recheckMs)
	}
	return k.await(ctx, &check)
}

// reschedule has the chain look at a check later. The deadline of an answer moves with it.
func (k *Keeper) reschedule(ctx sdk.Context, check types.SpotCheck, due uint64) error {
	if err := k.checksDue.Remove(ctx, collections.Join(check.Due, check.Device)); err != nil {
		return err
	}
	check.Due = due
	if err := k.checksDue.Set(ctx, collections.Join(due, check.Device)); err != nil {
		return err
	}
	return k.checks.Set(ctx, check.Device, check)
}

// putOffCheck has a check's failed step tried again after a pause. It no longer waits for its round, which is drained. A place in the
// queue that no open check has is given up.
func (k *Keeper) putOffCheck(ctx sdk.Context, key lapseKey, now uint64) error {
	check, found, err := k.lastCheck(ctx, key.K2())
	if err != nil {
		return err
	}
	if !found || !check.Open() {
		return k.checksDue.Remove(ctx, key)
	}
	if check.Waiting() {
		check.Deferred = true
		if err := k.waiting.Remove(ctx, collections.Join3(check.Generation, check.Round, check.Device)); err != nil {
			return err
		}
	}
	return k.reschedule(ctx, check, now+checkRetryMs)
}
