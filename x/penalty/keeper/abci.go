package keeper

import (
	"fmt"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/hooks"
	"github.com/assaychain/assay/x/penalty/sentence"
	"github.com/assaychain/assay/x/penalty/types"
)

// EndBlock forgets records older than the history, oldest first, at most max_pruned_per_block. Records are numbered in
// order of time, so the first one that is young enough ends the search.
func (k *Keeper) EndBlock(ctx sdk.Context) error {
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	oldest, err := k.oldest(ctx, params.MaxPrunedPerBlock)
	if err != nil {
		return err
	}
	for _, id := range oldest {
		young := false
		hooks.Isolate(ctx, types.ModuleName, fmt.Sprintf("record %d", id), func(ctx sdk.Context) error {
			var err error
			young, err = k.forget(ctx, id, params)
			return err
		})
		if young {
			return nil
		}
	}
	return nil
}

// oldest lists the first numbers of records, without reading the records.
func (k *Keeper) oldest(ctx sdk.Context, limit uint32) ([]uint64, error) {
	iterator, err := k.records.Iterate(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer iterator.Close()
	var ids []uint64
	for ; iterator.Valid() && uint64(len(ids)) < uint64(limit); iterator.Next() {
		id, err := iterator.Key()
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// forget removes a record that is older than the history, or tells that it is too young.
func (k *Keeper) forget(ctx sdk.Context, id uint64, params types.Params) (bool, error) {
	record, err := k.records.Get(ctx, id)
	if err != nil {
		return false, err
	}
	if !sentence.Expired(record.At, ctx.BlockTime(), params.History()) {
		return true, nil
	}
	op, err := sdk.AccAddressFromBech32(record.Operator)
	if err != nil {
		return false, err
	}
	if err := k.records.Remove(ctx, id); err != nil {
		return false, err
	}
	return false, k.byOperator.Remove(ctx, collections.Join(op, id))
}
