package keeper

import (
	"context"

	"cosmossdk.io/collections"

	"github.com/assaychain/assay/x/beacon/types"
)

// Invariants checks that records and indexes agree. It walks the whole state: for tests and simulations.
func (k *Keeper) Invariants(ctx context.Context) error {
	state, err := k.ExportGenesis(ctx)
	if err != nil {
		return err
	}
	if err := state.Validate(); err != nil {
		return types.ErrInvariant.Wrap(err.Error())
	}
	if err := k.readyIsHeld(ctx, len(state.Ready)); err != nil {
		return err
	}
	return k.drainedIsHistory(ctx, state.Rounds)
}

// readyIsHeld checks that the entries by consumer and by round are the same set.
func (k *Keeper) readyIsHeld(ctx context.Context, held int) error {
	count := 0
	err := k.ready.Walk(ctx, nil, func(key readyKey) (bool, error) {
		count++
		known, err := k.held.Has(ctx, collections.Join3(key.K2(), key.K3(), key.K1()))
		if err == nil && !known {
			err = types.ErrInvariant.Wrapf("round %d is ready for %s but not held", key.K3(), key.K1())
		}
		return false, err
	})
	if err == nil && count != held {
		err = types.ErrInvariant.Wrapf("%d rounds are ready, %d are held", count, held)
	}
	return err
}

// drainedIsHistory checks that the history holds exactly the rounds nobody has to drain.
func (k *Keeper) drainedIsHistory(ctx context.Context, rounds []types.Round) error {
	drained := 0
	for _, record := range rounds {
		holders, err := consumersOf(ctx, k.held, record.Generation, record.Round)
		if err != nil {
			return err
		}
		inHistory, err := k.history.Has(ctx, collections.Join3(record.PostedAt.Unix(), record.Generation, record.Round))
		if err != nil {
			return err
		}
		if inHistory == (len(holders) > 0) {
			return types.ErrInvariant.Wrapf("round %d: %d consumers hold it, in history is %t", record.Round, len(holders), inHistory)
		}
		if inHistory {
			drained++
		}
	}
	total := 0
	err := k.history.Walk(ctx, nil, func(historyKey) (bool, error) { total++; return false, nil })
	if err == nil && total != drained {
		err = types.ErrInvariant.Wrapf("history holds %d rounds, %d are drained", total, drained)
	}
	return err
}
