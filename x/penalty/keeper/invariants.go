package keeper

import (
	"context"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	"github.com/assaychain/assay/x/accounts"
	"github.com/assaychain/assay/x/penalty/types"
)

// Invariants checks that the module's account holds exactly what was slashed and not yet split and the bonds of open
// appeals, that records are in order and divide what was slashed exactly, and that index and queues match records and counts
// one to one. It reads everything and belongs in tests and simulations, not in a block.
func (k *Keeper) Invariants(ctx context.Context) error {
	state, err := k.ExportGenesis(ctx)
	if err != nil {
		return err
	}
	if err := state.Validate(); err != nil {
		return types.ErrBroken.Wrapf("books: %v", err)
	}
	if err := k.checkBalance(ctx, state.Records); err != nil {
		return err
	}
	if err := k.checkRecords(ctx, state.Records); err != nil {
		return err
	}
	return k.checkConducts(ctx, state.Conducts)
}

// checkBalance compares the module's account with what the records hold.
func (k *Keeper) checkBalance(ctx context.Context, records []types.Record) error {
	denom, err := k.ports.Bond.Denom(ctx)
	if err != nil {
		return err
	}
	want := math.ZeroInt()
	for _, record := range records {
		want = want.Add(record.Held())
	}
	if held := k.ports.Bank.GetBalance(ctx, k.account, denom).Amount; !held.Equal(want) {
		return types.ErrBroken.Wrapf("module account holds %s%s, the books say %s: difference %s", held, denom, want, held.Sub(want))
	}
	return nil
}

// checkRecords compares index and queues with the records.
func (k *Keeper) checkRecords(ctx context.Context, records []types.Record) error {
	var holds, settled []timedKey
	var places []operatorKey
	var appeals []uint64
	for _, record := range records {
		op, err := accounts.Decode(record.Operator)
		if err != nil {
			return err
		}
		places = append(places, collections.Join(op, record.Id))
		if record.Open() {
			holds = append(holds, collections.Join(record.ReleaseAt, record.Id))
		} else {
			settled = append(settled, collections.Join(*record.SettledAt, record.Id))
		}
		if record.Status == types.RECORD_STATUS_APPEALED {
			appeals = append(appeals, record.Id)
		}
	}
	if err := match(ctx, "operators' index", k.byOperator, places); err != nil {
		return err
	}
	if err := match(ctx, "queue of holds", k.holds, holds); err != nil {
		return err
	}
	if err := match(ctx, "queue of settled records", k.settled, settled); err != nil {
		return err
	}
	return match(ctx, "appeals", k.appeals, appeals)
}

// checkConducts compares the queue of reviews with the counts.
func (k *Keeper) checkConducts(ctx context.Context, conducts []types.Conduct) error {
	var places []reviewKey
	for _, conduct := range conducts {
		op, err := accounts.Decode(conduct.Operator)
		if err != nil {
			return err
		}
		places = append(places, reviewOf(op, conduct))
	}
	return match(ctx, "queue of reviews", k.reviews, places)
}

// match checks that a set holds the given keys, all different, and no others.
func match[K any](ctx context.Context, name string, set collections.KeySet[K], keys []K) error {
	for _, key := range keys {
		listed, err := set.Has(ctx, key)
		if err != nil {
			return err
		}
		if !listed {
			return types.ErrBroken.Wrapf("%s: %v is missing", name, key)
		}
	}
	places := 0
	err := set.Walk(ctx, nil, func(K) (bool, error) {
		places++
		return false, nil
	})
	if err != nil {
		return err
	}
	if places != len(keys) {
		return types.ErrBroken.Wrapf("%s: %d places for %d entries", name, places, len(keys))
	}
	return nil
}
