package keeper

import (
	"context"
	"errors"
	"slices"

	"cosmossdk.io/collections"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/collvalue"
	"github.com/assaychain/assay/x/registry/types"
)

type (
	// memberKey is (pool, operator).
	memberKey = collections.Pair[uint64, sdk.AccAddress]
	// poolOwnerKey is (owner, pool).
	poolOwnerKey = collections.Pair[sdk.AccAddress, uint64]
)

// poolBook holds the pools: lists of operators, each kept by its owner.
type poolBook struct {
	// pools: id → Pool; written by CreatePool and UpdatePool, removed by DeletePool.
	pools collections.Map[uint64, types.Pool]
	// members holds (pool, operator) of every operator in a pool; written with the pool.
	members collections.KeySet[memberKey]
	// owned holds (owner, pool) of every pool; written with the pool.
	owned collections.KeySet[poolOwnerKey]
	// last → id of the last pool.
	last collections.Sequence
}

func newPoolBook(sb *collections.SchemaBuilder, cdc codec.BinaryCodec) poolBook {
	return poolBook{
		pools: collections.NewMap(sb, types.PoolsPrefix, "pools", collections.Uint64Key, collvalue.Of[types.Pool](cdc)),
		members: collections.NewKeySet(sb, types.PoolMembersPrefix, "pool_members",
			collections.PairKeyCodec(collections.Uint64Key, sdk.AccAddressKey)),
		owned: collections.NewKeySet(sb, types.PoolsOfPrefix, "pools_of",
			collections.PairKeyCodec(sdk.AccAddressKey, collections.Uint64Key)),
		last: collections.NewSequence(sb, types.LastPoolKey, "last_pool"),
	}
}

// Pool returns a pool, or ErrPoolNotFound.
func (k *Keeper) Pool(ctx context.Context, id uint64) (types.Pool, error) {
	pool, err := k.pools.pools.Get(ctx, id)
	if errors.Is(err, collections.ErrNotFound) {
		return types.Pool{}, types.ErrPoolNotFound.Wrapf("pool %d: it was never there, or its owner deleted it", id)
	}
	return pool, err
}

// InPool tells whether an operator is in a pool; nobody is in one that is gone.
func (k *Keeper) InPool(ctx context.Context, id uint64, operator sdk.AccAddress) (bool, error) {
	return k.pools.members.Has(ctx, collections.Join(id, operator))
}

// PoolOperators lists the operators of a pool, at most types.PoolLimit, ascending as they are written; none of one that is gone.
func (k *Keeper) PoolOperators(ctx context.Context, id uint64) ([]string, error) {
	var list []string
	err := k.pools.members.Walk(ctx, collections.NewPrefixedPairRange[uint64, sdk.AccAddress](id), func(key memberKey) (bool, error) {
		list = append(list, key.K2().String())
		return len(list) >= types.PoolLimit, nil
	})
	slices.Sort(list)
	return list, err
}

// CreatePool begins a pool of registered operators and returns its id.
func (k *Keeper) CreatePool(ctx context.Context, owner sdk.AccAddress, name string, operators []string) (uint64, error) {
	members, err := parsePool(ctx, "operators", operators)
	if err != nil {
		return 0, err
	}
	last, err := k.pools.last.Next(ctx)
	if err != nil {
		return 0, err
	}
	pool := types.Pool{Id: last + 1, Owner: owner.String(), Name: name}
	if err := k.enrol(ctx, &pool, "operators", members); err != nil {
		return 0, err
	}
	if err := k.setPool(ctx, pool); err != nil {
		return 0, err
	}
	if err := k.pools.owned.Set(ctx, collections.Join(owner, pool.Id)); err != nil {
		return 0, err
	}
	return pool.Id, sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(&types.EventPoolCreated{
		Pool: pool.Id, Owner: pool.Owner, Name: pool.Name, Operators: pool.Operators,
	})
}

// UpdatePool changes who is in a pool, what it is called or whose it is, and returns what it is then. Jobs that are assigned go on.
func (k *Keeper) UpdatePool(ctx context.Context, owner sdk.AccAddress, change *types.MsgUpdatePool) (types.Pool, error) {
	added, err := parsePool(ctx, "add", change.Add)
	if err != nil {
		return types.Pool{}, err
	}
	removed, err := parsePool(ctx, "remove", change.Remove)
	if err != nil {
		return types.Pool{}, err
	}
	if err := change.Check(); err != nil {
		return types.Pool{}, err
	}
	pool, err := k.ownPool(ctx, owner, change.Pool)
	if err != nil {
		return pool, err
	}
	if err := k.dismiss(ctx, &pool, removed); err != nil {
		return pool, err
	}
	if err := k.enrol(ctx, &pool, "add", added); err != nil {
		return pool, err
	}
	if change.Name != "" {
		pool.Name = change.Name
	}
	if err := k.handPool(ctx, &pool, owner, change.NewOwner); err != nil {
		return pool, err
	}
	if err := k.setPool(ctx, pool); err != nil {
		return pool, err
	}
	return pool, sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(&types.EventPoolUpdated{
		Pool: pool.Id, Owner: pool.Owner, Name: pool.Name, Operators: pool.Operators,
		Added: uint32(len(added)), Removed: uint32(len(removed)),
	})
}

