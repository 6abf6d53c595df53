// Package keeper holds operators' stake: it takes it in, lets it out after a delay, commits it to work and slashes it.
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

	"github.com/assaychain/assay/x/bond/stake"
	"github.com/assaychain/assay/x/bond/types"
)

// Keys of the collections that need more than one part.
type (
	entryKey = collections.Pair[sdk.AccAddress, uint64]
	queueKey = collections.Triple[time.Time, uint64, sdk.AccAddress]
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
	// stakes: operator → stake; written by every verb, removed when all amounts are zero.
	stakes collections.Map[sdk.AccAddress, types.Stake]
	// entries: (operator, entry id) → unbonding entry; written by Unbond, Slash, CancelUnbonding and the end of the block.
	entries collections.Map[entryKey, types.UnbondingEntry]
	// queue: (time to pay, entry id, operator); written with entries.
	queue collections.KeySet[queueKey]
	// nextEntryID: number of the next entry; written by Unbond.
	nextEntryID collections.Sequence
}

// NewKeeper returns a keeper. authority is the address that may change the parameters. It fails when the module has no
// account or a port is missing.
func NewKeeper(cdc codec.BinaryCodec, storeService corestore.KVStoreService, authority string, ports types.Ports) (*Keeper, error) {
	if _, err := sdk.AccAddressFromBech32(authority); err != nil {
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
	k := &Keeper{
		authority:   authority,
		ports:       ports,
		account:     account,
		params:      collections.NewItem(sb, types.ParamsKey, "params", codec.CollValue[types.Params](cdc)),
		stakes:      collections.NewMap(sb, types.StakesKey, "stakes", sdk.AccAddressKey, codec.CollValue[types.Stake](cdc)),
		entries:     collections.NewMap(sb, types.EntriesKey, "entries", collections.PairKeyCodec(sdk.AccAddressKey, collections.Uint64Key), codec.CollValue[types.UnbondingEntry](cdc)),
		queue:       collections.NewKeySet(sb, types.QueueKey, "queue", collections.TripleKeyCodec(sdk.TimeKey, collections.Uint64Key, sdk.AccAddressKey)),
		nextEntryID: collections.NewSequence(sb, types.NextEntryIDKey, "next_entry_id"),
	}
	schema, err := sb.Build()
	if err != nil {
		return nil, types.ErrWiring.Wrapf("schema: %v", err)
	}
	k.Schema = schema
	return k, nil
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

// SetParams replaces the parameters. The denomination can't change while anybody has stake, because the books are kept in it.
func (k *Keeper) SetParams(ctx context.Context, params types.Params) error {
	if err := params.Validate(); err != nil {
		return err
	}
	old, err := k.params.Get(ctx)
	if err != nil && !errors.Is(err, collections.ErrNotFound) {
		return err
	}
	if err == nil && old.Denom != params.Denom {
		used, err := k.anyStake(ctx)
		if err != nil {
			return err
		}
		if used {
			return types.ErrParams.Wrapf("denom must stay %s while there is stake", old.Denom)
		}
	}
	return k.params.Set(ctx, params)
}

func (k *Keeper) anyStake(ctx context.Context) (bool, error) {
	used := false
	err := k.stakes.Walk(ctx, nil, func(sdk.AccAddress, types.Stake) (bool, error) {
		used = true
		return true, nil
	})
	return used, err
}

// Stake returns op's stake, all zero when it has none.
func (k *Keeper) Stake(ctx context.Context, op sdk.AccAddress) (types.Stake, error) {
	found, err := k.stakes.Get(ctx, op)
	if errors.Is(err, collections.ErrNotFound) {
		return types.NewStake(op.String(), stake.Empty()), nil
	}
	return found, err
}

// Bonded returns op's bonded stake, zero when it has none.
func (k *Keeper) Bonded(ctx context.Context, op sdk.AccAddress) (math.Int, error) {
	found, err := k.Stake(ctx, op)
	return found.Bonded, err
}

// Headroom returns the exposure that op can still take on: bonded less exposure, never negative.
func (k *Keeper) Headroom(ctx context.Context, op sdk.AccAddress) (math.Int, error) {
	position, err := k.position(ctx, op)
	if err != nil {
		return math.Int{}, err
	}
	return position.Headroom(), nil
}

func (k *Keeper) position(ctx context.Context, op sdk.AccAddress) (stake.Position, error) {
	found, err := k.Stake(ctx, op)
	if err != nil {
		return stake.Position{}, err
	}
	return found.Position(), nil
}

// store writes op's position, or forgets it when nothing is left.
func (k *Keeper) store(ctx context.Context, op sdk.AccAddress, p stake.Position) error {
	if p.IsZero() {
		return k.stakes.Remove(ctx, op)
	}
	return k.stakes.Set(ctx, op, types.NewStake(op.String(), p))
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
	default:
		return types.ErrAmount
	}
}
