// Package keeper punishes offences: it slashes by the table, jails, divides what was slashed and keeps a record.
package keeper

import (
	"context"

	"cosmossdk.io/collections"
	corestore "cosmossdk.io/core/store"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/gogoproto/proto"

	"github.com/assaychain/assay/x/penalty/types"
)

// operatorKey names a record of an operator.
type operatorKey = collections.Pair[sdk.AccAddress, uint64]

// Keeper is the module's state and its verbs.
type Keeper struct {
	authority string
	ports     types.Ports
	account   sdk.AccAddress

	// Schema describes the store.
	Schema collections.Schema
	// params; written by genesis and UpdateParams.
	params collections.Item[types.Params]
	// jails: operator → term; written by Punish, removed by Unjail.
	jails collections.Map[sdk.AccAddress, types.Jail]
	// records: record id → punishment, in order of time; written by Punish, pruned at the end of the block.
	records collections.Map[uint64, types.Record]
	// byOperator: (operator, record id); written with records, read by queries.
	byOperator collections.KeySet[operatorKey]
	// nextRecordID: number of the next record; written by Punish.
	nextRecordID collections.Sequence
}

// NewKeeper returns a keeper. authority is the address that may change the parameters. It fails when the module has no
// account or a port is missing.
func NewKeeper(cdc codec.BinaryCodec, storeService corestore.KVStoreService, authority string, ports types.Ports) (*Keeper, error) {
	if _, err := sdk.AccAddressFromBech32(authority); err != nil {
		return nil, types.ErrWiring.Wrapf("authority %q: %v", authority, err)
	}
	if ports.Bond == nil || ports.Bank == nil || ports.Accounts == nil {
		return nil, types.ErrWiring.Wrap("ports Bond, Bank and Accounts must be given")
	}
	account := ports.Accounts.GetModuleAddress(types.ModuleName)
	if account == nil {
		return nil, types.ErrWiring.Wrapf("module account %s is not declared", types.ModuleName)
	}
	sb := collections.NewSchemaBuilder(storeService)
	k := &Keeper{
		authority:    authority,
		ports:        ports,
		account:      account,
		params:       collections.NewItem(sb, types.ParamsKey, "params", codec.CollValue[types.Params](cdc)),
		jails:        collections.NewMap(sb, types.JailsKey, "jails", sdk.AccAddressKey, codec.CollValue[types.Jail](cdc)),
		records:      collections.NewMap(sb, types.RecordsKey, "records", collections.Uint64Key, codec.CollValue[types.Record](cdc)),
		byOperator:   collections.NewKeySet(sb, types.ByOperatorKey, "by_operator", collections.PairKeyCodec(sdk.AccAddressKey, collections.Uint64Key)),
		nextRecordID: collections.NewSequence(sb, types.NextRecordIDKey, "next_record_id"),
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

// SetParams replaces the parameters. Present jail terms stay; a new history applies to the records there are.
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
