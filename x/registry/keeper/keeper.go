// Package keeper holds the state of the registry module: operators, their devices, and which device can take a job.
package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	corestore "cosmossdk.io/core/store"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/collvalue"
	"github.com/assaychain/assay/x/registry/types"
)

type (
	// ownedKey is (operator, device id).
	ownedKey = collections.Pair[sdk.AccAddress, []byte]
	// lapseKey is (moment of the clock in milliseconds, device id).
	lapseKey = collections.Pair[uint64, []byte]
	// waitingKey is (generation, round, device id).
	waitingKey = collections.Triple[uint64, uint64, []byte]
)

// Keeper owns the module's store.
type Keeper struct {
	authority string
	bond      types.Bond
	penalty   types.Penalty
	beacon    types.Beacon
	bank      types.Recipients

	// schema lists the collections below.
	schema collections.Schema
	// params → Params; written by genesis and UpdateParams.
	params collections.Item[types.Params]
	// operators: address → Operator; written by RegisterOperator and UpdateOperator, its count and score as its devices change.
	operators collections.Map[sdk.AccAddress, types.Operator]
	// devices: id → Device; written by RegisterDevice, UpdateDevice, Reserve, Unreserve, Suspend, Observe and its lapse, removed by
	// RetireDevice.
	devices collections.Map[[]byte, types.Device]
	// owned holds (operator, id) of every device; written with the device.
	owned collections.KeySet[ownedKey]
	// free holds two index keys of every available device with a free lane, in its cell and anywhere; written whenever the device is.
	free collections.KeySet[[]byte]
	// cells tells where those devices are.
	cells cellBook
	// memories: (class, memory) → number of devices; written as devices are registered and retired.
	memories collections.Map[memoryKey, uint64]
	// clock → Clock; written at the end of every block.
	clock collections.Item[types.Clock]
	// lapses holds (proven_until, id) of every device that is proven; written with the device.
	lapses collections.KeySet[lapseKey]
	// forRent and rented: class → number of devices for rent, and of those that are rented; written whenever a device is.
	forRent, rented collections.Map[uint32, uint64]
	// checks: device id → its last SpotCheck; written as one begins, moves on and ends, removed with the device.
	checks collections.Map[[]byte, types.SpotCheck]
	// nextCheck → number of the last spot check.
	nextCheck collections.Sequence
	// waiting holds (generation, round, device id) of every check that waits for a beacon round.
	waiting collections.KeySet[waitingKey]
	// checksDue holds (due, device id) of every open check.
	checksDue collections.KeySet[lapseKey]
	// draw → Draw; written at the end of blocks, as rounds are fixed and drawn.
	draw collections.Item[types.Draw]
	// places are the devices that draws choose from.
	places places
	// models: key → GpuModel; written by genesis and UpsertGpuModel.
	models collections.Map[string, types.GpuModel]
	// modelNames: name in normal form → key of the model; written with the model.
	modelNames collections.Map[string, string]
	// relays is the register of relays.
	relays relayBook
	// gauges are devices' condition, hours and prices.
	gauges gauges
	// pools are lists of operators that others keep.
	pools poolBook
}

// NewKeeper builds the keeper; authority is the account that may change the parameters.
func NewKeeper(
	cdc codec.BinaryCodec, storeService corestore.KVStoreService, authority string, ports types.Ports,
) (*Keeper, error) {
	if cdc == nil || storeService == nil || authority == "" {
		return nil, errors.New("registry keeper: codec, store service and authority are all required")
	}
	if ports.Bond == nil || ports.Penalty == nil || ports.Beacon == nil || ports.Bank == nil {
		return nil, errors.New("registry keeper: the bond, penalty, beacon and bank ports are all required")
	}
	sb := collections.NewSchemaBuilder(storeService)
	k := &Keeper{
		authority: authority,
		bond:      ports.Bond,
		penalty:   ports.Penalty,
		beacon:    ports.Beacon,
		bank:      ports.Bank,
		params:    collections.NewItem(sb, types.ParamsKey, "params", collvalue.Of[types.Params](cdc)),
		operators: collections.NewMap(sb, types.OperatorsPrefix, "operators", sdk.AccAddressKey, collvalue.Of[types.Operator](cdc)),
		devices:   collections.NewMap(sb, types.DevicesPrefix, "devices", collections.BytesKey, collvalue.Of[types.Device](cdc)),
		owned: collections.NewKeySet(sb, types.OwnedPrefix, "owned",
			collections.PairKeyCodec(sdk.AccAddressKey, collections.BytesKey)),
		free:  collections.NewKeySet(sb, types.FreePrefix, "free", collections.BytesKey),
		cells: newCellBook(sb, cdc),
		memories: collections.NewMap(sb, types.MemoriesPrefix, "memories",
			collections.PairKeyCodec(collections.Uint32Key, collections.Uint32Key), collections.Uint64Value),
		clock: collections.NewItem(sb, types.ClockKey, "clock", collvalue.Of[types.Clock](cdc)),
		lapses: collections.NewKeySet(sb, types.LapsesPrefix, "lapses",
			collections.PairKeyCodec(collections.Uint64Key, collections.BytesKey)),
		forRent:   collections.NewMap(sb, types.ForRentPrefix, "for_rent", collections.Uint32Key, collections.Uint64Value),
		rented:    collections.NewMap(sb, types.RentedPrefix, "rented", collections.Uint32Key, collections.Uint64Value),
		checks:    collections.NewMap(sb, types.ChecksPrefix, "checks", collections.BytesKey, collvalue.Of[types.SpotCheck](cdc)),
		nextCheck: collections.NewSequence(sb, types.LastCheckKey, "last_check"),
		waiting: collections.NewKeySet(sb, types.WaitingPrefix, "waiting",
			collections.TripleKeyCodec(collections.Uint64Key, collections.Uint64Key, collections.BytesKey)),
		checksDue: collections.NewKeySet(sb, types.ChecksDuePrefix, "checks_due",
			collections.PairKeyCodec(collections.Uint64Key, collections.BytesKey)),
		draw:       collections.NewItem(sb, types.DrawKey, "draw", collvalue.Of[types.Draw](cdc)),
		places:     newPlaces(sb, cdc),
		models:     collections.NewMap(sb, types.ModelsPrefix, "models", collections.StringKey, collvalue.Of[types.GpuModel](cdc)),
		modelNames: collections.NewMap(sb, types.ModelNamesPrefix, "model_names", collections.StringKey, collections.StringValue),
		relays:     newRelayBook(sb, cdc),
		gauges:     newGauges(sb, cdc),
		pools:      newPoolBook(sb, cdc),
	}
	schema, err := sb.Build()
	if err != nil {
		return nil, err
	}
	k.schema = schema
	return k, nil
}

// Params returns the parameters.
func (k *Keeper) Params(ctx context.Context) (types.Params, error) { return k.params.Get(ctx) }

// SetParams replaces the parameters. Devices that are registered keep their terms until their operator touches one of
// them: a hook that went over all of them would grow with the network. The clock moves on to this block before, by the largest gap that held until
// now: under a smaller one it would go back behind moments of this block that are written already.
func (k *Keeper) SetParams(ctx context.Context, params types.Params) error {
	if err := params.Validate(); err != nil {
		return err
	}
	reading, err := k.reading(ctx)
	if err != nil {
		return err
	}
	if err := k.clock.Set(ctx, reading); err != nil {
		return err
	}
	if err := k.params.Set(ctx, params); err != nil {
		return err
	}
	return sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(&types.EventParamsUpdated{})
}
