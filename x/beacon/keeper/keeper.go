// Package keeper holds the state of the beacon module: which rounds are waited for, and which were verified.
package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	corestore "cosmossdk.io/core/store"

	"github.com/cosmos/cosmos-sdk/codec"

	"github.com/assaychain/assay/x/beacon/drand"
	"github.com/assaychain/assay/x/beacon/types"
	"github.com/assaychain/assay/x/collvalue"
)

type (
	// roundKey is (generation, round).
	roundKey = collections.Pair[uint64, uint64]
	// requestKey is (generation, round, consumer).
	requestKey = collections.Triple[uint64, uint64, string]
	// readyKey is (consumer, generation, round).
	readyKey = collections.Triple[string, uint64, uint64]
	// historyKey is (Unix second of posting, generation, round).
	historyKey = collections.Triple[int64, uint64, uint64]
)

// Keeper owns the module's store.
type Keeper struct {
	authority string
	// verifier remembers the decoded public key; what it remembers never changes a result.
	verifier *drand.Verifier

	// schema lists the collections below.
	schema collections.Schema
	// params → Params; written by genesis and UpdateParams.
	params collections.Item[types.Params]
	// generation → how often the beacon was replaced; written by genesis and UpdateParams.
	generation collections.Item[uint64]
	// latest → highest round posted in the present generation; written by PostRound, reset with the generation.
	latest collections.Item[uint64]
	// requests holds (generation, round, consumer) that is waited for; written by Fix, removed by PostRound and the pruning.
	requests collections.KeySet[requestKey]
	// rounds: (generation, round) → Round; written by PostRound, removed by the pruning.
	rounds collections.Map[roundKey, types.Round]
	// ready holds (consumer, generation, round) posted and not drained; written by PostRound, removed by Done.
	ready collections.KeySet[readyKey]
	// held holds (generation, round, consumer), the same entries by round, so that Done sees who else holds it.
	held collections.KeySet[requestKey]
	// history holds (posted at, generation, round) of rounds that every consumer drained; written by Done, removed by the pruning.
	history collections.KeySet[historyKey]
}

// NewKeeper builds the keeper; authority is the account that may change the parameters.
func NewKeeper(cdc codec.BinaryCodec, storeService corestore.KVStoreService, authority string) (*Keeper, error) {
	if cdc == nil || storeService == nil || authority == "" {
		return nil, errors.New("beacon keeper: codec, store service and authority are all required")
	}
	sb := collections.NewSchemaBuilder(storeService)
	request := collections.TripleKeyCodec(collections.Uint64Key, collections.Uint64Key, collections.StringKey)
	k := &Keeper{
		authority:  authority,
		verifier:   new(drand.Verifier),
		params:     collections.NewItem(sb, types.ParamsKey, "params", collvalue.Of[types.Params](cdc)),
		generation: collections.NewItem(sb, types.GenerationKey, "generation", collections.Uint64Value),
		latest:     collections.NewItem(sb, types.LatestKey, "latest", collections.Uint64Value),
		requests:   collections.NewKeySet(sb, types.RequestsPrefix, "requests", request),
		rounds: collections.NewMap(sb, types.RoundsPrefix, "rounds",
			collections.PairKeyCodec(collections.Uint64Key, collections.Uint64Key), collvalue.Of[types.Round](cdc)),
		ready: collections.NewKeySet(sb, types.ReadyPrefix, "ready",
			collections.TripleKeyCodec(collections.StringKey, collections.Uint64Key, collections.Uint64Key)),
		held: collections.NewKeySet(sb, types.HeldPrefix, "held", request),
		history: collections.NewKeySet(sb, types.HistoryPrefix, "history",
			collections.TripleKeyCodec(collections.Int64Key, collections.Uint64Key, collections.Uint64Key)),
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

// Generation returns how often governance replaced the beacon. Rounds of different generations have nothing in common.
func (k *Keeper) Generation(ctx context.Context) (uint64, error) { return k.generation.Get(ctx) }
