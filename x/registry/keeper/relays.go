package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/collvalue"
	"github.com/assaychain/assay/x/registry/types"
)

// maxTrimmed is how many empty places a change of the register takes off its end at most.
const maxTrimmed = 16

// relayBook is the register of relays, in a dense index: places 0 to count − 1. A relay takes the lowest empty place, or the next one,
// and leaves it empty when it goes. So nobody's place is ever another's doing: who knows what a draw will hit can take itself out of it,
// and no one else. Empty places at the end are taken off, a few at a time.
type relayBook struct {
	// places: number → RelayPlace, empty ones included; written as operators declare relays and withdraw them.
	places collections.Map[uint64, types.RelayPlace]
	// of: operator → number of its place.
	of collections.Map[sdk.AccAddress, uint64]
	// empty holds the numbers of empty places.
	empty collections.KeySet[uint64]
	// count → number of places.
	count collections.Item[uint64]
}

func newRelayBook(sb *collections.SchemaBuilder, cdc codec.BinaryCodec) relayBook {
	return relayBook{
		places: collections.NewMap(sb, types.RelayPlacesPrefix, "relay_places", collections.Uint64Key, collvalue.Of[types.RelayPlace](cdc)),
		of:     collections.NewMap(sb, types.RelayOfPrefix, "relay_of", sdk.AccAddressKey, collections.Uint64Value),
		empty:  collections.NewKeySet(sb, types.RelayEmptyPrefix, "relay_empty", collections.Uint64Key),
		count:  collections.NewItem(sb, types.RelayCountKey, "relay_count", collections.Uint64Value),
	}
}

// size is the number of places.
func (b relayBook) size(ctx context.Context) (uint64, error) {
	n, err := b.count.Get(ctx)
	if errors.Is(err, collections.ErrNotFound) {
		return 0, nil
	}
	return n, err
}

// vacancy is the lowest empty place, or the next one.
func (b relayBook) vacancy(ctx context.Context) (uint64, error) {
	number, found := uint64(0), false
	err := b.empty.Walk(ctx, nil, func(key uint64) (bool, error) {
		number, found = key, true
		return true, nil
	})
	if err != nil {
		return 0, err
	}
	if found {
		return number, b.empty.Remove(ctx, number)
	}
	n, err := b.size(ctx)
	if err != nil {
		return 0, err
	}
	return n, b.count.Set(ctx, n+1)
}

// trim takes empty places off the end, maxTrimmed at most, so that relays which came and went don't thin out draws for good. It moves no
// draw that is fixed: a place that is gone has nobody, as when it was empty, and who takes it anew has it since then.
func (b relayBook) trim(ctx context.Context) error {
	before, err := b.size(ctx)
	if err != nil {
		return err
	}
	n := before
	for n > 0 && before-n < maxTrimmed {
		empty, err := b.empty.Has(ctx, n-1)
		if err != nil {
			return err
		}
		if !empty {
			break
		}
		n--
		if err := b.empty.Remove(ctx, n); err != nil {
			return err
		}
		if err := b.places.Remove(ctx, n); err != nil {
			return err
		}
	}
	if n == before {
		return nil
	}
	return b.count.Set(ctx, n)
}

// enlist gives an operator's relay a place, or takes it away. An operator without devices has none: it need not have a bond, and who
// could fill the register for nothing could keep every draw from finding relays.
func (k *Keeper) enlist(ctx context.Context, address sdk.AccAddress, operator types.Operator) error {
	number, err := k.relays.of.Get(ctx, address)
	listed := err == nil
	if err != nil && !errors.Is(err, collections.ErrNotFound) {
		return err
	}
	switch wants := operator.ServesRelay(); {
	case wants && !listed:
		return k.takeRelayPlace(ctx, address)
	case !wants && listed:
		if err := k.relays.of.Remove(ctx, address); err != nil {
			return err
		}
		if err := k.relays.empty.Set(ctx, number); err != nil {
			return err
		}
		if err := k.relays.places.Set(ctx, number, types.RelayPlace{Number: number}); err != nil {
			return err
		}
		return k.relays.trim(ctx)
	default:
		return nil
	}
}

