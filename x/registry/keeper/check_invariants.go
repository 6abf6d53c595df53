package keeper

import (
	"context"

	"cosmossdk.io/collections"

	"github.com/assaychain/assay/x/registry/types"
)

// checkQueues checks that spot checks and places agree with their queues and indexes; that they agree with the devices is checked with
// the exported state.
func (k *Keeper) checkQueues(ctx context.Context, state *types.GenesisState) error {
	waiting, due := 0, 0
	for _, check := range state.Checks {
		if !check.Open() {
			continue
		}
		due++
		queued, err := k.checksDue.Has(ctx, collections.Join(check.Due, check.Device))
		if err != nil {
			return err
		}
		waits, err := k.waiting.Has(ctx, collections.Join3(check.Generation, check.Round, check.Device))
		if err != nil {
			return err
		}
		if !queued || waits != (check.Waiting() && !check.Deferred) {
			return types.ErrInvariant.Wrapf("spot check %d in %s: due is %t, waiting is %t", check.Id, check.State, queued, waits)
		}
		if waits {
			waiting++
		}
	}
	if err := exactly(ctx, "waiting checks", k.waiting, waiting); err != nil {
		return err
	}
	if err := exactly(ctx, "due checks", k.checksDue, due); err != nil {
		return err
	}
	return k.checkPlaces(ctx, state.Places)
}

func (k *Keeper) checkPlaces(ctx context.Context, list []types.Place) error {
	leavers := 0
	for _, place := range list {
		seat, err := seatOf(place)
		if err != nil {
			return err
		}
		seated, err := k.places.seats.Has(ctx, seat)
		if err != nil {
			return err
		}
		number, err := k.places.of.Get(ctx, place.Device)
		if err != nil {
			return err
		}
		leaves, err := k.places.leavers.Has(ctx, place.Device)
		if err != nil {
			return err
		}
		if !seated || number != place.Number || leaves != (place.Left > 0) {
			return types.ErrInvariant.Wrapf("place %+v: seated is %t, its device has place %d, leaving is %t", place, seated, number, leaves)
		}
		if leaves {
			leavers++
		}
	}
	count, err := k.places.size(ctx)
	if err != nil {
		return err
	}
	if count != uint64(len(list)) {
		return types.ErrInvariant.Wrapf("%d places, %d are counted", len(list), count)
	}
	if err := exactly(ctx, "seats", k.places.seats, len(list)); err != nil {
		return err
	}
	return exactly(ctx, "leavers", k.places.leavers, leavers)
}

// exactly checks the size of an index.
func exactly[K any](ctx context.Context, name string, set collections.KeySet[K], want int) error {
	n := 0
	if err := set.Walk(ctx, nil, func(K) (bool, error) { n++; return false, nil }); err != nil {
		return err
	}
	if n != want {
		return types.ErrInvariant.Wrapf("%d %s, must be %d", n, name, want)
	}
	return nil
}
