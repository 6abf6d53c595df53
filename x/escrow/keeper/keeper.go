// Package keeper holds what customers set aside for their work: it takes deposits, pays for work with a split, and refunds the rest.
package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	corestore "cosmossdk.io/core/store"
	errorsmod "cosmossdk.io/errors"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/gogoproto/proto"

	"github.com/assaychain/assay/x/escrow/settlement"
	"github.com/assaychain/assay/x/escrow/types"
)

// Keys of the collections that need more than one part.
type (
	accountKey   = collections.Pair[string, uint64]
	depositorKey = collections.Triple[sdk.AccAddress, string, uint64]
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
	// accounts: (scope, id) → account; written by every verb, removed by Close.
	accounts collections.Map[accountKey, types.Account]
	// byDepositor: (depositor, scope, id); written by Open and Close, read by queries.
	byDepositor collections.KeySet[depositorKey]
}

// NewKeeper returns a keeper. authority is the address that may change the parameters. It fails when the module has no
// account or a port is missing.
func NewKeeper(cdc codec.BinaryCodec, storeService corestore.KVStoreService, authority string, ports types.Ports) (*Keeper, error) {
	if _, err := sdk.AccAddressFromBech32(authority); err != nil {
		return nil, types.ErrWiring.Wrapf("authority %q: %v", authority, err)
	}
	if ports.Bank == nil || ports.Accounts == nil || ports.Pool == nil {
		return nil, types.ErrWiring.Wrap("ports Bank, Accounts and Pool must be given")
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
		accounts:    collections.NewMap(sb, types.AccountsKey, "accounts", collections.PairKeyCodec(collections.StringKey, collections.Uint64Key), codec.CollValue[types.Account](cdc)),
		byDepositor: collections.NewKeySet(sb, types.ByDepositorKey, "by_depositor", collections.TripleKeyCodec(sdk.AccAddressKey, collections.StringKey, collections.Uint64Key)),
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

// Account returns one open account, or ErrNoAccount.
func (k *Keeper) Account(ctx context.Context, scope string, id uint64) (types.Account, error) {
	account, err := k.accounts.Get(ctx, collections.Join(scope, id))
	if errors.Is(err, collections.ErrNotFound) {
		return types.Account{}, types.ErrNoAccount.Wrapf("account %s/%d is not open", scope, id)
	}
	return account, err
}

func (k *Keeper) store(ctx context.Context, account types.Account) error {
	return k.accounts.Set(ctx, collections.Join(account.Scope, account.Id), account)
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
	default:
		return types.ErrAmount
	}
}