func (k *Keeper) takeRelayPlace(ctx context.Context, address sdk.AccAddress) error {
	number, err := k.relays.vacancy(ctx)
	if err != nil {
		return err
	}
	now, err := k.Now(ctx)
	if err != nil {
		return err
	}
	if err := k.relays.of.Set(ctx, address, number); err != nil {
		return err
	}
	place := types.RelayPlace{Number: number, Operator: address.String(), Since: now}
	if err := k.relays.places.Set(ctx, number, place); err != nil {
		return err
	}
	return k.relays.trim(ctx)
}

// RelayRegister tells how many places the register of relays has, and the moment of the registry's clock, in milliseconds: what a draw
// must remember when its round is fixed.
func (k *Keeper) RelayRegister(ctx context.Context) (places, moment uint64, err error) {
	if places, err = k.relays.size(ctx); err != nil {
		return 0, 0, err
	}
	moment, err = k.Now(ctx)
	return places, moment, err
}

// RelayAt is the operator whose relay has a place and had it before the moment; false when there is none such, or no such place any more.
func (k *Keeper) RelayAt(ctx context.Context, number, moment uint64) (types.Operator, bool, error) {
	place, err := k.relays.places.Get(ctx, number)
	if errors.Is(err, collections.ErrNotFound) || (err == nil && (place.Operator == "" || place.Since >= moment)) {
		return types.Operator{}, false, nil
	}
	if err != nil {
		return types.Operator{}, false, err
	}
	address, err := parseAddress("operator", place.Operator)
	if err != nil {
		return types.Operator{}, false, err
	}
	operator, err := k.Operator(ctx, address)
	return operator, err == nil, err
}

// initRelays writes the register.
func (k *Keeper) initRelays(ctx context.Context, relays []types.RelayPlace) error {
	for _, place := range relays {
		if err := k.relays.places.Set(ctx, place.Number, place); err != nil {
			return err
		}
		if place.Operator == "" {
			if err := k.relays.empty.Set(ctx, place.Number); err != nil {
				return err
			}
			continue
		}
		address, err := parseAddress("operator", place.Operator)
		if err != nil {
			return err
		}
		if err := k.relays.of.Set(ctx, address, place.Number); err != nil {
			return err
		}
	}
	return k.relays.count.Set(ctx, uint64(len(relays)))
}

// exportRelays reads the register.
func (k *Keeper) exportRelays(ctx context.Context) (relays []types.RelayPlace, err error) {
	err = k.relays.places.Walk(ctx, nil, func(_ uint64, place types.RelayPlace) (bool, error) {
		relays = append(relays, place)
		return false, nil
	})
	return relays, err
}

// checkRelays compares the register's indexes with its places; that places and operators agree is checked with the whole state.
func (k *Keeper) checkRelays(ctx context.Context, relays []types.RelayPlace) error {
	taken, empty, owners := 0, 0, 0
	for _, place := range relays {
		if place.Operator == "" {
			empty++
			continue
		}
		taken++
		address, err := parseAddress("operator", place.Operator)
		if err != nil {
			return err
		}
		if number, err := k.relays.of.Get(ctx, address); err != nil || number != place.Number {
			return types.ErrInvariant.Wrapf("relay place %d of %s: its index says %d, %v", place.Number, place.Operator, number, err)
		}
	}
	if err := k.relays.of.Walk(ctx, nil, func(sdk.AccAddress, uint64) (bool, error) { owners++; return false, nil }); err != nil {
		return err
	}
	err := k.relays.empty.Walk(ctx, nil, func(number uint64) (bool, error) {
		empty--
		place, err := k.relays.places.Get(ctx, number)
		if errors.Is(err, collections.ErrNotFound) {
			return true, types.ErrInvariant.Wrapf("relay place %d is empty and not there", number)
		}
		if err == nil && place.Operator != "" {
			err = types.ErrInvariant.Wrapf("relay place %d is %s's and empty", number, place.Operator)
		}
		return false, err
	})
	if err != nil {
		return err
	}
	count, err := k.relays.size(ctx)
	if err == nil && (taken != owners || empty != 0 || count != uint64(len(relays))) {
		err = types.ErrInvariant.Wrapf("%d relay places, %d taken by %d operators, count is %d", len(relays), taken, owners, count)
	}
	return err
}
