package keeper

import (
	"errors"
	"fmt"
	"time"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/accounts"
	"github.com/assaychain/assay/x/hooks"
	"github.com/assaychain/assay/x/penalty/sentence"
	"github.com/assaychain/assay/x/penalty/types"
)

// settleRetry is how long a settlement that failed waits, so that it doesn't stay at the head of the queue.
const settleRetry = time.Hour

// EndBlock settles what was held for long enough, then forgets what is old: settled records, counts of repetitions, marks of
// evidence. Each phase is bounded by the parameters; the rest waits for the next block. A phase that can't read its queue is
// reverted, logged and counted, and doesn't stop the others.
func (k *Keeper) EndBlock(ctx sdk.Context) error {
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	for _, phase := range []struct {
		name string
		run  func(sdk.Context, types.Params) error
	}{
		{"settle", k.settleDue}, {"forget records", k.forgetRecords}, {"review conduct", k.reviewConducts}, {"forget evidence", k.forgetEvidence},
	} {
		hooks.Isolate(ctx, types.ModuleName, phase.name, func(ctx sdk.Context) error { return phase.run(ctx, params) })
	}
	return nil
}

// outcome is what became of an item of a queue.
type outcome int

const (
	// done: what was to be done is done.
	done outcome = iota
	// failed: it may succeed another time.
	failed
	// hopeless: it can't be read, so no later block could do better.
	hopeless
)

// errUnreadable says that an item of a queue is not there or can't be decoded.
var errUnreadable = errors.New("unreadable item")

// read gets the item of a place in a queue and tells a lasting failure from a passing one.
func read[K, V any](ctx sdk.Context, from collections.Map[K, V], key K) (V, error) {
	value, err := from.Get(ctx, key)
	if errors.Is(err, collections.ErrEncoding) || errors.Is(err, collections.ErrNotFound) {
		err = fmt.Errorf("%w: %w", errUnreadable, err)
	}
	return value, err
}

// attempt does something for one item on its own: a failure is reverted, logged and counted.
func attempt(ctx sdk.Context, item string, do func(sdk.Context) error) outcome {
	var failure error
	ok := hooks.Isolate(ctx, types.ModuleName, item, func(ctx sdk.Context) error {
		failure = do(ctx)
		return failure
	})
	switch {
	case ok:
		return done
	case errors.Is(failure, errUnreadable):
		return hopeless
	default:
		return failed
	}
}

// settleDue settles the first records whose time has come. One that fails is tried again an hour later; the others go on.
func (k *Keeper) settleDue(ctx sdk.Context, params types.Params) error {
	until := collections.NewPrefixUntilPairRange[time.Time, uint64](ctx.BlockTime())
	due, err := first(ctx, k.holds, until, params.MaxSettledPerBlock)
	if err != nil {
		return err
	}
	for _, place := range due {
		id, item := place.K2(), fmt.Sprintf("record %d", place.K2())
		switch attempt(ctx, item, func(ctx sdk.Context) error { return k.settleOne(ctx, id) }) {
		case failed:
			attempt(ctx, item+" postponed", func(ctx sdk.Context) error { return k.postpone(ctx, id) })
		case hopeless:
			attempt(ctx, item+" given up", func(ctx sdk.Context) error { return k.holds.Remove(ctx, place) })
		}
	}
	return nil
}

// settleOne settles a record whose time has come.
func (k *Keeper) settleOne(ctx sdk.Context, id uint64) error {
	record, err := read(ctx, k.records, id)
	if err != nil {
		return err
	}
	if record.Status == types.RECORD_STATUS_APPEALED && record.Appeal != nil {
		return k.lapse(ctx, &record)
	}
	return k.settle(ctx, &record)
}

// postpone moves a record that could not be settled to a later time.
func (k *Keeper) postpone(ctx sdk.Context, id uint64) error {
	record, err := k.records.Get(ctx, id)
	if err != nil {
		return err
	}
	return k.reschedule(ctx, &record, ctx.BlockTime().Add(settleRetry))
}

// forgetRecords forgets the first records that were settled longer ago than the history.
func (k *Keeper) forgetRecords(ctx sdk.Context, params types.Params) error {
	until := collections.NewPrefixUntilPairRange[time.Time, uint64](ctx.BlockTime().Add(-params.History()))
	old, err := first(ctx, k.settled, until, params.MaxPrunedPerBlock)
	if err != nil {
		return err
	}
	for _, place := range old {
		item := fmt.Sprintf("old record %d", place.K2())
		if attempt(ctx, item, func(ctx sdk.Context) error { return k.forget(ctx, place) }) == hopeless {
			attempt(ctx, item+" given up", func(ctx sdk.Context) error { return k.settled.Remove(ctx, place) })
		}
	}
	return nil
}

// forget removes a record.
func (k *Keeper) forget(ctx sdk.Context, place timedKey) error {
	id := place.K2()
	record, err := read(ctx, k.records, id)
	if err != nil {
		return err
	}
	op, err := accounts.Decode(record.Operator)
	if err != nil {
		return err
	}
	if err := k.settled.Remove(ctx, place); err != nil {
		return err
	}
	if err := k.records.Remove(ctx, id); err != nil {
		return err
	}
	return k.byOperator.Remove(ctx, collections.Join(op, id))
}

// reviewConducts looks at the first counts that may have lapsed.
func (k *Keeper) reviewConducts(ctx sdk.Context, params types.Params) error {
	until := collections.NewPrefixUntilTripleRange[time.Time, sdk.AccAddress, uint32](ctx.BlockTime())
	due, err := first(ctx, k.reviews, until, params.MaxPrunedPerBlock)
	if err != nil {
		return err
	}
	for _, place := range due {
		item := fmt.Sprintf("conduct of %s", place.K2())
		if attempt(ctx, item, func(ctx sdk.Context) error { return k.review(ctx, place) }) == hopeless {
			attempt(ctx, item+" given up", func(ctx sdk.Context) error { return k.reviews.Remove(ctx, place) })
		}
	}
	return nil
}

// forgetEvidence forgets the first marks of evidence that is too old to be taken again, and remembers how far it came.
func (k *Keeper) forgetEvidence(ctx sdk.Context, params types.Params) error {
	until := collections.NewPrefixUntilPairRange[uint64, []byte](sentence.Floor(ctx.BlockTime(), params.EvidenceSeconds))
	old, err := first(ctx, k.evidence, until, params.MaxPrunedPerBlock)
	if err != nil || len(old) == 0 {
		return err
	}
	for _, mark := range old {
		if err := k.evidence.Remove(ctx, mark); err != nil {
			return err
		}
	}
	floor, err := k.floor(ctx)
	if err != nil {
		return err
	}
	return k.evidenceFloor.Set(ctx, max(floor, old[len(old)-1].K1()))
}

// first lists the first keys of a set up to the end of a range, at most limit of them.
func first[K any](ctx sdk.Context, set collections.KeySet[K], until collections.Ranger[K], limit uint32) ([]K, error) {
	var keys []K
	err := set.Walk(ctx, until, func(key K) (bool, error) {
		keys = append(keys, key)
		return uint64(len(keys)) >= uint64(limit), nil
	})
	return keys, err
}
