// Package keeper holds operators' stake and their backers': it takes it in, lets it out after a delay, commits it to work,
// slashes it and gives it back, pays its rewards, and counts the points that operators earn.
package keeper

import (
	"context"
	"errors"
	"time"

	"cosmossdk.io/collections"
	corestore "cosmossdk.io/core/store"
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/gogoproto/proto"

	"github.com/assaychain/assay/x/accounts"
	"github.com/assaychain/assay/x/bond/stake"
	"github.com/assaychain/assay/x/bond/types"
	"github.com/assaychain/assay/x/collvalue"
)

// Keys of the collections that need more than one part.
type (
	entryKey   = collections.Pair[sdk.AccAddress, uint64]
	pairKey    = collections.Pair[sdk.AccAddress, sdk.AccAddress]
	queueKey   = collections.Triple[time.Time, uint64, sdk.AccAddress]
	waitingKey = collections.Triple[sdk.AccAddress, uint64, sdk.AccAddress]
)

// Keeper is the module's state and its verbs.
type Keeper struct {
	authority string
	ports     types.Ports
	account   sdk.AccAddress

	// Schema describes the store.
	Schema collections.Schema
	// params; written by genesis and UpdateParams.
	params collections.Item[types.Params]
	// pools: operator → pool; written by every verb through save, removed when nothing is left to remember.
	pools collections.Map[sdk.AccAddress, types.Pool]
	// covers: the same records, of which no more is read than what covers further work; never written.
	covers collections.Map[sdk.AccAddress, types.PoolCover]
	// totalBonded: sum of all pools' bonded tokens; written by save.
	totalBonded collections.Item[math.Int]
	// nextGeneration: number of the next pool; written when a pool begins.
	nextGeneration collections.Sequence
	// backings: (backer, operator) → backing; written when a backing changes, removed without shares.
	backings collections.Map[pairKey, types.Backing]
	// backers: (operator, backer); written with backings.
	backers collections.KeySet[pairKey]
	// closed: (operator, generation) → pool that was replaced; written when one is, removed when its last backing is settled.
	closed collections.Map[entryKey, types.ClosedPool]
	// entries: (owner, entry id) → unbonding entry; written when stake begins to leave, is cancelled, waits or is paid.
	entries collections.Map[entryKey, types.UnbondingEntry]
	// queue: (time to pay, entry id, owner); written with entries that don't wait.
	queue collections.KeySet[queueKey]
	// nextEntryID: number of the next entry; written when stake begins to leave.
	nextEntryID collections.Sequence
	// waiting: (operator, entry id, owner) of mature entries that exposure holds back; written at the end of the block.
	waiting collections.KeySet[waitingKey]
	// ready: operators some of whose waiting entries may be payable; written by save, removed at the end of the block.
	ready collections.KeySet[sdk.AccAddress]
	// ledger: running total of points; written when a weight changes and when a period is closed.
	ledger collections.Item[types.Ledger]
	// segments: (operator, period) → points from there on; written when the operator's weight changes.
	segments collections.Map[entryKey, types.Segment]
	// periods: number → closed period; written by ClosePeriod, removed by ForgetPeriod.
	periods collections.Map[uint64, types.Period]
}

// NewKeeper returns a keeper. authority is the address that may change the parameters. It fails when the module has no
// account or a port is missing.
func NewKeeper(cdc codec.BinaryCodec, storeService corestore.KVStoreService, authority string, ports types.Ports) (*Keeper, error) {
	if _, err := accounts.Decode(authority); err != nil {
		return nil, types.ErrWiring.Wrapf("authority %q: %v", authority, err)
	}
	if ports.Bank == nil || ports.Accounts == nil {
		return nil, types.ErrWiring.Wrap("ports Bank and Accounts must be given")
	}
	account := ports.Accounts.GetModuleAddress(types.ModuleName)
	if account == nil {
		return nil, types.ErrWiring.Wrapf("module account %s is not declared", types.ModuleName)
	}
	sb := collections.NewSchemaBuilder(storeService)
	k := &Keeper{authority: authority, ports: ports, account: account}
	k.open(cdc, sb)
	k.covers = collections.NewMap(
		collections.NewSchemaBuilder(storeService), types.PoolsKey, "covers", sdk.AccAddressKey, collvalue.Of[types.PoolCover](cdc))
	schema, err := sb.Build()
	if err != nil {
		return nil, types.ErrWiring.Wrapf("schema: %v", err)
	}
	k.Schema = schema
	return k, nil
}

