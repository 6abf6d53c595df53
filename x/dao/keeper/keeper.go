// Package keeper lets token holders govern: it counts their votes, keeps what they decided until its time, within the
// guardrails, and holds the treasury.
package keeper

import (
	"context"
	"time"

	"github.com/cosmos/gogoproto/proto"

	"cosmossdk.io/collections"
	corestore "cosmossdk.io/core/store"
	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/accounts"
	"github.com/assaychain/assay/x/collvalue"
	"github.com/assaychain/assay/x/dao/guardrail"
	"github.com/assaychain/assay/x/dao/types"
)

// Keys of the collections that need more than one part.
type (
	recipientKey = collections.Pair[sdk.AccAddress, uint64]
	queueKey     = collections.Pair[time.Time, uint64]
)

// Keeper is the module's state and its verbs.
type Keeper struct {
	cdc       codec.Codec
	authority string
	ports     types.Ports
	account   sdk.AccAddress
	table     guardrail.Table

	// Schema describes the store.
	Schema collections.Schema
	// params; written by genesis and UpdateParams.
	params collections.Item[types.Params]
	// grants: grant id → grant; written by the verbs of grants, removed when paid to the end.
	grants collections.Map[uint64, types.Grant]
	// byRecipient: (recipient, grant id); written with grants, read by queries.
	byRecipient collections.KeySet[recipientKey]
	// nextGrantID: number of the next grant; written by CreateGrant.
	nextGrantID collections.Sequence
	// grantCount: number of grants; written with grants.
	grantCount collections.Item[uint64]
	// reserved: denomination → what the grants are still owed; written with grants, removed when zero.
	reserved collections.Map[string, math.Int]
	// scheduled: proposal id → what waits; written when a proposal passes, removed when its time has come or a vote cancels it.
	scheduled collections.Map[uint64, types.Scheduled]
	// queue: (time to carry out, proposal id); written with scheduled.
	queue collections.KeySet[queueKey]
	// waiting: number of scheduled proposals; written with scheduled.
	waiting collections.Item[uint64]
	// outcomes: number of the outcome → outcome; written when a proposal leaves the queue, which forgets the oldest.
	outcomes collections.Map[uint64, types.Outcome]
	// nextOutcomeID: number of the next outcome; written with outcomes.
	nextOutcomeID collections.Sequence
	// verdict of the last tally in this block; written by Tally, removed at the end of the block.
	verdict collections.Item[types.Verdict]
}

// NewKeeper returns a keeper. authority is the address that may decide for the module. It fails when the module has no
// account or a port is missing.
func NewKeeper(cdc codec.Codec, storeService corestore.KVStoreService, authority string, ports types.Ports) (*Keeper, error) {
	if _, err := accounts.Decode(authority); err != nil {
		return nil, types.ErrWiring.Wrapf("authority %q: %v", authority, err)
	}
	if ports.Staking == nil || ports.Bond == nil || ports.Bank == nil || ports.Accounts == nil || ports.Messages == nil || ports.Queries == nil {
		return nil, types.ErrWiring.Wrap("ports Staking, Bond, Bank, Accounts, Messages and Queries must be given")
	}
	account := ports.Accounts.GetModuleAddress(types.ModuleName)
	if account == nil {
		return nil, types.ErrWiring.Wrapf("module account %s is not declared", types.ModuleName)
	}
	sb := collections.NewSchemaBuilder(storeService)
	k := &Keeper{
		cdc: cdc, authority: authority, ports: ports, account: account, table: guardrail.Default(),
		params:        collections.NewItem(sb, types.ParamsKey, "params", collvalue.Of[types.Params](cdc)),
		grants:        collections.NewMap(sb, types.GrantsKey, "grants", collections.Uint64Key, collvalue.Of[types.Grant](cdc)),
		byRecipient:   collections.NewKeySet(sb, types.ByRecipientKey, "by_recipient", collections.PairKeyCodec(sdk.AccAddressKey, collections.Uint64Key)),
		nextGrantID:   collections.NewSequence(sb, types.NextGrantIDKey, "next_grant_id"),
		grantCount:    collections.NewItem(sb, types.GrantCountKey, "grant_count", collections.Uint64Value),
		reserved:      collections.NewMap(sb, types.ReservedKey, "reserved", collections.StringKey, sdk.IntValue),
		scheduled:     collections.NewMap(sb, types.ScheduledKey, "scheduled", collections.Uint64Key, collvalue.Of[types.Scheduled](cdc)),
		queue:         collections.NewKeySet(sb, types.QueueKey, "queue", collections.PairKeyCodec(sdk.TimeKey, collections.Uint64Key)),
		waiting:       collections.NewItem(sb, types.WaitingKey, "waiting", collections.Uint64Value),
		outcomes:      collections.NewMap(sb, types.OutcomesKey, "outcomes", collections.Uint64Key, collvalue.Of[types.Outcome](cdc)),
		nextOutcomeID: collections.NewSequence(sb, types.NextOutcomeIDKey, "next_outcome_id"),
		verdict:       collections.NewItem(sb, types.VerdictKey, "verdict", collvalue.Of[types.Verdict](cdc)),
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

// SetParams replaces the parameters. What waits already keeps its time.
func (k *Keeper) SetParams(ctx context.Context, params types.Params) error {
	if err := params.Validate(); err != nil {
		return err
	}
	return k.params.Set(ctx, params)
}

// enter counts one more of what there may be at most limit.
func enter(ctx context.Context, counter collections.Item[uint64], limit uint32, what string) error {
	value, err := counter.Get(ctx)
	if err != nil {
		return err
	}
	if value >= uint64(limit) {
		return types.ErrLimit.Wrapf("there are %d %s, at most %d may be", value, what, limit)
	}
	return counter.Set(ctx, value+1)
}

// leave counts one less.
func leave(ctx context.Context, counter collections.Item[uint64]) error {
	value, err := counter.Get(ctx)
	if err != nil {
		return err
	}
	if value == 0 {
		return types.ErrBroken.Wrap("a counter would fall below zero")
	}
	return counter.Set(ctx, value-1)
}

// emit adds a typed event to the transaction or block.
func emit(ctx context.Context, event proto.Message) error {
	return sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(event)
}
