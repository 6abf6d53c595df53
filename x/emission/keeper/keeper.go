// Package keeper holds the state of the emission: how far the schedule has come, what is due to whom, and the pots that
// operators share.
package keeper

import (
	"context"

	"cosmossdk.io/collections"
	corestore "cosmossdk.io/core/store"
	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/accounts"
	"github.com/assaychain/assay/x/collvalue"
	"github.com/assaychain/assay/x/emission/types"
)

// Keeper owns the module's store.
type Keeper struct {
	authority string
	ports     types.Ports
	account   sdk.AccAddress

	// schema lists the collections below.
	schema collections.Schema
	// params → Params; written by genesis and UpdateParams.
	params collections.Item[types.Params]
	// progress → Progress; written when an epoch ends.
	progress collections.Item[types.Progress]
	// dues → Dues; written when an epoch ends.
	dues collections.Item[types.Dues]
	// totals → Totals; written when an epoch ends and by ClaimRewards.
	totals collections.Item[types.Totals]
	// periods: number → Period; written when an epoch ends and by ClaimRewards, removed when the period has expired.
	periods collections.Map[uint64, types.Period]
	// claims: operator → number of the last period it has settled; written by ClaimRewards.
	claims collections.Map[sdk.AccAddress, uint64]
}

// NewKeeper builds the keeper; authority is the account that may change the parameters. It fails when a port or a module
// account is missing.
func NewKeeper(cdc codec.BinaryCodec, storeService corestore.KVStoreService, authority string, ports types.Ports) (*Keeper, error) {
	if _, err := accounts.Decode(authority); err != nil {
		return nil, types.ErrWiring.Wrapf("authority %q: %s", authority, err)
	}
	if err := ports.Validate(); err != nil {
		return nil, err
	}
	sb := collections.NewSchemaBuilder(storeService)
	k := &Keeper{
		authority: authority,
		ports:     ports,
		account:   ports.Accounts.GetModuleAddress(types.ModuleName),
		params:    collections.NewItem(sb, types.ParamsKey, "params", collvalue.Of[types.Params](cdc)),
		progress:  collections.NewItem(sb, types.ProgressKey, "progress", collvalue.Of[types.Progress](cdc)),
		dues:      collections.NewItem(sb, types.DuesKey, "dues", collvalue.Of[types.Dues](cdc)),
		totals:    collections.NewItem(sb, types.TotalsKey, "totals", collvalue.Of[types.Totals](cdc)),
		periods:   collections.NewMap(sb, types.PeriodsPrefix, "periods", collections.Uint64Key, collvalue.Of[types.Period](cdc)),
		claims:    collections.NewMap(sb, types.ClaimsPrefix, "claims", sdk.AccAddressKey, collections.Uint64Value),
	}
	var err error
	k.schema, err = sb.Build()
	return k, err
}

// Params returns the parameters.
func (k *Keeper) Params(ctx context.Context) (types.Params, error) { return k.params.Get(ctx) }

// SetParams replaces the parameters. Epochs that were minted stay as they are, and so do the terms of closed periods. Caps only
// fall, and never below what there is; denomination and epoch are fixed at genesis, because books and amounts are in them.
func (k *Keeper) SetParams(ctx context.Context, params types.Params) error {
	if err := params.Validate(); err != nil {
		return err
	}
	old, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	if params.Denom != old.Denom || params.EpochIdentifier != old.EpochIdentifier {
		return types.ErrParams.Wrapf("denom and epoch_identifier stay %q and %q, as genesis fixed them", old.Denom, old.EpochIdentifier)
	}
	progress, err := k.progress.Get(ctx)
	if err != nil {
		return err
	}
	if err := between("schedule.cap", params.Schedule.Cap, progress.Minted, old.Schedule.Cap); err != nil {
		return err
	}
	supply := k.ports.Bank.GetSupply(ctx, params.Denom).Amount
	if err := between("supply_cap", params.SupplyCap, supply, old.SupplyCap); err != nil {
		return err
	}
	if err := k.params.Set(ctx, params); err != nil {
		return err
	}
	return sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(&types.EventParamsUpdated{})
}

func between(field string, value, low, high math.Int) error {
	if value.LT(low) || value.GT(high) {
		return types.ErrParams.Wrapf("%s is %s: it must be from %s, what there is already, to %s, since it can't be raised", field, value, low, high)
	}
	return nil
}

// coins are an amount of what is minted.
func coins(params types.Params, amount math.Int) sdk.Coins {
	return sdk.NewCoins(sdk.NewCoin(params.Denom, amount))
}
