package keeper

import (
	"fmt"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/hooks"
	"github.com/assaychain/assay/x/penalty/sentence"
	"github.com/assaychain/assay/x/penalty/types"
)

// EndBlock forgets records older than the history, oldest first, at most max_pruned_per_block.
func (k *Keeper) EndBlock(ctx sdk.Context) error {
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	expired, err := k.expired(ctx, params)
	if err != nil {
		return err
	}
	for _, id := range expired {
		hooks.Isolate(ctx, types.ModuleName, fmt.Sprintf("record %d", id), func(ctx sdk.Context) error { return k.forget(ctx, id) })
	}
	return nil
}

// expired lists the first records older than the history. Records are numbered in order of time, so the first one that
// is young enough ends the search. One that can't be read is listed too, so that it fails on its own.
func (k *Keeper) expired(ctx sdk.Context, params types.Params) ([]uint64, error) {
	next, err := k.nextRecordID.Peek(ctx)
	if err != nil {
		return nil, err
	}
	iterator, err := k.records.Iterate(ctx, new(collections.Range[uint64]).EndExclusive(next))
	if err != nil {
		return nil, err
	}
	defer iterator.Close()
	var ids []uint64
	for ; iterator.Valid() && uint64(len(ids)) < uint64(params.MaxPrunedPerBlock); iterator.Next() {
		id, err := iterator.Key()
		if err != nil {
			return nil, err
		}
		record, err := iterator.Value()
		if err == nil && !sentence.Expired(record.At, ctx.BlockTime(), params.History()) {
			break
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// forget removes a record.
func (k *Keeper) forget(ctx sdk.Context, id uint64) error {
	record, err := k.records.Get(ctx, id)
	if err != nil {
		return err
	}
	op, err := sdk.AccAddressFromBech32(record.Operator)
	if err != nil {
		return err
	}
	if err := k.records.Remove(ctx, id); err != nil {
		return err
	}
	return k.byOperator.Remove(ctx, collections.Join(op, id))
}
