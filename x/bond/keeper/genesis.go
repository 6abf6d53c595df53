package keeper

import (
	"context"
	"time"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	"github.com/assaychain/assay/x/accounts"
	"github.com/assaychain/assay/x/bond/types"
)

// InitGenesis writes the state and checks that the module's account holds exactly what the books say. The bank must have
// been initialised before.
func (k *Keeper) InitGenesis(ctx context.Context, state *types.GenesisState) error {
	if err := state.Validate(); err != nil {
		return err
	}
	k.ports.Accounts.GetModuleAccount(ctx, types.ModuleName)
	if err := k.params.Set(ctx, state.Params); err != nil {
		return err
	}
	if err := k.nextEntryID.Set(ctx, state.NextEntryId); err != nil {
		return err
	}
	if err := k.nextGeneration.Set(ctx, state.NextGeneration); err != nil {
		return err
	}
	if err := each(state.Pools, func(p types.Pool) error { return k.importPool(ctx, p) }); err != nil {
		return err
	}
	if err := each(state.ClosedPools, func(c types.ClosedPool) error { return k.importClosed(ctx, c) }); err != nil {
		return err
	}
	if err := each(state.Backings, func(b types.Backing) error { return k.importBacking(ctx, b) }); err != nil {
		return err
	}
	if err := each(state.Entries, func(e types.UnbondingEntry) error { return k.importEntry(ctx, e) }); err != nil {
		return err
	}
	if err := k.importPoints(ctx, state); err != nil {
		return err
	}
	return k.checkBalance(ctx)
}

// each runs do on every item up to the first error.
func each[T any](items []T, do func(T) error) error {
	for _, item := range items {
		if err := do(item); err != nil {
			return err
		}
	}
	return nil
}

// importPool writes a pool as it is: its weight is in the ledger already.
func (k *Keeper) importPool(ctx context.Context, pool types.Pool) error {
	op, err := accounts.Decode(pool.Operator)
	if err != nil {
		return err
	}
	if pool.Waiting > 0 {
		// Looking once too often does no harm.
		if err := k.ready.Set(ctx, op); err != nil {
			return err
		}
	}
	if err := k.countBonded(ctx, pool.Tokens); err != nil {
		return err
	}
	return k.pools.Set(ctx, op, pool)
}

func (k *Keeper) importClosed(ctx context.Context, closed types.ClosedPool) error {
	op, err := accounts.Decode(closed.Operator)
	if err != nil {
		return err
	}
	return k.closed.Set(ctx, collections.Join(op, closed.Generation), closed)
}

func (k *Keeper) importBacking(ctx context.Context, backing types.Backing) error {
	owner, err := accounts.Decode(backing.Backer)
	if err != nil {
		return err
	}
	op, err := accounts.Decode(backing.Operator)
	if err != nil {
		return err
	}
	if err := k.backers.Set(ctx, collections.Join(op, owner)); err != nil {
		return err
	}
	backing.Amount = math.ZeroInt()
	return k.backings.Set(ctx, collections.Join(owner, op), backing)
}

func (k *Keeper) importEntry(ctx context.Context, entry types.UnbondingEntry) error {
	owner, err := accounts.Decode(entry.Backer)
	if err != nil {
		return err
	}
	op, err := accounts.Decode(entry.Operator)
	if err != nil {
		return err
	}
	entry.Amount = math.ZeroInt()
	return k.link(ctx, &book{op: op}, owner, entry)
}

// importPoints writes the ledger. On a new chain the first period starts now.
func (k *Keeper) importPoints(ctx context.Context, state *types.GenesisState) error {
	ledger := state.Ledger
	if ledger.Start.IsZero() {
		start := now(ctx).Truncate(time.Millisecond)
		ledger.Start, ledger.CountedUntil = start, start
	}
	if err := k.ledger.Set(ctx, ledger); err != nil {
		return err
	}
	err := each(state.Segments, func(s types.Segment) error {
		op, err := accounts.Decode(s.Operator)
		if err != nil {
			return err
		}
		return k.segments.Set(ctx, collections.Join(op, s.Period), s)
	})
	if err != nil {
		return err
	}
	return each(state.Periods, func(p types.Period) error { return k.periods.Set(ctx, p.Number, p) })
}

// ExportGenesis reads the whole state: everything by address and number, with what shares are worth filled in.
func (k *Keeper) ExportGenesis(ctx context.Context) (*types.GenesisState, error) {
	state := types.DefaultGenesis()
	var err error
	if state.Params, err = k.params.Get(ctx); err != nil {
		return nil, err
	}
	if state.NextEntryId, err = k.nextEntryID.Peek(ctx); err != nil {
		return nil, err
	}
	if state.NextGeneration, err = k.nextGeneration.Peek(ctx); err != nil {
		return nil, err
	}
	if state.Ledger, err = k.ledger.Get(ctx); err != nil {
		return nil, err
	}
	if err := all(ctx, k.pools, &state.Pools); err != nil {
		return nil, err
	}
	if err := all(ctx, k.closed, &state.ClosedPools); err != nil {
		return nil, err
	}
	if err := all(ctx, k.segments, &state.Segments); err != nil {
		return nil, err
	}
	if err := all(ctx, k.periods, &state.Periods); err != nil {
		return nil, err
	}
	return state, k.exportHoldings(ctx, state)
}

// all appends every value of a collection, in the order of its keys.
func all[K, V any](ctx context.Context, from collections.Map[K, V], to *[]V) error {
	return from.Walk(ctx, nil, func(_ K, value V) (bool, error) {
		*to = append(*to, value)
		return false, nil
	})
}

// exportHoldings adds backings and entries.
func (k *Keeper) exportHoldings(ctx context.Context, state *types.GenesisState) error {
	pools := make(map[string]types.Pool, len(state.Pools))
	for _, pool := range state.Pools {
		pools[pool.Operator] = pool
	}
	if err := all(ctx, k.backings, &state.Backings); err != nil {
		return err
	}
	for i, b := range state.Backings {
		state.Backings[i].Amount = orIdle(pools, b.Operator).Worth(b)
	}
	if err := all(ctx, k.entries, &state.Entries); err != nil {
		return err
	}
	for i, e := range state.Entries {
		state.Entries[i].Amount = orIdle(pools, e.Operator).WorthLeaving(e)
	}
	return nil
}

func orIdle(pools map[string]types.Pool, operator string) types.Pool {
	if pool, ok := pools[operator]; ok {
		return pool
	}
	return types.NewPool(operator)
}
