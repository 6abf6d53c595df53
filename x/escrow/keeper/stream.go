package keeper

import (
	"context"
	"errors"
	"time"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/accounts"
	"github.com/assaychain/assay/x/escrow/types"
)

// OpenStream makes money flow out of an open account to a payee and returns the stream's number. A rate that the money doesn't
// cover for a millisecond is refused with ErrShort.
func (k *Keeper) OpenStream(ctx context.Context, scope string, id uint64, spec types.StreamSpec) (uint32, error) {
	account, err := k.solvent(ctx, scope, id)
	if err != nil {
		return 0, err
	}
	params, err := k.params.Get(ctx)
	if err != nil {
		return 0, err
	}
	flow := types.Flow{Rate: math.ZeroInt(), Owed: math.ZeroInt(), Through: now(ctx)}
	if account.Flow != nil {
		flow = *account.Flow
	}
	if flow.Streams >= params.MaxStreams {
		return 0, types.ErrFull.Wrapf("%s has %d streams, the most is %d", account.Name(), flow.Streams, params.MaxStreams)
	}
	flow.Streams++
	flow.LastStream++
	account.Flow = &flow
	stream, err := types.NewStream(account, flow.LastStream, spec, params, flow.Through)
	if err != nil {
		return 0, err
	}
	books, err := account.Books().Reprice(math.ZeroInt(), stream.Rate)
	if err != nil {
		return 0, coded(err).Wrapf("%s: rate %s: %v", stream.Name(), stream.Rate, err)
	}
	if err := k.store(ctx, account.WithBooks(books)); err != nil {
		return 0, err
	}
	if err := k.streams.Set(ctx, streamKeyOf(stream), stream); err != nil {
		return 0, err
	}
	if err := k.byPayee.Set(ctx, collections.Join4(spec.Payee, scope, id, stream.Number)); err != nil {
		return 0, err
	}
	return stream.Number, emit(ctx, &types.EventStreamOpened{Stream: stream})
}

// SetRate settles a stream and gives it another rate from now on; zero pauses it.
func (k *Keeper) SetRate(ctx context.Context, scope string, id uint64, number uint32, ratePerHour math.Int) error {
	account, err := k.solvent(ctx, scope, id)
	if err != nil {
		return err
	}
	stream, err := k.Stream(ctx, scope, id, number)
	if err != nil {
		return err
	}
	books, err := account.Books().Reprice(stream.Rate, ratePerHour)
	if err != nil {
		return coded(err).Wrapf("%s: rate %s: %v", stream.Name(), ratePerHour, err)
	}
	account, stream, _, err = k.settle(ctx, account.WithBooks(books), stream, account.Flow.Through)
	if err != nil {
		return err
	}
	stream.Rate = ratePerHour
	if err := k.store(ctx, account); err != nil {
		return err
	}
	if err := k.streams.Set(ctx, streamKeyOf(stream), stream); err != nil {
		return err
	}
	return emit(ctx, &types.EventRateSet{Scope: scope, Id: id, Stream: number, Rate: ratePerHour})
}

// SettleStream pays a stream what it earned until now and returns who got what. It works on an account that ran dry as well.
// The work doesn't depend on the account's other streams.
func (k *Keeper) SettleStream(ctx context.Context, scope string, id uint64, number uint32) ([]types.Payout, error) {
	account, err := k.current(ctx, scope, id)
	if err != nil {
		return nil, err
	}
	stream, err := k.Stream(ctx, scope, id, number)
	if err != nil {
		return nil, err
	}
	account, stream, payouts, err := k.settle(ctx, account, stream, account.Flow.Through)
	if err != nil {
		return nil, err
	}
	if err := k.store(ctx, account); err != nil {
		return nil, err
	}
	return payouts, k.streams.Set(ctx, streamKeyOf(stream), stream)
}

// EndStream settles a stream and forgets it. The part of a base unit that can't be paid stays with the depositors. In a context whose
// time lies in the past the stream ended then, even if the account is counted further because of its siblings; what was paid
// already stays paid.
func (k *Keeper) EndStream(ctx context.Context, scope string, id uint64, number uint32) error {
	account, err := k.current(ctx, scope, id)
	if err != nil {
		return err
	}
	stream, err := k.Stream(ctx, scope, id, number)
	if err != nil {
		return err
	}
	account, err = k.end(ctx, account, stream)
	if err != nil {
		return err
	}
	return k.store(ctx, account)
}

