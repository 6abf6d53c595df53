// Package keeper punishes offences: it slashes by the table, jails, holds what was slashed until it may be split or given
// back, hears evidence and appeals, and keeps records.
package keeper

import (
	"context"
	"time"

	"cosmossdk.io/collections"
	corestore "cosmossdk.io/core/store"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/gogoproto/proto"

	"github.com/assaychain/assay/x/accounts"
	"github.com/assaychain/assay/x/collvalue"
	"github.com/assaychain/assay/x/penalty/types"
)

// Keys of the collections that need more than one part.
type (
	operatorKey = collections.Pair[sdk.AccAddress, uint64]
	timedKey    = collections.Pair[time.Time, uint64]
	conductKey  = collections.Pair[sdk.AccAddress, uint32]
	reviewKey   = collections.Triple[time.Time, sdk.AccAddress, uint32]
	evidenceKey = collections.Pair[uint64, []byte]
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
	// jails: operator → term; written by Punish, ResolveAppeal and settlements, removed by Unjail and ResolveAppeal.
	jails collections.Map[sdk.AccAddress, types.Jail]
	// records: record id → punishment, in order of time; written by Punish, changed until settled, pruned at the end of the block.
	records collections.Map[uint64, types.Record]
	// byOperator: (operator, record id); written with records.
	byOperator collections.KeySet[operatorKey]
	// nextRecordID: number of the next record; written by Punish.
	nextRecordID collections.Sequence
	// holds: (time to settle, record id) of open records; written with their status.
	holds collections.KeySet[timedKey]
	// settled: (time settled, record id) of closed records; written when they are settled, removed with them.
	settled collections.KeySet[timedKey]
	// appeals: ids of records whose appeal is not resolved.
	appeals collections.KeySet[uint64]
	// conducts: (operator, offence) → count of repetitions; written by Punish and ResolveAppeal, removed when nothing counts.
	conducts collections.Map[conductKey, types.Conduct]
	// reviews: (time to look whether anything counts, operator, offence); one place for each conduct.
	reviews collections.KeySet[reviewKey]
	// evidence: (slot, hash of operator and subject) that was taken; written by SubmitEvidence, pruned by age.
	evidence collections.KeySet[evidenceKey]
	// evidenceFloor: highest slot whose marks were pruned; no evidence about it or earlier ones is taken.
	evidenceFloor collections.Item[uint64]
}

// NewKeeper returns a keeper. authority is the address that may change the parameters and resolve appeals. It fails when the
// module has no account or a port is missing.
func NewKeeper(cdc codec.BinaryCodec, storeService corestore.KVStoreService, authority string, ports types.Ports) (*Keeper, error) {
	if _, err := accounts.Decode(authority); err != nil {
		return nil, types.ErrWiring.Wrapf("authority %q: %v", authority, err)
	}
	if ports.Bond == nil || ports.Bank == nil || ports.Accounts == nil {
		return nil, types.ErrWiring.Wrap("ports Bond, Bank and Accounts must be given")
	}
	account := ports.Accounts.GetModuleAddress(types.ModuleName)
	if account == nil {
		return nil, types.ErrWiring.Wrapf("module account %s is not declared", types.ModuleName)
	}
	k := &Keeper{authority: authority, ports: ports, account: account}
	if err := k.build(cdc, collections.NewSchemaBuilder(storeService)); err != nil {
		return nil, types.ErrWiring.Wrapf("schema: %v", err)
	}
	return k, nil
}

// build declares the collections.
func (k *Keeper) build(cdc codec.BinaryCodec, sb *collections.SchemaBuilder) (err error) {
	timed := collections.PairKeyCodec(sdk.TimeKey, collections.Uint64Key)
	k.params = collections.NewItem(sb, types.ParamsKey, "params", collvalue.Of[types.Params](cdc))
	k.jails = collections.NewMap(sb, types.JailsKey, "jails", sdk.AccAddressKey, collvalue.Of[types.Jail](cdc))
	k.records = collections.NewMap(sb, types.RecordsKey, "records", collections.Uint64Key, collvalue.Of[types.Record](cdc))
	k.byOperator = collections.NewKeySet(sb, types.ByOperatorKey, "by_operator", collections.PairKeyCodec(sdk.AccAddressKey, collections.Uint64Key))
	k.nextRecordID = collections.NewSequence(sb, types.NextRecordIDKey, "next_record_id")
	k.holds = collections.NewKeySet(sb, types.HoldsKey, "holds", timed)
	k.settled = collections.NewKeySet(sb, types.SettledKey, "settled", timed)
	k.appeals = collections.NewKeySet(sb, types.AppealsKey, "appeals", collections.Uint64Key)
	k.conducts = collections.NewMap(sb, types.ConductsKey, "conducts", collections.PairKeyCodec(sdk.AccAddressKey, collections.Uint32Key), collvalue.Of[types.Conduct](cdc))
	k.reviews = collections.NewKeySet(sb, types.ReviewsKey, "reviews", collections.TripleKeyCodec(sdk.TimeKey, sdk.AccAddressKey, collections.Uint32Key))
	k.evidence = collections.NewKeySet(sb, types.EvidenceKey, "evidence", collections.PairKeyCodec(collections.Uint64Key, collections.BytesKey))
	k.evidenceFloor = collections.NewItem(sb, types.EvidenceFloorKey, "evidence_floor", collections.Uint64Value)
	k.Schema, err = sb.Build()
	return err
}

// Params returns the parameters.
func (k *Keeper) Params(ctx context.Context) (types.Params, error) {
	return k.params.Get(ctx)
}

// SetParams replaces the parameters. Present jail terms and the times at which holds are settled stay; shares and history
// apply to the records there are.
func (k *Keeper) SetParams(ctx context.Context, params types.Params) error {
	if err := params.Validate(); err != nil {
		return err
	}
	return k.params.Set(ctx, params)
}

// emit adds a typed event to the transaction or block.
func emit(ctx context.Context, event proto.Message) error {
	return sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(event)
}

// now is the block's time.
func now(ctx context.Context) time.Time {
	return sdk.UnwrapSDKContext(ctx).BlockTime().UTC()
}
