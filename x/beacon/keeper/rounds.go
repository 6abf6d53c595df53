package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/beacon/drand"
	"github.com/assaychain/assay/x/beacon/types"
)

// PostRoundGas is charged before a signature is verified. One verification takes about 7.6 times as long as that of a
// secp256k1 signature, which costs 1,000 gas (BenchmarkPostRoundGas in this package measures both in one run); the rest is
// margin for slower machines and for the first verification under a new key.
const PostRoundGas = 10_000

// PostRound verifies a round that is waited for and hands it to those who wait. Only the relayer's own gas is at stake:
// a round has one valid signature, so nobody can choose its value.
func (k *Keeper) PostRound(ctx context.Context, relayer sdk.AccAddress, round uint64, signature []byte) (types.Round, error) {
	generation, err := k.generation.Get(ctx)
	if err != nil {
		return types.Round{}, err
	}
	consumers, err := k.waiting(ctx, generation, round)
	if err != nil {
		return types.Round{}, err
	}
	params, err := k.params.Get(ctx)
	if err != nil {
		return types.Round{}, err
	}
	sdkCtx := sdk.UnwrapSDKContext(ctx)
	sdkCtx.GasMeter().ConsumeGas(PostRoundGas, "beacon: verify a round's signature")
	if err := k.verifier.Verify(params.Chain.Drand(), round, signature); err != nil {
		return types.Round{}, types.ErrSignature.Wrap(err.Error())
	}
	randomness := drand.Randomness(signature)
	posted := types.Round{
		Generation: generation, Round: round, Signature: signature, Randomness: randomness[:],
		Relayer: relayer.String(), PostedAt: sdkCtx.BlockTime(),
	}
	return posted, k.deliver(sdkCtx, posted, consumers)
}

// waiting lists who waits for a round, and refuses a round that is there already or that nobody asked for.
func (k *Keeper) waiting(ctx context.Context, generation, round uint64) ([]string, error) {
	posted, err := k.rounds.Has(ctx, collections.Join(generation, round))
	if err != nil {
		return nil, err
	}
	if posted {
		return nil, types.ErrAlreadyPosted.Wrapf("round %d", round)
	}
	consumers, err := consumersOf(ctx, k.requests, generation, round)
	if err == nil && len(consumers) == 0 {
		err = types.ErrNotRequested.Wrapf("round %d of generation %d: post one of those the pending query lists", round, generation)
	}
	return consumers, err
}

// deliver stores a verified round and moves its requests to the ready entries of their consumers.
func (k *Keeper) deliver(ctx sdk.Context, posted types.Round, consumers []string) error {
	if err := k.rounds.Set(ctx, collections.Join(posted.Generation, posted.Round), posted); err != nil {
		return err
	}
	for _, consumer := range consumers {
		if err := k.requests.Remove(ctx, collections.Join3(posted.Generation, posted.Round, consumer)); err != nil {
			return err
		}
		if err := k.hold(ctx, types.Request{Generation: posted.Generation, Round: posted.Round, Consumer: consumer}); err != nil {
			return err
		}
	}
	latest, err := k.latest.Get(ctx)
	if err != nil {
		return err
	}
	if err := k.latest.Set(ctx, max(latest, posted.Round)); err != nil {
		return err
	}
	return ctx.EventManager().EmitTypedEvent(&types.EventRoundPosted{
		Round: posted.Round, Randomness: posted.Randomness, Relayer: posted.Relayer,
	})
}

// hold writes both entries of a posted round that a consumer has yet to drain.
func (k *Keeper) hold(ctx context.Context, request types.Request) error {
	if err := k.ready.Set(ctx, collections.Join3(request.Consumer, request.Generation, request.Round)); err != nil {
		return err
	}
	return k.held.Set(ctx, collections.Join3(request.Generation, request.Round, request.Consumer))
}

// Round returns a posted round, or ErrNotFound when it is not posted or pruned.
func (k *Keeper) Round(ctx context.Context, generation, round uint64) (types.Round, error) {
	record, err := k.rounds.Get(ctx, collections.Join(generation, round))
	if errors.Is(err, collections.ErrNotFound) {
		return types.Round{}, types.ErrNotFound.Wrapf("round %d of generation %d", round, generation)
	}
	return record, err
}

// Randomness returns the 32 bytes of a round, and false when it is not posted or pruned.
func (k *Keeper) Randomness(ctx context.Context, generation, round uint64) ([]byte, bool, error) {
	record, err := k.Round(ctx, generation, round)
	if errors.Is(err, types.ErrNotFound) {
		return nil, false, nil
	}
	return record.Randomness, err == nil, err
}