// settle pays a stream of an account that is counted until now, through a moment. It returns both as they are after it: the caller
// stores them.
func (k *Keeper) settle(ctx context.Context, account types.Account, stream types.Stream, through int64) (types.Account, types.Stream, []types.Payout, error) {
	state, due := stream.State().Settle(through)
	if due.IsZero() {
		return account, stream.WithState(state), nil, nil
	}
	portions, err := stream.Portions(stream.Paid, state.Paid)
	if err != nil {
		return account, stream, nil, err
	}
	after, err := account.Drained(due)
	if err != nil {
		return account, stream, nil, err
	}
	if err := k.reindex(ctx, account, after); err != nil {
		return account, stream, nil, err
	}
	payouts, err := k.distribute(ctx, account.Denom, portions)
	if err != nil {
		return account, stream, nil, err
	}
	event := &types.EventPaid{Scope: stream.Scope, Id: stream.Id, Amount: sdk.NewCoin(account.Denom, due), Payouts: payouts, Stream: stream.Number}
	return after.WithBooks(account.Books().PayStream(due)), stream.WithState(state), payouts, emit(ctx, event)
}

// end settles a stream and forgets it. It returns the account after it: the caller stores it.
func (k *Keeper) end(ctx context.Context, account types.Account, stream types.Stream) (types.Account, error) {
	account, stream, _, err := k.settle(ctx, account, stream, min(account.Flow.Through, now(ctx)))
	if err != nil {
		return account, err
	}
	unpaid := stream.State().Earned(account.Flow.Through)
	books, err := account.Books().Drop(unpaid).Reprice(stream.Rate, math.ZeroInt())
	if err != nil {
		return account, coded(err).Wrapf("%s: %v", stream.Name(), err)
	}
	account = account.WithBooks(books)
	account.Flow.Streams--
	payee, err := accounts.Decode(stream.Payee)
	if err != nil {
		return account, err
	}
	if err := k.streams.Remove(ctx, streamKeyOf(stream)); err != nil {
		return account, err
	}
	if err := k.byPayee.Remove(ctx, collections.Join4(payee, stream.Scope, stream.Id, stream.Number)); err != nil {
		return account, err
	}
	paid := sdk.NewCoin(account.Denom, stream.Paid)
	return account, emit(ctx, &types.EventStreamEnded{Scope: stream.Scope, Id: stream.Id, Stream: stream.Number, Payee: stream.Payee, Paid: paid})
}

// Stream returns one stream as it was last settled, or ErrNoStream.
func (k *Keeper) Stream(ctx context.Context, scope string, id uint64, number uint32) (types.Stream, error) {
	stream, err := k.streams.Get(ctx, collections.Join3(scope, id, number))
	if errors.Is(err, collections.ErrNotFound) {
		return stream, types.ErrNoStream.Wrapf("account %s/%d has no stream %d", scope, id, number)
	}
	return stream, err
}

// streamsOf returns an account's streams in the order in which they were opened, at most limit of them.
func (k *Keeper) streamsOf(ctx context.Context, account types.Account, limit int) ([]types.Stream, error) {
	if account.Flow == nil || account.Flow.Streams == 0 || limit <= 0 {
		return nil, nil
	}
	var streams []types.Stream
	own := collections.NewSuperPrefixedTripleRange[string, uint64, uint32](account.Scope, account.Id)
	err := k.streams.Walk(ctx, own, func(_ streamKey, stream types.Stream) (bool, error) {
		streams = append(streams, stream)
		return len(streams) >= limit, nil
	})
	return streams, err
}

// Runway tells through which moment an account's money lasts at the present rates, and whether money flows at all. It doesn't for
// an account that is paused, has no streams or ran dry; the moment is zero but for the last.
func (k *Keeper) Runway(ctx context.Context, scope string, id uint64) (dryAt time.Time, flowing bool, err error) {
	account, err := k.current(ctx, scope, id)
	if err != nil {
		return time.Time{}, false, err
	}
	ms, ends := account.Books().DryAt()
	if !ends {
		return time.Time{}, false, nil
	}
	return moment(ms), !account.IsDry(), nil
}

func streamKeyOf(stream types.Stream) streamKey {
	return collections.Join3(stream.Scope, stream.Id, stream.Number)
}
