package keeper

import (
	"context"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/beacon/schedule"
	"github.com/assaychain/assay/x/beacon/types"
)

// Fix decides which round a consumer waits for: the earliest that nobody can know yet. Consumers that fix at the same
// time get the same round, and a consumer that fixes it twice waits for it once.
func (k *Keeper) Fix(ctx context.Context, consumer string) (generation, round uint64, err error) {
	if err := types.ValidateConsumer(consumer); err != nil {
		return 0, 0, err
	}
	params, err := k.params.Get(ctx)
	if err != nil {
		return 0, 0, err
	}
	if generation, err = k.generation.Get(ctx); err != nil {
		return 0, 0, err
	}
	latest, err := k.latest.Get(ctx)
	if err != nil {
		return 0, 0, err
	}
	sdkCtx := sdk.UnwrapSDKContext(ctx)
	round, err = schedule.Next(params.Chain.Drand(), sdkCtx.BlockTime(), params.MinDelaySeconds, latest)
	if err != nil {
		return 0, 0, types.ErrParams.Wrapf("fix a round for %s: %s", consumer, err)
	}
	return generation, round, k.request(sdkCtx, params.Chain, types.Request{Generation: generation, Round: round, Consumer: consumer})
}

func (k *Keeper) request(ctx sdk.Context, chain types.Chain, request types.Request) error {
	key := collections.Join3(request.Generation, request.Round, request.Consumer)
	known, err := k.requests.Has(ctx, key)
	if err != nil || known {
		return err
	}
	if err := k.requests.Set(ctx, key); err != nil {
		return err
	}
	due, err := chain.Drand().TimeOf(request.Round)
	if err != nil {
		return types.ErrParams.Wrapf("time of round %d: %s", request.Round, err)
	}
	return ctx.EventManager().EmitTypedEvent(&types.EventRoundRequested{
		Round: request.Round, PublishesAt: due, Consumer: request.Consumer,
	})
}

// Ready returns rounds that were posted, that the consumer fixed and has not drained yet: at most limit, lowest
// generation and round first.
func (k *Keeper) Ready(ctx context.Context, consumer string, limit uint32) ([]types.Request, error) {
	var found []types.Request
	if limit == 0 {
		return found, nil
	}
	err := k.ready.Walk(ctx, collections.NewPrefixedTripleRange[string, uint64, uint64](consumer), func(key readyKey) (bool, error) {
		found = append(found, types.Request{Generation: key.K2(), Round: key.K3(), Consumer: key.K1()})
		return len(found) >= int(limit), nil
	})
	return found, err
}

// Done tells that the consumer drained a round. When the last one did, the round's history begins to run out.
func (k *Keeper) Done(ctx context.Context, consumer string, generation, round uint64) error {
	key := collections.Join3(consumer, generation, round)
	known, err := k.ready.Has(ctx, key)
	if err != nil {
		return err
	}
	if !known {
		return types.ErrNotReady.Wrapf("round %d of generation %d for %s", round, generation, consumer)
	}
	if err := k.ready.Remove(ctx, key); err != nil {
		return err
	}
	if err := k.held.Remove(ctx, collections.Join3(generation, round, consumer)); err != nil {
		return err
	}
	return k.release(ctx, generation, round)
}

// release puts a round that nobody holds any more into the history, by the time it was posted.
func (k *Keeper) release(ctx context.Context, generation, round uint64) error {
	holders, err := consumersOf(ctx, k.held, generation, round)
	if err != nil || len(holders) > 0 {
		return err
	}
	record, err := k.Round(ctx, generation, round)
	if err != nil {
		return err
	}
	return k.history.Set(ctx, collections.Join3(record.PostedAt.Unix(), generation, round))
}

// consumersOf lists the consumers of a round in an index by round. Consumers are modules of the chain: a handful.
func consumersOf(ctx context.Context, index collections.KeySet[requestKey], generation, round uint64) ([]string, error) {
	var consumers []string
	err := index.Walk(ctx, collections.NewSuperPrefixedTripleRange[uint64, uint64, string](generation, round), func(key requestKey) (bool, error) {
		consumers = append(consumers, key.K3())
		return false, nil
	})
	return consumers, err
}