// open declares the collections.
func (k *Keeper) open(cdc codec.BinaryCodec, sb *collections.SchemaBuilder) {
	numbered := collections.PairKeyCodec(sdk.AccAddressKey, collections.Uint64Key)
	pair := collections.PairKeyCodec(sdk.AccAddressKey, sdk.AccAddressKey)
	k.params = collections.NewItem(sb, types.ParamsKey, "params", collvalue.Of[types.Params](cdc))
	k.pools = collections.NewMap(sb, types.PoolsKey, "pools", sdk.AccAddressKey, collvalue.Of[types.Pool](cdc))
	k.totalBonded = collections.NewItem(sb, types.TotalBondedKey, "total_bonded", sdk.IntValue)
	k.nextGeneration = collections.NewSequence(sb, types.NextGenerationKey, "next_generation")
	k.backings = collections.NewMap(sb, types.BackingsKey, "backings", pair, collvalue.Of[types.Backing](cdc))
	k.backers = collections.NewKeySet(sb, types.BackersKey, "backers", pair)
	k.closed = collections.NewMap(sb, types.ClosedKey, "closed_pools", numbered, collvalue.Of[types.ClosedPool](cdc))
	k.entries = collections.NewMap(sb, types.EntriesKey, "entries", numbered, collvalue.Of[types.UnbondingEntry](cdc))
	k.queue = collections.NewKeySet(sb, types.QueueKey, "queue", collections.TripleKeyCodec(sdk.TimeKey, collections.Uint64Key, sdk.AccAddressKey))
	k.nextEntryID = collections.NewSequence(sb, types.NextEntryIDKey, "next_entry_id")
	k.waiting = collections.NewKeySet(sb, types.WaitingKey, "waiting", collections.TripleKeyCodec(sdk.AccAddressKey, collections.Uint64Key, sdk.AccAddressKey))
	k.ready = collections.NewKeySet(sb, types.ReadyKey, "ready", sdk.AccAddressKey)
	k.ledger = collections.NewItem(sb, types.LedgerKey, "ledger", collvalue.Of[types.Ledger](cdc))
	k.segments = collections.NewMap(sb, types.SegmentsKey, "segments", numbered, collvalue.Of[types.Segment](cdc))
	k.periods = collections.NewMap(sb, types.PeriodsKey, "periods", collections.Uint64Key, collvalue.Of[types.Period](cdc))
}

// Params returns the parameters.
func (k *Keeper) Params(ctx context.Context) (types.Params, error) {
	return k.params.Get(ctx)
}

// Denom returns the denomination of all stake.
func (k *Keeper) Denom(ctx context.Context) (string, error) {
	params, err := k.params.Get(ctx)
	return params.Denom, err
}

// SetParams replaces the parameters. The denomination can't change while the books hold anything, because they are kept in it.
func (k *Keeper) SetParams(ctx context.Context, params types.Params) error {
	if err := params.Validate(); err != nil {
		return err
	}
	old, err := k.params.Get(ctx)
	if err != nil && !errors.Is(err, collections.ErrNotFound) {
		return err
	}
	if err == nil && old.Denom != params.Denom {
		used, err := k.inUse(ctx)
		if err != nil {
			return err
		}
		if used {
			return types.ErrParams.Wrapf("denom must stay %s while there is stake", old.Denom)
		}
	}
	return k.params.Set(ctx, params)
}

// inUse tells whether there is any pool, or a replaced one with rewards to pay.
func (k *Keeper) inUse(ctx context.Context) (bool, error) {
	used := false
	err := k.pools.Walk(ctx, nil, func(sdk.AccAddress, types.Pool) (bool, error) {
		used = true
		return true, nil
	})
	if err != nil || used {
		return used, err
	}
	err = k.closed.Walk(ctx, nil, func(entryKey, types.ClosedPool) (bool, error) {
		used = true
		return true, nil
	})
	return used, err
}

// coded returns the registered error for what the arithmetic refused.
func coded(err error) *errorsmod.Error {
	switch {
	case errors.Is(err, stake.ErrLocked):
		return types.ErrLocked
	case errors.Is(err, stake.ErrExposure):
		return types.ErrExposure
	case errors.Is(err, stake.ErrRelease):
		return types.ErrRelease
	case errors.Is(err, stake.ErrRequirement):
		return types.ErrRequirement
	case errors.Is(err, stake.ErrFraction):
		return types.ErrFraction
	case errors.Is(err, stake.ErrVoid):
		return types.ErrVoid
	case errors.Is(err, stake.ErrBacking):
		return types.ErrBacking
	default:
		return types.ErrAmount
	}
}

// emit adds a typed event to the transaction or block.
func emit(ctx context.Context, event proto.Message) error {
	return sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(event)
}

// now is the block's time.
func now(ctx context.Context) time.Time {
	return sdk.UnwrapSDKContext(ctx).BlockTime().UTC()
}
