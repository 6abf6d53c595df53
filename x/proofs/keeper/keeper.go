// Package keeper holds the circuits that the network accepts, and verifies proofs under their keys.
package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	corestore "cosmossdk.io/core/store"

	"github.com/cosmos/cosmos-sdk/codec"

	"github.com/assaychain/assay/x/collvalue"
	"github.com/assaychain/assay/x/proofs/full"
	"github.com/assaychain/assay/x/proofs/internal/groth16"
	"github.com/assaychain/assay/x/proofs/types"
)

// fullKeysKept bounds the parsed KZG keys in memory: the lines of 17 points are some 600 KiB.
const fullKeysKept = 8

// Keeper owns the module's store.
type Keeper struct {
	authority string
	// keys and fullKeys remember parsed verifying keys; what they remember never changes a result.
	keys     *keyCache[groth16.VerifyingKey]
	fullKeys *keyCache[full.VerifyingKey]

	// schema lists the collections below.
	schema collections.Schema
	// params → Params; written by genesis and UpdateParams.
	params collections.Item[types.Params]
	// circuits: id → Circuit; written by genesis, RegisterCircuit and RetireCircuit.
	circuits collections.Map[string, types.Circuit]
	// active: class → id of the circuit that new jobs of the class use; written with the circuit.
	active collections.Map[uint32, string]
	// models: hash of a model → id of the circuit that new jobs of the model use; written with the circuit.
	models collections.Map[[]byte, string]
	// spent: height → verification units spent in that block, one entry at most; written by Spend and a failed batch.
	spent collections.Map[int64, uint64]
}

// NewKeeper builds the keeper; authority is the account that may change circuits and parameters.
func NewKeeper(cdc codec.BinaryCodec, storeService corestore.KVStoreService, authority string) (*Keeper, error) {
	if cdc == nil || storeService == nil || authority == "" {
		return nil, errors.New("proofs keeper: codec, store service and authority are all required")
	}
	sb := collections.NewSchemaBuilder(storeService)
	k := &Keeper{
		authority: authority,
		keys:      newKeyCache(types.CircuitsLimit, groth16.ParseVerifyingKey),
		fullKeys:  newKeyCache(fullKeysKept, full.ParseVerifyingKey),
		params:    collections.NewItem(sb, types.ParamsKey, "params", collvalue.Of[types.Params](cdc)),
		circuits:  collections.NewMap(sb, types.CircuitsPrefix, "circuits", collections.StringKey, collvalue.Of[types.Circuit](cdc)),
		active:    collections.NewMap(sb, types.ActivePrefix, "active", collections.Uint32Key, collections.StringValue),
		models:    collections.NewMap(sb, types.ModelsPrefix, "models", collections.BytesKey, collections.StringValue),
		spent:     collections.NewMap(sb, types.SpentPrefix, "spent", collections.Int64Key, collections.Uint64Value),
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