// DeletePool removes a pool with all that is in it. Jobs that name it and wait find nobody from then on. The work is bounded by what a
// pool may have.
func (k *Keeper) DeletePool(ctx context.Context, owner sdk.AccAddress, id uint64) error {
	pool, err := k.ownPool(ctx, owner, id)
	if err != nil {
		return err
	}
	if err := k.pools.members.Clear(ctx, collections.NewPrefixedPairRange[uint64, sdk.AccAddress](id)); err != nil {
		return err
	}
	if err := k.pools.owned.Remove(ctx, collections.Join(owner, id)); err != nil {
		return err
	}
	if err := k.pools.pools.Remove(ctx, id); err != nil {
		return err
	}
	return sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(&types.EventPoolDeleted{Pool: id, Owner: pool.Owner})
}

// parsePool reads a list of operators, which is paid for before.
func parsePool(ctx context.Context, field string, list []string) ([]sdk.AccAddress, error) {
	sdk.UnwrapSDKContext(ctx).GasMeter().ConsumeGas(uint64(len(list))*types.PoolOperatorGas, "registry: operators of a pool")
	return types.ParsePoolOperators(field, list)
}

// ownPool returns an owner's pool.
func (k *Keeper) ownPool(ctx context.Context, owner sdk.AccAddress, id uint64) (types.Pool, error) {
	pool, err := k.Pool(ctx, id)
	if err == nil && pool.Owner != owner.String() {
		err = types.ErrNotPoolOwner.Wrapf("pool %d is %s's", id, pool.Owner)
	}
	return pool, err
}

// enrol puts registered operators into a pool that are not in it.
func (k *Keeper) enrol(ctx context.Context, pool *types.Pool, field string, operators []sdk.AccAddress) error {
	if len(operators) == 0 {
		return nil
	}
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	if n := int(pool.Operators) + len(operators); n > int(params.MaxPoolOperators) {
		return types.ErrPool.Wrapf("%s: the pool would have %d operators, at most max_pool_operators, %d", field, n, params.MaxPoolOperators)
	}
	for i, operator := range operators {
		if _, err := k.Operator(ctx, operator); err != nil {
			return types.ErrOperatorNotFound.Wrapf("%s[%d]: %s is no registered operator", field, i, operator)
		}
		member, err := k.InPool(ctx, pool.Id, operator)
		if err != nil {
			return err
		}
		if member {
			return types.ErrPool.Wrapf("%s[%d]: %s is in the pool already", field, i, operator)
		}
		if err := k.pools.members.Set(ctx, collections.Join(pool.Id, operator)); err != nil {
			return err
		}
	}
	pool.Operators += uint32(len(operators))
	return nil
}

// dismiss takes operators out of a pool.
func (k *Keeper) dismiss(ctx context.Context, pool *types.Pool, operators []sdk.AccAddress) error {
	for i, operator := range operators {
		member, err := k.InPool(ctx, pool.Id, operator)
		if err != nil {
			return err
		}
		if !member {
			return types.ErrPool.Wrapf("remove[%d]: %s is not in pool %d", i, operator, pool.Id)
		}
		if err := k.pools.members.Remove(ctx, collections.Join(pool.Id, operator)); err != nil {
			return err
		}
	}
	pool.Operators -= uint32(len(operators))
	return nil
}

// handPool gives a pool to another account, if one is named.
func (k *Keeper) handPool(ctx context.Context, pool *types.Pool, owner sdk.AccAddress, to string) error {
	if to == "" {
		return nil
	}
	next, err := parseAddress("new_owner", to)
	if err != nil {
		return err
	}
	if err := k.pools.owned.Remove(ctx, collections.Join(owner, pool.Id)); err != nil {
		return err
	}
	pool.Owner = next.String()
	return k.pools.owned.Set(ctx, collections.Join(next, pool.Id))
}

func (k *Keeper) setPool(ctx context.Context, pool types.Pool) error {
	if err := pool.Validate(); err != nil {
		return err
	}
	return k.pools.pools.Set(ctx, pool.Id, pool)
}
