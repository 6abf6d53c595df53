package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"

	"github.com/assaychain/assay/x/escrow/types"
)

// Dried lists accounts of a scope that ran dry and were closed, oldest first and at most limit, until AckDried. Escrow stands
// below the modules whose work it pays for and can't call them: they look here at the end of every block.
func (k *Keeper) Dried(ctx context.Context, scope string, limit uint32) ([]types.DryAccount, error) {
	if limit == 0 {
		return nil, nil
	}
	var keys []outboxKey
	own := collections.NewPrefixedTripleRange[string, int64, uint64](scope)
	err := k.outbox.Walk(ctx, own, func(key outboxKey) (bool, error) {
		keys = append(keys, key)
		return len(keys) >= int(limit), nil
	})
	if err != nil {
		return nil, err
	}
	dried := make([]types.DryAccount, 0, len(keys))
	for _, key := range keys {
		account, err := k.dried.Get(ctx, collections.Join(scope, key.K3()))
		if err != nil {
			return nil, err
		}
		dried = append(dried, account)
	}
	return dried, nil
}

// Dry returns the note of an account that ran dry, or ErrNoAccount when there is none.
func (k *Keeper) Dry(ctx context.Context, scope string, id uint64) (types.DryAccount, error) {
	account, err := k.dried.Get(ctx, collections.Join(scope, id))
	if errors.Is(err, collections.ErrNotFound) {
		return types.DryAccount{}, types.ErrNoAccount.Wrapf("account %s/%d did not run dry", scope, id)
	}
	return account, err
}

// AckDried takes an account off the list of Dried. Its number may be used again from then on. One that isn't listed is no error.
func (k *Keeper) AckDried(ctx context.Context, scope string, id uint64) error {
	account, err := k.dried.Get(ctx, collections.Join(scope, id))
	if errors.Is(err, collections.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := k.outbox.Remove(ctx, outboxKeyOf(account)); err != nil {
		return err
	}
	return k.dried.Remove(ctx, collections.Join(scope, id))
}

// note writes an account into the outbox of its scope.
func (k *Keeper) note(ctx context.Context, account types.DryAccount) error {
	if err := k.dried.Set(ctx, collections.Join(account.Scope, account.Id), account); err != nil {
		return err
	}
	return k.outbox.Set(ctx, outboxKeyOf(account))
}

func outboxKeyOf(account types.DryAccount) outboxKey {
	return collections.Join3(account.Scope, account.At.UnixMilli(), account.Id)
}
