// Package keeper holds what customers set aside for their work: it takes deposits, pays for work at once or by the hour with a
// split, closes accounts that run dry, and refunds the rest.
package keeper

import (
	"context"
	"errors"
	"time"

	"cosmossdk.io/collections"
	corestore "cosmossdk.io/core/store"
	errorsmod "cosmossdk.io/errors"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/gogoproto/proto"

	"github.com/assaychain/assay/x/accounts"
	"github.com/assaychain/assay/x/collvalue"
	"github.com/assaychain/assay/x/escrow/settlement"
	"github.com/assaychain/assay/x/escrow/types"
)

// Keys of the collections that need more than one part.
type (
	accountKey   = collections.Pair[string, uint64]
	depositorKey = collections.Triple[sdk.AccAddress, string, uint64]
	streamKey    = collections.Triple[string, uint64, uint32]
	payeeKey     = collections.Quad[sdk.AccAddress, string, uint64, uint32]
	// momentKey is (Unix milliseconds, scope, id).
	momentKey = collections.Triple[int64, string, uint64]
	// outboxKey is (scope, Unix milliseconds, id).
	outboxKey = collections.Triple[string, int64, uint64]
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
	// accounts: (scope, id) → account; written by every verb, removed when it is closed.
	accounts collections.Map[accountKey, types.Account]
	// byDepositor: (depositor, scope, id) of the opener and of everybody who has money in the account; written with the account,
	// read by queries.
	byDepositor collections.KeySet[depositorKey]
	// streams: (scope, id, number) → stream; written by OpenStream and settlements, removed when it ends.
	streams collections.Map[streamKey, types.Stream]
	// byPayee: (payee, scope, id, number); written with the stream, read by queries.
	byPayee collections.KeySet[payeeKey]
	// queue: (moment, scope, id) of every account from which money flows or which ran dry: when the block hook looks at it next.
	// Written with the account.
	queue collections.KeySet[momentKey]
	// dried: (scope, id) → account that ran dry and was closed; written by the block hook, removed by AckDried.
	dried collections.Map[accountKey, types.DryAccount]
	// outbox: (scope, moment, id) of the same accounts, oldest first.
	outbox collections.KeySet[outboxKey]
}

// NewKeeper returns a keeper. authority is the address that may change the parameters. It fails when the module has no
// account or a port is missing.
func NewKeeper(cdc codec.BinaryCodec, storeService corestore.KVStoreService, authority string, ports types.Ports) (*Keeper, error) {
	if _, err := accounts.Decode(authority); err != nil {
		return nil, types.ErrWiring.Wrapf("authority %q: %v", authority, err)
	}
	if ports.Bank == nil || ports.Accounts == nil || ports.Pool == nil || ports.Grants == nil {
		return nil, types.ErrWiring.Wrap("ports Bank, Accounts, Pool and Grants must be given")
	}
	account := ports.Accounts.GetModuleAddress(types.ModuleName)
	if account == nil {
		return nil, types.ErrWiring.Wrapf("module account %s is not declared", types.ModuleName)
	}
	sb := collections.NewSchemaBuilder(storeService)
	name := collections.PairKeyCodec(collections.StringKey, collections.Uint64Key)
	k := &Keeper{
		authority:   authority,
		ports:       ports,
		account:     account,
		params:      collections.NewItem(sb, types.ParamsKey, "params", collvalue.Of[types.Params](cdc)),
		accounts:    collections.NewMap(sb, types.AccountsKey, "accounts", name, collvalue.Of[types.Account](cdc)),
		byDepositor: collections.NewKeySet(sb, types.ByDepositorKey, "by_depositor", collections.TripleKeyCodec(sdk.AccAddressKey, collections.StringKey, collections.Uint64Key)),
		streams:     collections.NewMap(sb, types.StreamsKey, "streams", collections.TripleKeyCodec(collections.StringKey, collections.Uint64Key, collections.Uint32Key), collvalue.Of[types.Stream](cdc)),
		byPayee:     collections.NewKeySet(sb, types.ByPayeeKey, "by_payee", collections.QuadKeyCodec(sdk.AccAddressKey, collections.StringKey, collections.Uint64Key, collections.Uint32Key)),
		queue:       collections.NewKeySet(sb, types.QueueKey, "queue", collections.TripleKeyCodec(collections.Int64Key, collections.StringKey, collections.Uint64Key)),
		dried:       collections.NewMap(sb, types.DriedKey, "dried", name, collvalue.Of[types.DryAccount](cdc)),
		outbox:      collections.NewKeySet(sb, types.OutboxKey, "outbox", collections.TripleKeyCodec(collections.StringKey, collections.Int64Key, collections.Uint64Key)),
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

// SetParams replaces the parameters. Open accounts keep their denomination; new rates apply to their next payment.
func (k *Keeper) SetParams(ctx context.Context, params types.Params) error {
	if err := params.Validate(); err != nil {
		return err
	}
	return k.params.Set(ctx, params)
}

// Account returns one open account as it was last written, or ErrNoAccount. What its streams earned since is not counted in it.
func (k *Keeper) Account(ctx context.Context, scope string, id uint64) (types.Account, error) {
	account, err := k.accounts.Get(ctx, collections.Join(scope, id))
	if errors.Is(err, collections.ErrNotFound) {
		return types.Account{}, types.ErrNoAccount.Wrapf("account %s/%d is not open", scope, id)
	}
	return account, err
}

// current returns an open account with what its streams earned until now, marked when it ran dry.
func (k *Keeper) current(ctx context.Context, scope string, id uint64) (types.Account, error) {
	account, err := k.Account(ctx, scope, id)
	if err != nil {
		return account, err
	}
	return account.Accrued(now(ctx)), nil
}

// solvent is current, but refuses an account that ran dry: its end has begun and nothing can change it.
func (k *Keeper) solvent(ctx context.Context, scope string, id uint64) (types.Account, error) {
	account, err := k.current(ctx, scope, id)
	if err == nil && account.IsDry() {
		return account, types.ErrDry.Wrapf("%s ran dry at %s; it is being closed", account.Name(), moment(account.Flow.Through).Format(time.RFC3339Nano))
	}
	return account, err
}

// store writes an account and its place in the queue.
func (k *Keeper) store(ctx context.Context, account types.Account) error {
	account, err := k.queued(ctx, account)
	if err != nil {
		return err
	}
	return k.accounts.Set(ctx, collections.Join(account.Scope, account.Id), account)
}

// now is the block's time in Unix milliseconds, rounded down.
func now(ctx context.Context) int64 {
	return sdk.UnwrapSDKContext(ctx).BlockTime().UnixMilli()
}

// moment is a time in Unix milliseconds.
func moment(ms int64) time.Time {
	return time.UnixMilli(ms).UTC()
}

// emit adds a typed event to the transaction or block.
func emit(ctx context.Context, event proto.Message) error {
	return sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(event)
}

// coded returns the registered error for what the arithmetic refused.
func coded(err error) *errorsmod.Error {
	switch {
	case errors.Is(err, settlement.ErrShort):
		return types.ErrShort
	case errors.Is(err, settlement.ErrLocked):
		return types.ErrLocked
	case errors.Is(err, settlement.ErrRates):
		return types.ErrParams
	case errors.Is(err, settlement.ErrRate):
		return types.ErrStream
	case errors.Is(err, settlement.ErrDry):
		return types.ErrShort
	default:
		return types.ErrAmount
	}
}
